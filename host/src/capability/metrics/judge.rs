//! Holds a figure against a baseline. What is judged is told at once: the verdict of the attempt is made from it.

use assay_report::event::{Baseline, Grade, Judgement};
use assay_report::hint;

use crate::capability::recorder::Recorder;
use crate::plugin::bindings::assay::suite::metrics::{Error, Measurement};

/// Judges by the baseline of that name, and tells the recorder. Without samples the baseline counts as missed, by no number.
pub(super) fn judge(
    baselines: &[Baseline],
    name: &str,
    measurement: Measurement,
    recorder: &Recorder,
) -> Result<Grade, Error> {
    let Some(baseline) = baselines.iter().find(|baseline| baseline.name == name) else {
        return Err(Error::UnknownBaseline(unknown(baselines, name)));
    };
    let tell = |value, grade| {
        recorder.judged(Judgement {
            baseline: baseline.clone(),
            value,
            samples: measurement.samples,
            grade,
        });
    };
    // Before the value is looked at: the mean of nothing is not a number, and that is not the suite's mistake.
    if measurement.samples == 0 {
        tell(f64::NAN, Grade::Missed);
        return Err(Error::NoSamples(format!(
            "nothing was measured for `{name}`, so it counts as missed"
        )));
    }
    if !measurement.value.is_finite() {
        return Err(Error::Invalid(format!(
            "`{name}` is judged by a finite number, not by {}",
            measurement.value
        )));
    }
    let grade = grade(baseline, measurement.value);
    tell(measurement.value, grade);
    Ok(grade)
}

/// A level that is just reached is reached.
pub(crate) fn grade(baseline: &Baseline, value: f64) -> Grade {
    let reaches = |level| baseline.direction.reaches(value, level);
    if reaches(baseline.target) {
        Grade::Target
    } else if reaches(baseline.critical) {
        Grade::Critical
    } else {
        Grade::Missed
    }
}

fn unknown(baselines: &[Baseline], name: &str) -> String {
    let shown = name.escape_debug();
    match hint::nearest(name, baselines.iter().map(|baseline| &*baseline.name)) {
        Some(near) => format!("the suite declares no baseline `{shown}`; did you mean `{near}`?"),
        None => format!("the suite declares no baseline `{shown}`; declare it in `suite!`"),
    }
}
