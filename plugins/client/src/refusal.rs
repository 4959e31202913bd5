//! Answers that say no: the error of the envelope, or the original's `{"detail": ...}`.

use assay_sdk::http::Response;
use serde::Deserialize;
use serde_json::Value;

/// An answer that says no.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The status code.
    pub status: u16,
    /// `PROJECT_NOT_FOUND`; none in the original's shape.
    pub code: Option<String>,
    /// For people.
    pub message: String,
    /// What is wrong with which field; empty if it is about none.
    pub details: Vec<Detail>,
    /// The trace in the body; none in the original's shape.
    pub trace_id: Option<String>,
}

/// What is wrong with a field.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Detail {
    /// The field, as a path with dots.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

#[derive(Deserialize)]
struct Enveloped {
    error: EnvelopedError,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EnvelopedError {
    code: String,
    message: String,
    #[serde(default)]
    details: Value,
    #[serde(alias = "trace_id")]
    trace_id: Option<String>,
}

#[derive(Deserialize)]
struct Bare {
    detail: BareDetail,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum BareDetail {
    Text(String),
    Fields(Vec<BareField>),
}

#[derive(Deserialize)]
struct BareField {
    loc: Vec<Value>,
    msg: String,
}

impl Refusal {
    /// Reads an answer; none if it says no in neither of the two shapes.
    pub fn of(response: &Response) -> Option<Self> {
        if let Ok(Enveloped { error }) = response.json() {
            return Some(Self::of_envelope(response.status(), error));
        }
        let Bare { detail } = response.json().ok()?;
        Some(Self::of_detail(response.status(), detail))
    }

    fn of_envelope(status: u16, error: EnvelopedError) -> Self {
        Self {
            status,
            code: Some(error.code),
            message: error.message,
            details: serde_json::from_value(error.details).unwrap_or_default(),
            trace_id: error.trace_id,
        }
    }

    fn of_detail(status: u16, detail: BareDetail) -> Self {
        let (message, details) = match detail {
            BareDetail::Text(text) => (text, Vec::new()),
            BareDetail::Fields(fields) => {
                let details: Vec<Detail> = fields.into_iter().map(Detail::from).collect();
                let message = details
                    .iter()
                    .map(|detail| format!("{}: {}", detail.field, detail.problem))
                    .collect::<Vec<_>>()
                    .join("; ");
                (message, details)
            }
        };
        Self {
            status,
            code: None,
            message,
            details,
            trace_id: None,
        }
    }
}

impl From<BareField> for Detail {
    fn from(field: BareField) -> Self {
        let parts: Vec<String> = field
            .loc
            .iter()
            .filter(|part| part.as_str() != Some("body"))
            .map(|part| {
                part.as_str()
                    .map_or_else(|| part.to_string(), str::to_owned)
            })
            .collect();
        Self {
            field: parts.join("."),
            problem: field.msg,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_the_envelope_is_read() {
        let body = r#"{"success":false,"message":"no","data":null,"error":{"code":"VALIDATION_FAILED",
            "message":"name is missing","details":[{"field":"name","problem":"missing"}],"traceId":"t-1"}}"#;
        let refusal = Refusal::of(&Response::for_tests(422, &[], body)).unwrap();
        assert_eq!(refusal.code.as_deref(), Some("VALIDATION_FAILED"));
        assert_eq!(refusal.details[0].field, "name");
        assert_eq!(refusal.trace_id.as_deref(), Some("t-1"));
    }

    #[test]
    fn details_may_be_missing_or_something_else() {
        for details in ["", r#","details":null"#, r#","details":{"limit":5}"#] {
            let body =
                format!(r#"{{"success":false,"error":{{"code":"X","message":"no"{details}}}}}"#);
            let refusal = Refusal::of(&Response::for_tests(400, &[], body)).unwrap();
            assert_eq!(refusal.details, [], "{details}");
        }
    }

    #[test]
    fn the_originals_detail_is_read_as_text_and_as_fields() {
        let text = Refusal::of(&Response::for_tests(
            404,
            &[],
            r#"{"detail":"Project not found"}"#,
        ))
        .unwrap();
        assert_eq!(
            (text.status, text.message.as_str()),
            (404, "Project not found")
        );
        let body = r#"{"detail":[{"type":"missing","loc":["body","script","markdown"],"msg":"Field required","input":{}}]}"#;
        let fields = Refusal::of(&Response::for_tests(422, &[], body)).unwrap();
        assert_eq!(fields.message, "script.markdown: Field required");
    }

    #[test]
    fn an_answer_of_another_shape_is_no_refusal() {
        for body in [
            "",
            "Internal Server Error",
            r#"{"success":true,"data":1,"error":null}"#,
        ] {
            assert_eq!(
                Refusal::of(&Response::for_tests(500, &[], body)),
                None,
                "{body}"
            );
        }
    }
}
