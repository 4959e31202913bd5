//! A page of metrics: what is read is written and read the same, and what is wrong is told on a short line.

use std::fmt::Write as _;

use assay_formats::prometheus::{Family, Kind, Sample, parse};

/// Reads bytes as a page.
pub fn prometheus(data: &[u8]) {
    match parse(data) {
        Ok(families) => {
            let page = written(&families);
            let again = parse(page.as_bytes()).unwrap_or_else(|error| panic!("{error}: {page}"));
            // Debug, for what is not a number is not equal to itself.
            assert_eq!(format!("{again:?}"), format!("{families:?}"), "{page}");
            let lines = data.split(|byte| *byte == b'\n').count();
            let samples: usize = families.iter().map(|family| family.samples.len()).sum();
            assert!(samples <= lines);
        }
        Err(malformed) => {
            let text = malformed.to_string();
            assert!(text.len() < 1_000, "{text}");
            assert!(!text.chars().any(char::is_control), "{text:?}");
        }
    }
}

/// Families in their order, each with all that belongs to it.
fn written(families: &[Family]) -> String {
    let mut page = String::new();
    for family in families {
        let help = family.help.as_ref();
        if let Some(help) = help {
            let help = help.replace('\\', "\\\\").replace('\n', "\\n");
            let _ = writeln!(page, "# HELP {} {help}", family.name);
        }
        let word = match family.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            Kind::Summary => "summary",
            Kind::Untyped => "untyped",
        };
        let _ = writeln!(page, "# TYPE {} {word}", family.name);
        for sample in &family.samples {
            page.push_str(&line(sample));
        }
    }
    page
}

fn line(sample: &Sample) -> String {
    let labels: Vec<String> = sample
        .labels
        .iter()
        .map(|(name, value)| {
            let value = value.replace('\\', "\\\\").replace('\n', "\\n");
            format!("{name}=\"{}\"", value.replace('"', "\\\""))
        })
        .collect();
    format!(
        "{}{{{}}} {:?}\n",
        sample.name,
        labels.join(","),
        sample.value
    )
}
