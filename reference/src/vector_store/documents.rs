//! Documents of a collection. Metadata, text and embedding are apart, so that a search by metadata reads nothing else.

use redb::{ReadTransaction, ReadableTable, TableDefinition, WriteTransaction};
use serde_json::{Map, Value};

use super::filter::Filter;
use crate::store::StoreError;

type Table = TableDefinition<'static, (&'static str, &'static str), &'static [u8]>;

/// By collection and document, as the other two.
const METADATA: Table = TableDefinition::new("document_metadata");
const TEXTS: Table = TableDefinition::new("document_texts");
const EMBEDDINGS: Table = TableDefinition::new("document_embeddings");

/// A document.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) id: String,
    pub(super) metadata: Option<Map<String, Value>>,
    pub(super) text: Option<String>,
    pub(super) embedding: Vec<f32>,
}

/// Which documents are meant.
#[derive(Clone, Debug, Default)]
pub(super) struct Selection {
    pub(super) ids: Option<Vec<String>>,
    pub(super) filter: Option<Filter>,
    pub(super) offset: usize,
    pub(super) limit: Option<usize>,
}

/// What of a document is wanted besides its id and metadata.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub(super) text: bool,
    pub(super) embedding: bool,
}

pub(super) fn prepare(transaction: &WriteTransaction) -> Result<(), StoreError> {
    for table in [METADATA, TEXTS, EMBEDDINGS] {
        transaction.open_table(table)?;
    }
    Ok(())
}

/// Puts documents there. Those that are there already stay as they are unless they are to be replaced.
pub(super) fn put(
    transaction: &WriteTransaction,
    collection: &str,
    documents: Vec<Document>,
    replace: bool,
) -> Result<(), StoreError> {
    let mut metadata = transaction.open_table(METADATA)?;
    let mut texts = transaction.open_table(TEXTS)?;
    let mut embeddings = transaction.open_table(EMBEDDINGS)?;
    for document in documents {
        let key = (collection, document.id.as_str());
        if !replace && metadata.get(key)?.is_some() {
            continue;
        }
        metadata.insert(key, serde_json::to_vec(&document.metadata)?.as_slice())?;
        texts.insert(key, serde_json::to_vec(&document.text)?.as_slice())?;
        embeddings.insert(key, bytes_of(&document.embedding).as_slice())?;
    }
    Ok(())
}

fn bytes_of(embedding: &[f32]) -> Vec<u8> {
    embedding
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

fn embedding_of(bytes: &[u8]) -> Vec<f32> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect()
}

/// The documents that are meant, by id.
pub(super) fn get(
    transaction: &ReadTransaction,
    collection: &str,
    selection: &Selection,
    wanted: Wanted,
) -> Result<Vec<Document>, StoreError> {
    let found = select(&transaction.open_table(METADATA)?, collection, selection)?;
    let texts = transaction.open_table(TEXTS)?;
    let embeddings = transaction.open_table(EMBEDDINGS)?;
    let mut documents = Vec::with_capacity(found.len());
    for (id, metadata) in found {
        let key = (collection, id.as_str());
        let text = match texts.get(key)?.filter(|_| wanted.text) {
            Some(value) => serde_json::from_slice(value.value())?,
            None => None,
        };
        let embedding = embeddings
            .get(key)?
            .filter(|_| wanted.embedding)
            .map(|value| embedding_of(value.value()))
            .unwrap_or_default();
        documents.push(Document {
            id,
            metadata,
            text,
            embedding,
        });
    }
    Ok(documents)
}

/// Removes the documents that are meant.
pub(super) fn delete(
    transaction: &WriteTransaction,
    collection: &str,
    selection: &Selection,
) -> Result<(), StoreError> {
    let mut metadata = transaction.open_table(METADATA)?;
    let mut texts = transaction.open_table(TEXTS)?;
    let mut embeddings = transaction.open_table(EMBEDDINGS)?;
    for (id, _) in select(&metadata, collection, selection)? {
        let key = (collection, id.as_str());
        metadata.remove(key)?;
        texts.remove(key)?;
        embeddings.remove(key)?;
    }
    Ok(())
}

/// Removes all documents of a collection.
pub(super) fn clear(transaction: &WriteTransaction, collection: &str) -> Result<(), StoreError> {
    delete(transaction, collection, &Selection::default())
}

/// How many documents a collection has.
pub(super) fn count(transaction: &ReadTransaction, collection: &str) -> Result<usize, StoreError> {
    let table = transaction.open_table(METADATA)?;
    let mut count = 0;
    for entry in table.range((collection, "")..)? {
        if entry?.0.value().0 != collection {
            break;
        }
        count += 1;
    }
    Ok(count)
}

type Found = Vec<(String, Option<Map<String, Value>>)>;

fn select(
    table: &impl ReadableTable<(&'static str, &'static str), &'static [u8]>,
    collection: &str,
    selection: &Selection,
) -> Result<Found, StoreError> {
    let limit = selection.limit.unwrap_or(usize::MAX);
    let mut found = Vec::new();
    let mut skipped = 0;
    let mut consider = |id: &str, value: &[u8]| -> Result<bool, StoreError> {
        let metadata: Option<Map<String, Value>> = serde_json::from_slice(value)?;
        let holds = selection
            .filter
            .as_ref()
            .is_none_or(|filter| filter.holds(metadata.as_ref().unwrap_or(&Map::new())));
        if holds && skipped < selection.offset {
            skipped += 1;
        } else if holds && found.len() < limit {
            found.push((id.to_owned(), metadata));
        }
        Ok(found.len() < limit)
    };
    if let Some(ids) = &selection.ids {
        for id in ids {
            if let Some(value) = table.get((collection, id.as_str()))?
                && !consider(id, value.value())?
            {
                break;
            }
        }
        return Ok(found);
    }
    for entry in table.range((collection, "")..)? {
        let (key, value) = entry?;
        if key.value().0 != collection || !consider(key.value().1, value.value())? {
            break;
        }
    }
    Ok(found)
}
