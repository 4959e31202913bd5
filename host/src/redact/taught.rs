//! What agents teach: they met it elsewhere, and say so. An agent is another machine, so it cannot take words out of what is told of the whole
//! run: what looks like a token is secret everywhere, up to the limit of those who are not the project's own, and any other word only in
//! what is told of the suite in which it was met.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use assay_report::event::EventKind;

use super::{Patterns, Redactor, learned::MAX_LEARNED, rules::MIN_LEARNED_BYTES};

/// One for each suite of which something was taught.
#[derive(Default)]
pub(super) struct Taught(RwLock<BTreeMap<String, Redactor>>);

impl Taught {
    /// None if nothing was taught.
    fn get(&self, suite: &str) -> Option<Redactor> {
        let suites = self.0.read().unwrap_or_else(PoisonError::into_inner);
        suites.get(suite).cloned()
    }

    fn get_or_begin(&self, suite: &str) -> Redactor {
        let mut suites = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let nothing = || Redactor::new(Vec::new(), Patterns::default());
        suites
            .entry(suite.to_owned())
            .or_insert_with(nothing)
            .clone()
    }
}

impl Redactor {
    /// Learns what an agent met in a suite: as much of it, and as long a word, as could be learned here.
    pub(crate) fn learn_of_agent(&self, suite: &str, words: &[String]) {
        let words = words.iter().take(MAX_LEARNED);
        let words = words.filter(|word| word.len() >= MIN_LEARNED_BYTES);
        let words: Vec<_> = words.cloned().collect();
        if words.is_empty() {
            return;
        }
        self.wary().learn(&words);
        let of_suite = self.taught().get_or_begin(suite);
        if self.is_wary {
            of_suite.wary().learn(&words);
        } else {
            of_suite.learn(&words);
        }
    }

    /// Takes the secrets out of an event: those of the run, and those of its suite.
    pub fn redact_event(&self, kind: &mut EventKind) {
        // By its name before anything is taken out of that.
        let of_suite = kind
            .owner()
            .suite()
            .and_then(|suite| self.taught().get(suite));
        self.redact(kind);
        if let Some(of_suite) = of_suite {
            of_suite.redact(kind);
        }
    }

    fn taught(&self) -> &Taught {
        &self.inner.inner().taught
    }
}

#[cfg(test)]
mod tests {
    use assay_report::event::{Level, Source};

    use super::{
        super::{MAX_OF_STRANGERS, REDACTED},
        *,
    };

    const TOKEN: &str = "abcdefgh12345678";

    /// What is told of a line of the log of a suite.
    fn told(redactor: &Redactor, suite: &str, text: &str) -> String {
        let mut kind = EventKind::Log {
            source: Source {
                suite: suite.to_owned(),
                entry: "buys".to_owned(),
                attempt: 1,
            },
            level: Level::Info,
            message: text.to_owned(),
        };
        redactor.redact_event(&mut kind);
        match kind {
            EventKind::Log { message, .. } => message,
            other => panic!("{other:?}"),
        }
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_word_that_an_agent_teaches_is_a_secret_of_its_suite_and_of_no_other() {
        let redactor = Redactor::default();
        redactor.learn_of_agent("shop", &words(&["failed", TOKEN, "short"]));
        let text = format!("short: failed with {TOKEN}");
        let of_shop = format!("short: {REDACTED} with {REDACTED}");
        assert_eq!(told(&redactor, "shop", &text), of_shop);
        let of_others = format!("short: failed with {REDACTED}");
        assert_eq!(told(&redactor, "other", &text), of_others);
        assert_eq!(redactor.text(&text), of_others);
        let mut kind = EventKind::Interrupted {
            reason: text.clone(),
        };
        redactor.redact_event(&mut kind);
        assert_eq!(kind, EventKind::Interrupted { reason: of_others });
    }

    #[test]
    fn of_a_plugin_of_somebody_else_an_agent_teaches_tokens_alone() {
        let redactor = Redactor::default();
        let wary = redactor.wary();
        wary.learn_of_agent("shop", &words(&["refused", TOKEN]));
        let text = format!("refused with {TOKEN}");
        let expected = format!("refused with {REDACTED}");
        assert_eq!(told(&redactor, "shop", &text), expected);
    }

    #[test]
    fn agents_teach_the_run_as_many_tokens_as_strangers_may_and_their_suite_still() {
        let redactor = Redactor::default();
        redactor.learn(&words(&["what was learned here"]));
        let token = |number: usize| format!("token-abcdefgh-{number:04}");
        let tokens: Vec<_> = (0..=MAX_OF_STRANGERS).map(token).collect();
        redactor.learn_of_agent("shop", &tokens);
        let last = token(MAX_OF_STRANGERS);
        assert_eq!(redactor.text(&token(MAX_OF_STRANGERS - 1)), REDACTED);
        assert_eq!(redactor.text(&last), last);
        assert_eq!(told(&redactor, "shop", &last), REDACTED);
        assert_eq!(redactor.text("what was learned here"), REDACTED);
    }

    #[test]
    fn an_agent_teaches_as_many_words_at_once_as_are_remembered() {
        let redactor = Redactor::default();
        let word = |number: usize| format!("word {number:04}");
        let many: Vec<_> = (0..=MAX_LEARNED).map(word).collect();
        redactor.learn_of_agent("shop", &many);
        assert_eq!(told(&redactor, "shop", &word(0)), REDACTED);
        assert_eq!(
            told(&redactor, "shop", &word(MAX_LEARNED)),
            word(MAX_LEARNED)
        );
    }
}
