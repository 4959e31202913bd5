//! Whether every event of a stream came, and came once, by what their ids say.
//!
//! An id that ends in digits has a number: `17`, or `job-3:17`. Numbers of the same stream that count up by one tell what is missing; ids
//! without a number only tell the one before from the next.

/// A longer id is not looked at, so that a stream takes no more memory than this for it.
const MAX_ID: usize = 256;
/// A greater step up is no gap but another way of numbering, such as by time.
const MAX_GAP: u64 = 1_000_000;

/// What an id is to the ones before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The next one, or one of which nothing can be said.
    Fitting,
    /// So many are missing before it.
    Lost(u64),
    /// It was there before. (What is late cannot be told from what comes again.)
    Duplicated,
}

/// The last id of a stream.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// What is before the digits; all of it, if there are none.
    prefix: String,
    last: Option<Last>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Number(u64),
    /// The prefix is the id.
    Word,
}

impl Numbers {
    /// Takes the id of the next event.
    pub(super) fn next(&mut self, id: &str) -> Step {
        if id.is_empty() || id.len() > MAX_ID {
            return Step::Fitting;
        }
        let (prefix, number) = parted(id);
        let same = self.prefix == prefix;
        match (self.last, number) {
            (Some(Last::Number(last)), Some(number)) if same => {
                if number <= last {
                    return Step::Duplicated;
                }
                self.last = Some(Last::Number(number));
                let missing = number - last - 1;
                if missing == 0 || missing > MAX_GAP {
                    Step::Fitting
                } else {
                    Step::Lost(missing)
                }
            }
            (Some(Last::Word), None) if same => Step::Duplicated,
            _ => {
                prefix.clone_into(&mut self.prefix);
                self.last = Some(number.map_or(Last::Word, Last::Number));
                Step::Fitting
            }
        }
    }
}

/// The digits at the end as a number, and what is before them. A number that is too large for 64 bits is a word.
fn parted(id: &str) -> (&str, Option<u64>) {
    let prefix = id.trim_end_matches(|character: char| character.is_ascii_digit());
    match id[prefix.len()..].parse() {
        Ok(number) => (prefix, Some(number)),
        Err(_) => (id, None),
    }
}

#[cfg(test)]
mod tests {
    use super::Step::{Duplicated, Fitting, Lost};
    use super::*;

    fn steps(ids: &[&str]) -> Vec<Step> {
        let mut numbers = Numbers::default();
        ids.iter().map(|id| numbers.next(id)).collect()
    }

    #[test]
    fn numbers_that_count_up_by_one_fit() {
        assert_eq!(steps(&["7", "8", "9", "010"]), [Fitting; 4]);
        assert_eq!(steps(&["job-3:1", "job-3:2"]), [Fitting; 2]);
    }

    #[test]
    fn what_is_skipped_is_lost_and_what_comes_again_is_duplicated() {
        assert_eq!(
            steps(&["1", "2", "5", "6"]),
            [Fitting, Fitting, Lost(2), Fitting]
        );
        assert_eq!(
            steps(&["1", "2", "2", "1", "3"]),
            [Fitting, Fitting, Duplicated, Duplicated, Fitting]
        );
        assert_eq!(steps(&["a", "a", "b"]), [Fitting, Duplicated, Fitting]);
    }

    #[test]
    fn another_way_of_numbering_is_no_loss() {
        assert_eq!(steps(&["job-1:9", "job-2:1", "job-2:2"]), [Fitting; 3]);
        assert_eq!(steps(&["1", "word", "5"]), [Fitting; 3]);
        assert_eq!(steps(&["1790000000000", "1790009000000"]), [Fitting; 2]);
        let at_the_limit = (MAX_GAP + 2).to_string();
        assert_eq!(steps(&["1", &at_the_limit])[1], Lost(MAX_GAP));
        let beyond = (MAX_GAP + 3).to_string();
        assert_eq!(steps(&["1", &beyond])[1], Fitting);
    }

    #[test]
    fn an_id_beyond_the_limits_is_not_judged() {
        let long = format!("{}1", "x".repeat(MAX_ID));
        assert_eq!(steps(&[&long, &long]), [Fitting; 2]);
        let fits = format!("{}1", "x".repeat(MAX_ID - 1));
        assert_eq!(steps(&[&fits, &fits]), [Fitting, Duplicated]);
        let huge = "9".repeat(30);
        assert_eq!(steps(&[&huge, "1", ""]), [Fitting; 3]);
    }
}
