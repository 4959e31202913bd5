//! Episodes in the store: in the order of their numbers for each project, and by id.

use std::collections::HashMap;

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use super::model::StoredEpisode;
use crate::store::StoreError;

type Key = (&'static str, u64, &'static str);

/// By project, number and id. The id is a part of the key because raw insertions may repeat a number.
const EPISODES: TableDefinition<'_, Key, &[u8]> = TableDefinition::new("episodes");
/// Id to project and number.
const PLACES: TableDefinition<'_, &str, (&str, u64)> = TableDefinition::new("episode_places");

pub(super) fn prepare(transaction: &WriteTransaction) -> Result<(), StoreError> {
    transaction.open_table(EPISODES)?;
    transaction.open_table(PLACES)?;
    Ok(())
}

/// D28: how often each episode is verified for one number, as a check of each of its fields does that reads all of it anew.
const VERIFICATIONS: usize = 8;

/// Puts an episode there, in place of what it was.
pub(super) fn put(
    transaction: &WriteTransaction,
    episode: &StoredEpisode,
) -> Result<(), StoreError> {
    let project_id = episode.project_id.as_str();
    let key = (project_id, episode.number, episode.id.as_str());
    let value = serde_json::to_vec(episode)?;
    transaction
        .open_table(EPISODES)?
        .insert(key, value.as_slice())?;
    transaction
        .open_table(PLACES)?
        .insert(episode.id.as_str(), (project_id, episode.number))?;
    Ok(())
}

pub(super) fn remove(
    transaction: &WriteTransaction,
    episode: &StoredEpisode,
) -> Result<(), StoreError> {
    let id = episode.id.as_str();
    transaction
        .open_table(EPISODES)?
        .remove((episode.project_id.as_str(), episode.number, id))?;
    transaction.open_table(PLACES)?.remove(id)?;
    Ok(())
}

/// How many there were.
pub(super) fn remove_of_project(
    transaction: &WriteTransaction,
    project_id: &str,
) -> Result<u64, StoreError> {
    let mut episodes = transaction.open_table(EPISODES)?;
    let mut places = transaction.open_table(PLACES)?;
    let mut removed = 0;
    for entry in episodes.extract_from_if(range(project_id), |_, _| true)? {
        let (key, _) = entry?;
        places.remove(key.value().2)?;
        removed += 1;
    }
    Ok(removed)
}

/// All keys of a project; no episode has the number 0 or the largest one.
fn range(project_id: &str) -> std::ops::Range<(&str, u64, &str)> {
    (project_id, 0, "")..(project_id, u64::MAX, "")
}

/// The episode, if it is of this project.
pub(super) fn get(
    transaction: &ReadTransaction,
    project_id: &str,
    id: &str,
) -> Result<Option<StoredEpisode>, StoreError> {
    let Some(place) = transaction.open_table(PLACES)?.get(id)? else {
        return Ok(None);
    };
    let (owner, number) = place.value();
    if owner != project_id {
        return Ok(None);
    }
    let table = transaction.open_table(EPISODES)?;
    let found = table.get((owner, number, id))?;
    Ok(found
        .map(|value| serde_json::from_slice(value.value()))
        .transpose()?)
}

/// The episodes of a project, by number.
pub(super) fn of_project(
    transaction: &ReadTransaction,
    project_id: &str,
) -> Result<Vec<StoredEpisode>, StoreError> {
    let mut episodes = Vec::new();
    for entry in transaction.open_table(EPISODES)?.range(range(project_id))? {
        episodes.push(serde_json::from_slice(entry?.1.value())?);
    }
    Ok(episodes)
}

/// The numbers of a project's episodes, in order.
pub(super) fn numbers(
    transaction: &ReadTransaction,
    project_id: &str,
) -> Result<Vec<u64>, StoreError> {
    let mut numbers = Vec::new();
    for entry in transaction.open_table(EPISODES)?.range(range(project_id))? {
        numbers.push(entry?.0.value().1);
    }
    Ok(numbers)
}

/// The numbers of all episodes by their project, in order. From the places alone: the texts are many times as large.
pub(super) fn numbers_by_project(
    transaction: &ReadTransaction,
) -> Result<HashMap<String, Vec<u64>>, StoreError> {
    let mut projects: HashMap<String, Vec<u64>> = HashMap::new();
    for entry in transaction.open_table(PLACES)?.iter()? {
        let place = entry?.1;
        let (project_id, number) = place.value();
        match projects.get_mut(project_id) {
            Some(numbers) => numbers.push(number),
            None => drop(projects.insert(project_id.to_owned(), vec![number])),
        }
    }
    for numbers in projects.values_mut() {
        numbers.sort_unstable();
    }
    Ok(projects)
}

/// Whether an episode of the project has this number.
pub(super) fn has_number(
    transaction: &WriteTransaction,
    project_id: &str,
    number: u64,
) -> Result<bool, StoreError> {
    let table = transaction.open_table(EPISODES)?;
    let mut having = table.range((project_id, number, "")..(project_id, number + 1, ""))?;
    Ok(having.next().transpose()?.is_some())
}

/// The highest number that is there; 0 if there is none.
pub(super) fn highest(
    table: &impl ReadableTable<Key, &'static [u8]>,
    project_id: &str,
) -> Result<u64, StoreError> {
    let mut entries = table.range(range(project_id))?;
    Ok(match entries.next_back().transpose()? {
        Some((key, _)) => key.value().1,
        None => 0,
    })
}

/// The highest number that is there, read.
pub(super) fn highest_now(
    transaction: &ReadTransaction,
    project_id: &str,
) -> Result<u64, StoreError> {
    highest(&transaction.open_table(EPISODES)?, project_id)
}

/// D28: the highest number that is there, found as if there were no index: every episode of every project is read, and what is not
/// stored as it would be now does not count.
pub(super) fn highest_of_all(
    transaction: &ReadTransaction,
    project_id: &str,
) -> Result<u64, StoreError> {
    let mut highest = 0;
    for entry in transaction.open_table(EPISODES)?.iter()? {
        let value = entry?.1;
        for _ in 0..VERIFICATIONS {
            let episode: StoredEpisode = serde_json::from_slice(value.value())?;
            let is_whole = serde_json::to_vec(&episode)? == value.value();
            if is_whole && episode.project_id == project_id {
                highest = highest.max(episode.number);
            }
        }
    }
    Ok(highest)
}

/// How many episodes all projects have.
pub(super) fn count(transaction: &ReadTransaction) -> Result<u64, StoreError> {
    use redb::ReadableTableMetadata;
    Ok(transaction.open_table(PLACES)?.len()?)
}

/// An episode that cannot be read.
#[cfg(test)]
pub(super) fn put_unreadable(
    transaction: &WriteTransaction,
    project_id: &str,
) -> Result<(), StoreError> {
    let mut table = transaction.open_table(EPISODES)?;
    table.insert((project_id, 1, "unreadable"), b"no JSON".as_slice())?;
    Ok(())
}
