//! The way from a project to its episodes: one generation in full, sixty at once, their streams, their numbers, and what is left after
//! a deletion.
//!
//! Each case makes its own project, deletes it at its end, and checks that it is gone. What the suite must see is written down as
//! the cases that fail under each defect of the reference system:
//!
#![doc = "```toml"]
#![doc = include_str!("../defects.toml")]
#![doc = "```"]

mod crowd;
mod flow;
mod numbering;
mod removal;
mod script;
mod streams;

use assay_client::Api;
use assay_sdk::prelude::*;

suite! {
    summary: "From a project to its numbered episodes: generations, their streams and texts, alone and sixty at a time",
}

/// Finds the services and sees that both answer; how healthy they are is another question.
#[setup]
async fn services() -> Result<Api> {
    Api::reached().await
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_of_defects_names_cases_that_exist() {
        let cases = assay_sdk::case_names();
        assay_client::defects::check_table(include_str!("../defects.toml"), &cases);
    }
}
