//! `/metrics` as a page of Prometheus's text format: sound in itself, and with everything that the alert rules ask for.

use std::collections::{BTreeMap, BTreeSet};

use assay_client::{Api, Service};
use assay_sdk::metrics::{Family, MetricKind, Page, Sample};
use assay_sdk::prelude::*;

use crate::episodes::create;
use crate::rules;

/// Both services write text format 0.0.4: every family with help, type and a name that keeps to the conventions, no series twice, and
/// histograms whose buckets add up
#[case(tags = ["metrics"], timeout = "20s", needs = ["project-service-monitored", "generation-service"])]
async fn the_pages_are_sound(api: Api) -> Result<()> {
    let user = api.user("prometheus");
    let project = user.temporary_project("counted").await?.id;
    create(&user, &project).await?;
    for service in [Service::Project, Service::Generation] {
        let url = format!("{}/metrics", api.base(service));
        let answer = user.request_to("GET", &url).send().await?;
        let kind = answer.header("content-type").unwrap_or_default();
        check!(
            kind.starts_with("text/plain; version=0.0.4"),
            "it is text: {kind}"
        );
        let page = metrics::scrape(url).await?;
        let mut histograms = 0;
        for family in page.families() {
            check_family(family);
            if family.kind == MetricKind::Histogram {
                histograms += check_histogram(family);
            }
        }
        check!(histograms > 0, "{} has measured something", service.name());
    }
    Ok(())
}

/// Every metric that a rule of `deploy/prometheus/alerts.yml` names is exported by one of the services
#[case(tags = ["metrics", "rules"], timeout = "20s", needs = ["project-service-monitored", "generation-service"])]
async fn every_metric_of_the_alert_rules_is_exported(api: Api) -> Result<()> {
    let user = api.user("prometheus");
    let project = user.temporary_project("exported").await?.id;
    create(&user, &project).await?;
    let mut exported = BTreeSet::new();
    for service in [Service::Project, Service::Generation] {
        let page = metrics::scrape(format!("{}/metrics", api.base(service))).await?;
        exported.extend(sample_names(&page));
    }
    let missing: Vec<String> = rules::metrics().difference(&exported).cloned().collect();
    check_eq!(missing, [""; 0], "no rule asks for what is not there");
    Ok(())
}

fn sample_names(page: &Page) -> Vec<String> {
    let samples = page.families().iter().flat_map(|family| &family.samples);
    samples.map(|sample| sample.name.clone()).collect()
}

fn check_family(family: &Family) {
    let name = &family.name;
    let help = family.help.as_deref().unwrap_or_default();
    check!(!help.is_empty(), "{name} has help");
    check!(family.kind != MetricKind::Untyped, "{name} has a type");
    let is_counter = family.kind == MetricKind::Counter;
    check_eq!(
        name.ends_with("_total"),
        is_counter,
        "{name} ends with _total if it is a counter, and only then"
    );
    let mut series = BTreeSet::new();
    for sample in &family.samples {
        check!(
            sample.name.starts_with(name.as_str()),
            "{} belongs to {name}",
            sample.name
        );
        let twice = !series.insert((sample.name.clone(), sorted(&sample.labels)));
        check!(!twice, "{} {:?} is there once", sample.name, sample.labels);
        if family.kind != MetricKind::Gauge {
            check!(sample.value >= 0.0, "{} does not go below 0", sample.name);
        }
    }
}

type Labels = Vec<(String, String)>;

/// What one series of a histogram has.
#[derive(Default)]
struct Histogram {
    /// Upper ends and counts, in the order of the page.
    buckets: Vec<(f64, f64)>,
    sum: Option<f64>,
    count: Option<f64>,
}

/// Checks each series of a histogram, and answers how many have seen something.
fn check_histogram(family: &Family) -> usize {
    let all = histograms(family);
    for (labels, histogram) in &all {
        let what = format!("{} {labels:?}", family.name);
        let faults = faults(histogram);
        check!(faults.is_empty(), "{what}: {}", faults.join(", "));
    }
    let seen = all.values().filter(|one| one.count > Some(0.0));
    seen.count()
}

fn histograms(family: &Family) -> BTreeMap<Labels, Histogram> {
    let mut all: BTreeMap<Labels, Histogram> = BTreeMap::new();
    for sample in &family.samples {
        let mut labels = sorted(&sample.labels);
        labels.retain(|(name, _)| name != "le");
        let histogram = all.entry(labels).or_default();
        match sample.name.strip_prefix(family.name.as_str()) {
            Some("_bucket") => histogram.buckets.push((upper_end(sample), sample.value)),
            Some("_sum") => histogram.sum = Some(sample.value),
            Some("_count") => histogram.count = Some(sample.value),
            _ => {}
        }
    }
    all
}

/// NaN where there is none, which is no number's equal and above nothing.
fn upper_end(sample: &Sample) -> f64 {
    let mut labels = sample.labels.iter();
    let text = labels.find(|(name, _)| name == "le").map(|(_, end)| end);
    match text.map(String::as_str) {
        Some("+Inf") => f64::INFINITY,
        Some(text) => text.parse().unwrap_or(f64::NAN),
        None => f64::NAN,
    }
}

/// What is wrong with a series of a histogram.
fn faults(histogram: &Histogram) -> Vec<&'static str> {
    let mut faults = Vec::new();
    let pairs = || histogram.buckets.windows(2);
    if !pairs().all(|pair| pair[0].0 < pair[1].0) {
        faults.push("the ends of the buckets do not grow");
    }
    if !pairs().all(|pair| pair[0].1 <= pair[1].1) {
        faults.push("the buckets are not cumulative");
    }
    let last = histogram.buckets.last().copied();
    if last.is_none_or(|(end, _)| end != f64::INFINITY) {
        faults.push("the last bucket is not +Inf");
    }
    if histogram.count.is_none() || histogram.count != last.map(|(_, count)| count) {
        faults.push("+Inf is not the count");
    }
    match (histogram.sum, histogram.count) {
        (Some(sum), Some(count)) if sum >= 0.0 && (sum > 0.0) == (count > 0.0) => {}
        _ => faults.push("the sum does not go with the count"),
    }
    faults
}

fn sorted(labels: &[(String, String)]) -> Labels {
    let mut labels = labels.to_vec();
    labels.sort();
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(buckets: &[(f64, f64)], sum: f64, count: f64) -> Histogram {
        Histogram {
            buckets: buckets.to_vec(),
            sum: Some(sum),
            count: Some(count),
        }
    }

    #[test]
    fn a_sound_histogram_has_no_fault() {
        let end = f64::INFINITY;
        assert!(faults(&histogram(&[(1.0, 2.0), (2.0, 2.0), (end, 3.0)], 4.5, 3.0)).is_empty());
        assert!(faults(&histogram(&[(1.0, 0.0), (end, 0.0)], 0.0, 0.0)).is_empty());
    }

    #[test]
    fn every_fault_of_a_histogram_is_named() {
        let end = f64::INFINITY;
        for (histogram, count) in [
            (
                histogram(&[(2.0, 1.0), (1.0, 1.0), (end, 1.0)], 1.0, 1.0),
                1,
            ),
            (
                histogram(&[(1.0, 2.0), (2.0, 1.0), (end, 2.0)], 1.0, 2.0),
                1,
            ),
            (histogram(&[(1.0, 2.0)], 1.0, 2.0), 1),
            (histogram(&[(1.0, 1.0), (end, 2.0)], 1.0, 3.0), 1),
            (histogram(&[(1.0, 1.0), (end, 2.0)], 0.0, 2.0), 1),
            (histogram(&[(f64::NAN, 1.0), (end, 1.0)], 1.0, 1.0), 1),
            (Histogram::default(), 3),
        ] {
            assert_eq!(faults(&histogram).len(), count, "{:?}", faults(&histogram));
        }
    }
}
