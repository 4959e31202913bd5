//! What a request costs over the transport of load, over hyper as it is usually used, and over reqwest, on one thread; and the server
//! that all measurements of load are sent to.
//!
//! ```text
//! taskset -c 1 transport serve                    # prints its URL
//! taskset -c 0 transport measure URL [CONNECTIONS] [SECONDS] [ROUNDS]
//! taskset -c 0 transport drive WAY URL CONNECTIONS SECONDS [PER_SECOND]
//! ```
//!
//! `measure` lets the ways take turns, so that whatever else the machine does befalls all of them. Processor time is that of this process,
//! user and system; it says more than requests per second, which the server may limit. `drive` is one way once, told as JSON.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement prints its result, and ends at the first thing that goes wrong"
)]

mod drive;
mod server;
mod ways;

use std::str::FromStr;
use std::time::Duration;

use drive::{Driven, Load};
use ways::Way;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("serve") => runtime().block_on(server::serve()),
        Some("measure") => measure(
            &arguments[1],
            Load {
                connections: number(&arguments, 2).unwrap_or(64),
                time: Duration::from_secs(number(&arguments, 3).unwrap_or(2)),
                per_second: None,
            },
            number(&arguments, 4).unwrap_or(5),
        ),
        Some("drive") => {
            let load = Load {
                connections: number(&arguments, 3).unwrap(),
                time: Duration::from_secs(number(&arguments, 4).unwrap()),
                per_second: number(&arguments, 5),
            };
            let way = arguments[1].parse().unwrap();
            let driven = runtime().block_on(ways::run(way, &arguments[2], load));
            println!("{}", driven.json());
        }
        _ => println!(
            "usage: transport serve | transport measure URL [CONNECTIONS] [SECONDS] [ROUNDS] | transport drive WAY URL CONNECTIONS SECONDS [PER_SECOND]"
        ),
    }
}

fn number<T: FromStr>(arguments: &[String], index: usize) -> Option<T> {
    let argument = arguments.get(index)?;
    Some(argument.parse().ok().unwrap())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn measure(url: &str, load: Load, rounds: u32) {
    let mut driven = vec![Vec::new(); Way::ALL.len()];
    for _ in 0..rounds {
        for (way, driven) in Way::ALL.iter().zip(&mut driven) {
            driven.push(runtime().block_on(ways::run(*way, url, load)));
        }
    }
    for (way, driven) in Way::ALL.iter().zip(&driven) {
        let way = way.to_string();
        println!(
            "{way:<8} {:>8.0} requests/s {:>6.2} µs",
            median(driven, Driven::per_second),
            median(driven, Driven::cost)
        );
    }
}

fn median(driven: &[Driven], figure: impl Fn(&Driven) -> f64) -> f64 {
    let mut values: Vec<f64> = driven.iter().map(figure).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
