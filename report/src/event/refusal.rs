//! What a plugin asked for and has no grant for, as it is told: what it was, why not, and what would grant it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes of the word for what sort of thing it is that are told.
pub const MAX_CAPABILITY_BYTES: usize = 64;
/// Bytes of what was asked for, and of why it was refused, that are told of a refusal.
pub const MAX_REFUSAL_BYTES: usize = 2 << 10;
/// Bytes of the line that would grant it: as a rule it names what was asked for, and the plugin besides.
pub const MAX_GRANT_BYTES: usize = 4 << 10;
/// What is said at the end of why it was refused where the line that would grant it does not fit: a part of it would grant something else,
/// or nothing.
const GRANT_LEFT_OUT: &str = " (the line that would grant it has more than 4 KiB and is left out)";

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
    /// What would grant it, for programs: one line that is TOML by itself, `grants.shop.hosts = ["a.test:443"]`, or
    /// `grants.shop = { KEY = VALUE, KEY = VALUE }` where it needs several keys. It names what is missing and not what is granted already:
    /// the whole table is in the [`Proposal`](super::Proposal) of the suite. Where the message names an agent, it belongs into the `assay.toml` there. At most 4 KiB;
    /// empty if no grant would do, or if it is longer, which the message says.
    pub grant: String,
}

impl Refusal {
    /// A refusal as it is told: each text up to its limit, for what was asked for is the plugin's own text. The line that would grant it is
    /// told whole, or not at all.
    pub fn new(capability: &str, subject: &str, message: &str, grant: &str) -> Self {
        let fits = grant.len() <= MAX_GRANT_BYTES;
        let note = if fits { "" } else { GRANT_LEFT_OUT };
        Self {
            capability: cut(capability, MAX_CAPABILITY_BYTES),
            subject: cut(subject, MAX_REFUSAL_BYTES),
            message: cut(message, MAX_REFUSAL_BYTES - note.len()) + note,
            grant: if fits {
                grant.to_owned()
            } else {
                String::new()
            },
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
                "",
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
        assert_eq!(lengths(&told("x")), [64, 2_048, 2_048, 0]);
        assert_eq!(lengths(&told("é")), [63, 2_047, 2_047, 0]);
    }

    #[test]
    fn a_line_that_would_grant_it_is_never_cut_in_its_middle() {
        let told = |bytes| {
            let grant = "x".repeat(bytes);
            Refusal::new("host", "a", &"m".repeat(MAX_REFUSAL_BYTES), &grant)
        };
        let whole = told(MAX_GRANT_BYTES);
        assert_eq!((whole.grant.len(), whole.message.len()), (4_096, 2_048));
        assert!(whole.message.ends_with('m'));
        let longer = told(MAX_GRANT_BYTES + 1);
        assert_eq!((longer.grant.as_str(), longer.message.len()), ("", 2_048));
        assert!(longer.message.ends_with(GRANT_LEFT_OUT));
    }
}
