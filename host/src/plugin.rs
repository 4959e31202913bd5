//! A plugin: a file that is a component and exports a suite.

pub mod bindings;
pub mod ending;
