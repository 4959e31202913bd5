//! What comes next: a machine of states that does nothing itself.

use std::collections::BTreeSet;

use super::Outcome;

/// Which cases are to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// All that were asked for.
    #[default]
    All,
    /// Only these, by their ids `suite/case`.
    Only(BTreeSet<String>),
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The component is there.
    Built,
    /// There is no component, or the host could not run it.
    Broken,
    /// Cases were run.
    Ran(Outcome),
    /// The sources are other than before.
    Changed,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make the component.
    Build,
    /// Run cases.
    Run(Selection),
    /// Wait for a change.
    Wait,
}

/// What is to be run when there is a component again, and what is being run.
#[derive(Clone, Debug, Default)]
pub struct Cycle {
    next: Selection,
}

impl Cycle {
    /// What comes after that. Everything runs at first; then, after each change, what failed; and when that is good, everything again.
    pub fn next(&mut self, event: Event) -> Action {
        match event {
            Event::Changed => Action::Build,
            Event::Broken => Action::Wait,
            Event::Built => Action::Run(self.next.clone()),
            Event::Ran(outcome) => self.after(outcome),
        }
    }

    fn after(&mut self, outcome: Outcome) -> Action {
        let ran = std::mem::take(&mut self.next);
        if !outcome.failed.is_empty() {
            self.next = Selection::Only(outcome.failed);
            return Action::Wait;
        }
        // What is left may be bad all the same (a teardown, cases that have another name now): a run of everything tells.
        match ran {
            Selection::Only(_) => Action::Run(Selection::All),
            Selection::All => Action::Wait,
        }
    }
}

impl Selection {
    /// As `--filter` takes it. The ids are those of one suite, so that a pattern of the case's whole name means that case alone.
    pub fn filters(&self) -> Vec<String> {
        let Self::Only(cases) = self else {
            return Vec::new();
        };
        let name = |id: &String| {
            id.rsplit_once('/')
                .map_or_else(|| id.clone(), |(_, case)| case.to_owned())
        };
        cases.iter().map(|id| format!("*/{}", name(id))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(failed: &[&str]) -> Event {
        Event::Ran(Outcome {
            good: failed.is_empty(),
            passed: 1,
            failed: failed.iter().map(|&id| id.to_owned()).collect(),
        })
    }

    fn only(cases: &[&str]) -> Action {
        let cases = cases.iter().map(|&id| id.to_owned()).collect();
        Action::Run(Selection::Only(cases))
    }

    const ALL: Action = Action::Run(Selection::All);

    /// Tells events one by one and holds each answer to what is expected.
    fn hold(steps: impl IntoIterator<Item = (Event, Action)>) {
        let mut cycle = Cycle::default();
        for (number, (event, expected)) in steps.into_iter().enumerate() {
            assert_eq!(cycle.next(event.clone()), expected, "{number}: {event:?}");
        }
    }

    #[test]
    fn while_all_is_good_each_change_runs_all() {
        hold([
            (Event::Built, ALL),
            (ran(&[]), Action::Wait),
            (Event::Changed, Action::Build),
            (Event::Built, ALL),
            (ran(&[]), Action::Wait),
        ]);
    }

    #[test]
    fn what_failed_runs_alone_until_it_is_good_and_then_all_runs_again() {
        hold([
            (Event::Built, ALL),
            (ran(&["s/a", "s/b"]), Action::Wait),
            (Event::Changed, Action::Build),
            (Event::Built, only(&["s/a", "s/b"])),
            (ran(&["s/b"]), Action::Wait),
            (Event::Changed, Action::Build),
            (Event::Built, only(&["s/b"])),
            (ran(&[]), ALL),
            (ran(&["s/c"]), Action::Wait),
            (Event::Changed, Action::Build),
            (Event::Built, only(&["s/c"])),
        ]);
    }

    #[test]
    fn what_failed_is_remembered_while_nothing_can_be_built_or_run() {
        hold([
            (Event::Built, ALL),
            (ran(&["s/a"]), Action::Wait),
            (Event::Changed, Action::Build),
            (Event::Broken, Action::Wait),
            (Event::Changed, Action::Build),
            (Event::Built, only(&["s/a"])),
            (Event::Broken, Action::Wait),
            (Event::Changed, Action::Build),
            (Event::Built, only(&["s/a"])),
        ]);
    }

    #[test]
    fn a_case_that_failed_and_is_gone_is_let_go_and_all_runs() {
        // What a workshop answers when its host selects nothing.
        let nothing = Event::Ran(Outcome::default());
        hold([
            (Event::Built, ALL),
            (ran(&["s/gone"]), Action::Wait),
            (Event::Changed, Action::Build),
            (Event::Built, only(&["s/gone"])),
            (nothing, ALL),
            (ran(&["s/renamed"]), Action::Wait),
            (Event::Changed, Action::Build),
            (Event::Built, only(&["s/renamed"])),
        ]);
    }

    #[test]
    fn a_bad_run_of_all_without_a_bad_case_waits() {
        hold([
            (Event::Built, ALL),
            (Event::Ran(Outcome::default()), Action::Wait),
            (Event::Changed, Action::Build),
            (Event::Built, ALL),
        ]);
    }

    #[test]
    fn a_filter_means_one_case_and_no_other_that_begins_alike() {
        let cases = ["shop/order", "shop/order-again"].map(str::to_owned);
        let selection = Selection::Only(cases.into());
        assert_eq!(selection.filters(), ["*/order", "*/order-again"]);
        assert_eq!(Selection::All.filters(), Vec::<String>::new());
    }
}
