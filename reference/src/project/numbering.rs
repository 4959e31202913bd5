//! Numbers: one counter for each project that only ever grows, and the list of episodes whose place is not settled yet.

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use super::episode_table;
use crate::defects::{Defect, Defects};
use crate::store::StoreError;

/// Project to the highest number ever given.
const COUNTERS: TableDefinition<'_, &str, u64> = TableDefinition::new("episode_counters");
/// Ids of episodes that may be in the vector store without being here.
const UNSETTLED: TableDefinition<'_, &str, ()> = TableDefinition::new("unsettled_episodes");

pub(super) fn prepare(transaction: &WriteTransaction) -> Result<(), StoreError> {
    transaction.open_table(COUNTERS)?;
    transaction.open_table(UNSETTLED)?;
    Ok(())
}

/// The highest number ever given; 0 before the first.
pub(super) fn last(transaction: &ReadTransaction, project_id: &str) -> Result<u64, StoreError> {
    let table = transaction.open_table(COUNTERS)?;
    let last = table.get(project_id)?;
    Ok(last.map_or(0, |last| last.value()))
}

/// The number that the next episode gets.
pub(super) fn next(
    transaction: &ReadTransaction,
    project_id: &str,
    defects: Defects,
) -> Result<u64, StoreError> {
    let last = if defects.has(Defect::NumbersReused) {
        episode_table::highest_now(transaction, project_id)?
    } else if defects.has(Defect::EveryEpisodeRead) {
        // Only slow: a deleted last number is not given again.
        episode_table::highest_of_all(transaction, project_id)?.max(last(transaction, project_id)?)
    } else {
        last(transaction, project_id)?
    };
    Ok(last + 1)
}

/// Gives a number, in the commit that stores its episode; whether it was free. D13 and D14 give numbers that are not.
pub(super) fn give(
    transaction: &WriteTransaction,
    project_id: &str,
    number: u64,
    defects: Defects,
) -> Result<bool, StoreError> {
    let careless = defects.has(Defect::NumbersReused) || defects.has(Defect::NumberingRace);
    let last = transaction
        .open_table(COUNTERS)?
        .get(project_id)?
        .map_or(0, |last| last.value());
    if number <= last && !careless {
        return Ok(false);
    }
    raise(transaction, project_id, number)?;
    Ok(true)
}

/// Raises the counter to a number that is there now, and answers it. It never goes back.
pub(super) fn raise(
    transaction: &WriteTransaction,
    project_id: &str,
    number: u64,
) -> Result<u64, StoreError> {
    let mut table = transaction.open_table(COUNTERS)?;
    let last = table.get(project_id)?.map_or(0, |last| last.value());
    table.insert(project_id, last.max(number))?;
    Ok(last.max(number))
}

/// The ids of all projects that were ever given a number, in order.
pub(super) fn projects(transaction: &ReadTransaction) -> Result<Vec<String>, StoreError> {
    let mut ids = Vec::new();
    for entry in transaction.open_table(COUNTERS)?.iter()? {
        ids.push(entry?.0.value().to_owned());
    }
    Ok(ids)
}

/// Forgets the counter of a project that is gone; its id never comes again.
pub(super) fn forget(transaction: &WriteTransaction, project_id: &str) -> Result<(), StoreError> {
    transaction.open_table(COUNTERS)?.remove(project_id)?;
    Ok(())
}

/// Notes that an episode is about to be put into the vector store.
pub(super) fn unsettle(transaction: &WriteTransaction, episode_id: &str) -> Result<(), StoreError> {
    transaction.open_table(UNSETTLED)?.insert(episode_id, ())?;
    Ok(())
}

/// Notes that an episode is in both places or in neither.
pub(super) fn settle(transaction: &WriteTransaction, episode_id: &str) -> Result<(), StoreError> {
    transaction.open_table(UNSETTLED)?.remove(episode_id)?;
    Ok(())
}

/// How many episodes have a place that is not settled: none when nothing is being made.
pub(super) fn count_unsettled(transaction: &ReadTransaction) -> Result<u64, StoreError> {
    use redb::ReadableTableMetadata;
    Ok(transaction.open_table(UNSETTLED)?.len()?)
}

/// The ids of episodes whose place is not settled.
pub(super) fn unsettled(transaction: &ReadTransaction) -> Result<Vec<String>, StoreError> {
    let mut ids = Vec::new();
    for entry in transaction.open_table(UNSETTLED)?.iter()? {
        ids.push(entry?.0.value().to_owned());
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn only_d28_reads_the_episodes_of_other_projects_for_a_number() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        store
            .write(|transaction| {
                prepare(transaction)?;
                episode_table::prepare(transaction)?;
                raise(transaction, "here", 7)?;
                // Who reads it finds out.
                episode_table::put_unreadable(transaction, "elsewhere")
            })
            .await
            .unwrap();
        let next = |defects: &str| {
            let defects = defects.parse().unwrap();
            store.read(move |transaction| next(transaction, "here", defects))
        };
        assert_eq!(next("").await.unwrap(), 8);
        let failed = next("D28").await;
        assert!(matches!(failed, Err(StoreError::Value(_))), "{failed:?}");
    }
}
