//! What is told of reports that hold all, and of those that hold one thing less.

mod differing;
mod files;
mod made;
