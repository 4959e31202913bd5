//! A run whose plugin asks for what it has no grant for: its setup goes on without it, a case passes without it, a case asks again and again,
//! and one fails of it.

use assay_report::{
    event::{Event, EventKind, ReasonKind, Refusal, Source},
    exit::Exit,
    verdict::Verdict,
};

use crate::recording::{Recording, check, outcome, passed, reason, source};

pub(crate) fn ungranted() -> Vec<Event> {
    let setup = source("setup", 1);
    let mut run = Recording::of(&["it-attaches", "it-buys"]);
    run.attempt(&setup);
    refuse(&mut run, &setup, setting("shop.currency"));
    run.end_attempt(&setup, passed());
    run.case("it-attaches", &passed(), |run, source| {
        for _ in 0..3 {
            refuse(run, source, attachment());
        }
        run.check(source, check("it is so", true));
    });
    let ending = outcome(Verdict::Failed, reason(ReasonKind::Check, "it is bought"));
    run.case("it-buys", &ending, |run, source| {
        refuse(run, source, host());
        refuse(run, source, setting("shop.token"));
        run.check(source, check("it is bought", false));
    });
    run.end(Exit::Failed)
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
        "[grants.jobs] hosts = [\"api.example.com:443\"]",
    )
}

pub(crate) fn attachment() -> Refusal {
    Refusal::new(
        "attachments",
        "page.png",
        "the plugin `jobs` may not attach anything",
        "[grants.jobs] attachments = true",
    )
}

pub(crate) fn setting(name: &str) -> Refusal {
    Refusal::new(
        "context",
        name,
        "the plugin `jobs` has no grant for this setting",
        &format!("[grants.jobs] settings = [\"{name}\"]"),
    )
}
