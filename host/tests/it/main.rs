//! The host as a whole and its parts at their seams.

mod fixtures;
mod instance;
mod loading;
mod reports;
