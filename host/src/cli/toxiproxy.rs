//! `host toxiproxy`: serves Toxiproxy's API until it is stopped.

use std::net::SocketAddr;

use assay_report::exit::Exit;
use clap::Args;

use super::output;
use crate::{
    runner::interrupt::{Force, Interrupt},
    toxiproxy::{DEFAULT_ADDRESS, Toxiproxy},
};

/// The options of `host toxiproxy`.
#[derive(Args, Clone, Debug)]
pub struct ToxiproxyArguments {
    /// A loopback address for the API; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value_t = DEFAULT_ADDRESS)]
    pub listen: SocketAddr,
}

/// Serves it. The first line of standard output says where.
pub async fn run(arguments: ToxiproxyArguments) -> Exit {
    let interrupt = Interrupt::default();
    if let Err(error) = interrupt.listen() {
        output::note(&format!("error: cannot listen to signals: {error}"));
        return Exit::Environment;
    }
    let server = match Toxiproxy::start(arguments.listen).await {
        Ok(server) => server,
        Err(error) => return output::fail(&error, Exit::Environment),
    };
    let told = output::data(&format!("listening on {}\n", server.address()));
    if told == Exit::Success {
        interrupt.at_least(Force::Finish).await;
    }
    server.close().await;
    told
}
