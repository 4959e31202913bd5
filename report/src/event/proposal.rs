//! What a suite would have to be granted if it were to have all that it was refused.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bytes of the table.
pub const MAX_TABLE_BYTES: usize = 64 << 10;

/// The table of `assay.toml` that would grant a suite all that it was refused in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    /// The whole table, `[grants.NAME]` and its keys, with what is granted already: TOML that takes the place of such a table. At most 64 KiB;
    /// empty if it would be longer.
    pub table: String,
    /// Whether more was refused than the table has room for.
    pub truncated: bool,
}

impl Proposal {
    /// As it is told: a table whole, or not at all.
    pub fn new(table: String, truncated: bool) -> Self {
        let fits = table.len() <= MAX_TABLE_BYTES;
        Self {
            table: if fits { table } else { String::new() },
            truncated: truncated || !fits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_told_whole_or_not_at_all() {
        let told = |bytes| Proposal::new("x".repeat(bytes), false);
        let whole = told(MAX_TABLE_BYTES);
        assert_eq!((whole.table.len(), whole.truncated), (65_536, false));
        let longer = told(MAX_TABLE_BYTES + 1);
        assert_eq!((longer.table.len(), longer.truncated), (0, true));
    }
}
