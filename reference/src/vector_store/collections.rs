//! Collections: made, found and removed by name, addressed by id.

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::documents;
use crate::store::{Store, StoreError};

/// By name.
const COLLECTIONS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("collections");
/// Id to name.
const NAMES: TableDefinition<'_, &str, &str> = TableDefinition::new("collection_names");

/// A collection as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Collection {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) metadata: Option<Map<String, Value>>,
    /// The length of its embeddings; fixed by the first one.
    pub(super) dimension: Option<usize>,
}

impl Collection {
    /// As Chroma answers it.
    pub(super) fn answer(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "metadata": self.metadata,
            "dimension": self.dimension,
            "configuration_json": {},
            "tenant": "default_tenant",
            "database": "default_database",
            "log_position": 0,
            "version": 0,
        })
    }
}

/// Makes the tables, so that reading an empty store finds them.
pub(super) async fn prepare(store: &Store) -> Result<(), StoreError> {
    store
        .write(|transaction| {
            transaction.open_table(COLLECTIONS)?;
            transaction.open_table(NAMES)?;
            documents::prepare(transaction)
        })
        .await
}

/// The collection, and whether it was made; none if it was there and `get_or_create` is off.
pub(super) fn create(
    transaction: &WriteTransaction,
    name: &str,
    metadata: Option<Map<String, Value>>,
    get_or_create: bool,
) -> Result<Option<Collection>, StoreError> {
    let mut table = transaction.open_table(COLLECTIONS)?;
    let existing = table
        .get(name)?
        .map(|value| serde_json::from_slice(value.value()))
        .transpose()?;
    if let Some(existing) = existing {
        return Ok(get_or_create.then_some(existing));
    }
    let collection = Collection {
        id: Uuid::new_v4().to_string(),
        name: name.to_owned(),
        metadata,
        dimension: None,
    };
    table.insert(name, serde_json::to_vec(&collection)?.as_slice())?;
    transaction
        .open_table(NAMES)?
        .insert(collection.id.as_str(), name)?;
    Ok(Some(collection))
}

/// Fixes the length of a collection's embeddings.
pub(super) fn set_dimension(
    transaction: &WriteTransaction,
    mut collection: Collection,
    dimension: usize,
) -> Result<(), StoreError> {
    collection.dimension = Some(dimension);
    let value = serde_json::to_vec(&collection)?;
    transaction
        .open_table(COLLECTIONS)?
        .insert(collection.name.as_str(), value.as_slice())?;
    Ok(())
}

/// Whether it was there, with all its documents.
pub(super) fn delete(transaction: &WriteTransaction, name: &str) -> Result<bool, StoreError> {
    let mut table = transaction.open_table(COLLECTIONS)?;
    let removed = table
        .remove(name)?
        .map(|value| serde_json::from_slice::<Collection>(value.value()))
        .transpose()?;
    let Some(collection) = removed else {
        return Ok(false);
    };
    transaction
        .open_table(NAMES)?
        .remove(collection.id.as_str())?;
    documents::clear(transaction, &collection.id)?;
    Ok(true)
}

/// By name.
pub(super) fn by_name(
    transaction: &ReadTransaction,
    name: &str,
) -> Result<Option<Collection>, StoreError> {
    let table = transaction.open_table(COLLECTIONS)?;
    let found = table.get(name)?;
    Ok(found
        .map(|value| serde_json::from_slice(value.value()))
        .transpose()?)
}

/// By id.
pub(super) fn by_id(
    transaction: &ReadTransaction,
    id: &str,
) -> Result<Option<Collection>, StoreError> {
    match transaction.open_table(NAMES)?.get(id)? {
        Some(name) => by_name(transaction, name.value()),
        None => Ok(None),
    }
}

/// By id, to be changed.
pub(super) fn by_id_for_change(
    transaction: &WriteTransaction,
    id: &str,
) -> Result<Option<Collection>, StoreError> {
    let names = transaction.open_table(NAMES)?;
    let Some(name) = names.get(id)? else {
        return Ok(None);
    };
    let table = transaction.open_table(COLLECTIONS)?;
    let found = table.get(name.value())?;
    Ok(found
        .map(|value| serde_json::from_slice(value.value()))
        .transpose()?)
}

/// All of them, by name.
pub(super) fn all(transaction: &ReadTransaction) -> Result<Vec<Collection>, StoreError> {
    let mut collections = Vec::new();
    for entry in transaction.open_table(COLLECTIONS)?.iter()? {
        collections.push(serde_json::from_slice(entry?.1.value())?);
    }
    Ok(collections)
}
