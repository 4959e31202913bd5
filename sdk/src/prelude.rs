//! What nearly every suite uses: `use assay_sdk::prelude::*;`.

pub use std::time::Duration;

pub use crate::load::{Figure, Measure};
pub use crate::{
    Baseline, Problem, Result, ResultExt as _, Vu, Wait as _, case, chaos, check, check_eq,
    cleanup, context, debug, ensure, ensure_eq, error, eventually, fail, http, info, join_all,
    load, metrics, scenario, setup, skip, sleep, sse, suite, teardown, try_join_all, warn, within,
};
