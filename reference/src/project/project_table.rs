//! Projects in the store, by id and in the order of their creation.

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use super::model::StoredProject;
use crate::store::StoreError;

const PROJECTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("projects");
/// Creation to id.
const ORDER: TableDefinition<'_, u64, &str> = TableDefinition::new("project_order");

pub(super) fn prepare(transaction: &WriteTransaction) -> Result<(), StoreError> {
    transaction.open_table(PROJECTS)?;
    transaction.open_table(ORDER)?;
    Ok(())
}

/// Adds a project as the newest one.
pub(super) fn add(
    transaction: &WriteTransaction,
    project: &mut StoredProject,
) -> Result<(), StoreError> {
    let mut order = transaction.open_table(ORDER)?;
    let newest = order.last()?.map_or(0, |(sequence, _)| sequence.value());
    project.sequence = newest + 1;
    order.insert(project.sequence, project.id.as_str())?;
    replace(transaction, project)
}

pub(super) fn replace(
    transaction: &WriteTransaction,
    project: &StoredProject,
) -> Result<(), StoreError> {
    let value = serde_json::to_vec(project)?;
    transaction
        .open_table(PROJECTS)?
        .insert(project.id.as_str(), value.as_slice())?;
    Ok(())
}

/// Whether it was there.
pub(super) fn remove(transaction: &WriteTransaction, id: &str) -> Result<bool, StoreError> {
    let Some(project) = get_for_change(transaction, id)? else {
        return Ok(false);
    };
    transaction.open_table(PROJECTS)?.remove(id)?;
    transaction.open_table(ORDER)?.remove(project.sequence)?;
    Ok(true)
}

pub(super) fn get(
    transaction: &ReadTransaction,
    id: &str,
) -> Result<Option<StoredProject>, StoreError> {
    find(&transaction.open_table(PROJECTS)?, id)
}

pub(super) fn get_for_change(
    transaction: &WriteTransaction,
    id: &str,
) -> Result<Option<StoredProject>, StoreError> {
    find(&transaction.open_table(PROJECTS)?, id)
}

fn find(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    id: &str,
) -> Result<Option<StoredProject>, StoreError> {
    let found = table.get(id)?;
    Ok(found
        .map(|value| serde_json::from_slice(value.value()))
        .transpose()?)
}

/// Calls with each project, newest first, as long as it is answered `true`.
pub(super) fn each(
    transaction: &ReadTransaction,
    mut visit: impl FnMut(StoredProject) -> bool,
) -> Result<(), StoreError> {
    let projects = transaction.open_table(PROJECTS)?;
    for entry in transaction.open_table(ORDER)?.iter()?.rev() {
        let (_, id) = entry?;
        if let Some(project) = find(&projects, id.value())?
            && !visit(project)
        {
            break;
        }
    }
    Ok(())
}

/// How many there are.
pub(super) fn count(transaction: &ReadTransaction) -> Result<u64, StoreError> {
    use redb::ReadableTableMetadata;
    Ok(transaction.open_table(PROJECTS)?.len()?)
}
