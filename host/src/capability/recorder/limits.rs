//! How much evidence of an attempt is kept. What is beyond is counted; what decides a verdict is always kept.

/// Log lines of an attempt that are kept.
pub const MAX_LOG_LINES: u64 = 10_000;
/// Bytes of a log line that are kept.
pub const MAX_LOG_BYTES: usize = 8 << 10;
/// Checks of an attempt that are kept; beyond that the first failed ones are kept still.
pub const MAX_CHECKS: u64 = 10_000;
/// Failed checks of an attempt that are kept.
pub const MAX_FAILED_CHECKS: u64 = 1_000;
/// Bytes of the name of a check that are kept.
pub const MAX_CHECK_NAME_BYTES: usize = 1 << 10;
/// Bytes of an expected or an actual value that are kept.
pub const MAX_CHECK_VALUE_BYTES: usize = 4 << 10;
/// Attachments of an attempt that are kept.
pub const MAX_ATTACHMENTS: u64 = 32;
/// Different things that an attempt is refused and that are told; further ones are counted.
pub const MAX_REFUSALS: usize = 1_000;
/// How often the same refusal is told; further ones are counted.
pub const MAX_SAME_REFUSALS: u32 = 100;
/// Bytes of an attachment that are kept.
pub const MAX_ATTACHMENT_BYTES: usize = 1 << 20;
/// Requests and streams of an attempt that are told one by one; further ones are counted.
pub const MAX_EXCHANGES: u64 = 10_000;
/// Judgements of an attempt that are told one by one; beyond that one that is worse than all before is told still.
pub const MAX_JUDGEMENTS: u64 = 1_000;
