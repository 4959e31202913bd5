//! `cargo xtask images`: the images of docker-compose.yml, pulled where a registry is in reach and made from packages where none is.
//!
//! The tags are the same either way, and so are the versions: those of Debian, of `PyPI` and of this repository. What is current is
//! left as it is.

mod engine;
mod made;

use std::thread::{self, JoinHandle};
use std::time::Instant;

use crate::Outcome;
use crate::process;

/// The reference system; built here either way.
const REFERENCE: &str = "assay/reference:0.1.0";
/// `ChromaDB`, from `PyPI` where it is made.
const VECTOR_STORE: &str = "chromadb/chroma:1.5.9";
/// Those that Debian has as packages: all are one image where they are made.
const SERVERS: [&str; 3] = [
    "redis:7.0.15",
    "prom/prometheus:v2.42.0",
    "prom/alertmanager:v0.25.0",
];

/// Makes what is missing; says what it does, and how long it took.
pub(crate) fn images() -> Outcome<()> {
    engine::check()?;
    servers()?;
    reference()
}

/// Images that are being made while something else goes on.
pub(crate) struct Background(Option<JoinHandle<Outcome<()>>>);

impl Background {
    /// Begins with what does not depend on this repository's code. Without an engine it says so, and nothing is made.
    pub(crate) fn start() -> Self {
        if let Err(error) = engine::check() {
            process::say(&format!("SKIPPED images: {error}"));
            return Self(None);
        }
        Self(Some(thread::spawn(servers)))
    }

    /// Waits for them, and makes the rest.
    pub(crate) fn finish(self) -> Outcome<()> {
        let Some(servers) = self.0 else {
            return Ok(());
        };
        match servers.join() {
            Ok(made) => made?,
            Err(panic) => std::panic::resume_unwind(panic),
        }
        reference()
    }
}

/// The images that do not depend on this repository's code: they can be made while it compiles.
fn servers() -> Outcome<()> {
    for image in SERVERS {
        timed(image, || {
            provide(image, || engine::tag(&made::base()?, image))
        })?;
    }
    timed(VECTOR_STORE, || {
        provide(VECTOR_STORE, || made::vector_store(VECTOR_STORE))
    })
}

/// The image of the reference system as it is now.
fn reference() -> Outcome<()> {
    // The whole workspace is selected, as the tests do: the dependencies keep their features and are not compiled again.
    let build = ["build", "--quiet", "--workspace", "--bin", "reference"];
    process::run(&mut process::cargo(build))?;
    timed(REFERENCE, || made::reference(REFERENCE))
}

/// What was made here is made again when its recipe changed; what was pulled stays.
fn provide(image: &str, make: impl FnOnce() -> Outcome<()>) -> Outcome<&'static str> {
    match engine::label(image)? {
        Some(label) if label.is_empty() || label == made::recipe() => Ok("is there"),
        None if engine::pull(image) => Ok("pulled"),
        _ => make().map(|()| "made"),
    }
}

fn timed(image: &str, work: impl FnOnce() -> Outcome<&'static str>) -> Outcome<()> {
    let started = Instant::now();
    let done = work()?;
    let seconds = started.elapsed().as_secs_f32();
    process::say(&format!("{image}: {done} ({seconds:.1} s)"));
    Ok(())
}
