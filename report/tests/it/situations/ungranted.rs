//! A run whose plugin asks for what it has no grant for: a case asks again and again, one for two things, and one was cut off after it had asked.

use assay_report::{
    event::{Event, EventKind, Outcome, Proposal, ReasonKind, Refusal, Source},
    exit::Exit,
    verdict::Verdict,
};

use crate::recording::{Recording, check, outcome, reason};

/// The table that would grant all of it, beside what the plugin has.
pub(crate) const TABLE: &str = r#"[grants.jobs]
hosts = ["api.example.com:443"]
services = ["project"]
settings = ["shop.token", "shop.currency"]
attachments = true"#;

pub(crate) fn ungranted() -> Vec<Event> {
    let mut run = Recording::of(&["it-attaches", "it-buys", "it-waits"]);
    run.case(
        "it-attaches",
        &refused_ending(&attachment()),
        |run, source| {
            for _ in 0..3 {
                refuse(run, source, attachment());
            }
            run.check(source, check("it is so", true));
        },
    );
    run.case("it-buys", &refused_ending(&host()), |run, source| {
        refuse(run, source, host());
        refuse(run, source, setting("shop.token"));
        run.check(source, check("it is bought", false));
    });
    run.tell(EventKind::Interrupted {
        reason: "Ctrl-C".into(),
    });
    run.case("it-waits", &cut_off(), |run, source| {
        refuse(run, source, setting("shop.currency"));
    });
    run.propose(Proposal::new(TABLE.into(), false));
    run.end(Exit::Interrupted)
}

/// As an attempt ends that was refused this, whatever its plugin made of it.
pub(crate) fn refused_ending(first: &Refusal) -> Outcome {
    let message = format!(
        "it has no grant for the {}: {}",
        first.words(),
        first.message
    );
    outcome(Verdict::Errored, reason(ReasonKind::Plugin, &message))
}

/// As an attempt ends that was cut off with the run, whatever it was refused.
pub(crate) fn cut_off() -> Outcome {
    let reason = reason(ReasonKind::Interrupted, "cut off by Ctrl-C");
    outcome(Verdict::Skipped, reason)
}

pub(crate) fn refuse(run: &mut Recording, source: &Source, refusal: Refusal) {
    run.tell(EventKind::Refused {
        source: source.clone(),
        refusal,
    });
}

pub(crate) fn host() -> Refusal {
    Refusal::new(
        "http",
        "api.example.com:443",
        "the plugin `jobs` has no grant for this host",
        "grants.jobs.hosts = [\"api.example.com:443\"]",
    )
}

pub(crate) fn attachment() -> Refusal {
    Refusal::new(
        "attachments",
        "page.png",
        "the plugin `jobs` may not attach anything",
        "grants.jobs.attachments = true",
    )
}

pub(crate) fn setting(name: &str) -> Refusal {
    Refusal::new(
        "context",
        name,
        "the plugin `jobs` has no grant for this setting",
        &format!("grants.jobs.settings = [\"{name}\"]"),
    )
}
