//! How much a grant, and what a plugin declares, may say. What is beyond is refused when it is read, and never cut.

use std::time::Duration;

/// Entries of one list, such as `hosts`.
pub const MAX_ENTRIES: usize = 256;
/// Bytes of one entry, as of a name in the contract.
pub const MAX_TEXT: usize = 400;
/// Characters of a plugin's name.
pub const MAX_NAME: usize = 64;
/// Bytes of all that one plugin declares, and of one `--grant`.
pub const MAX_DECLARATION: usize = 64 << 10;
/// Virtual users of a ceiling, which is what one load may have at all.
pub const MAX_VUS: u32 = 100_000;
/// Iterations a second of a ceiling, which is what one load may start at all.
pub const MAX_RATE: f64 = 1_000_000.0;
/// The longest duration of a ceiling.
pub const MAX_DURATION: Duration = Duration::from_hours(7 * 24);
/// Bytes of what was wanted that a refusal shows.
pub(crate) const MAX_SHOWN: usize = 200;
