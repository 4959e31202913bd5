//! The host as a whole and its parts at their seams.

mod reports;
