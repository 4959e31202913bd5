//! Numbers whose episode was deleted, so that a hole which is there on purpose is told from one which is not.
//!
//! They are kept as ranges: a repair can give up many numbers at once.

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};

use crate::store::StoreError;

type Key = (&'static str, u64);

/// Project and first number to the last number. Ranges may overlap.
const RETIRED: TableDefinition<'_, Key, u64> = TableDefinition::new("retired_numbers");

/// The first and the last number of a range.
pub(super) type Range = (u64, u64);

pub(super) fn prepare(transaction: &WriteTransaction) -> Result<(), StoreError> {
    transaction.open_table(RETIRED)?;
    Ok(())
}

/// Notes that nothing is to have these numbers any more.
pub(super) fn retire(
    transaction: &WriteTransaction,
    project_id: &str,
    (first, last): Range,
) -> Result<(), StoreError> {
    let mut table = transaction.open_table(RETIRED)?;
    let before = table
        .get((project_id, first))?
        .map_or(0, |last| last.value());
    table.insert((project_id, first), before.max(last))?;
    Ok(())
}

/// The ranges of a project, by their first number.
pub(super) fn of_project(
    transaction: &ReadTransaction,
    project_id: &str,
) -> Result<Vec<Range>, StoreError> {
    let table = transaction.open_table(RETIRED)?;
    let mut ranges = Vec::new();
    for entry in table.range((project_id, 0)..=(project_id, u64::MAX))? {
        let (key, last) = entry?;
        ranges.push((key.value().1, last.value()));
    }
    Ok(ranges)
}

/// Forgets a project that is gone.
pub(super) fn forget(transaction: &WriteTransaction, project_id: &str) -> Result<(), StoreError> {
    let all = (project_id, 0)..=(project_id, u64::MAX);
    for entry in transaction
        .open_table(RETIRED)?
        .extract_from_if(all, |_, _| true)?
    {
        entry?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn ranges_are_kept_by_project_and_never_shrink() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let ranges = |store: &Store, id: &'static str| {
            let store = store.clone();
            async move {
                store
                    .read(move |transaction| of_project(transaction, id))
                    .await
                    .unwrap()
            }
        };
        store
            .write(|transaction| {
                for (project, range) in [("a", (2, 2)), ("a", (7, 9)), ("a", (7, 7)), ("b", (1, 1))]
                {
                    retire(transaction, project, range)?;
                }
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(ranges(&store, "a").await, [(2, 2), (7, 9)]);
        store
            .write(|transaction| forget(transaction, "a"))
            .await
            .unwrap();
        assert_eq!(ranges(&store, "a").await, []);
        assert_eq!(ranges(&store, "b").await, [(1, 1)]);
    }
}
