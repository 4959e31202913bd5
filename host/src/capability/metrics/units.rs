//! How the units of the contract are written in events and in what travels.

use crate::plugin::bindings::assay::suite::metrics::Unit;

/// For events: empty for none.
pub(super) fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::None => "",
        other => unit_text(other),
    }
}

/// As the contract spells it.
pub(super) fn unit_text(unit: Unit) -> &'static str {
    match unit {
        Unit::None => "none",
        Unit::Seconds => "seconds",
        Unit::Bytes => "bytes",
        Unit::Percent => "percent",
        Unit::PerSecond => "per-second",
    }
}

/// The unit that the contract spells so.
pub(super) fn unit_of(text: &str) -> Option<Unit> {
    let all = [
        Unit::None,
        Unit::Seconds,
        Unit::Bytes,
        Unit::Percent,
        Unit::PerSecond,
    ];
    all.into_iter().find(|unit| unit_text(*unit) == text)
}
