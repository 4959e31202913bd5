//! A run to look at: `cargo run -p assay-dashboard --example played -- [SPEED] [SECONDS]`.
//!
//! Plays the run of the tests (`tests/it/scripted.rs`) in its own time, or so many times as fast, on the console and as a page, until its end
//! or so many seconds of it; then it waits for a line on standard input.

#[path = "../tests/it/scripted.rs"]
mod scripted;

use std::{
    error::Error,
    io::{self, Write as _},
    time::Duration,
};

use anstream::ColorChoice;
use assay_dashboard::{Address, Dashboard};
use assay_report::{
    Fanout,
    console::{Console, ConsoleOptions},
};
use tokio::time::{Instant, sleep_until};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let speed: f64 = arguments.next().map_or(Ok(1.0), |text| text.parse())?;
    let seconds: f64 = arguments
        .next()
        .map_or(Ok(scripted::END), |text| text.parse())?;
    let dashboard = Dashboard::serve(Address::default())?;
    writeln!(io::stderr(), "dashboard  {}", dashboard.url())?;
    let console = Console::new(ConsoleOptions::stdout(ColorChoice::Auto, true, Vec::new()));
    let mut reporters =
        Fanout::new(vec![Box::new(console)], Vec::new()).watched_by(vec![Box::new(dashboard)]);
    let begun = Instant::now();
    for event in scripted::until(seconds) {
        sleep_until(begun + Duration::from_nanos(event.at_ns).div_f64(speed)).await;
        reporters.event(&event);
    }
    io::stdin().read_line(&mut String::new())?;
    for error in reporters.finish() {
        writeln!(io::stderr(), "{error}")?;
    }
    Ok(())
}
