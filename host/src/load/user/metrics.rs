//! `metrics` in a virtual user: it adds to the suite's figures, behind one lock for all threads; to look at services and to judge is a case's.

use wasmtime::component::Accessor;

use super::{State, User};
use crate::plugin::bindings::assay::suite::metrics::{
    Error, Family, Grade, Host, HostWithStore, Measurement, Scraped, Summary, Unit,
};

/// As they come from the suite.
type Labels = Vec<(String, String)>;

fn refused() -> Error {
    Error::Unsupported(
        "a virtual user judges nothing and asks no service for its figures: give the plan a threshold, or do it in the case"
            .to_owned(),
    )
}

impl Host for State {
    fn counter(
        &mut self,
        name: String,
        labels: Labels,
        add: f64,
    ) -> wasmtime::Result<Result<(), Error>> {
        let common = &self.thread.common;
        Ok(common.metrics.add(common.ledger.phase(), name, labels, add))
    }

    fn gauge(
        &mut self,
        name: String,
        labels: Labels,
        value: f64,
        unit: Unit,
    ) -> wasmtime::Result<Result<(), Error>> {
        let common = &self.thread.common;
        let phase = common.ledger.phase();
        Ok(common.metrics.set(phase, name, labels, value, unit))
    }

    fn observe(
        &mut self,
        name: String,
        labels: Labels,
        value: f64,
        unit: Unit,
    ) -> wasmtime::Result<Result<(), Error>> {
        let common = &self.thread.common;
        let phase = common.ledger.phase();
        Ok(common.metrics.observe(phase, name, labels, value, unit))
    }

    fn summarize(&mut self, name: String, labels: Labels) -> wasmtime::Result<Option<Summary>> {
        Ok(self.thread.common.metrics.summarize(name, labels))
    }

    fn judge(
        &mut self,
        _baseline: String,
        _measurement: Measurement,
    ) -> wasmtime::Result<Result<Grade, Error>> {
        Ok(Err(refused()))
    }
}

impl<T: Send> HostWithStore<T> for User {
    async fn scrape(
        _accessor: &Accessor<T, Self>,
        _url: String,
    ) -> wasmtime::Result<Result<Vec<Family>, Error>> {
        Ok(Err(refused()))
    }

    async fn query(
        _accessor: &Accessor<T, Self>,
        _promql: String,
    ) -> wasmtime::Result<Result<Vec<Scraped>, Error>> {
        Ok(Err(refused()))
    }
}
