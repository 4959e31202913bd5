//! Being laid out.

/// The host's side of the resource.
#[derive(Debug)]
pub struct EventStream;
