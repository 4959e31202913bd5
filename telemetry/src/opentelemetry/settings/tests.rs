use super::*;

fn given() -> Given {
    Given {
        endpoint: Some("http://127.0.0.1:4318".into()),
        ..Given::default()
    }
}

fn resolved(given: &Given, variables: &[(&str, &str)]) -> Result<Resolved, SettingsError> {
    Settings::resolve(given, |name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

/// Where nothing is warned of.
fn resolve(given: &Given, variables: &[(&str, &str)]) -> Result<Option<Settings>, SettingsError> {
    let resolved = resolved(given, variables)?;
    assert_eq!(resolved.warnings, [""; 0]);
    Ok(resolved.settings)
}

/// Where one thing is: what comes of it, and the warning.
fn warned(given: &Given, variables: &[(&str, &str)]) -> (Option<Settings>, String) {
    let resolved = resolved(given, variables).unwrap();
    assert_eq!(resolved.warnings.len(), 1, "{:?}", resolved.warnings);
    (resolved.settings, resolved.warnings.concat())
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
fn variables_of_a_receiver_of_grpc_are_warned_of_and_do_not_keep_the_run_from_being_made() {
    let grpc = ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let named = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317");
    let asks = "the variable `OTEL_EXPORTER_OTLP_PROTOCOL` asks for `grpc`, and only `http/protobuf` is spoken";
    for given in [Given::default(), given()] {
        let (settings, warning) = warned(&given, &[grpc, named]);
        assert!(settings.is_none());
        let then = format!("{asks}: no traces are sent (");
        assert!(warning.starts_with(&then), "{warning}");
        assert!(warning.contains("4318"), "{warning}");
    }
    // What the configuration names is a receiver of HTTP.
    let (settings, warning) = warned(&given(), &[grpc]);
    assert!(settings.is_some());
    let then = format!("{asks}: the variable is ignored (");
    assert!(warning.starts_with(&then), "{warning}");
    let ours = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf");
    assert!(resolve(&given(), &[grpc, named, ours]).unwrap().is_some());
    assert!(resolve(&Given::default(), &[grpc]).unwrap().is_none());
}

#[test]
fn what_a_variable_holds_that_nobody_knows_is_warned_of_and_ignored() {
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
    for wrong in [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "pigeon"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=b,c"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "content-type=text/plain"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
        ("OTEL_RESOURCE_ATTRIBUTES", "team=shop,region"),
    ] {
        let (settings, warning) = warned(&Given::default(), &[endpoint, wrong]);
        let settings = settings.unwrap();
        assert!(warning.contains(wrong.0), "{warning}");
        assert!(warning.contains("the variable is ignored"), "{warning}");
        assert!(settings.headers.map().is_empty(), "the whole list is");
        assert_eq!(settings.timeout, DEFAULT_TIMEOUT);
        let service = [("service.name".to_owned(), "assay".to_owned())];
        assert_eq!(settings.resource, service);
    }
}

#[test]
fn a_variable_that_names_no_receiver_leaves_none_for_its_token_is_nobody_elses() {
    let wrong = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "unix:///run/otlp");
    let all = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
    let (settings, warning) = warned(&given(), &[wrong, all]);
    assert!(settings.is_none());
    assert!(warning.contains("no traces are sent"), "{warning}");
}

#[test]
fn what_the_configuration_says_wrongly_is_an_error() {
    let endpoint = Given {
        endpoint: Some("127.0.0.1:4318".into()),
        ..Given::default()
    };
    let timeout = Given {
        timeout: Some(Duration::ZERO),
        ..given()
    };
    let count = resource::MAX_ATTRIBUTES;
    let resource = Given {
        resource: (0..count)
            .map(|number| (format!("a{number}"), "b".to_owned()))
            .collect(),
        ..given()
    };
    for wrong in [endpoint, timeout, resource] {
        let error = resolve(&wrong, &[]).unwrap_err();
        assert!(error.hint().is_some(), "{error}");
    }
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
fn no_secret_is_in_a_warning_or_in_what_is_shown() {
    for variables in [
        vec![("OTEL_EXPORTER_OTLP_HEADERS", "a=b,s3cret")],
        vec![("OTEL_EXPORTER_OTLP_HEADERS", "a=s3cret%0a")],
        vec![("OTEL_EXPORTER_OTLP_HEADERS", "s3cret token=b")],
        vec![("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://me:s3cret@host")],
    ] {
        let (_, told) = warned(&given(), &variables);
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
        let variable = [("OTEL_EXPORTER_OTLP_TIMEOUT", wrong)];
        let (settings, warning) = warned(&given(), &variable);
        assert_eq!(settings.unwrap().timeout, DEFAULT_TIMEOUT);
        let what = "the variable `OTEL_EXPORTER_OTLP_TIMEOUT` is no time from 1 ms to 10 min";
        assert!(warning.starts_with(what), "{warning}");
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
    let (settings, warning) = warned(&given(), &[("OTEL_RESOURCE_ATTRIBUTES", &more)]);
    assert_eq!(settings.unwrap().resource.len(), 1);
    assert!(warning.contains("more than"), "{warning}");
}

#[test]
fn a_run_is_below_whoever_started_it_if_that_says_so() {
    let example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let parent = |text| settings(&given(), &[("TRACEPARENT", text)]).parent;
    assert_eq!(parent(example), TraceContext::parse(example));
    assert_eq!(parent("no traceparent"), None);
}
