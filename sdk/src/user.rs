//! A virtual user: asks the host for its iterations, one after the other, and runs them.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use futures::future::{Either, select};
use futures::stream::{FuturesUnordered, StreamExt as _};
use serde::de::DeserializeOwned;

use crate::bindings::load::{self as contract, Ending};
use crate::bindings::suite::Entry;
use crate::http::{Error, Sample, Template};
use crate::problem::{Kind, Problem, Result};
use crate::registry::{self, Scenario};
use crate::scope::{self, Scope};
use crate::{Vu, component};

/// Bytes of the reason why an iteration failed.
const LONGEST_REASON: usize = 256;
/// Bytes of an actual value that is part of a reason. Longer ones differ too much to be counted.
const LONGEST_ACTUAL: usize = 32;

thread_local! {
    /// What `#[setup]` returned, read once for all virtual users of the instance.
    static SHARED: RefCell<Option<Rc<dyn Any>>> = const { RefCell::new(None) };
}

/// One virtual user.
pub struct User {
    number: u32,
    /// Whether it has its instance to itself.
    alone: bool,
    entry: Rc<Entry>,
    scope: Rc<Scope>,
    before: Option<Ending>,
    /// What its opening request is called in errors.
    opening: Box<str>,
}

/// Runs the virtual user of an entry, or all that share this instance.
pub(crate) async fn run(entry: Entry) -> Result<()> {
    let Some(scenario) = registry::scenario(&entry.name) else {
        return Err(Problem::errored(format!(
            "the suite has no scenario `{}`: it was built anew since it was described; load it again",
            entry.name
        )));
    };
    let entry = Rc::new(entry);
    if entry.vu != 0 {
        return (scenario.run)(User::new(entry.vu, true, &entry)).await;
    }
    if scenario.is_sync {
        return Err(Problem::errored(format!(
            "the scenario `{}` is a plain function, which stops its whole instance when it waits: make the plan `isolated`, or the function `async`",
            entry.name
        )));
    }
    run_many(scenario, &entry).await
}

/// Virtual users side by side, for as long as the host has further ones. The first that gives up ends all.
async fn run_many(scenario: &Scenario, entry: &Rc<Entry>) -> Result<()> {
    let mut users = FuturesUnordered::new();
    let mut further = Box::pin(contract::join());
    loop {
        let joined = if users.is_empty() {
            further.as_mut().await
        } else {
            match select(further.as_mut(), users.next()).await {
                Either::Left((joined, _)) => joined,
                Either::Right((ended, _)) => {
                    ended.unwrap_or(Ok(()))?;
                    continue;
                }
            }
        };
        let Some(number) = joined else {
            break;
        };
        users.push((scenario.run)(User::new(number, false, entry)));
        further.set(contract::join());
    }
    while let Some(ended) = users.next().await {
        ended?;
    }
    Ok(())
}

impl User {
    fn new(number: u32, alone: bool, entry: &Rc<Entry>) -> Self {
        Self {
            number,
            alone,
            entry: Rc::clone(entry),
            scope: Rc::default(),
            before: None,
            opening: Box::default(),
        }
    }

    /// Before its first iteration.
    pub fn vu(&self) -> Vu {
        Vu::new(self.number)
    }

    /// What `#[setup]` returned.
    pub fn shared<T: DeserializeOwned + 'static>(&self) -> Result<Rc<T>> {
        let known = SHARED.with_borrow(Clone::clone);
        if let Some(known) = known.and_then(|known| known.downcast().ok()) {
            return Ok(known);
        }
        let value = Rc::new(component::shared::<T>(&self.entry)?);
        SHARED.set(Some(value.clone()));
        Ok(value)
    }

    /// Tells how the iteration before ended, and waits for the next one; none: the load is over.
    pub async fn next(&mut self) -> Option<Vu> {
        let before = self.before.take();
        let turn = if self.alone {
            contract::next_now(self.number, before.as_ref())
        } else {
            contract::next(self.number, before).await
        };
        turn.map(|turn| Vu::in_turn(self.number, turn))
    }

    /// From now on iterations begin with this request: [`next_opened`](Self::next_opened) sends it.
    pub fn open_with(&mut self, opening: &Template) -> Result<()> {
        if opening.has_slots() {
            return Err(Problem::errored(format!(
                "`opens_with` names `{}`, which has slots, and no iteration begins before it could say what to write there: fire it in the scenario, with `fire_with`",
                opening.label()
            )));
        }
        contract::open_with(self.number, opening.inner());
        self.opening = opening.label().into();
        Ok(())
    }

    /// [`next`](Self::next), and then the request that [`open_with`](Self::open_with) named.
    pub async fn next_opened(&mut self) -> Option<(Vu, std::result::Result<Sample, Error>)> {
        let before = self.before.take();
        let opened = if self.alone {
            contract::next_opened_now(self.number, before.as_ref())
        } else {
            contract::next_opened(self.number, before).await
        };
        let opened = opened?;
        let answer = Sample::of(opened.answer, &self.opening);
        Some((Vu::in_turn(self.number, opened.turn), answer))
    }

    /// Runs one iteration, with its clean-up. A problem, or a check that failed, makes it a failed one.
    pub async fn iteration(&mut self, body: impl Future<Output = Result<()>>) {
        let outcome = scope::run_in(&self.scope, body).await;
        let failed_check = self.scope.take_failed_check();
        self.before = Some(match (outcome, failed_check) {
            (Err(problem), _) => Ending::Failed(reason(&problem)),
            (Ok(()), Some(check)) => Ending::Failed(without_ids(&check)),
            (Ok(()), None) => Ending::Passed,
        });
    }
}

/// Why an iteration failed, in words that many failures share.
fn reason(problem: &Problem) -> String {
    let mut text = problem
        .message()
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned();
    if let Some(actual) = problem.actual()
        && actual.len() <= LONGEST_ACTUAL
    {
        text.push_str(" (actual ");
        text.push_str(actual);
        text.push(')');
    }
    if problem.kind() == Kind::Skipped {
        text.insert_str(0, "skipped: ");
    }
    without_ids(&text)
}

/// The text with `{id}` for each word that looks like one: a number of more than five digits, or a word of eight characters or more with
/// a digit in it. Cut to what the contract takes.
fn without_ids(text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let word = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        said.push_str(if looks_like_an_id(&rest[..word]) {
            "{id}"
        } else {
            &rest[..word]
        });
        rest = &rest[word..];
        let gap = rest.find(is_part).unwrap_or(rest.len());
        said.push_str(&rest[..gap]);
        rest = &rest[gap..];
    }
    said.truncate(said.floor_char_boundary(LONGEST_REASON));
    said
}

fn looks_like_an_id(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits == word.len();
    digits > 0 && ((is_number && digits > 5) || (!is_number && word.len() >= 8))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::prelude::*;

    fn user(data: &str) -> User {
        let entry = Entry {
            kind: crate::bindings::suite::Kind::VirtualUser,
            name: "browse".to_owned(),
            vu: 3,
            data: data.to_owned(),
        };
        User::new(3, true, &Rc::new(entry))
    }

    fn ending(body: impl Future<Output = Result<()>>) -> Ending {
        let mut user = user("");
        block_on(user.iteration(body));
        user.before.unwrap()
    }

    fn failed(ending: &Ending) -> &str {
        match ending {
            Ending::Failed(reason) => reason,
            Ending::Passed => panic!("it passed"),
        }
    }

    #[test]
    fn an_iteration_fails_by_a_problem_by_a_check_and_by_its_clean_up() {
        assert!(matches!(ending(async { Ok(()) }), Ending::Passed));
        let problem = ending(async {
            ensure_eq!(503, 200, "status");
            Ok(())
        });
        assert_eq!(failed(&problem), "status (actual 503)");
        let check = ending(async {
            check!(1 > 2, "order 12345678 arrives");
            check!(1 > 2, "a later one");
            Ok(())
        });
        assert_eq!(failed(&check), "order {id} arrives");
        let clean_up = ending(async {
            cleanup(async { Err::<(), _>(Problem::failed("still there")) });
            Ok(())
        });
        assert_eq!(failed(&clean_up), "clean-up: still there");
    }

    #[test]
    fn a_failed_check_counts_for_its_own_iteration_only() {
        let mut user = user("");
        block_on(user.iteration(async {
            check!(1 > 2);
            Ok(())
        }));
        assert!(matches!(user.before, Some(Ending::Failed(_))));
        block_on(user.iteration(async { Ok(()) }));
        assert!(matches!(user.before, Some(Ending::Passed)));
    }

    #[test]
    fn reasons_are_told_without_ids_and_cut() {
        let table = [
            (
                "GET http://127.0.0.1:8001/jobs/0b0e7d0a-5a5d-4c7e: 404",
                "GET http://127.0.0.1:8001/jobs/{id}: 404",
            ),
            ("episode 1234567 of user-42", "episode {id} of user-42"),
            ("ends", "ends"),
            ("", ""),
        ];
        for (text, said) in table {
            assert_eq!(without_ids(text), said);
        }
        assert_eq!(
            without_ids(&"é".repeat(LONGEST_REASON)).len(),
            LONGEST_REASON
        );
    }

    #[test]
    fn what_setup_returned_is_read_once_for_all() {
        let first = user("[1,2]").shared::<Vec<u32>>().unwrap();
        let second = user("not read").shared::<Vec<u32>>().unwrap();
        assert!(Rc::ptr_eq(&first, &second));
        SHARED.take();
    }
}
