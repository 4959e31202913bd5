//! Secrets stay in this process: the one place through which every text goes that leaves it.
//!
//! The dispatcher shows each event to a [`Redactor`] before anybody hears it, and the command line each line that it writes. What is
//! taken out is known beforehand (settings that `[redact]` of `assay.toml` names), learned on the way (what requests carry as
//! `Authorization` or `Cookie`, what answers set as cookies, user and password of a URL), or recognised by its form (such a header or
//! URL in any text, the patterns of `[redact]`).
//!
//! A secret is found as it is, and as it may have been written down: percent-encoded, escaped for JSON or HTML, in base64 (as
//! `Basic` has it, with whatever stands before it), in hexadecimal, over several lines. What a limit or the end of a line cut in two is
//! found by its longer half. Nothing of it is left, not even its length. Not found is what only code can undo: compressed or encrypted
//! bytes, or a text in pieces that the suite puts together.

mod decode;
mod finder;
mod learned;
mod needles;
mod rules;
mod spans;
mod taught;
#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use assay_report::texts::{Texts, Visit};

pub(crate) use self::rules::is_credential;
use self::{
    decode::Views,
    finder::Finder,
    learned::{Learned, MAX_ALL_BYTES},
    rules::Rules,
    spans::Spans,
    taught::Taught,
};
pub use self::{
    needles::{MIN_SECRET_BYTES, Secret},
    rules::{MAX_PATTERN_BYTES, MAX_PATTERNS, PatternError, Patterns},
};

/// Stands for what has no name.
pub(crate) const REDACTED: &str = "[redacted]";
/// Secrets that were learned and are found by themselves, before all are put together again.
const MAX_RECENT: usize = 32;
/// Bytes from which on a name may have been cut by a limit, so that its ends are looked at.
const LONG_NAME_BYTES: usize = 256;

/// Secrets that all plugins together may teach that are not the project's own: what is learned has a limit, and they must not push out what others
/// have taught.
const MAX_OF_STRANGERS: usize = 128;
/// Bytes of all of them: half of what is remembered.
const MAX_BYTES_OF_STRANGERS: usize = MAX_ALL_BYTES / 2;

/// Takes secrets out of texts. Cheap to clone: all clones learn together.
#[derive(Clone)]
pub struct Redactor {
    /// Whether it learns only what looks like a token.
    is_wary: bool,
    /// Behind a trait, so that the compiler need not look into all of it for each future of the host that holds one.
    inner: Arc<dyn Holds>,
}

trait Holds: Send + Sync {
    fn inner(&self) -> &Inner;
}

impl Holds for Inner {
    fn inner(&self) -> &Inner {
        self
    }
}

impl Default for Redactor {
    fn default() -> Self {
        Self::new(Vec::new(), Patterns::default())
    }
}

/// What finds secrets holds them: it describes nothing of itself.
impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Redactor").finish_non_exhaustive()
    }
}

struct Inner {
    rules: Rules,
    known: Vec<Secret>,
    /// Finds what was known from the beginning, and nothing that was learned.
    of_known: OnceLock<Finder>,
    state: RwLock<State>,
    taught: Taught,
}

/// What is learned is found by a finder of its own until there is enough of it: to build one for everything takes its time.
#[derive(Default)]
struct State {
    learned: Learned,
    /// What of them plugins taught that are not the project's own.
    of_strangers: OfStrangers,
    /// Finds what is known, and what was learned before `recent`; none if it is to be built anew.
    whole: Option<Arc<Finder>>,
    recent: Vec<Secret>,
    /// Finds what is recent; none if there is more of it since.
    of_recent: Option<Arc<Finder>>,
}

/// How much was taken of plugins that are not the project's own.
#[derive(Default)]
struct OfStrangers {
    secrets: usize,
    bytes: usize,
}

impl OfStrangers {
    /// Whether there is room for this one, which is taken then.
    fn takes(&mut self, secret: &str) -> bool {
        let bytes = self.bytes + secret.len();
        let fits = self.secrets < MAX_OF_STRANGERS && bytes <= MAX_BYTES_OF_STRANGERS;
        if fits {
            self.secrets += 1;
            self.bytes = bytes;
        }
        fits
    }
}

impl State {
    fn learn(&mut self, secret: &str) {
        let Some(secret) = self.learned.add(secret) else {
            return;
        };
        self.recent.push(secret);
        self.of_recent = None;
        if self.recent.len() == MAX_RECENT {
            self.recent.clear();
            self.whole = None;
        }
    }

    fn finders(&self) -> Option<Finders> {
        Some([self.whole.clone()?, self.of_recent.clone()?])
    }
}

type Finders = [Arc<Finder>; 2];

impl Redactor {
    /// One that knows these secrets from the beginning, and these patterns.
    pub fn new(known: Vec<Secret>, patterns: Patterns) -> Self {
        Self {
            is_wary: false,
            inner: Arc::new(Inner {
                rules: Rules::new(patterns),
                known,
                of_known: OnceLock::new(),
                state: RwLock::default(),
                taught: Taught::default(),
            }),
        }
    }

    /// The same, for a plugin that is not the project's own: it learns only what looks like a token, so that nobody takes the words out of what is
    /// told of others by sending them as credentials.
    pub(crate) fn wary(&self) -> Self {
        Self {
            is_wary: true,
            ..self.clone()
        }
    }

    /// Takes the secrets out of everything that has texts, such as an event.
    pub fn redact(&self, something: &mut impl Texts) {
        something.texts(&mut self.visitor());
    }

    /// A text without secrets.
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.visitor()
            .redacted(text, true)
            .map_or(Cow::Borrowed(text), Cow::Owned)
    }

    fn visitor(&self) -> Visitor<'_> {
        let inner = self.inner.inner();
        Visitor {
            finders: self.finders(),
            of_known: inner
                .of_known
                .get_or_init(|| Finder::new(inner.known.iter())),
            rules: &inner.rules,
        }
    }

    /// Learns from a header of a request or of an answer, if it is one that carries secrets.
    pub(crate) fn learn_header(&self, name: &str, value: &[u8]) {
        if rules::is_secret_header(name) {
            let value = String::from_utf8_lossy(value);
            self.learn(&rules::secrets_of_header(name, &value));
        }
    }

    /// Learns the value of a header that is configured, if its name says that it is a secret.
    pub(crate) fn learn_credential(&self, name: &str, value: &str) {
        if rules::is_credential(name) {
            self.learn(&rules::secrets_of_header(name, value));
        }
    }

    /// Learns user and password of a URL.
    pub(crate) fn learn_url(&self, url: &reqwest::Url) {
        let secrets = rules::secrets_of_url(url);
        if !secrets.is_empty() {
            self.learn(&secrets);
        }
    }

    /// What was learned since this was last asked, by all clones: for another process that tells what was met here.
    pub(crate) fn newly_learned(&self) -> Vec<String> {
        let state = &self.inner.inner().state;
        if !state
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .learned
            .has_new()
        {
            return Vec::new();
        }
        let mut state = state.write().unwrap_or_else(PoisonError::into_inner);
        state.learned.newest()
    }

    /// Learns secrets, as another process met them.
    pub(crate) fn learn(&self, secrets: &[String]) {
        let tokens: Vec<String>;
        let secrets = if self.is_wary {
            tokens = secrets
                .iter()
                .filter(|secret| rules::is_token(secret))
                .cloned()
                .collect();
            &tokens
        } else {
            secrets
        };
        let is_new = |state: &State| secrets.iter().any(|secret| !state.learned.has(secret));
        if !is_new(
            &self
                .inner
                .inner()
                .state
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        ) {
            return;
        }
        let mut state = self
            .inner
            .inner()
            .state
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        for secret in secrets {
            if self.is_wary && !state.learned.has(secret) && !state.of_strangers.takes(secret) {
                continue;
            }
            state.learn(secret);
        }
    }

    /// What finds everything that is known now.
    fn finders(&self) -> Finders {
        let state = self
            .inner
            .inner()
            .state
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(finders) = state.finders() {
            return finders;
        }
        drop(state);
        let state = &mut *self
            .inner
            .inner()
            .state
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let State {
            learned,
            whole,
            recent,
            of_recent,
            ..
        } = state;
        let whole = whole.get_or_insert_with(|| {
            let secrets = self.inner.inner().known.iter().chain(learned.iter());
            Arc::new(Finder::new(secrets))
        });
        let of_recent = of_recent.get_or_insert_with(|| Arc::new(Finder::new(recent.iter())));
        [Arc::clone(whole), Arc::clone(of_recent)]
    }
}

/// Looks at the texts of one event.
struct Visitor<'r> {
    finders: Finders,
    of_known: &'r Finder,
    rules: &'r Rules,
}

impl Visitor<'_> {
    /// The text without secrets; none if it has none. `free` is a text whose ends may be those of a cut.
    fn redacted(&self, text: &str, free: bool) -> Option<String> {
        let mut spans = self.found(text, &self.finders.each_ref().map(|finder| &**finder));
        if free || text.len() >= LONG_NAME_BYTES {
            for finder in &self.finders {
                finder.find_cut(text, &mut spans);
            }
        }
        spans.replace(text)
    }

    /// What these find, and what has the form of a secret.
    fn found(&self, text: &str, finders: &[&Finder]) -> Spans {
        let mut spans = Spans::default();
        for view in Views::of(text) {
            for finder in finders {
                finder.find(&view, &mut spans);
            }
            self.rules.find(&view, &mut spans);
        }
        spans
    }

    fn change(&self, text: &mut String, free: bool) {
        if let Some(redacted) = self.redacted(text, free) {
            *text = redacted;
        }
    }
}

impl Visit for Visitor<'_> {
    /// What is learned on the way must not change what something is called: a cookie `deleted` would rename the case
    /// `job-is-deleted`, and nobody would find it again.
    fn identity(&mut self, name: &mut String) {
        let spans = self.found(name, &[self.of_known]);
        if let Some(redacted) = spans.replace(name) {
            *name = redacted;
        }
    }

    fn name(&mut self, name: &mut String) {
        self.change(name, false);
    }

    fn text(&mut self, text: &mut String) {
        self.change(text, true);
    }

    /// Together, since what is secret may go over the end of a line.
    fn lines(&mut self, lines: &mut Vec<String>) {
        if let Some(redacted) = self.redacted(&lines.join("\n"), true) {
            *lines = redacted.split('\n').map(str::to_owned).collect();
        }
    }

    fn header(&mut self, name: &mut String, value: &mut String) {
        if rules::is_secret_header(name) {
            REDACTED.clone_into(value);
        }
        self.change(name, false);
        self.change(value, true);
    }
}
