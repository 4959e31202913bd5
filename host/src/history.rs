//! Judges a run by former ones before its end is told.

use assay_history::{
    HistoryError, RunRecord, Store, recorder::Shared, regression, store::Selection,
};
use assay_report::{
    event::{RegressionCheck, Shard},
    hint,
};

use crate::config::HistorySettings;

/// What it needs to know.
#[derive(Clone, Debug)]
pub struct Judge {
    settings: HistorySettings,
    /// The run so far.
    gathering: Shared,
    /// None if the run is a whole plan.
    shard: Option<Shard>,
}

impl Judge {
    /// None if no bound is given: then nobody wants to know.
    pub fn new(settings: &HistorySettings, gathering: Shared) -> Option<Self> {
        (!settings.bounds.is_empty()).then(|| Self {
            settings: settings.clone(),
            gathering,
            shard: None,
        })
    }

    /// The same of a part of a plan, which is compared with nothing.
    #[must_use]
    pub fn of_shard(self, shard: Option<Shard>) -> Self {
        Self { shard, ..self }
    }

    /// How the run compares with the last good ones of the same environment, profile and settings. It waits for the disk.
    pub fn compare(&self) -> RegressionCheck {
        let not_judged = |reason: String| RegressionCheck {
            not_judged: Some(reason),
            ..RegressionCheck::default()
        };
        if let Some(shard) = self.shard {
            return not_judged(format!(
                "it is shard {shard}, which has a part of the samples; `host report merge` judges all of them"
            ));
        }
        if !self.settings.enabled {
            return not_judged("the history is switched off".to_owned());
        }
        let Some(now) = self.gathering.lock().record() else {
            return not_judged("the run has told nothing".to_owned());
        };
        match self.former(&now) {
            Ok(former) => regression::judge(&now, &former, &self.settings.bounds),
            Err(error) => not_judged(hint::told(&error)),
        }
    }

    fn former(&self, now: &RunRecord) -> Result<Vec<RunRecord>, HistoryError> {
        let Some(store) = Store::look(&self.settings.file)? else {
            return Ok(Vec::new());
        };
        let selection = Selection {
            environment: Some(now.run.environment.clone()),
            profile: Some(now.run.profile.clone()),
            settings_digest: now.run.settings_digest.clone(),
            good: true,
            without: Some(now.run.run_id.clone()),
            last: self.settings.against,
        };
        let runs = store.runs(&selection)?.into_iter();
        let records = runs.map(|run| store.record(&run.run_id));
        // One that another host has just pruned is not there any more.
        records.filter_map(Result::transpose).collect()
    }
}
