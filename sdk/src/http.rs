//! HTTP requests. Each attempt has connections of its own, kept alive between its requests.
//!
//! ```no_run
//! # use assay_sdk::prelude::*;
//! # async fn example() -> Result<()> {
//! #[derive(serde::Deserialize)]
//! struct Project { id: String }
//!
//! let project: Project = http::post("http://127.0.0.1:8001/api/v1/projects")
//!     .json(&serde_json::json!({"name": "a play", "type": "drama"}))
//!     .send()
//!     .await?
//!     .expect_status(201)?
//!     .json()?;
//! # Ok(()) }
//! ```

mod error;
pub(crate) mod json;
mod request;
mod response;
mod template;

pub use error::{Error, ErrorKind};
pub use json::JsonError;
pub use request::Request;
pub(crate) use request::milliseconds;
pub use response::{Response, Timings};
pub use template::{Sample, Template};

macro_rules! methods {
    ($($name:ident $method:literal;)+) => {$(
        #[doc = concat!("A `", $method, "` request.")]
        pub fn $name(url: impl Into<String>) -> Request {
            Request::new($method, url)
        }
    )+};
}

methods! {
    get "GET";
    head "HEAD";
    post "POST";
    put "PUT";
    patch "PATCH";
    delete "DELETE";
    options "OPTIONS";
}

/// A request with any method.
pub fn request(method: impl Into<String>, url: impl Into<String>) -> Request {
    Request::new(method, url)
}
