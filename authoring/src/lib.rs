//! From nothing to a suite of Assay that runs, without WebAssembly: `host new`, `host build`, `host dev` and `host wit` are thin commands over this.
//!
//! A [`template`] becomes a folder with a suite that is green at once. [`build`](build::build) makes the component of such a folder, whatever
//! language it is written in; [`dev`] does that again after each change and runs what failed; [`contract`] is the text from which an SDK
//! for another language is made.

mod bounded;
pub mod build;
pub mod contract;
pub mod dev;
mod embedded;
mod error;
mod files;
mod name;
mod process;
pub mod project;
pub mod sdk;
pub mod template;

pub use error::FileError;
pub use files::{Files, WriteError};
pub use name::{NameError, SuiteName};
pub use process::Toolchain;
