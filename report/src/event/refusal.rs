//! What a plugin asked for and has no grant for, as it is told: what it was, why not, and the line that would grant it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes of the word for what sort of thing it is that are told.
pub const MAX_CAPABILITY_BYTES: usize = 64;
/// Bytes of what was asked for, and of why it was refused, that are told of a refusal.
pub const MAX_REFUSAL_BYTES: usize = 2 << 10;
/// Bytes of the line that would grant it: as a rule it names what was asked for, and the plugin besides.
pub const MAX_GRANT_BYTES: usize = 4 << 10;

/// Something that the host refused a plugin.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Refusal {
    /// What sort of thing it is, in a word: `host`, `service`, `link`, `fault`, `load`, `setting`, `secret`, `attachments`; at most 64 bytes.
    pub capability: String,
    /// What was asked for: `api.example.com:443`, `project-service`, `shop.token`; at most 2 KiB.
    pub subject: String,
    /// Why not; at most 2 KiB.
    pub message: String,
    /// The line of `assay.toml` that would grant it; at most 4 KiB.
    pub grant: String,
}

impl Refusal {
    /// A refusal as it is told: each text up to its limit, for what was asked for is the plugin's own text.
    pub fn new(capability: &str, subject: &str, message: &str, grant: &str) -> Self {
        Self {
            capability: cut(capability, MAX_CAPABILITY_BYTES),
            subject: cut(subject, MAX_REFUSAL_BYTES),
            message: cut(message, MAX_REFUSAL_BYTES),
            grant: cut(grant, MAX_GRANT_BYTES),
        }
    }

    /// What was refused, for people, without why: ``host `api.example.com:443` ``.
    pub fn words(&self) -> String {
        format!("{} `{}`", self.capability, self.subject)
    }
}

/// The longest start of at most `limit` bytes that ends between two characters.
fn cut(text: &str, limit: usize) -> String {
    text[..text.floor_char_boundary(limit)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_at_its_limit_is_whole_and_a_longer_one_is_cut_between_two_characters() {
        let text = |bytes: usize| "x".repeat(bytes);
        let told = |further: &str| {
            let longer = |bytes| text(bytes - 1) + further;
            Refusal::new(
                &longer(MAX_CAPABILITY_BYTES),
                &longer(MAX_REFUSAL_BYTES),
                &longer(MAX_REFUSAL_BYTES),
                &longer(MAX_GRANT_BYTES),
            )
        };
        let lengths = |refusal: &Refusal| {
            [
                refusal.capability.len(),
                refusal.subject.len(),
                refusal.message.len(),
                refusal.grant.len(),
            ]
        };
        assert_eq!(lengths(&told("x")), [64, 2_048, 2_048, 4_096]);
        assert_eq!(lengths(&told("é")), [63, 2_047, 2_047, 4_095]);
    }
}
