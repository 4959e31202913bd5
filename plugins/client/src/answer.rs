//! Answers in either shape: wrapped in an envelope, or bare.

use assay_sdk::Result;
use assay_sdk::http::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
struct Marked {
    #[expect(dead_code, reason = "its presence marks the envelope")]
    success: bool,
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

/// Whether an answer is an object with `success`, as the envelope is.
pub fn is_envelope(response: &Response) -> bool {
    response.json::<Marked>().is_ok()
}

/// What an answer carries: `data` of the envelope, or the whole body if it is bare.
#[track_caller]
pub fn data<T: DeserializeOwned>(response: &Response) -> Result<T> {
    if is_envelope(response) {
        return Ok(response.json::<Envelope<T>>()?.data);
    }
    Ok(response.json::<T>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_opened() {
        let body = r#"{"success":true,"message":"ok","data":[1,2],"error":null}"#;
        let response = Response::for_tests(200, &[], body);
        assert_eq!(data::<Vec<u32>>(&response).unwrap(), [1, 2]);
    }

    #[test]
    fn a_bare_answer_is_taken_as_it_is() {
        let response = Response::for_tests(200, &[], "[1,2]");
        assert_eq!(data::<Vec<u32>>(&response).unwrap(), [1, 2]);
        assert!(!is_envelope(&response));
    }

    #[test]
    fn a_mismatch_inside_the_envelope_names_its_place() {
        let response = Response::for_tests(200, &[], r#"{"success":true,"data":[1,"two"]}"#);
        let problem = data::<Vec<u32>>(&response).unwrap_err();
        assert!(problem.message().contains("at `data[1]`"), "{problem}");
    }
}
