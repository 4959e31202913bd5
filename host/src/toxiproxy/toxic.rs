//! A toxic: what Toxiproxy calls a fault on one stream of a proxy, and the faults of a link that do the same.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::link::{Action, Delay, Direction, Fault};

/// A toxic as a client asks for it, and as far as it asks: a change leaves out what stays.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ToxicRequest {
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    stream: Option<String>,
    toxicity: Option<f64>,
    attributes: Map<String, Value>,
}

/// A toxic as clients see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Toxic {
    pub(super) name: String,
    #[serde(flatten)]
    kind: Kind,
    stream: Stream,
    /// The share of the connections that meet it.
    toxicity: f64,
}

/// What it does. Times are in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "attributes", rename_all = "snake_case")]
enum Kind {
    Latency(Latency),
    Bandwidth(Bandwidth),
    SlowClose(SlowClose),
    Timeout(Timeout),
    ResetPeer(Timeout),
    LimitData(LimitData),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Latency {
    latency: u32,
    jitter: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Bandwidth {
    /// Kilobytes (1,000 bytes) a second.
    rate: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct SlowClose {
    delay: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Timeout {
    timeout: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct LimitData {
    bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Stream {
    Upstream,
    Downstream,
}

impl ToxicRequest {
    /// The toxic that it asks for; without a stream downstream, without a toxicity for all connections, without a name after both.
    pub(super) fn create(self) -> Result<Toxic, Refusal> {
        let kind = self.kind.unwrap_or_default();
        let stream = match self.stream.as_deref() {
            None | Some("" | "downstream") => Stream::Downstream,
            Some("upstream") => Stream::Upstream,
            Some(_) => return Err(Refusal::Stream),
        };
        let name = self.name.filter(|name| !name.is_empty());
        Ok(Toxic {
            name: name.unwrap_or_else(|| format!("{kind}_{}", stream.word())),
            kind: Kind::read(&kind, &self.attributes)?,
            stream,
            toxicity: self.toxicity.unwrap_or(1.0),
        })
    }

    /// The toxic with what it asks to change: attributes and toxicity; the rest cannot be changed and is not looked at.
    pub(super) fn change(self, toxic: &Toxic) -> Result<Toxic, Refusal> {
        let (kind, mut attributes) = toxic.kind.write();
        attributes.extend(self.attributes);
        Ok(Toxic {
            kind: Kind::read(&kind, &attributes)?,
            toxicity: self.toxicity.unwrap_or(toxic.toxicity),
            ..toxic.clone()
        })
    }
}

impl Toxic {
    /// What does the same to a link; refuses what no link can do.
    pub(super) fn faults(&self) -> Result<Vec<Fault>, Refusal> {
        // One seed: what belongs together meets the same connections.
        let seed = fastrand::u64(..);
        let whole = |action: Action| Fault::from(action).for_share(self.toxicity, seed);
        let directed = |action| whole(action).on(self.stream.direction());
        Ok(match self.kind {
            Kind::Latency(Latency { latency, jitter }) => vec![directed(Action::Latency(Delay {
                milliseconds: latency,
                jitter,
            }))],
            Kind::Bandwidth(Bandwidth { rate }) => {
                vec![directed(Action::Bandwidth(rate.saturating_mul(1_000)))]
            }
            Kind::SlowClose(SlowClose { delay }) => vec![directed(Action::SlowClose(delay))],
            Kind::Timeout(Timeout { timeout: 0 }) => vec![directed(Action::Blackhole)],
            Kind::Timeout(Timeout { timeout }) => vec![
                directed(Action::Blackhole),
                whole(Action::CutAfterMs(timeout)),
            ],
            Kind::ResetPeer(Timeout { timeout: 0 }) => vec![whole(Action::Reset)],
            Kind::ResetPeer(_) => {
                return Err(Refusal::Invalid(
                    "reset_peer resets at once: give it a timeout of 0".to_owned(),
                ));
            }
            Kind::LimitData(LimitData { bytes }) => vec![directed(Action::CutAfterBytes(bytes))],
        })
    }
}

impl Kind {
    fn read(kind: &str, attributes: &Map<String, Value>) -> Result<Self, Refusal> {
        let known = [
            "latency",
            "bandwidth",
            "slow_close",
            "timeout",
            "reset_peer",
            "limit_data",
        ];
        if !known.contains(&kind) {
            return Err(Refusal::ToxicType(kind.to_owned()));
        }
        let tagged = serde_json::json!({ "type": kind, "attributes": attributes });
        serde_json::from_value(tagged).map_err(|error| Refusal::Body(error.to_string()))
    }

    fn write(self) -> (String, Map<String, Value>) {
        let Ok(Value::Object(mut tagged)) = serde_json::to_value(self) else {
            unreachable!("a kind is written as an object")
        };
        let attributes = match tagged.remove("attributes") {
            Some(Value::Object(attributes)) => attributes,
            _ => Map::new(),
        };
        let kind = tagged.get("type").and_then(Value::as_str);
        (kind.unwrap_or_default().to_owned(), attributes)
    }
}

impl Stream {
    fn word(self) -> &'static str {
        match self {
            Self::Upstream => "upstream",
            Self::Downstream => "downstream",
        }
    }

    fn direction(self) -> Direction {
        match self {
            Self::Upstream => Direction::Upstream,
            Self::Downstream => Direction::Downstream,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn toxic(request: Value) -> Result<Toxic, Refusal> {
        serde_json::from_value::<ToxicRequest>(request)
            .unwrap()
            .create()
    }

    #[test]
    fn what_is_left_out_is_as_toxiproxy_has_it() {
        let toxic = toxic(json!({"type": "latency"})).unwrap();
        assert_eq!(
            serde_json::to_value(toxic).unwrap(),
            json!({
                "name": "latency_downstream", "type": "latency", "stream": "downstream", "toxicity": 1.0,
                "attributes": {"latency": 0, "jitter": 0},
            })
        );
    }

    #[test]
    fn each_type_is_the_fault_of_a_link_that_does_the_same() {
        for (kind, attributes, actions) in [
            (
                "latency",
                json!({"latency": 20, "jitter": 5}),
                vec![Action::Latency(Delay {
                    milliseconds: 20,
                    jitter: 5,
                })],
            ),
            (
                "bandwidth",
                json!({"rate": 2}),
                vec![Action::Bandwidth(2_000)],
            ),
            (
                "slow_close",
                json!({"delay": 7}),
                vec![Action::SlowClose(7)],
            ),
            ("timeout", json!({"timeout": 0}), vec![Action::Blackhole]),
            (
                "timeout",
                json!({"timeout": 9}),
                vec![Action::Blackhole, Action::CutAfterMs(9)],
            ),
            ("reset_peer", json!({"timeout": 0}), vec![Action::Reset]),
            (
                "limit_data",
                json!({"bytes": 3}),
                vec![Action::CutAfterBytes(3)],
            ),
        ] {
            let toxic = toxic(json!({
                "type": kind, "stream": "upstream", "toxicity": 0.5, "attributes": attributes,
            }));
            let faults = toxic.unwrap().faults().unwrap();
            let found: Vec<_> = faults.iter().map(|fault| fault.action).collect();
            assert_eq!(found, actions, "{kind}");
            for fault in faults {
                let expected = if fault.action.is_directed() {
                    Direction::Upstream
                } else {
                    Direction::Both
                };
                assert_eq!((fault.direction, fault.share), (expected, 0.5), "{kind}");
            }
        }
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name() {
        let before = toxic(json!({"type": "latency", "attributes": {"latency": 20, "jitter": 5}}));
        let change = json!({"name": "other", "type": "timeout", "attributes": {"latency": 30}});
        let change: ToxicRequest = serde_json::from_value(change).unwrap();
        assert_eq!(
            serde_json::to_value(change.change(&before.unwrap()).unwrap()).unwrap(),
            json!({
                "name": "latency_downstream", "type": "latency", "stream": "downstream", "toxicity": 1.0,
                "attributes": {"latency": 30, "jitter": 5},
            })
        );
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for (request, reason) in [
            (json!({}), "invalid toxic type: ``"),
            (json!({"type": "slicer"}), "invalid toxic type: `slicer`"),
            (
                json!({"type": "latency", "stream": "both"}),
                "stream was invalid",
            ),
            (
                json!({"type": "latency", "attributes": {"latency": -1}}),
                "bad request body: ",
            ),
            (
                json!({"type": "latency", "attributes": {"latency": "1s"}}),
                "bad request body: ",
            ),
        ] {
            let refused = toxic(request.clone()).unwrap_err().to_string();
            assert!(refused.starts_with(reason), "{request}: {refused}");
        }
        let later = toxic(json!({"type": "reset_peer", "attributes": {"timeout": 5}})).unwrap();
        let refused = later.faults().unwrap_err().to_string();
        assert!(refused.contains("timeout of 0"), "{refused}");
    }
}
