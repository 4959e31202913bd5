//! Chroma's routes. Errors are `{"error": kind, "message": text}` with Chroma's kinds.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Json;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::collections::{self, Collection};
use super::documents::{self, Document, Selection, Wanted};
use super::filter::Filter;
use super::refusal::{DATABASE, Refusal, TENANT, check_place, parsed};
use crate::store::Store;

/// The routes on a store.
pub(super) fn router(store: Store) -> Router {
    let collections = "/api/v2/tenants/{tenant}/databases/{database}/collections";
    let one = |rest: &str| format!("{collections}/{{collection}}{rest}");
    Router::new()
        .route("/api/v2/heartbeat", get(heartbeat))
        .route("/api/v2/version", get(version))
        .route("/api/v2/tenants/{tenant}", get(tenant))
        .route("/api/v2/tenants/{tenant}/databases", get(databases))
        .route(
            "/api/v2/tenants/{tenant}/databases/{database}",
            get(database),
        )
        .route(collections, get(list).post(create))
        .route(&one(""), get(find).delete(remove))
        .route(&one("/add"), post(add))
        .route(&one("/upsert"), post(upsert))
        .route(&one("/get"), post(get_documents))
        .route(&one("/delete"), post(delete_documents))
        .route(&one("/count"), get(count))
        .fallback(|| async { Refusal(StatusCode::NOT_FOUND, "NotFoundError", "Not Found".into()) })
        .with_state(store)
}

async fn heartbeat() -> Json<Value> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanoseconds = now.map_or(0, |elapsed| elapsed.as_nanos());
    let nanoseconds = u64::try_from(nanoseconds).unwrap_or(u64::MAX);
    Json(json!({"nanosecond heartbeat": nanoseconds}))
}

async fn version() -> Json<&'static str> {
    Json(env!("CARGO_PKG_VERSION"))
}

async fn tenant(Path(tenant): Path<String>) -> Result<Json<Value>, Refusal> {
    check_place(&tenant, DATABASE)?;
    Ok(Json(json!({"name": TENANT})))
}

fn database_answer() -> Value {
    json!({"id": "00000000-0000-0000-0000-000000000000", "name": DATABASE, "tenant": TENANT})
}

async fn databases(Path(tenant): Path<String>) -> Result<Json<Value>, Refusal> {
    check_place(&tenant, DATABASE)?;
    Ok(Json(json!([database_answer()])))
}

async fn database(
    Path((tenant, database)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    check_place(&tenant, &database)?;
    Ok(Json(database_answer()))
}

type Place = Path<(String, String)>;
type InCollection = Path<(String, String, String)>;

async fn list(
    State(store): State<Store>,
    Path((tenant, database)): Place,
) -> Result<Json<Vec<Value>>, Refusal> {
    check_place(&tenant, &database)?;
    let all = store.read(collections::all).await?;
    Ok(Json(all.iter().map(Collection::answer).collect()))
}

#[expect(clippy::struct_field_names, reason = "the names are Chroma's")]
#[derive(Deserialize)]
struct Create {
    name: String,
    metadata: Option<Map<String, Value>>,
    #[serde(default)]
    get_or_create: bool,
}

async fn create(
    State(store): State<Store>,
    Path((tenant, database)): Place,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    check_place(&tenant, &database)?;
    let wish: Create = parsed(request).await?;
    if !(3..=512).contains(&wish.name.len()) {
        return Err(Refusal::invalid("a name has 3 to 512 characters"));
    }
    let name = wish.name.clone();
    let made = store
        .write(move |transaction| {
            collections::create(transaction, &wish.name, wish.metadata, wish.get_or_create)
        })
        .await?;
    made.map(|collection| Json(collection.answer()))
        .ok_or_else(|| {
            Refusal(
                StatusCode::CONFLICT,
                "UniqueConstraintError",
                format!("Collection [{name}] already exists"),
            )
        })
}

async fn find(
    State(store): State<Store>,
    Path((tenant, database, name)): InCollection,
) -> Result<Json<Value>, Refusal> {
    check_place(&tenant, &database)?;
    let wanted = name.clone();
    store
        .read(move |transaction| collections::by_name(transaction, &wanted))
        .await?
        .map(|collection| Json(collection.answer()))
        .ok_or_else(|| Refusal::no_collection(&name))
}

async fn remove(
    State(store): State<Store>,
    Path((tenant, database, name)): InCollection,
) -> Result<Json<Value>, Refusal> {
    check_place(&tenant, &database)?;
    let unwanted = name.clone();
    let removed = store
        .write(move |transaction| collections::delete(transaction, &unwanted))
        .await?;
    if removed {
        Ok(Json(json!({})))
    } else {
        Err(Refusal::no_collection(&name))
    }
}

#[derive(Deserialize)]
struct Put {
    ids: Vec<String>,
    embeddings: Vec<Vec<f32>>,
    documents: Option<Vec<Option<String>>>,
    metadatas: Option<Vec<Option<Map<String, Value>>>>,
}

impl Put {
    /// The documents and the length of their embeddings, which all have.
    fn documents(self) -> Result<(Vec<Document>, usize), Refusal> {
        let count = self.ids.len();
        let mut texts = self.documents.unwrap_or_else(|| vec![None; count]);
        let mut metadatas = self.metadatas.unwrap_or_else(|| vec![None; count]);
        if count == 0 || [self.embeddings.len(), texts.len(), metadatas.len()] != [count; 3] {
            return Err(Refusal::invalid(
                "ids, embeddings, documents and metadatas must be of one length, at least 1",
            ));
        }
        let dimension = self.embeddings[0].len();
        if dimension == 0 || self.embeddings.iter().any(|one| one.len() != dimension) {
            return Err(Refusal::invalid(
                "embeddings must be of one length, at least 1",
            ));
        }
        let documents = self
            .ids
            .into_iter()
            .zip(self.embeddings)
            .zip(texts.drain(..).zip(metadatas.drain(..)))
            .map(|((id, embedding), (text, metadata))| Document {
                id,
                metadata,
                text,
                embedding,
            })
            .collect();
        Ok((documents, dimension))
    }
}

async fn add(
    State(store): State<Store>,
    path: InCollection,
    request: Request,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    put(store, path, request, false).await?;
    Ok((StatusCode::CREATED, Json(json!({}))))
}

async fn upsert(
    State(store): State<Store>,
    path: InCollection,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    put(store, path, request, true).await?;
    Ok(Json(json!({})))
}

async fn put(
    store: Store,
    Path((tenant, database, id)): InCollection,
    request: Request,
    replace: bool,
) -> Result<(), Refusal> {
    check_place(&tenant, &database)?;
    let (documents, dimension) = parsed::<Put>(request).await?.documents()?;
    store
        .write(move |transaction| {
            let Some(collection) = collections::by_id_for_change(transaction, &id)? else {
                return Ok(Err(Refusal::no_collection(&id)));
            };
            match collection.dimension {
                Some(expected) if expected != dimension => {
                    return Ok(Err(Refusal::invalid(format!(
                        "Collection expecting embedding with dimension of {expected}, got {dimension}"
                    ))));
                }
                Some(_) => {}
                None => collections::set_dimension(transaction, collection, dimension)?,
            }
            documents::put(transaction, &id, documents, replace)?;
            Ok(Ok(()))
        })
        .await?
}

#[derive(Deserialize)]
struct Get {
    ids: Option<Vec<String>>,
    r#where: Option<Value>,
    limit: Option<usize>,
    #[serde(default)]
    offset: usize,
    include: Option<Vec<String>>,
}

fn selection(ids: Option<Vec<String>>, filter: Option<&Value>) -> Result<Selection, Refusal> {
    // Chroma's own clients send an empty object for no condition.
    let filter = filter
        .filter(|value| !value.is_null() && value.as_object().is_none_or(|map| !map.is_empty()))
        .map(Filter::parse)
        .transpose()
        .map_err(|error| Refusal::invalid(error.to_string()))?;
    Ok(Selection {
        ids,
        filter,
        ..Selection::default()
    })
}

async fn get_documents(
    State(store): State<Store>,
    Path((tenant, database, id)): InCollection,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    check_place(&tenant, &database)?;
    let wish: Get = parsed(request).await?;
    let selection = Selection {
        offset: wish.offset,
        limit: wish.limit,
        ..selection(wish.ids, wish.r#where.as_ref())?
    };
    let include = wish
        .include
        .unwrap_or_else(|| vec!["metadatas".to_owned(), "documents".to_owned()]);
    let wants = |what: &str| include.iter().any(|word| word == what);
    let wanted = Wanted {
        text: wants("documents"),
        embedding: wants("embeddings"),
    };
    let name = id.clone();
    let found = store
        .read(move |transaction| {
            collections::by_id(transaction, &id)?
                .map(|_| documents::get(transaction, &id, &selection, wanted))
                .transpose()
        })
        .await?
        .ok_or_else(|| Refusal::no_collection(&name))?;
    let column = |wanted: bool, of: fn(&Document) -> Value| {
        wanted.then(|| found.iter().map(of).collect::<Vec<_>>())
    };
    Ok(Json(json!({
        "ids": found.iter().map(|document| document.id.as_str()).collect::<Vec<_>>(),
        "embeddings": column(wanted.embedding, |document| json!(document.embedding)),
        "documents": column(wanted.text, |document| json!(document.text)),
        "metadatas": column(wants("metadatas"), |document| json!(document.metadata)),
        "uris": null,
        "include": include,
    })))
}

#[derive(Deserialize)]
struct Delete {
    ids: Option<Vec<String>>,
    r#where: Option<Value>,
}

async fn delete_documents(
    State(store): State<Store>,
    Path((tenant, database, id)): InCollection,
    request: Request,
) -> Result<Json<Value>, Refusal> {
    check_place(&tenant, &database)?;
    let wish: Delete = parsed(request).await?;
    let selection = selection(wish.ids, wish.r#where.as_ref())?;
    if selection.ids.is_none() && selection.filter.is_none() {
        return Err(Refusal::invalid("give ids or where"));
    }
    store
        .write(move |transaction| {
            if collections::by_id_for_change(transaction, &id)?.is_none() {
                return Ok(Err(Refusal::no_collection(&id)));
            }
            documents::delete(transaction, &id, &selection)?;
            Ok(Ok(Json(json!({}))))
        })
        .await?
}

async fn count(
    State(store): State<Store>,
    Path((tenant, database, id)): InCollection,
) -> Result<Json<usize>, Refusal> {
    check_place(&tenant, &database)?;
    let name = id.clone();
    store
        .read(move |transaction| {
            collections::by_id(transaction, &id)?
                .map(|_| documents::count(transaction, &id))
                .transpose()
        })
        .await?
        .map(Json)
        .ok_or_else(|| Refusal::no_collection(&name))
}
