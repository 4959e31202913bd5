//! The `OpenAPI` document that the routes declare, completed with what holds for all of them, and a page that shows it.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::{ArrayItems, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{
    ContentBuilder, Info, OpenApi, Ref, RefOr, Response as Answered, ResponseBuilder,
};
use utoipa::{IntoResponses, OpenApi as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::envelope::{Failure, json};
use super::error::{ErrorBody, ErrorCode, FieldProblem};
use super::rate_limit::RateLimiter;

/// The schemas that no handler names by itself.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(Failure, ErrorBody, ErrorCode, FieldProblem)))]
struct Common;

/// The refusals of every operation that takes a body.
#[derive(Debug)]
pub struct BodyRefusals;

impl IntoResponses for BodyRefusals {
    fn responses() -> BTreeMap<String, RefOr<Answered>> {
        refusals(&[
            (400, "The body is not JSON, or the idempotency key is bad"),
            (408, "The body did not arrive in time"),
            (413, "The body is over 1 MiB"),
            (415, "The content type is not `application/json`"),
            (422, "Fields are missing, wrong or not to be given"),
        ])
    }
}

/// The refusals of every operation that takes parameters in its query.
#[derive(Debug)]
pub struct QueryRefusals;

impl IntoResponses for QueryRefusals {
    fn responses() -> BTreeMap<String, RefOr<Answered>> {
        refusals(&[(422, "Parameters are wrong")])
    }
}

fn refusals(list: &[(u16, &str)]) -> BTreeMap<String, RefOr<Answered>> {
    list.iter()
        .map(|(status, description)| (status.to_string(), refusal(description).into()))
        .collect()
}

fn refusal(description: &str) -> Answered {
    ResponseBuilder::new()
        .description(description)
        .content(
            "application/json",
            ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("Failure")))
                .build(),
        )
        .build()
}

/// The finished document.
#[derive(Debug, Default)]
struct Document(OnceLock<Bytes>);

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "operations", operation_id = "getOpenApi", responses(
    (status = 200, description = "OpenAPI 3.1", body = Object, content_type = "application/json"),
))]
async fn document(State(document): State<Arc<Document>>) -> Response {
    json(
        StatusCode::OK,
        document.0.get().cloned().unwrap_or_default(),
    )
}

/// A page that shows this document.
#[utoipa::path(get, path = "/docs", tag = "operations", operation_id = "getDocs", responses(
    (status = 200, description = "HTML", body = String, content_type = "text/html"),
))]
async fn page() -> Response {
    (
        [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
        include_str!("documentation.html"),
    )
        .into_response()
}

/// Turns documented routes into served ones, with the document and its page among them.
pub fn finish(title: &str, description: &str, routes: OpenApiRouter) -> Router {
    let document = Arc::new(Document::default());
    let all = OpenApiRouter::with_openapi(Common::openapi())
        .merge(routes)
        .merge(
            OpenApiRouter::default()
                .routes(routes!(self::document))
                .routes(routes!(page))
                .with_state(Arc::clone(&document)),
        );
    let (served, mut openapi) = all.split_for_parts();
    openapi.info = Info::new(title, env!("CARGO_PKG_VERSION"));
    openapi.info.description = Some(description.to_owned());
    complete(&mut openapi);
    if let Some(components) = &mut openapi.components {
        refer(&mut components.schemas);
    }
    // A document made of strings and maps always serialises.
    let _ = document.0.set(openapi.to_json().unwrap_or_default().into());
    served
}

/// Adds what holds for every operation: the trace id, and for the limited ones the refusals and headers of the limit.
fn complete(openapi: &mut OpenApi) {
    for (path, item) in &mut openapi.paths.paths {
        let limited = !RateLimiter::exempts(path);
        for operation in operations(item) {
            let answers = &mut operation.responses.responses;
            answers
                .entry("500".to_owned())
                .or_insert_with(|| refusal("The service itself is broken").into());
            if limited {
                answers
                    .entry("429".to_owned())
                    .or_insert_with(|| refusal("Too many requests of this client").into());
            }
            for (status, answer) in answers {
                if let RefOr::T(answer) = answer {
                    add_headers(status, answer, limited);
                }
            }
        }
    }
}

/// Puts references where a generic envelope repeats a schema that has a name, so that readers and generators of clients see one type.
fn refer(schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    let named: Vec<_> = schemas
        .iter()
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    let shorten = |place: &mut RefOr<Schema>| {
        let found = named.iter().find(|(_, schema)| schema == place);
        if let Some((name, _)) = found {
            *place = Ref::from_schema_name(name).into();
        }
    };
    for schema in schemas.values_mut() {
        let RefOr::T(Schema::Object(object)) = schema else {
            continue;
        };
        for property in object.properties.values_mut() {
            match property {
                RefOr::T(Schema::Array(array)) => {
                    if let ArrayItems::RefOrSchema(items) = &mut array.items {
                        shorten(items);
                    }
                }
                other => shorten(other),
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.patch,
    ]
    .into_iter()
    .flatten()
}

fn add_headers(status: &str, answer: &mut Answered, limited: bool) {
    let mut add = |name: &str, header: Header| {
        answer.headers.insert(name.to_owned(), header.into());
    };
    let trace_id = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::Custom("uuid".to_owned())));
    add("X-Trace-Id", header(trace_id, "Names the request in logs"));
    if limited {
        add("X-RateLimit-Limit", count("Requests a minute"));
        add(
            "X-RateLimit-Remaining",
            count("Requests left in this window"),
        );
        add("X-RateLimit-Reset", count("Seconds until the next window"));
    }
    if matches!(status, "429" | "503") {
        add("Retry-After", count("Seconds to wait"));
    }
}

fn count(description: &str) -> Header {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0));
    header(schema, description)
}

fn header(schema: ObjectBuilder, description: &str) -> Header {
    HeaderBuilder::new()
        .schema(Some(schema.build()))
        .description(Some(description))
        .build()
}
