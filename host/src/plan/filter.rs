//! Which cases a person wants: `--filter` in a few words that need no manual.

use assay_report::hint;
use wildmatch::WildMatch;

/// Several patterns: a case is selected when one of the wanting ones matches (or there is none) and no refusing one does.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    wanted: Vec<Pattern>,
    refused: Vec<Pattern>,
    text: String,
}

#[derive(Clone, Debug)]
enum Pattern {
    /// The id contains this text.
    Contains(String),
    /// The whole id looks like this.
    Like(WildMatch),
    /// One of the tags looks like this.
    Tag(WildMatch),
}

/// A pattern that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the filter `{pattern}` says nothing")]
pub struct FilterError {
    /// As it was given.
    pub pattern: String,
}

impl hint::Hinted for FilterError {
    fn hint(&self) -> Option<String> {
        Some("give a part of a case's id, a pattern with `*`, or `tag:NAME`; `!` before it leaves such cases out".into())
    }
}

impl Filter {
    /// Reads patterns:
    ///
    /// - `numbering`: the id `suite/case` contains it
    /// - `core-flow/*`, `*/health-*`: the id looks like it; `*` is any text, `?` any character
    /// - `tag:smoke`: one of the tags is it (`*` and `?` as above)
    /// - `!` before any of them: leaves out what matches
    pub fn parse<T: AsRef<str>>(patterns: &[T]) -> Result<Self, FilterError> {
        let mut filter = Self {
            text: patterns
                .iter()
                .map(AsRef::as_ref)
                .collect::<Vec<_>>()
                .join(", "),
            ..Self::default()
        };
        for given in patterns {
            let given = given.as_ref().trim();
            let (list, pattern) = match given.strip_prefix('!') {
                Some(rest) => (&mut filter.refused, rest.trim()),
                None => (&mut filter.wanted, given),
            };
            list.push(Pattern::parse(pattern).ok_or_else(|| FilterError {
                pattern: given.to_owned(),
            })?);
        }
        Ok(filter)
    }

    /// Whether a case is selected.
    pub fn selects(&self, suite: &str, case: &str, tags: &[String]) -> bool {
        let id = format!("{suite}/{case}");
        let matches = |pattern: &Pattern| pattern.matches(&id, tags);
        (self.wanted.is_empty() || self.wanted.iter().any(matches))
            && !self.refused.iter().any(matches)
    }

    /// As it was given.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Pattern {
    fn parse(pattern: &str) -> Option<Self> {
        match pattern.strip_prefix("tag:") {
            Some(tag) => (!tag.is_empty()).then(|| Self::Tag(WildMatch::new(tag))),
            None if pattern.is_empty() => None,
            None if pattern.contains(['*', '?']) => Some(Self::Like(WildMatch::new(pattern))),
            None => Some(Self::Contains(pattern.to_owned())),
        }
    }

    fn matches(&self, id: &str, tags: &[String]) -> bool {
        match self {
            Self::Contains(part) => id.contains(part.as_str()),
            Self::Like(pattern) => pattern.matches(id),
            Self::Tag(pattern) => tags.iter().any(|tag| pattern.matches(tag)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(patterns: &[&str]) -> Vec<&'static str> {
        let filter = Filter::parse(patterns).expect("a readable filter");
        [
            ("core-flow", "numbers-are-dense", "smoke"),
            ("core-flow", "streams-end", "slow"),
            ("final", "numbers-agree", ""),
        ]
        .into_iter()
        .filter(|(suite, case, tag)| {
            let tags = (!tag.is_empty()).then(|| (*tag).to_owned());
            filter.selects(suite, case, tags.as_slice())
        })
        .map(|(_, case, _)| case)
        .collect()
    }

    #[test]
    fn a_filter_selects_what_it_says() {
        let all = ["numbers-are-dense", "streams-end", "numbers-agree"];
        for (patterns, expected) in [
            (&[][..], &all[..]),
            (&["numbers"], &["numbers-are-dense", "numbers-agree"]),
            (&["core-flow/"], &["numbers-are-dense", "streams-end"]),
            (&["core-flow/*"], &["numbers-are-dense", "streams-end"]),
            (&["*/numbers-agre?"], &["numbers-agree"]),
            (&["core-*"], &["numbers-are-dense", "streams-end"]),
            (&["numbers-*"], &[]),
            (&["tag:smoke"], &["numbers-are-dense"]),
            (&["tag:s*"], &["numbers-are-dense", "streams-end"]),
            (&["!tag:slow"], &["numbers-are-dense", "numbers-agree"]),
            (&["numbers", "!final/*"], &["numbers-are-dense"]),
            (
                &["tag:smoke", "agree"],
                &["numbers-are-dense", "numbers-agree"],
            ),
        ] {
            assert_eq!(selected(patterns), expected, "{patterns:?}");
        }
    }

    #[test]
    fn a_pattern_that_says_nothing_is_refused() {
        for pattern in ["", " ", "!", "tag:", "!tag:"] {
            let refused = Filter::parse(&[pattern]).expect_err(pattern);
            assert_eq!(refused.pattern, pattern.trim());
        }
    }
}
