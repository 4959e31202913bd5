//! Where the attempts of a suite may run: told by what its plugin can call, so it is known before anything runs.

/// What only the conducting host can answer: its faults have one owner, its loads are made by all agents, and the figures of a suite are gathered there.
const CONDUCTED: [&str; 2] = ["load.run", "metrics.summarize"];
/// All functions of this interface: faults, and how services are.
const FAULTS: &str = "chaos.";
/// Those of a fault, which nobody has who cannot make one.
const OF_A_FAULT: &str = "chaos.[";

/// Bytes that a setup may hand on to entries that run elsewhere: each of them has it in its message, in which a byte may take six. With more the
/// entries run here.
pub const MAX_SENT_DATA: usize = 64 << 10;

/// Whether agents may run the attempts of a suite whose plugin can call this.
pub fn may_go(calls: &[String]) -> bool {
    !calls
        .iter()
        .filter(|call| !call.starts_with(OF_A_FAULT))
        .any(|call| call.starts_with(FAULTS) || CONDUCTED.contains(&call.as_str()))
}

/// Whether a suite whose plugin can call this makes loads, of which agents make shares.
pub fn makes_load(calls: &[String]) -> bool {
    calls.iter().any(|call| call == "load.run")
}

#[cfg(test)]
mod tests {
    use super::{makes_load, may_go};

    #[test]
    fn what_makes_faults_or_loads_or_looks_at_all_figures_stays() {
        for (calls, goes, loads) in [
            (vec![], true, false),
            (vec!["http.send", "metrics.judge", "load.next"], true, false),
            (vec!["chaos.[method]fault.traffic"], true, false),
            (vec!["chaos.inject"], false, false),
            (vec!["chaos.logs"], false, false),
            (vec!["metrics.summarize"], false, false),
            (vec!["http.send", "load.run"], false, true),
        ] {
            let calls: Vec<String> = calls.into_iter().map(str::to_owned).collect();
            assert_eq!(
                (may_go(&calls), makes_load(&calls)),
                (goes, loads),
                "{calls:?}"
            );
        }
    }
}
