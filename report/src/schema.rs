//! The published JSON Schemas of what a run leaves behind: `report/schema/report.schema.json` and `report/schema/event.schema.json`
//! are these texts. They describe what is written, so a field that is always there is required.

use schemars::{JsonSchema, generate::SchemaSettings};

use crate::{event::Event, json::document::Report};

/// The schema of `report.json`, as the text of its file.
pub fn report() -> String {
    text::<Report>()
}

/// The schema of a line of `events.jsonl`, as the text of its file.
pub fn event() -> String {
    text::<Event>()
}

/// The schema of anything else that is written as JSON, in the same form: `history/schema` has more of them.
pub fn text<T: JsonSchema>() -> String {
    let schema = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>();
    format!("{:#}\n", schema.as_value())
}
