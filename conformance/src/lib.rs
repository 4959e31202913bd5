//! Whether an SDK does what the contract asks, whatever its language: `suite.toml` says what a suite called `conformance` does, and this
//! crate whether the report of its run holds what it must. It needs no host and no WebAssembly, so that anybody can run it.

mod case;
mod error;
mod expected;
mod held;
mod read;

pub use case::Difference;
pub use error::Error;
pub use expected::{Case, Figure, Level, Load, Suite};
pub use held::differences;
pub use read::{MAX_REPORT, report};
