//! Secrets that are recognised by their form, whether or not anybody knows them: the headers that carry them, user and password in a URL,
//! and the patterns of `[redact]`.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::{
    decode::{View, Views},
    spans::Spans,
};

/// Patterns that may be configured.
pub const MAX_PATTERNS: usize = 64;
/// Bytes of such a pattern.
pub const MAX_PATTERN_BYTES: usize = 1 << 10;
/// Bytes that a compiled pattern, or all of them together, may take.
const MAX_COMPILED_BYTES: usize = 1 << 20;
/// Bytes of the shortest secret that is learned on the way: a shorter one may be any word.
pub(super) const MIN_LEARNED_BYTES: usize = 6;

/// Bytes from which on the user of a URL is taken for a token: a shorter one beside a password is a name.
const MIN_TOKEN_BYTES: usize = 20;

/// What one of the expressions below needs; most texts have none of it.
static TRIGGERS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = ["://", "%3a%2f%2f", "authorization", "cookie"];
    let mut builder = AhoCorasick::builder();
    builder.ascii_case_insensitive(true).build(words).ok()
});
/// User and password of a URL, also in one that is a parameter of another one: to the last `@` before the host, for a password may have some.
static USER: LazyLock<Option<Regex>> =
    LazyLock::new(|| built(r#"(?:://|%3a%2f%2f)([^\s/?#"'<>\\]+)(?:@|%40)"#));
/// A header that carries secrets, as it may stand in a log, in JSON or in a description: to the end of the quotes that it stands in, or of
/// its line. In a line, quotes behind `=` are its own.
static HEADER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    built(
        r#"(?:(?:proxy-)?authorization|(?:set-)?cookie)(?:\\*["']?\s*[:=]|\\*["']\s*,)\s*[\[(]?\s*(?:\\*"([^"\r\n]*)|\\*'([^'\r\n]*)|([^"'\\\s](?:[^"'\r\n=]|=\\*["'][^"'\r\n]*["']|=)*))"#,
    )
});

/// Those are expressions of ours, which a test builds.
fn built(expression: &str) -> Option<Regex> {
    let mut builder = RegexBuilder::new(expression);
    builder.case_insensitive(true).unicode(false).build().ok()
}

/// The headers whose values are never told.
pub(super) fn is_secret_header(name: &str) -> bool {
    const NAMES: [&str; 4] = [
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
    ];
    NAMES.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

/// Characters from which on a text looks like a token.
const TOKEN_CHARACTERS: usize = 16;

/// Whether a text looks like a token, and not like words: long, in one piece, of letters and digits.
pub(super) fn is_token(text: &str) -> bool {
    let has = |what: fn(char) -> bool| text.chars().any(what);
    text.chars().count() >= TOKEN_CHARACTERS
        && !has(char::is_whitespace)
        && has(char::is_alphabetic)
        && has(char::is_numeric)
}

/// Whether the name of a header that somebody configured says that its value is secret.
pub(crate) fn is_credential(name: &str) -> bool {
    const WORDS: [&str; 6] = ["auth", "cookie", "key", "password", "secret", "token"];
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

/// What is secret in the value of such a header, to be found elsewhere too.
pub(super) fn secrets_of_header(name: &str, value: &str) -> Vec<String> {
    let mut secrets = Vec::new();
    if name.eq_ignore_ascii_case("set-cookie") {
        secrets.extend(cookie(value.split(';').next().unwrap_or_default()));
    } else if name.eq_ignore_ascii_case("cookie") {
        secrets.extend(value.split(';').filter_map(cookie));
    } else {
        let (scheme, credentials) = value.trim().split_once(' ').unwrap_or(("", value));
        let credentials = credentials.trim();
        if scheme.eq_ignore_ascii_case("basic") {
            let decoded = STANDARD.decode(credentials).ok();
            let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
            let password = decoded.as_deref().and_then(|pair| pair.split_once(':'));
            secrets.extend(password.map(|(_, password)| password.to_owned()));
        }
        secrets.push(credentials.to_owned());
    }
    secrets.retain(|secret| secret.len() >= MIN_LEARNED_BYTES);
    secrets
}

fn cookie(pair: &str) -> Option<String> {
    let (_, value) = pair.split_once('=')?;
    Some(value.trim().trim_matches('"').to_owned())
}

/// The password of a URL, and its user if that is all there is or if it is as long as a token.
pub(super) fn secrets_of_url(url: &reqwest::Url) -> Vec<String> {
    let user = Some(url.username())
        .filter(|user| url.password().is_none() || user.len() >= MIN_TOKEN_BYTES);
    let mut secrets = Vec::new();
    for secret in [url.password(), user].into_iter().flatten() {
        let decoded = Views::of(secret).last();
        let decoded = decoded.and_then(|view| String::from_utf8(view.bytes.into_owned()).ok());
        secrets.push(secret.to_owned());
        secrets.extend(decoded.filter(|decoded| decoded != secret));
    }
    secrets.retain(|secret| secret.len() >= MIN_LEARNED_BYTES);
    secrets
}

/// Patterns that were found to be good.
#[derive(Clone, Debug, Default)]
pub struct Patterns {
    patterns: Vec<Regex>,
    /// Which of them match at all, in one pass.
    set: RegexSet,
}

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// There are too many.
    #[error("there are {0} patterns, at most {MAX_PATTERNS} are looked for")]
    TooMany(usize),
    /// It is too long.
    #[error("the pattern has {0} bytes, at most {MAX_PATTERN_BYTES} are read")]
    TooLong(usize),
    /// It is no regular expression, or one that takes too much.
    #[error("`{pattern}` is no pattern: {problem}")]
    Invalid {
        /// As it was written.
        pattern: String,
        /// What is wrong with it.
        problem: String,
    },
    /// It matches where there is nothing.
    #[error("the pattern `{0}` matches where there is nothing, and so everywhere")]
    Empty(String),
}

impl Patterns {
    /// Regular expressions of the crate `regex`, each within the limits. What one matches is taken out whole.
    pub fn new(expressions: &[String]) -> Result<Self, PatternError> {
        if expressions.len() > MAX_PATTERNS {
            return Err(PatternError::TooMany(expressions.len()));
        }
        let patterns = expressions.iter().map(|expression| pattern(expression));
        let patterns = patterns.collect::<Result<Vec<_>, _>>()?;
        let set = RegexSetBuilder::new(expressions)
            .size_limit(MAX_PATTERNS * MAX_COMPILED_BYTES)
            .dfa_size_limit(MAX_COMPILED_BYTES)
            .build()
            .map_err(|error| invalid("[redact] patterns", &error))?;
        Ok(Self { patterns, set })
    }
}

fn pattern(expression: &str) -> Result<Regex, PatternError> {
    if expression.len() > MAX_PATTERN_BYTES {
        return Err(PatternError::TooLong(expression.len()));
    }
    let pattern = RegexBuilder::new(expression)
        .size_limit(MAX_COMPILED_BYTES)
        .dfa_size_limit(MAX_COMPILED_BYTES)
        .build()
        .map_err(|error| invalid(expression, &error))?;
    if pattern.is_match(b"") {
        return Err(PatternError::Empty(expression.to_owned()));
    }
    Ok(pattern)
}

fn invalid(pattern: &str, error: &regex::Error) -> PatternError {
    // The parser shows the place on lines of their own; the last one says what is wrong.
    let problem = error.to_string();
    let problem = problem.lines().last().unwrap_or_default();
    PatternError::Invalid {
        pattern: pattern.to_owned(),
        problem: problem.trim_start_matches("error: ").to_owned(),
    }
}

/// All that is looked for by its form.
#[derive(Debug, Default)]
pub(super) struct Rules {
    patterns: Patterns,
}

impl Rules {
    pub(super) fn new(patterns: Patterns) -> Self {
        Self { patterns }
    }

    /// What a view of a text has. Where lines were put together nothing is looked for: a form ends with its line.
    pub(super) fn find(&self, view: &View<'_>, spans: &mut Spans) {
        if view.joins_lines {
            return;
        }
        let bytes = &view.bytes;
        if TRIGGERS
            .as_ref()
            .is_none_or(|triggers| triggers.is_match(&**bytes))
        {
            for rule in [&USER, &HEADER]
                .into_iter()
                .filter_map(|rule| rule.as_ref())
            {
                for found in rule.captures_iter(bytes) {
                    // One of the ways in which it may stand there.
                    for part in found.iter().skip(1).flatten() {
                        spans.add(view.origin(part.range()), None);
                    }
                }
            }
        }
        for matched in self.patterns.set.matches(bytes) {
            for found in self.patterns.patterns[matched].find_iter(bytes) {
                spans.add(view.origin(found.range()), None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_the_host_can_be_built() {
        assert!(TRIGGERS.is_some() && USER.is_some() && HEADER.is_some());
    }

    #[test]
    fn what_is_secret_in_a_header_is_learned() {
        for (name, value, secrets) in [
            ("Authorization", "Bearer abcdef", vec!["abcdef"]),
            (
                "proxy-authorization",
                "Basic dXNlcjpwYXNzd29yZA==",
                vec!["password", "dXNlcjpwYXNzd29yZA=="],
            ),
            ("authorization", "token-alone", vec!["token-alone"]),
            ("authorization", "Bearer abc", vec![]),
            (
                "cookie",
                "a=1; session=\"abcdefgh\"; b=ijklmnop",
                vec!["abcdefgh", "ijklmnop"],
            ),
            (
                "Set-Cookie",
                "id=abcdefgh; Path=/a-long-path",
                vec!["abcdefgh"],
            ),
        ] {
            assert!(is_secret_header(name));
            assert_eq!(secrets_of_header(name, value), secrets, "{name}: {value}");
        }
        assert!(!is_secret_header("content-type"));
    }

    #[test]
    fn what_is_secret_in_a_url_is_learned_as_it_is_and_decoded() {
        for (url, secrets) in [
            (
                "http://user:pass%2Fword@host/",
                vec!["pass%2Fword", "pass/word"],
            ),
            ("http://a-token@host/", vec!["a-token"]),
            ("http://user:short@host/", vec![]),
            (
                "http://a-token-of-twenty-four-b:x-oauth-basic@host/",
                vec!["x-oauth-basic", "a-token-of-twenty-four-b"],
            ),
            ("http://host/a:b@c", vec![]),
        ] {
            let parsed = reqwest::Url::parse(url).unwrap();
            assert_eq!(secrets_of_url(&parsed), secrets, "{url}");
        }
    }

    #[test]
    fn a_pattern_at_its_limits_is_taken_and_one_beyond_them_is_refused() {
        let long = |bytes: usize| vec!["x".repeat(bytes)];
        assert!(Patterns::new(&long(MAX_PATTERN_BYTES)).is_ok());
        assert_eq!(
            Patterns::new(&long(MAX_PATTERN_BYTES + 1)).err(),
            Some(PatternError::TooLong(1_025))
        );
        let many = |number: usize| vec!["x".to_owned(); number];
        assert!(Patterns::new(&many(MAX_PATTERNS)).is_ok());
        assert_eq!(
            Patterns::new(&many(65)).err(),
            Some(PatternError::TooMany(65))
        );
        let one = |expression: &str| Patterns::new(&[expression.to_owned()]).err();
        assert!(matches!(one("a*"), Some(PatternError::Empty(_))));
        for bad in ["(", r"\w{1000}{1000}"] {
            assert!(
                matches!(one(bad), Some(PatternError::Invalid { .. })),
                "{bad}"
            );
        }
    }
}
