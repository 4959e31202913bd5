//! Requests with slots: what is known of them before they have values, and what they are with them.
//!
//! What a slot is, and what its value may be, is the same for a load: [`assay_load::transport::slots`].

use assay_load::transport::{
    checks,
    slots::{Place, Slots, Text},
};

use super::prepare::Prepared;
use crate::plugin::bindings::assay::suite::http::{Error, Payload, Request};

/// A request with slots.
#[derive(Debug)]
pub(super) struct Slotted {
    /// Without what stands in the texts below.
    request: Request,
    /// The URL up to its path.
    origin: String,
    /// Path and query.
    target: Text,
    headers: Vec<(String, Text)>,
    body: Option<Text>,
    slots: usize,
}

impl Slotted {
    /// Fails with `invalid` for slots that the contract does not allow.
    pub(super) fn new(mut request: Request, names: &[String]) -> Result<Self, Error> {
        let mut slots = Slots::new(names)?;
        let address = checks::address(&request.url, &mut slots)?;
        let headers = std::mem::take(&mut request.headers)
            .into_iter()
            .map(|(name, value)| (name, slots.cut(value.as_bytes(), Place::Header)))
            .collect();
        let body = match std::mem::replace(&mut request.payload, Payload::None) {
            Payload::Bytes(bytes) => Some(slots.cut(&bytes, Place::Body)),
            other => {
                request.payload = other;
                None
            }
        };
        slots.check()?;
        request.url.clear();
        Ok(Self {
            request,
            origin: address.origin().to_owned(),
            target: address.target,
            headers,
            body,
            slots: names.len(),
        })
    }

    /// The request with values that look like ids, to be checked before there are others. Where it goes does not depend on them.
    pub(super) fn sample(&self) -> Result<Prepared, Error> {
        self.fill(&vec!["0".to_owned(); self.slots])
    }

    /// The request with these values.
    pub(super) fn fill(&self, values: &[String]) -> Result<Prepared, Error> {
        if values.len() != self.slots {
            return Err(Error::Invalid(format!(
                "{} values for {} slots; give one for each",
                values.len(),
                self.slots
            )));
        }
        let mut request = self.request.clone();
        request.url = self.origin.clone() + &text(&self.target, values)?;
        for (name, value) in &self.headers {
            request.headers.push((name.clone(), text(value, values)?));
        }
        if let Some(body) = &self.body {
            request.payload = Payload::Bytes(bytes(body, values)?);
        }
        Prepared::for_template(request)
    }
}

fn text(text: &Text, values: &[String]) -> Result<String, Error> {
    // It was text before it was cut at its braces, and so are the values.
    Ok(String::from_utf8_lossy(&bytes(text, values)?).into_owned())
}

fn bytes(text: &Text, values: &[String]) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    text.fill(values, &mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use assay_load::transport::slots::{MAX_NAME_BYTES, MAX_PLACES, MAX_SLOTS, MAX_VALUE_BYTES};

    use super::*;
    use crate::capability::http::prepare::Body;

    fn request() -> Request {
        Request {
            method: "POST".into(),
            url: "http://127.0.0.1:1/projects/{project}?q={query}".into(),
            headers: vec![("x-key".into(), "{project}-{key}".into())],
            payload: Payload::Bytes(b"{\"name\": \"{name}\", {}}".to_vec()),
            timeout_ms: None,
            max_redirects: 0,
            max_body: None,
            name: None,
        }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn refused(slots: &[&str]) -> String {
        match Slotted::new(request(), &names(slots)) {
            Err(Error::Invalid(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_slot_is_not_in_the_host_however_the_url_is_written() {
        for url in [
            "http:///{project}/x",
            "http:/{project}/x",
            "http:\\\\{project}/x",
        ] {
            let request = Request {
                url: url.to_owned(),
                headers: Vec::new(),
                payload: Payload::None,
                ..request()
            };
            let sample = Slotted::new(request, &names(&["project"]))
                .and_then(|slotted| slotted.sample().map(drop));
            assert!(
                matches!(sample, Err(Error::Invalid(_))),
                "{url}: {sample:?}"
            );
        }
    }

    #[test]
    fn values_stand_where_their_slots_were_and_stay_in_their_place() {
        let slots = names(&["project", "query", "key", "name"]);
        let slotted = Slotted::new(request(), &slots).unwrap();
        let prepared = slotted.fill(&names(&["a/b", "c&d", "k", "{key}"])).unwrap();
        assert_eq!(
            prepared.url.as_str(),
            "http://127.0.0.1:1/projects/a%2Fb?q=c%26d"
        );
        assert_eq!(prepared.headers["x-key"], "a/b-k");
        let Body::Whole(body) = prepared.body else {
            panic!("{:?}", prepared.body);
        };
        assert_eq!(&body[..], b"{\"name\": \"{key}\", {}}");
        assert_eq!(slotted.sample().unwrap().name, "POST /projects/{id}");
    }

    #[test]
    fn a_value_of_a_case_is_no_step_of_a_path_as_in_a_load() {
        let slots = names(&["project", "query", "key", "name"]);
        let slotted = Slotted::new(request(), &slots).unwrap();
        for step in [".", ".."] {
            let refused = slotted.fill(&names(&[step, "q", "k", "n"]));
            assert!(
                matches!(refused, Err(Error::Invalid(ref text)) if text.contains("a step of the path")),
                "{step}: {refused:?}"
            );
        }
        let prepared = slotted.fill(&names(&["...", "..", "k", "n"])).unwrap();
        assert_eq!(
            prepared.url.as_str(),
            "http://127.0.0.1:1/projects/...?q=.."
        );
    }

    #[test]
    fn slots_that_cannot_be_are_refused_and_so_is_another_number_of_values() {
        assert!(refused(&["pro ject"]).contains("no name"));
        assert!(refused(&[""]).contains("no name"));
        assert!(refused(&["key", "key"]).contains("twice"));
        assert!(refused(&["other"]).contains("nowhere"));
        let slotted = Slotted::new(request(), &names(&["key"])).unwrap();
        assert!(matches!(
            slotted.fill(&names(&["a", "b"])),
            Err(Error::Invalid(_))
        ));
        assert!(matches!(
            slotted.fill(&names(&["a\nb"])),
            Err(Error::Invalid(_))
        ));
        let mut elsewhere = request();
        elsewhere.url = "http://{host}/".into();
        let outcome = Slotted::new(elsewhere, &names(&["host"]));
        assert!(matches!(outcome, Err(Error::Invalid(text)) if text.contains("port")));
    }

    #[test]
    fn a_template_has_at_most_sixteen_slots_with_names_of_64_bytes() {
        let many: Vec<String> = (0..=MAX_SLOTS).map(|slot| format!("s{slot}")).collect();
        let mut request = request();
        request.payload = Payload::Bytes(
            many.iter()
                .flat_map(|name| format!("{{{name}}}").into_bytes())
                .collect(),
        );
        assert!(Slotted::new(request.clone(), &many[..MAX_SLOTS]).is_ok());
        assert!(Slotted::new(request.clone(), &many).is_err());
        let long = "n".repeat(MAX_NAME_BYTES);
        request.payload = Payload::Bytes(format!("{{{long}}} {{{long}n}}").into_bytes());
        assert!(Slotted::new(request.clone(), std::slice::from_ref(&long)).is_ok());
        assert!(Slotted::new(request, &[long + "n"]).is_err());
    }

    #[test]
    fn a_case_has_the_limits_of_a_load_for_places_and_values() {
        let mut request = request();
        request.payload = Payload::Bytes("{key}".repeat(MAX_PLACES - 1).into_bytes());
        let slots = names(&["key"]);
        // One more stands in the header.
        let slotted = Slotted::new(request.clone(), &slots).unwrap();
        assert!(slotted.fill(&["k".repeat(MAX_VALUE_BYTES + 1)]).is_err());
        request.payload = Payload::Bytes("{key}".repeat(MAX_PLACES).into_bytes());
        assert!(Slotted::new(request, &slots).is_err());
    }
}
