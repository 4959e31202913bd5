//! Generations and their event logs in the store.

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use super::events::Event;
use super::model::StoredJob;
use super::save::{QueueStats, SaveState};
use crate::store::StoreError;

const JOBS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("jobs");
/// Creation to id.
const ORDER: TableDefinition<'_, u64, &str> = TableDefinition::new("job_order");
/// Ids of those that are not finished, by creation.
const UNFINISHED: TableDefinition<'_, u64, &str> = TableDefinition::new("unfinished_jobs");
/// Ids of those that were given up but may be saved again, by creation.
const DEAD_LETTERS: TableDefinition<'_, u64, &str> = TableDefinition::new("dead_letters");
/// By generation and number.
const EVENTS: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("job_events");

pub(super) fn prepare(transaction: &WriteTransaction) -> Result<(), StoreError> {
    transaction.open_table(JOBS)?;
    transaction.open_table(ORDER)?;
    transaction.open_table(UNFINISHED)?;
    transaction.open_table(DEAD_LETTERS)?;
    transaction.open_table(EVENTS)?;
    Ok(())
}

/// Adds a generation as the newest one.
pub(super) fn add(transaction: &WriteTransaction, job: &mut StoredJob) -> Result<(), StoreError> {
    let mut order = transaction.open_table(ORDER)?;
    let newest = order.last()?.map_or(0, |(sequence, _)| sequence.value());
    job.sequence = newest + 1;
    order.insert(job.sequence, job.id.as_str())?;
    put(transaction, job, &[])
}

/// Writes how a generation is now, and adds events to its log.
pub(super) fn put(
    transaction: &WriteTransaction,
    job: &StoredJob,
    events: &[Event],
) -> Result<(), StoreError> {
    let value = serde_json::to_vec(job)?;
    transaction
        .open_table(JOBS)?
        .insert(job.id.as_str(), value.as_slice())?;
    let is_dead = job.save.state == SaveState::DeadLetter;
    for (list, belongs) in [
        (UNFINISHED, !job.status.is_final()),
        (DEAD_LETTERS, is_dead),
    ] {
        let mut list = transaction.open_table(list)?;
        if belongs {
            list.insert(job.sequence, job.id.as_str())?;
        } else {
            list.remove(job.sequence)?;
        }
    }
    let mut log = transaction.open_table(EVENTS)?;
    for event in events {
        let value = serde_json::to_vec(event)?;
        log.insert((job.id.as_str(), event.number), value.as_slice())?;
    }
    Ok(())
}

pub(super) fn get(
    transaction: &ReadTransaction,
    id: &str,
) -> Result<Option<StoredJob>, StoreError> {
    find(&transaction.open_table(JOBS)?, id)
}

pub(super) fn get_for_change(
    transaction: &WriteTransaction,
    id: &str,
) -> Result<Option<StoredJob>, StoreError> {
    find(&transaction.open_table(JOBS)?, id)
}

fn find(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    id: &str,
) -> Result<Option<StoredJob>, StoreError> {
    let found = table.get(id)?;
    Ok(found
        .map(|value| serde_json::from_slice(value.value()))
        .transpose()?)
}

/// Calls with each generation, newest first, as long as it is answered `true`.
pub(super) fn each(
    transaction: &ReadTransaction,
    mut visit: impl FnMut(StoredJob) -> bool,
) -> Result<(), StoreError> {
    let jobs = transaction.open_table(JOBS)?;
    for entry in transaction.open_table(ORDER)?.iter()?.rev() {
        if let Some(job) = find(&jobs, entry?.1.value())?
            && !visit(job)
        {
            break;
        }
    }
    Ok(())
}

/// Those that are not finished, oldest first.
pub(super) fn unfinished(transaction: &ReadTransaction) -> Result<Vec<StoredJob>, StoreError> {
    let jobs = transaction.open_table(JOBS)?;
    let mut found = Vec::new();
    for entry in transaction.open_table(UNFINISHED)?.iter()? {
        found.extend(find(&jobs, entry?.1.value())?);
    }
    Ok(found)
}

/// The retry queue in numbers.
pub(super) fn queue_stats(transaction: &ReadTransaction) -> Result<QueueStats, StoreError> {
    let mut stats = QueueStats::default();
    for job in unfinished(transaction)? {
        stats.count(job.save.state);
    }
    for entry in transaction.open_table(DEAD_LETTERS)?.iter()? {
        entry?;
        stats.count(SaveState::DeadLetter);
    }
    Ok(stats)
}

/// At most so many events of a generation, from after this number on.
pub(super) fn events_after(
    transaction: &ReadTransaction,
    job_id: &str,
    number: u64,
    most: usize,
) -> Result<Vec<Event>, StoreError> {
    let log = transaction.open_table(EVENTS)?;
    let mut events = Vec::new();
    for entry in log
        .range((job_id, number + 1)..=(job_id, u64::MAX))?
        .take(most)
    {
        events.push(serde_json::from_slice(entry?.1.value())?);
    }
    Ok(events)
}
