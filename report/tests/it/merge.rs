//! Shards become one run: the same as if one host had run all of it, and never a better one.

mod made;
mod refused;
mod told;
