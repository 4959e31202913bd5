//! What makes the traces, as it describes itself to their receiver.

use super::{
    attributes::Attributes,
    conventions::{
        SERVICE_NAME, SERVICE_VERSION, TELEMETRY_SDK_LANGUAGE, TELEMETRY_SDK_NAME,
        TELEMETRY_SDK_VERSION,
    },
    protocol::{InstrumentationScope, Resource},
};

/// Attributes that may be given, the name of the service included.
pub(super) const MAX_ATTRIBUTES: usize = 128;

/// The name of what makes the spans.
const ASSAY: &str = "assay";

/// Names and values, each name once.
#[derive(Debug)]
pub(super) struct Described(Vec<(String, String)>);

impl Default for Described {
    fn default() -> Self {
        Self(vec![(SERVICE_NAME.to_owned(), ASSAY.to_owned())])
    }
}

impl Described {
    /// Says something of it; what was said of the same before counts no more.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, former)) => value.clone_into(former),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
    }

    /// None if it is too much.
    pub(super) fn within_limits(self) -> Option<Vec<(String, String)>> {
        (self.0.len() <= MAX_ATTRIBUTES).then_some(self.0)
    }
}

/// The producer of the spans. What is said of it counts before what it knows of itself.
pub(super) fn resource(described: &[(String, String)]) -> Resource {
    let own = [
        (SERVICE_VERSION, env!("CARGO_PKG_VERSION")),
        (TELEMETRY_SDK_NAME, ASSAY),
        (TELEMETRY_SDK_LANGUAGE, "rust"),
        (TELEMETRY_SDK_VERSION, env!("CARGO_PKG_VERSION")),
    ];
    let own = own
        .into_iter()
        .filter(|(name, _)| !described.iter().any(|(known, _)| known == name));
    let described = described
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let attributes = described
        .chain(own)
        .fold(Attributes::new(), |all, (name, value)| {
            all.with(name, value)
        });
    Resource {
        attributes: attributes.into_inner(),
    }
}

/// What made the spans of it.
pub(super) fn scope() -> InstrumentationScope {
    InstrumentationScope {
        name: ASSAY.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opentelemetry::protocol::Value;

    #[test]
    fn each_attribute_comes_once_and_what_is_said_counts() {
        let mut described = Described::default();
        described.set(SERVICE_VERSION, "7");
        let resource = resource(&described.within_limits().unwrap());
        let told: Vec<_> = resource
            .attributes
            .iter()
            .map(|attribute| {
                let value = attribute
                    .value
                    .as_ref()
                    .and_then(|value| value.value.as_ref());
                let Some(Value::Text(value)) = value else {
                    panic!("{attribute:?} is no text");
                };
                (attribute.key.as_str(), value.as_str())
            })
            .collect();
        assert_eq!(
            told,
            [
                ("service.name", "assay"),
                ("service.version", "7"),
                ("telemetry.sdk.name", "assay"),
                ("telemetry.sdk.language", "rust"),
                ("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
            ]
        );
    }
}
