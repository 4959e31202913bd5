use super::*;

const REAL: &str = include_str!("../../fixtures/project-service.txt");

fn families(page: &str) -> Vec<Family> {
    parse(page.as_bytes()).unwrap()
}

/// What is wrong with a page; it must be malformed.
fn wrong(page: impl AsRef<[u8]>) -> String {
    parse(page.as_ref()).unwrap_err().to_string()
}

/// The only sample of a page of one line.
fn only(line: &str) -> Sample {
    let mut families = families(&format!("{line}\n"));
    assert_eq!(families.len(), 1, "{line}");
    families.remove(0).samples.remove(0)
}

fn labels(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn the_page_of_the_reference_service_is_read_whole() {
    let families = families(REAL);
    let kinds: Vec<_> = families
        .iter()
        .map(|family| (&*family.name, family.kind))
        .collect();
    assert_eq!(
        kinds[..4],
        [
            ("build_info", Kind::Gauge),
            ("process_start_time_seconds", Kind::Gauge),
            ("http_requests_total", Kind::Counter),
            ("http_request_duration_seconds", Kind::Histogram),
        ]
    );
    assert!(families.iter().all(|family| family.help.is_some()));
    let lines = REAL.lines().filter(|line| !line.starts_with('#')).count();
    let samples: usize = families.iter().map(|family| family.samples.len()).sum();
    assert_eq!(samples, lines);
    let durations = &families[3].samples;
    assert_eq!(durations.len(), 30);
    assert_eq!(
        durations[14].labels,
        labels(&[("le", "+Inf"), ("method", "GET"), ("route", "/health")])
    );
}

#[test]
fn lines_are_read_as_the_format_has_them() {
    for (line, name, pairs, value) in [
        ("a 1", "a", &[][..], 1.0),
        ("  a\t 1  ", "a", &[], 1.0),
        (":a_:9 -2.5e3", ":a_:9", &[], -2500.0),
        ("a 1 1395066363000", "a", &[], 1.0),
        ("a 1 -3982045", "a", &[], 1.0),
        ("a{} 1", "a", &[], 1.0),
        ("a {b=\"c\"}1", "a", &[("b", "c")], 1.0),
        (
            "a{ b = \"c\" , d=\"\", } 1",
            "a",
            &[("b", "c"), ("d", "")],
            1.0,
        ),
        ("a{b=\"},=# \"} 1", "a", &[("b", "},=# ")], 1.0),
        (
            r#"a{path="C:\\D\\F.TXT",error="Not\n\"é\""} 1"#,
            "a",
            &[("path", r"C:\D\F.TXT"), ("error", "Not\n\"é\"")],
            1.0,
        ),
        (r#"a{b="\\"} 1"#, "a", &[("b", "\\")], 1.0),
        ("a +Inf", "a", &[], f64::INFINITY),
        ("a -Inf", "a", &[], f64::NEG_INFINITY),
    ] {
        let sample = only(line);
        assert_eq!(sample.name, name, "{line}");
        assert_eq!(sample.labels, labels(pairs), "{line}");
        assert!(sample.value.total_cmp(&value).is_eq(), "{line}");
        assert_eq!(families(&format!("{line}\n"))[0].kind, Kind::Untyped);
    }
    assert!(only("a NaN").value.is_nan());
}

#[test]
fn blank_lines_and_comments_say_nothing() {
    assert!(families("").is_empty());
    assert!(families("\n \t\n# a comment\n#HELPLESS a\n# HELP\n# TYPE \n#\n").is_empty());
}

#[test]
fn help_and_type_are_taken_with_their_escapes() {
    let families = families("# TYPE a counter\n#\tHELP  a A \\\\ and\\n\"quoted\\\\n\n# HELP b\n");
    assert_eq!(families[0].kind, Kind::Counter);
    assert_eq!(families[0].help.as_deref(), Some("A \\ and\n\"quoted\\n"));
    assert_eq!(families[1].help.as_deref(), Some(""));
    assert_eq!(families[1].kind, Kind::Untyped);
}

#[test]
fn histograms_and_summaries_gather_their_parts_and_others_do_not() {
    let families = families(
        "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n\
         # TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 1\ns_count 1\ns_bucket 1\n\
         # TYPE c counter\nc 1\nc_count 1\n\
         # TYPE h_count_sum gauge\nh_count_sum 1\n",
    );
    let shape: Vec<_> = families
        .iter()
        .map(|family| (&*family.name, family.kind, family.samples.len()))
        .collect();
    assert_eq!(
        shape,
        [
            ("h", Kind::Histogram, 3),
            ("s", Kind::Summary, 3),
            ("s_bucket", Kind::Untyped, 1),
            ("c", Kind::Counter, 1),
            ("c_count", Kind::Untyped, 1),
            ("h_count_sum", Kind::Gauge, 1),
        ]
    );
}

#[test]
fn a_family_of_the_very_name_goes_before_a_histogram() {
    let families = families("# TYPE h histogram\n# TYPE h_count gauge\nh_count 1\n");
    assert!(families[0].samples.is_empty());
    assert_eq!(families[1].samples.len(), 1);
}

#[test]
fn what_the_format_does_not_allow_is_named_with_its_line() {
    for (line, part) in [
        ("a", "has no value"),
        ("a{b=\"c\"}", "has no value"),
        ("1a 1", "`1a` is no name of a metric"),
        ("é 1", "is no name of a metric"),
        ("{a=\"b\"} 1", "`` is no name of a metric"),
        ("a one", "`one` is no number"),
        ("a 1,5", "`1,5` is no number"),
        ("a 1 2.5", "`2.5` is no whole number"),
        ("a 1 2 3", "`3` after the timestamp"),
        ("a{b=\"c\" 1", "do not end in `}`"),
        ("a{b=\"c\" d=\"e\"} 1", "do not end in `}`"),
        ("a{b} 1", "do not end in `}`"),
        ("a{b=c} 1", "`b` is not quoted"),
        ("a{b=\"c} 1", "`b` does not end"),
        (r#"a{b="c\"} 1"#, "`b` does not end"),
        (r#"a{b="\t"} 1"#, "`\\t` is no escape"),
        ("a{,} 1", "do not end in `}`"),
        ("a{b:c=\"d\"} 1", "`b:c` is no name of a label"),
        ("a{9=\"d\"} 1", "`9` is no name of a label"),
        ("a{b=\"c\",b=\"d\"} 1", "`b` is there twice"),
        ("a 1\r", "is no number"),
        ("# TYPE b-c counter", "`b-c` is no name of a metric"),
        ("# TYPE b info", "`info` is no type"),
        ("# TYPE b", "`` is no type"),
        ("# HELP b \\x", "`\\x` is no escape"),
        ("# HELP b \\", "a backslash at the end"),
        ("# HELP known again", "a second HELP for `known`"),
        ("# TYPE known gauge", "a second TYPE for `known`"),
        ("# TYPE used gauge", "`used` comes after its samples"),
    ] {
        let before = "# HELP known K\n# TYPE known counter\nused 1\n";
        let text = wrong(format!("{before}{line}\nlater 1\n"));
        assert!(
            text.starts_with("line 4: ") && text.contains(part),
            "{line}: {text}"
        );
    }
}

#[test]
fn a_page_that_is_cut_off_is_malformed() {
    assert!(wrong("a 1\nb 12").starts_with("line 2: the page ends without a line feed"));
}

#[test]
fn bytes_that_are_not_utf_8_are_malformed() {
    assert_eq!(wrong(b"a 1\nb{c=\"\xff\"} 1\n"), "line 2: not UTF-8");
}

#[test]
fn an_error_repeats_only_the_start_of_a_long_line() {
    assert!(wrong(format!("{}\n", "é".repeat(100_000))).len() < 300);
}

#[test]
fn the_number_of_samples_is_limited() {
    let page = "a 1\n".repeat(MAX_SAMPLES);
    assert_eq!(families(&page)[0].samples.len(), 100_000);
    assert_eq!(
        wrong(format!("{page}a 1\n")),
        "line 100001: more than 100000 samples"
    );
}
