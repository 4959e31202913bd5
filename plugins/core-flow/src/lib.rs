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

use assay_client::{Api, Service};
use assay_sdk::prelude::*;

suite! {
    summary: "From a project to its numbered episodes: generations, their streams and texts, alone and sixty at a time",
}

/// Finds the services and sees that both answer; how healthy they are is another suite's question.
#[setup]
async fn services() -> Result<Api> {
    let api = Api::of_environment()?;
    for service in [Service::Project, Service::Generation] {
        let url = format!("{}/health", api.base(service));
        http::get(url)
            .send()
            .await
            .with_context(|| format!("{} answers", service.name()))?;
    }
    Ok(api)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    #[test]
    fn the_table_of_defects_names_cases_that_exist() {
        let table: BTreeMap<String, Vec<String>> =
            toml::from_str(include_str!("../defects.toml")).unwrap();
        let cases = assay_sdk::case_names();
        assert!(!table.is_empty());
        for (defect, names) in &table {
            assert!(!names.is_empty(), "{defect} names no case");
            for name in names {
                assert!(
                    cases.contains(&name.as_str()),
                    "{defect}: no case is called {name}"
                );
            }
        }
    }
}
