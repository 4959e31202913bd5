//! Workflow commands, with text of others in them that cannot become more than text.
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>

use std::fmt::Write as _;

/// How grave an annotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Error,
    Warning,
}

/// A note on a line of a file, or on the step if there is no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Annotation {
    pub(super) level: Level,
    pub(super) title: String,
    pub(super) place: Option<Place>,
    pub(super) message: String,
}

/// A line of a file in the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: u32,
}

impl Place {
    /// Of `file:line`; none if it is something else, or not below the root of the repository.
    pub(super) fn of(location: &str) -> Option<Self> {
        let (file, line) = location.rsplit_once(':')?;
        let is_below = !file.is_empty() && !file.starts_with(['/', '\\']) && !file.contains("..");
        is_below.then_some(Self {
            file: file.to_owned(),
            line: line.parse().ok()?,
        })
    }
}

impl Annotation {
    /// As the runner reads it.
    pub(super) fn line(&self) -> String {
        let word = match self.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        let mut line = format!("::{word} title={}", property(&self.title));
        if let Some(place) = &self.place {
            let _ = write!(line, ",file={},line={}", property(&place.file), place.line);
        }
        let _ = write!(line, "::{}", data(&self.message));
        line
    }
}

/// No commands until [`go_on`] with the same word.
pub(super) fn stop(word: &str) -> String {
    format!("::stop-commands::{word}")
}

/// Commands again.
pub(super) fn go_on(word: &str) -> String {
    format!("::{word}::")
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_makes_no_command_and_no_property_of_its_own() {
        let annotation = Annotation {
            level: Level::Error,
            title: "a,file=/etc/passwd::b".to_owned(),
            place: Some(Place {
                file: "a,line=1".to_owned(),
                line: 7,
            }),
            message: "100 %\r\n::add-mask::secret".to_owned(),
        };
        assert_eq!(
            annotation.line(),
            "::error title=a%2Cfile=/etc/passwd%3A%3Ab,file=a%2Cline=1,line=7::100 %25%0D%0A::add-mask::secret"
        );
    }

    #[test]
    fn a_place_is_a_line_of_a_file_in_the_repository() {
        let place = |file: &str, line| {
            let file = file.to_owned();
            Some(Place { file, line })
        };
        for (location, expected) in [
            ("plugins/a/src/lib.rs:12", place("plugins/a/src/lib.rs", 12)),
            ("a.py:1", place("a.py", 1)),
            ("/usr/src/a.rs:3", None),
            ("../a.rs:3", None),
            ("a.rs", None),
            ("a.rs:", None),
            (":3", None),
            ("a.rs:-3", None),
        ] {
            assert_eq!(Place::of(location), expected, "{location}");
        }
    }
}
