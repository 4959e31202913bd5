//! The manifest of a plugin, by OCI's image specification ("Image Manifest") and the layout for WebAssembly.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    digest::Digest,
    signature::{MAX_SIGNATURES, Signature},
};

/// The kind of a manifest.
pub const KIND: &str = "application/vnd.oci.image.manifest.v1+json";
/// The kind of a component's configuration.
pub const CONFIG: &str = "application/vnd.wasm.config.v0+json";
/// The kind of a component.
pub const LAYER: &str = "application/wasm";
/// The annotation of a manifest that has the plugin's signatures, with spaces between them.
pub const SIGNATURES: &str = "assay.signatures";
/// The annotation of a manifest that has the plugin's version.
pub const VERSION: &str = "org.opencontainers.image.version";

/// A manifest, as far as it is about plugins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The version of the layout, which has to be 2.
    pub schema_version: u32,
    /// The kind of the manifest, where it says it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The component's configuration.
    pub config: Descriptor,
    /// The component, which is the only one.
    pub layers: Vec<Descriptor>,
    /// Whatever else is said of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// What a manifest says of one of its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// The kind of the part.
    pub media_type: String,
    /// What its bytes are.
    pub digest: Digest,
    /// How many bytes it has.
    pub size: u64,
}

/// The plugin of a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// What its bytes are.
    pub digest: Digest,
    /// How many bytes it has.
    pub size: u64,
    /// Who vouches for it; at most [`MAX_SIGNATURES`].
    pub signatures: Vec<Signature>,
}

impl Manifest {
    /// Reads what a registry sent; what is wrong with it if it is none.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes)
            .map_err(|error| format!("its manifest cannot be read, {error}"))
    }

    /// The one plugin of at most `limit` bytes that it is about; what is other if there is none.
    pub fn plugin(&self, limit: u64) -> Result<Plugin, String> {
        if self.schema_version != 2 {
            return Err(format!("its manifest has version {}", self.schema_version));
        }
        let config = &self.config.media_type;
        if config != CONFIG {
            return Err(format!(
                "its configuration is of the kind `{}`",
                clip(config)
            ));
        }
        let [layer] = self.layers.as_slice() else {
            return Err(format!(
                "it has {} layers, and a plugin has one",
                self.layers.len()
            ));
        };
        if layer.media_type != LAYER {
            return Err(format!(
                "its layer is of the kind `{}`",
                clip(&layer.media_type)
            ));
        }
        if layer.size > limit {
            return Err(format!("it has {} bytes, more than {limit}", layer.size));
        }
        Ok(Plugin {
            digest: layer.digest,
            size: layer.size,
            signatures: self.signatures()?,
        })
    }

    fn signatures(&self) -> Result<Vec<Signature>, String> {
        let said = self.annotations.get(SIGNATURES).map_or("", String::as_str);
        let words: Vec<&str> = said.split_whitespace().collect();
        if words.len() > MAX_SIGNATURES {
            return Err(format!(
                "it has {} signatures, more than {MAX_SIGNATURES}",
                words.len()
            ));
        }
        let read = words.into_iter().map(str::parse);
        read.collect::<Result<_, _>>()
            .map_err(|error: crate::signature::NoSignature| format!("of its signatures, {error}"))
    }
}

fn clip(text: &str) -> String {
    crate::web::complaint(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::SecretKey;

    fn descriptor(kind: &str, size: u64) -> Descriptor {
        Descriptor {
            media_type: kind.to_owned(),
            digest: Digest::of(kind.as_bytes()),
            size,
        }
    }

    fn manifest() -> Manifest {
        Manifest {
            schema_version: 2,
            media_type: Some(KIND.to_owned()),
            config: descriptor(CONFIG, 10),
            layers: vec![descriptor(LAYER, 100)],
            annotations: BTreeMap::new(),
        }
    }

    /// As `wkg oci push` writes it, with keys that nobody here reads.
    const OF_WKG: &str = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
        "config":{"mediaType":"application/vnd.wasm.config.v0+json","digest":"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","size":3},
        "layers":[{"mediaType":"application/wasm","digest":"sha256:cb8379ac2098aa165029e3938a51da0bcecfc008fd6795f401178647f96c5b34","size":3,"annotations":{}}],
        "annotations":{"org.opencontainers.image.title":"a"},"artifactType":"application/x"}"#;

    #[test]
    fn a_manifest_of_other_programs_is_understood() {
        let plugin = Manifest::read(OF_WKG.as_bytes())
            .unwrap()
            .plugin(3)
            .unwrap();
        assert_eq!(plugin.digest, Digest::of(b"def"));
        assert_eq!(plugin.size, 3);
        assert_eq!(plugin.signatures, []);
    }

    #[test]
    fn what_is_no_plugin_says_what_is_other() {
        let problem = |change: &dyn Fn(&mut Manifest)| {
            let mut manifest = manifest();
            change(&mut manifest);
            manifest.plugin(100).unwrap_err()
        };
        let image = "application/vnd.oci.image.config.v1+json";
        let tar = "application/vnd.oci.image.layer.v1.tar";
        for (problem, expected) in [
            (problem(&|it| it.schema_version = 1), "version 1"),
            (
                problem(&|it| it.config.media_type = image.to_owned()),
                image,
            ),
            (problem(&|it| it.layers[0].media_type = tar.to_owned()), tar),
            (problem(&|it| it.layers.clear()), "0 layers"),
            (
                problem(&|it| it.layers.push(descriptor(LAYER, 1))),
                "2 layers",
            ),
            (
                problem(&|it| it.layers[0].size = 101),
                "101 bytes, more than 100",
            ),
        ] {
            assert!(problem.contains(expected), "{problem}");
        }
        let index = r#"{"schemaVersion":2,"manifests":[]}"#;
        let problem = Manifest::read(index.as_bytes()).unwrap_err();
        assert!(problem.contains("missing field `config`"), "{problem}");
    }

    #[test]
    fn signatures_come_with_it_up_to_their_limit() {
        let digest = Digest::of(LAYER.as_bytes());
        let one = Signature::sign(&SecretKey::from_seed(&[1; 32]), &digest);
        let with = |count: usize| {
            let mut manifest = manifest();
            let words = vec![one.to_string(); count].join(" ");
            manifest.annotations.insert(SIGNATURES.to_owned(), words);
            manifest.plugin(100).map(|plugin| plugin.signatures)
        };
        assert_eq!(with(1), Ok(vec![one.clone()]));
        assert_eq!(with(MAX_SIGNATURES).unwrap().len(), MAX_SIGNATURES);
        assert!(
            with(MAX_SIGNATURES + 1)
                .unwrap_err()
                .contains("17 signatures")
        );
        let mut manifest = manifest();
        manifest
            .annotations
            .insert(SIGNATURES.to_owned(), "x".to_owned());
        assert!(manifest.plugin(100).is_err());
    }
}
