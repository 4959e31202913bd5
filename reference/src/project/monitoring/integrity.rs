//! Whether the numbers of a project are what they have to be: each up to the highest ever given once, but for those whose episode
//! was deleted.

use redb::ReadTransaction;

use super::super::retired_table::{self, Range};
use super::super::{episode_table, numbering};
use crate::store::StoreError;

/// How many numbers an answer lists at most; counts are complete.
pub(super) const LISTED_NUMBERS: usize = 1_000;
/// How many projects an answer lists at most, and for how many an alert is raised.
pub(super) const LISTED_PROJECTS: usize = 1_000;

/// What is wrong with the numbers of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Findings {
    /// The numbers that are there, in order; at most [`LISTED_NUMBERS`].
    pub(super) numbers: Vec<u64>,
    /// How many episodes there are.
    pub(super) episodes: u64,
    /// The highest number ever given.
    pub(super) last: u64,
    /// Numbers that no episode has and should; at most [`LISTED_NUMBERS`].
    pub(super) gaps: Vec<u64>,
    /// How many they are.
    pub(super) gap_count: u64,
    /// Numbers that more than one episode has; at most [`LISTED_NUMBERS`].
    pub(super) duplicates: Vec<u64>,
    /// How many episodes have a number that an earlier one has.
    pub(super) duplicate_count: u64,
}

impl Findings {
    pub(super) fn is_healthy(&self) -> bool {
        self.issues() == 0
    }

    pub(super) fn issues(&self) -> u64 {
        self.gap_count + self.duplicate_count
    }

    /// 100 − issues ÷ episodes × 100, at least 0.
    pub(super) fn health_percentage(&self) -> f64 {
        if self.is_healthy() {
            return 100.0;
        }
        (100.0 - share(self.issues(), self.episodes.max(1))).max(0.0)
    }

    fn add_gap(&mut self, first: u64, last: u64) {
        self.gap_count += last - first + 1;
        let room = LISTED_NUMBERS - self.gaps.len();
        self.gaps.extend((first..=last).take(room));
    }

    fn add_duplicate(&mut self, number: u64) {
        self.duplicate_count += 1;
        if self.duplicates.last() != Some(&number) && self.duplicates.len() < LISTED_NUMBERS {
            self.duplicates.push(number);
        }
    }
}

/// One number as a share of another that is not 0, in percent.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of what one service holds are far below 2^52"
)]
pub(super) fn share(part: u64, of: u64) -> f64 {
    part as f64 * 100.0 / of as f64
}

/// Looks at the numbers that are held, in order, and those that were retired, up to the highest ever given.
pub(super) fn examine(held: &[u64], retired: &[Range], last: u64) -> Findings {
    let mut findings = Findings {
        numbers: held.iter().copied().take(LISTED_NUMBERS).collect(),
        episodes: held.len() as u64,
        last,
        ..Findings::default()
    };
    for pair in held.windows(2) {
        if pair[0] == pair[1] {
            findings.add_duplicate(pair[1]);
        }
    }
    let mut accounted: Vec<Range> = held.iter().map(|number| (*number, *number)).collect();
    accounted.extend(retired);
    accounted.sort_unstable();
    let mut next = 1;
    for (first, end) in accounted {
        if first > next {
            findings.add_gap(next, first - 1);
        }
        next = next.max(end + 1);
    }
    if last >= next {
        findings.add_gap(next, last);
    }
    findings
}

/// The findings of one project.
pub(super) fn of_project(
    transaction: &ReadTransaction,
    project_id: &str,
) -> Result<Findings, StoreError> {
    let held = episode_table::numbers(transaction, project_id)?;
    of_numbers(transaction, project_id, &held)
}

fn of_numbers(
    transaction: &ReadTransaction,
    project_id: &str,
    held: &[u64],
) -> Result<Findings, StoreError> {
    let last = numbering::last(transaction, project_id)?;
    let retired = retired_table::of_project(transaction, project_id)?;
    Ok(examine(held, &retired, last))
}

/// The findings of all projects that were ever given a number.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Survey {
    pub(super) projects: u64,
    pub(super) unhealthy: u64,
    pub(super) episodes: u64,
    pub(super) gaps: u64,
    pub(super) duplicates: u64,
    /// The unhealthy ones, by id; at most [`LISTED_PROJECTS`].
    pub(super) issues: Vec<(String, Findings)>,
}

impl Survey {
    fn add(&mut self, project_id: String, findings: Findings) {
        self.projects += 1;
        self.episodes += findings.episodes;
        self.gaps += findings.gap_count;
        self.duplicates += findings.duplicate_count;
        if findings.is_healthy() {
            return;
        }
        self.unhealthy += 1;
        if self.issues.len() < LISTED_PROJECTS {
            self.issues.push((project_id, findings));
        }
    }
}

/// Looks at every project.
pub(in super::super) fn survey(transaction: &ReadTransaction) -> Result<Survey, StoreError> {
    let mut survey = Survey::default();
    let held = episode_table::numbers_by_project(transaction)?;
    for project_id in numbering::projects(transaction)? {
        let held = held.get(&project_id).map_or(&[][..], Vec::as_slice);
        let findings = of_numbers(transaction, &project_id, held)?;
        survey.add(project_id, findings);
    }
    Ok(survey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_once_is_healthy_and_so_is_a_deletion() {
        for (held, retired, last) in [
            (&[][..], &[][..], 0),
            (&[1, 2, 3], &[], 3),
            (&[1, 3], &[(2, 2)], 3),
            (&[2], &[(1, 1), (3, 5), (4, 4)], 5),
            (&[], &[(1, 4)], 4),
        ] {
            let findings = examine(held, retired, last);
            assert!(findings.is_healthy(), "{held:?} {findings:?}");
            assert!((findings.health_percentage() - 100.0).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn gaps_are_named_at_the_start_in_the_middle_and_at_the_end() {
        let findings = examine(&[2, 5, 6], &[(4, 4)], 8);
        assert_eq!(findings.gaps, [1, 3, 7, 8]);
        assert_eq!(findings.gap_count, 4);
        assert_eq!(findings.duplicate_count, 0);
        assert!(findings.health_percentage().abs() < f64::EPSILON);
    }

    #[test]
    fn a_duplicate_is_named_once_and_counted_for_each_episode_beyond_the_first() {
        let findings = examine(&[1, 2, 2, 2, 3, 4, 4], &[], 4);
        assert_eq!(findings.duplicates, [2, 4]);
        assert_eq!(findings.duplicate_count, 3);
        assert_eq!(findings.gap_count, 0);
        assert!((findings.health_percentage() - (100.0 - 300.0 / 7.0)).abs() < 1e-9);
    }

    #[test]
    fn lists_end_at_their_limit_and_counts_do_not() {
        let at_the_limit = examine(&[], &[], LISTED_NUMBERS as u64);
        assert_eq!(at_the_limit.gaps.len(), LISTED_NUMBERS);
        let far_beyond = examine(&[1 << 31], &[], 1 << 31);
        assert_eq!(far_beyond.gaps.len(), LISTED_NUMBERS);
        assert_eq!(far_beyond.gap_count, (1 << 31) - 1);
        let held: Vec<u64> = (1..=1_001).flat_map(|number| [number, number]).collect();
        let repeated = examine(&held, &[], 1_001);
        assert_eq!(repeated.duplicates.len(), LISTED_NUMBERS);
        assert_eq!(repeated.numbers.len(), LISTED_NUMBERS);
        assert_eq!(repeated.duplicate_count, 1_001);
    }

    #[test]
    fn a_survey_lists_at_most_its_limit_and_counts_all() {
        let mut survey = Survey::default();
        for number in 0..=LISTED_PROJECTS {
            survey.add(format!("proj_{number}"), examine(&[2], &[], 2));
        }
        survey.add("healthy".to_owned(), examine(&[1], &[], 1));
        assert_eq!(survey.issues.len(), LISTED_PROJECTS);
        assert_eq!((survey.unhealthy, survey.projects), (1_001, 1_002));
        assert_eq!(survey.gaps, 1_001);
    }
}
