//! The repair of a project's numbers: its episodes get 1, 2, 3, ... in the order that they have, without the numbers of deleted ones.

use std::collections::BTreeSet;

use super::super::agreement::metadata;
use super::super::model::StoredEpisode;
use super::super::retired_table::{self, Range};
use super::super::service::ProjectService;
use super::super::{episode_table, numbering};
use super::feed::Change;
use super::model::{NumberChange, Repair};
use crate::web::error::ApiError;

/// What a repair does.
#[derive(Debug)]
struct Plan {
    /// Episodes as they are, with their new number.
    renumbered: Vec<(StoredEpisode, u64)>,
    /// The highest number that an episode has afterwards; 0 without episodes.
    last: u64,
}

fn plan(mut episodes: Vec<StoredEpisode>, retired: &[Range]) -> Plan {
    episodes.sort_by(|left, right| {
        let key = |episode: &StoredEpisode| (episode.number, episode.created_at_ms);
        key(left)
            .cmp(&key(right))
            .then_with(|| left.id.cmp(&right.id))
    });
    let held: BTreeSet<u64> = episodes.iter().map(|episode| episode.number).collect();
    let mut plan = Plan {
        renumbered: Vec::new(),
        last: 0,
    };
    for episode in episodes {
        plan.last = next_free(plan.last + 1, &held, retired);
        if episode.number != plan.last {
            plan.renumbered.push((episode, plan.last));
        }
    }
    plan
}

/// The first number from this one on that is not retired. One that an episode has cannot be.
fn next_free(from: u64, held: &BTreeSet<u64>, retired: &[Range]) -> u64 {
    let mut number = from;
    while let Some((_, last)) = retired
        .iter()
        .find(|(first, last)| (*first..=*last).contains(&number))
        .filter(|_| !held.contains(&number))
    {
        let next_held = held.range(number..=*last).next();
        number = next_held.copied().unwrap_or(last + 1);
    }
    number
}

impl ProjectService {
    /// Repairs the numbers of a project, or only says what that would do.
    ///
    /// # Errors
    /// 404, and 503 when the vector store is down: then no number is changed, and the repair can be done again.
    pub(super) async fn fix_gaps(
        &self,
        project_id: &str,
        dry_run: bool,
    ) -> Result<Repair, ApiError> {
        let _held = self.hold(project_id).await?;
        self.require_project(project_id).await?;
        let wanted = project_id.to_owned();
        let plan = self
            .store
            .read(move |transaction| {
                let episodes = episode_table::of_project(transaction, &wanted)?;
                let retired = retired_table::of_project(transaction, &wanted)?;
                Ok(plan(episodes, &retired))
            })
            .await?;
        let repair = Repair {
            dry_run,
            changes_needed: plan.renumbered.len() as u64,
            changes: plan.renumbered.iter().map(described).collect(),
        };
        if !dry_run {
            self.renumber(project_id, plan).await?;
        }
        Ok(repair)
    }

    async fn renumber(&self, project_id: &str, plan: Plan) -> Result<(), ApiError> {
        let changes = plan.renumbered.len() as u64;
        for (episode, number) in &plan.renumbered {
            let mut renumbered = metadata(episode);
            renumbered.number = *number;
            self.vectors
                .put(renumbered, &episode.script.markdown)
                .await
                .map_err(|error| self.vector_store_down(&error))?;
        }
        let id = project_id.to_owned();
        let _between_evaluations = self.monitoring.change().await;
        self.store
            .write(move |transaction| {
                for (episode, _) in &plan.renumbered {
                    episode_table::remove(transaction, episode)?;
                }
                for (mut episode, number) in plan.renumbered {
                    episode.number = number;
                    episode_table::put(transaction, &episode)?;
                }
                let ever_given = numbering::raise(transaction, &id, plan.last)?;
                if ever_given > plan.last {
                    retired_table::retire(transaction, &id, (plan.last + 1, ever_given))?;
                }
                Ok(())
            })
            .await?;
        if changes > 0 {
            self.monitoring.feed.publish(&Change::NumbersRepaired {
                project_id,
                changes,
            });
        }
        Ok(())
    }
}

fn described((episode, number): &(StoredEpisode, u64)) -> NumberChange {
    NumberChange {
        episode_id: episode.id.clone(),
        title: episode.title.clone(),
        old_number: episode.number,
        new_number: *number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::model::Script;

    fn episodes(numbers: &[u64]) -> Vec<StoredEpisode> {
        let made = numbers
            .iter()
            .zip(0..)
            .map(|(number, place)| StoredEpisode {
                id: format!("{place}"),
                project_id: "p".to_owned(),
                number: *number,
                title: String::new(),
                script: Script::default(),
                prompt_snapshot: String::new(),
                created_at_ms: place,
            });
        made.collect()
    }

    /// The old and the new number of each change, and the last number.
    fn planned(numbers: &[u64], retired: &[Range]) -> (Vec<(u64, u64)>, u64) {
        let plan = plan(episodes(numbers), retired);
        let changes = plan.renumbered.iter();
        let changes = changes.map(|(episode, number)| (episode.number, *number));
        (changes.collect(), plan.last)
    }

    #[test]
    fn gaps_and_duplicates_become_a_dense_row() {
        assert_eq!(planned(&[1, 3, 3, 4], &[]), (vec![(3, 2)], 4));
        assert_eq!(planned(&[1, 1, 1], &[]), (vec![(1, 2), (1, 3)], 3));
        assert_eq!(planned(&[5, 9], &[]), (vec![(5, 1), (9, 2)], 2));
        assert_eq!(planned(&[], &[]), (vec![], 0));
    }

    #[test]
    fn the_earlier_one_of_two_keeps_the_lower_number() {
        let mut two = episodes(&[2, 2]);
        two[0].created_at_ms = 9;
        let plan = plan(two, &[]);
        let (first, number) = &plan.renumbered[0];
        assert_eq!((first.id.as_str(), *number), ("1", 1));
    }

    #[test]
    fn numbers_of_deleted_episodes_stay_free() {
        assert_eq!(planned(&[1, 3, 3], &[(2, 2)]), (vec![(3, 4)], 4));
        assert_eq!(planned(&[4], &[(1, 2)]), (vec![(4, 3)], 3));
        assert_eq!(planned(&[3, 3], &[(1, 1 << 31)]).0.len(), 1);
    }

    #[test]
    fn healthy_numbers_are_left_alone_also_where_one_was_given_again() {
        assert_eq!(planned(&[1, 2, 3], &[]), (vec![], 3));
        assert_eq!(planned(&[1, 3], &[(2, 2)]), (vec![], 3));
        assert_eq!(planned(&[1, 2], &[(2, 2)]), (vec![], 2));
    }
}
