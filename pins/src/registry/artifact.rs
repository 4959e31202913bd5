//! A plugin as it is published: its bytes, and what the layout for WebAssembly wants to be known of a component without reading it.

use std::{collections::BTreeMap, time::SystemTime};

use bytes::Bytes;
use serde::Serialize;

use super::manifest::{CONFIG, Descriptor, KIND, LAYER, Manifest, SIGNATURES, VERSION};
use crate::{digest::Digest, signature::Signature};

/// What is published.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The component.
    pub bytes: Bytes,
    /// The suite's own version.
    pub version: String,
    /// What it exports: `assay:suite/suite@0.1.0`.
    pub exports: Vec<String>,
    /// What it imports.
    pub imports: Vec<String>,
    /// When it was made. The same time gives the same manifest.
    pub created: SystemTime,
    /// Who vouches for it.
    pub signatures: Vec<Signature>,
}

/// A component's configuration, key by key as `wkg` writes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config<'a> {
    created: String,
    author: Option<&'a str>,
    architecture: &'static str,
    os: &'static str,
    layer_digests: [Digest; 1],
    component: Component<'a>,
}

#[derive(Serialize)]
struct Component<'a> {
    exports: &'a [String],
    imports: &'a [String],
    target: Option<&'a str>,
}

impl Artifact {
    /// The plugin's digest.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }

    /// The configuration's bytes.
    pub(super) fn config(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Config {
            created: humantime::format_rfc3339_seconds(self.created).to_string(),
            author: None,
            architecture: "wasm",
            os: "wasip2",
            layer_digests: [self.digest()],
            component: Component {
                exports: &self.exports,
                imports: &self.imports,
                target: None,
            },
        })
    }

    /// The manifest, with this configuration.
    pub(super) fn manifest(&self, config: &[u8]) -> Manifest {
        let mut annotations = BTreeMap::from([(VERSION.to_owned(), self.version.clone())]);
        if !self.signatures.is_empty() {
            let words: Vec<String> = self.signatures.iter().map(ToString::to_string).collect();
            annotations.insert(SIGNATURES.to_owned(), words.join(" "));
        }
        Manifest {
            schema_version: 2,
            media_type: Some(KIND.to_owned()),
            config: Descriptor {
                media_type: CONFIG.to_owned(),
                digest: Digest::of(config),
                size: config.len() as u64,
            },
            layers: vec![Descriptor {
                media_type: LAYER.to_owned(),
                digest: self.digest(),
                size: self.bytes.len() as u64,
            }],
            annotations,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_has_the_keys_of_the_layout() {
        let artifact = Artifact {
            bytes: Bytes::from_static(b"abc"),
            version: "0.1.0".to_owned(),
            exports: vec!["assay:suite/suite@0.1.0".to_owned()],
            imports: vec!["assay:suite/http@0.1.0".to_owned()],
            created: SystemTime::UNIX_EPOCH,
            signatures: Vec::new(),
        };
        let config = artifact.config().unwrap();
        assert_eq!(
            String::from_utf8(config.clone()).unwrap(),
            r#"{"created":"1970-01-01T00:00:00Z","author":null,"architecture":"wasm","os":"wasip2","layerDigests":["sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],"component":{"exports":["assay:suite/suite@0.1.0"],"imports":["assay:suite/http@0.1.0"],"target":null}}"#
        );
        let manifest = artifact.manifest(&config);
        assert_eq!(manifest.plugin(3).unwrap().digest, artifact.digest());
        assert_eq!(manifest.annotations[VERSION], "0.1.0");
    }
}
