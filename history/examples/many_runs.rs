//! What a history costs: adds a recorded run many times, each a minute later and with an id of its own, and says how long that took and
//! how many bytes it takes.
//!
//! `cargo run --release -p assay-history --example many_runs -- reports/events.jsonl /var/tmp/history.db 1000`

use std::{
    error::Error,
    fs,
    io::{self, Write as _},
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use assay_history::{Store, gather, store::Keep};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, log, file, number] = arguments.as_slice() else {
        return Err("name an event log, a file to make, and how many runs".into());
    };
    let (file, number) = (Path::new(file), number.parse::<u64>()?);
    let began = Instant::now();
    let mut record = gather::recorded(Path::new(log))?;
    writeln!(
        io::stdout(),
        "gathered in {:?}: {} cases, {} judgements, {} distributions of {} bytes",
        began.elapsed(),
        record.cases.len(),
        record.judgements.len(),
        record.distributions.len(),
        record
            .distributions
            .iter()
            .map(|measured| measured.histogram.len())
            .sum::<usize>()
    )?;
    let mut slowest = Duration::ZERO;
    let began = Instant::now();
    for place in 0..number {
        let start = UNIX_EPOCH + Duration::from_secs(1_795_996_800 + place * 60);
        record.run.started_at = humantime::format_rfc3339_seconds(start).to_string();
        record.run.run_id = format!("{place:06}");
        let began = Instant::now();
        let mut store = Store::open(file)?;
        store.add(&record)?;
        store.retain(Keep::default(), SystemTime::now())?;
        drop(store);
        slowest = slowest.max(began.elapsed());
        if place == 0 {
            writeln!(
                io::stdout(),
                "first run: {:?}, {} bytes",
                began.elapsed(),
                fs::metadata(file)?.len()
            )?;
        }
    }
    writeln!(
        io::stdout(),
        "{number} runs: {:?} each, {slowest:?} the slowest, {} bytes in all",
        began.elapsed() / u32::try_from(number.max(1))?,
        fs::metadata(file)?.len()
    )?;
    Ok(())
}
