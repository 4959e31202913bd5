//! Writes scripts without a model: the text follows from title, description, type and length and from nothing else, so that
//! anybody can recompute it, and two requests have two texts.

use sha2::{Digest, Sha256};

use crate::project::model::ProjectType;
use crate::words::Word;

const PLACES: [&str; 12] = [
    "KITCHEN",
    "STATION",
    "ROOFTOP",
    "ARCHIVE",
    "HARBOUR",
    "GARDEN",
    "WORKSHOP",
    "COURTROOM",
    "LIBRARY",
    "CORRIDOR",
    "MARKET",
    "STAIRWELL",
];
const TIMES: [&str; 4] = ["DAY", "NIGHT", "DAWN", "DUSK"];
const NAMES: [&str; 8] = [
    "MIRA", "JONAS", "ADA", "TOMAS", "LIN", "PETRA", "OMAR", "RUTH",
];
const LEXICON: [&str; 48] = [
    "the",
    "letter",
    "waits",
    "under",
    "an",
    "old",
    "lamp",
    "while",
    "rain",
    "counts",
    "every",
    "window",
    "and",
    "nobody",
    "speaks",
    "of",
    "yesterday",
    "until",
    "a",
    "door",
    "opens",
    "slowly",
    "someone",
    "laughs",
    "too",
    "early",
    "because",
    "promises",
    "weigh",
    "more",
    "than",
    "silence",
    "here",
    "we",
    "remember",
    "how",
    "it",
    "began",
    "before",
    "names",
    "mattered",
    "only",
    "footsteps",
    "answer",
    "across",
    "cold",
    "bright",
    "water",
];
/// Words of a line of a scene.
const LINE: usize = 12;
/// Lines of a scene.
const SCENE: u64 = 6;

/// The whole text: exactly `length` words (parts between white space), or a few more if title and description alone have that many.
pub(super) fn script(title: &str, description: &str, kind: ProjectType, length: u64) -> String {
    let mut text = format!("# {title}\n\n*{}*\n\n> {description}\n", kind.word());
    let mut left = length.saturating_sub(words(&text));
    let mut chance = Chance::new(&[title, description, kind.word(), &length.to_string()]);
    let mut line = 0;
    while left > 0 {
        // A heading and a name are words too; near the end only plain lines fit.
        if line % SCENE == 0 && left > 6 {
            let place = chance.pick(&PLACES);
            let time = chance.pick(&TIMES);
            text.extend(["\n## INT. ", place, " / ", time, "\n\n"]);
            left -= 5;
        }
        if left > 1 {
            text.extend(["**", chance.pick(&NAMES), ":** "]);
            left -= 1;
        }
        let count = LINE.min(usize::try_from(left).unwrap_or(LINE));
        let picked: Vec<_> = (0..count).map(|_| chance.pick(&LEXICON)).collect();
        text.push_str(&picked.join(" "));
        text.push_str(".\n");
        left -= count as u64;
        line += 1;
    }
    text
}

/// The parts between white space.
pub(super) fn words(text: &str) -> u64 {
    text.split_whitespace().count() as u64
}

/// A quarter of the characters.
pub(super) fn tokens(text: &str) -> u64 {
    text.chars().count().div_ceil(4) as u64
}

/// The first so many percent of a text, cut after a word.
pub(super) fn prefix(text: &str, percent: u64) -> &str {
    if percent >= 100 {
        return text;
    }
    let wanted = text.len() * usize::try_from(percent).unwrap_or(0) / 100;
    let mut end = wanted;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let begin = &text[..end];
    begin.trim_end_matches(|character: char| !character.is_whitespace())
}

/// Choices that look random and are the same for the same seed.
struct Chance {
    state: u64,
}

impl Chance {
    fn new(seed: &[&str]) -> Self {
        let mut hasher = Sha256::new();
        for part in seed {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let digest = hasher.finalize();
        let first = digest
            .iter()
            .take(8)
            .fold(0, |state, byte| state << 8 | u64::from(*byte));
        Self { state: first | 1 }
    }

    /// Marsaglia's xorshift.
    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        list[usize::try_from(self.state % list.len() as u64).unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_the_words_that_were_asked_for_and_is_the_same_every_time() {
        for length in [100, 101, 102, 103, 104, 105, 106, 333, 10_000] {
            let text = script("One", "A story", ProjectType::Drama, length);
            assert_eq!(words(&text), length);
            assert_eq!(text, script("One", "A story", ProjectType::Drama, length));
        }
        let long = "word ".repeat(200);
        assert!(words(&script("One", &long, ProjectType::Drama, 100)) > 200);
    }

    #[test]
    fn another_request_has_another_text() {
        let text = script("One", "A story", ProjectType::Drama, 200);
        let body = |text: &str| text.split_once("\n## ").unwrap().1.to_owned();
        for other in [
            script("Two", "A story", ProjectType::Drama, 200),
            script("One", "Another story", ProjectType::Drama, 200),
            script("One", "A story", ProjectType::Comedy, 200),
        ] {
            assert_ne!(body(&text), body(&other));
        }
    }

    #[test]
    fn a_prefix_is_one_and_grows() {
        let text = script("Ä title", "ö ü ß 你好", ProjectType::Drama, 100);
        let mut before = 0;
        for percent in 0..=100 {
            let part = prefix(&text, percent);
            assert!(text.starts_with(part) && part.len() >= before);
            before = part.len();
        }
        assert_eq!(before, text.len());
    }
}
