//! The NATS server at which runs are shared, where somebody says which one.

use assay_agents::{
    connection::{Access, Connection},
    error::NatsError,
};
use assay_report::hint::Hinted as _;

use super::Finding;

const AREA: &str = "nats";
const NAME: &str = "server";

/// Connects as a run would.
pub(super) async fn look(access: &Access) -> Finding {
    let opened = Connection::open(access, "assay host doctor").await;
    judge(
        &access.shown(),
        opened.map(|connection| connection.version()),
    )
}

/// A server of this version with all that a run needs, or what is in its way.
fn judge(address: &str, version: Result<String, NatsError>) -> Finding {
    match version {
        Ok(version) => Finding::ok(
            AREA,
            NAME,
            format!("version {version} answers at `{address}`, and JetStream is on"),
        ),
        Err(error) => Finding {
            hint: error.hint(),
            ..Finding::bad(AREA, NAME, error.to_string(), "")
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn a_server_is_good_or_told_as_a_run_tells_it() {
        let good = judge("nats://a", Ok("2.10.0".to_owned()));
        assert_eq!((good.grade, good.hint), (Grade::Ok, None));
        let error = NatsError::NoJetStream;
        let bad = judge("nats://a", Err(error.clone()));
        assert_eq!(bad.grade, Grade::Bad);
        assert_eq!((bad.what, bad.hint), (error.to_string(), error.hint()));
    }
}
