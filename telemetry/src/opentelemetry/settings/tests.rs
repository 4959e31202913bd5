use super::*;

fn given() -> Given {
    Given {
        endpoint: Some("http://127.0.0.1:4318".into()),
        ..Given::default()
    }
}

fn resolve(given: &Given, variables: &[(&str, &str)]) -> Result<Option<Settings>, SettingsError> {
    Settings::resolve(given, |name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

fn settings(given: &Given, variables: &[(&str, &str)]) -> Settings {
    resolve(given, variables).unwrap().unwrap()
}

#[test]
fn nothing_is_sent_unless_somebody_names_an_endpoint() {
    assert!(resolve(&Given::default(), &[]).unwrap().is_none());
    let empty = [("OTEL_EXPORTER_OTLP_ENDPOINT", " ")];
    assert!(resolve(&Given::default(), &empty).unwrap().is_none());
}

#[test]
fn an_endpoint_of_traces_counts_before_one_of_all_signals_and_that_before_the_configuration() {
    let all = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://all:4318/x");
    let traces = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces:4318/");
    for (variables, expected) in [
        (vec![], "http://127.0.0.1:4318/v1/traces"),
        (vec![all], "http://all:4318/x/v1/traces"),
        (vec![all, traces], "http://traces:4318/"),
    ] {
        let settings = settings(&given(), &variables);
        assert_eq!(settings.endpoint.url().as_str(), expected);
    }
}

#[test]
fn whoever_switches_opentelemetry_off_is_sent_nothing() {
    for variable in [
        ("OTEL_SDK_DISABLED", "True"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_TRACES_EXPORTER", "console, zipkin"),
    ] {
        assert!(
            resolve(&given(), &[variable]).unwrap().is_none(),
            "{variable:?}"
        );
    }
    for variable in [
        ("OTEL_SDK_DISABLED", "false"),
        ("OTEL_TRACES_EXPORTER", "console, otlp"),
    ] {
        assert!(
            resolve(&given(), &[variable]).unwrap().is_some(),
            "{variable:?}"
        );
    }
}

#[test]
fn another_protocol_is_refused_and_not_spoken_wrongly() {
    let grpc = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let error = resolve(&given(), &[grpc]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the variable `OTEL_EXPORTER_OTLP_PROTOCOL` asks for `grpc`, and only `http/protobuf` is spoken"
    );
    assert!(error.hint().unwrap().contains("4318"));
    let ours = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf");
    assert!(resolve(&given(), &[grpc, ours]).unwrap().is_some());
    assert!(resolve(&Given::default(), &[grpc]).unwrap().is_none());
}

#[test]
fn headers_of_variables_are_laid_over_those_of_the_configuration() {
    let mut given = given();
    for (name, value) in [("x-team", "shop"), ("authorization", "Bearer old")] {
        given.headers.set(name, value).unwrap();
    }
    let all = ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20new");
    let traces = (
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
        "authorization=Bearer%20newest",
    );
    for (variables, token) in [
        (vec![], "Bearer old"),
        (vec![all], "Bearer new"),
        (vec![all, traces], "Bearer newest"),
    ] {
        let headers = settings(&given, &variables).headers;
        assert_eq!(headers.map()["authorization"], token);
        assert_eq!(headers.map()["x-team"], "shop");
    }
}

#[test]
fn no_secret_is_in_an_error_or_in_what_is_shown() {
    for variables in [
        vec![("OTEL_EXPORTER_OTLP_HEADERS", "a=b,s3cret")],
        vec![("OTEL_EXPORTER_OTLP_HEADERS", "a=s3cret%0a")],
        vec![("OTEL_EXPORTER_OTLP_HEADERS", "s3cret token=b")],
        vec![("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://me:s3cret@host")],
    ] {
        let error = resolve(&given(), &variables).unwrap_err();
        let told = format!("{error} {error:?} {:?}", error.hint());
        assert!(!told.contains("s3cret"), "{told}");
    }
    let good = [
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=s3cret"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://me:s3cret@host"),
    ];
    let shown = format!("{:?}", settings(&given(), &good));
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn a_time_is_in_milliseconds_and_within_its_limits() {
    let told = |text| resolve(&given(), &[("OTEL_EXPORTER_OTLP_TIMEOUT", text)]);
    for (text, expected) in [("1", 1), ("600000", 600_000), (" 2500 ", 2_500)] {
        let timeout = told(text).unwrap().unwrap().timeout;
        assert_eq!(timeout, Duration::from_millis(expected));
    }
    for wrong in ["0", "600001", "10s", "-1"] {
        let error = told(wrong).unwrap_err().to_string();
        assert_eq!(
            error,
            "the variable `OTEL_EXPORTER_OTLP_TIMEOUT` is no time from 1 ms to 10 min"
        );
    }
    assert_eq!(settings(&given(), &[]).timeout, DEFAULT_TIMEOUT);
    let configured = Given {
        timeout: Some(Duration::from_secs(3)),
        ..given()
    };
    assert_eq!(settings(&configured, &[]).timeout, Duration::from_secs(3));
    let traces = ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "7");
    let all = ("OTEL_EXPORTER_OTLP_TIMEOUT", "8");
    let timeout = settings(&configured, &[all, traces]).timeout;
    assert_eq!(timeout, Duration::from_millis(7));
}

#[test]
fn what_makes_the_traces_has_the_name_that_is_told_last() {
    let configured = Given {
        resource: vec![
            ("service.name".into(), "configured".into()),
            ("team".into(), "shop".into()),
        ],
        ..given()
    };
    let list = (
        "OTEL_RESOURCE_ATTRIBUTES",
        "service.name=listed,region=eu%2Cwest",
    );
    let name = ("OTEL_SERVICE_NAME", "named");
    for (given, variables, expected) in [
        (given(), vec![], "service.name=assay"),
        (
            configured.clone(),
            vec![],
            "service.name=configured team=shop",
        ),
        (
            configured.clone(),
            vec![list],
            "service.name=listed team=shop region=eu,west",
        ),
        (
            configured,
            vec![list, name],
            "service.name=named team=shop region=eu,west",
        ),
    ] {
        let resource = settings(&given, &variables).resource;
        let told: Vec<_> = resource
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(told.join(" "), expected);
    }
}

#[test]
fn attributes_are_described_up_to_the_limit() {
    let list = |count: usize| {
        let entries: Vec<_> = (0..count).map(|number| format!("a{number}=b")).collect();
        entries.join(",")
    };
    // The name of the service is one of them.
    let most = list(resource::MAX_ATTRIBUTES - 1);
    assert!(resolve(&given(), &[("OTEL_RESOURCE_ATTRIBUTES", &most)]).is_ok());
    let more = list(resource::MAX_ATTRIBUTES);
    let error = resolve(&given(), &[("OTEL_RESOURCE_ATTRIBUTES", &more)]).unwrap_err();
    assert!(matches!(error, SettingsError::Resource));
}

#[test]
fn a_run_is_below_whoever_started_it_if_that_says_so() {
    let example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let parent = |text| settings(&given(), &[("TRACEPARENT", text)]).parent;
    assert_eq!(parent(example), TraceContext::parse(example));
    assert_eq!(parent("no traceparent"), None);
}
