//! The configuration as tables: no file, no variable and no argument of the real world is looked at.

use std::{path::PathBuf, time::Duration};

use serde_json::json;

use super::{document::Document, *};
use crate::hint::Hinted;

const FILE: &str = r#"[run]
jobs = 2
timeout = "30s"

[settings.reference]
defects = ""
step-ms = 20

[profiles.quick]
run = { jobs = 8, environment = "other" }
settings = { reference = { step-ms = 1 } }

[baselines."core-flow/latency"]
target = 0.1
critical = 1

[environments.embedded.services.vector-store]
command = ["{exe-dir}/store", "--port", "{port}"]
health = "/health"

[environments.embedded.services.cache]
command = ["cache", "{url:vector-store}", "{setting:reference.defects}"]
ready-line = "listening on "
scheme = "redis"

[environments.other.services.cache]
url = "redis://127.0.0.1:6379/"
"#;

fn inputs(text: &str) -> Inputs {
    Inputs {
        document: Some(Document {
            name: PathBuf::from("assay.toml"),
            folder: PathBuf::from("/project"),
            text: text.to_owned(),
        }),
        directory: PathBuf::from("/project/below"),
        variables: Vec::new(),
        overrides: Overrides::default(),
        seed: 7,
    }
}

fn with(
    text: &str,
    variables: &[(&str, &str)],
    run: &[(&'static str, &str)],
    set: &[&str],
    services: &[&str],
) -> Result<Settings, ConfigError> {
    let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    resolve(Inputs {
        variables: variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        overrides: Overrides {
            run: run
                .iter()
                .map(|(key, text)| (*key, (*text).to_owned()))
                .collect(),
            set: owned(set),
            services: owned(services),
            ..Overrides::default()
        },
        ..inputs(text)
    })
}

fn refused(text: &str) -> (String, String) {
    let error = resolve(inputs(text)).expect_err(text);
    (error.to_string(), error.hint().unwrap_or_default())
}

fn names(settings: &Settings) -> Vec<&str> {
    let services = settings.environment.services.iter();
    services.map(|service| service.name.as_str()).collect()
}

fn origin(settings: &Settings, key: &str) -> String {
    let entry = settings.entries.iter().find(|entry| entry.key == key);
    entry.expect(key).origin.to_string()
}

#[test]
fn without_a_file_the_defaults_hold_and_no_environment() {
    let settings = resolve(Inputs {
        document: None,
        ..inputs("")
    })
    .unwrap();
    assert_eq!(
        (settings.jobs, settings.retries, settings.fail_fast),
        (4, 0, false)
    );
    assert_eq!((settings.seed, settings.profile.as_str()), (7, "default"));
    assert_eq!(settings.environment.name, "none");
    assert_eq!(settings.report_dir, PathBuf::from("/project/below/reports"));
    assert_eq!(origin(&settings, "run.jobs"), "default");
}

#[test]
fn a_stronger_layer_wins_and_is_named() {
    for (variables, run, jobs, from) in [
        (&[][..], &[][..], 2, "assay.toml:2"),
        (&[], &[("profile", "quick")], 8, "assay.toml:10"),
        (&[("ASSAY_PROFILE", "quick")], &[], 8, "assay.toml:10"),
        (
            &[("ASSAY_PROFILE", "quick"), ("ASSAY_JOBS", "3")],
            &[],
            3,
            "variable ASSAY_JOBS",
        ),
        (
            &[("ASSAY_JOBS", "3")],
            &[("jobs", "5")],
            5,
            "argument --jobs",
        ),
    ] {
        let settings = with(FILE, variables, run, &[], &[]).unwrap();
        assert_eq!(
            (settings.jobs, origin(&settings, "run.jobs").as_str()),
            (jobs, from)
        );
    }
}

#[test]
fn settings_are_merged_by_their_names() {
    let settings = with(
        FILE,
        &[],
        &[("profile", "quick")],
        &["reference.defects=D1,D5", "a.b=[1, 2]"],
        &[],
    )
    .unwrap();
    let expected = json!({"reference": {"defects": "D1,D5", "step-ms": 1}, "a": {"b": [1, 2]}});
    assert_eq!(serde_json::Value::from(settings.values.clone()), expected);
    assert_eq!(
        origin(&settings, "settings.reference.step-ms"),
        "assay.toml:11"
    );
    assert_eq!(
        origin(&settings, "settings.reference.defects"),
        "argument --set reference.defects=D1,D5"
    );
}

#[test]
fn a_set_value_is_toml_or_else_a_bare_word() {
    for (text, value) in [
        ("1", json!(1)),
        ("0.5", json!(0.5)),
        ("true", json!(true)),
        ("D1", json!("D1")),
        ("", json!("")),
        ("a=b", json!("a=b")),
        ("1.5.0", json!("1.5.0")),
        ("\"1\"", json!("1")),
        ("{x = 1}", json!({"x": 1})),
    ] {
        let settings = with("", &[], &[], &[&format!("v={text}")], &[]).expect(text);
        assert_eq!(settings.values["v"], value, "{text}");
    }
    let deep = vec!["a"; 33].join(".");
    for set in [
        "v",
        "=1",
        "a..b=1",
        "v=[1,",
        "v=\"x",
        &format!("{deep}=1"),
        "v=inf",
    ] {
        let outcome = with("", &[], &[], &[set], &[]);
        assert!(outcome.is_err(), "{set}: {outcome:?}");
    }
    assert!(with("", &[], &[], &[&format!("{}=1", &deep[2..])], &[]).is_ok());
}

#[test]
fn a_set_name_that_is_a_slip_is_refused_with_what_was_meant() {
    let new = "a new one goes under [settings] of assay.toml";
    let meant = |name: &str| format!("did you mean `{name}`? {new}");
    for (set, name, hint) in [
        (
            "reference.defect=D13",
            "reference.defect",
            meant("reference.defects"),
        ),
        (
            "refrence.defects=D13",
            "refrence.defects",
            meant("reference.defects"),
        ),
        ("defects=D13", "defects", meant("reference.defects")),
        (
            "reference={defcts = 1}",
            "reference.defcts",
            meant("reference.defects"),
        ),
        ("qick=true", "qick", meant("quick")),
        (
            "reference.new.x=1",
            "reference.new.x",
            format!("there is: reference.defects, reference.step-ms; {new}"),
        ),
    ] {
        let file = format!("{FILE}[profiles.slow.settings]\nquick = false\n");
        let error = with(&file, &[], &[], &[set], &[]).expect_err(set);
        assert_eq!(error.message, format!("there is no setting `{name}`"));
        assert_eq!(error.hint(), Some(hint), "{set}");
        assert!(with("", &[], &[], &[set], &[]).is_ok(), "{set}");
    }
    // A setting of a profile is declared, also where another profile is chosen; a whole new table is somebody else's.
    let file = FILE.replace("step-ms = 20\n", "");
    assert!(
        with(
            &file,
            &[],
            &[],
            &["reference.step-ms=3", "faulty.setup=fail"],
            &[]
        )
        .is_ok()
    );
}

#[test]
fn a_set_that_a_running_service_would_not_notice_is_refused() {
    let set = "reference.defects=D1";
    let url = ("ASSAY_SERVICE_CACHE_URL", "redis://a:1");
    let error = with(FILE, &[url], &[], &[set], &[]).expect_err("it comes too late");
    assert_eq!(
        error.to_string(),
        "argument --set reference.defects=D1: service `cache` gets `reference.defects` when it is started, but it runs \
            already: variable ASSAY_SERVICE_CACHE_URL"
    );
    let error = with(FILE, &[], &[], &[set], &["cache=redis://a:1"]).expect_err("so does this");
    assert!(
        error
            .message
            .ends_with("argument --service cache=redis://a:1"),
        "{error}"
    );
    // Another setting, or another service that runs: it has its effect.
    assert!(with(FILE, &[url], &[], &["reference.step-ms=1"], &[]).is_ok());
    assert!(with(FILE, &[], &[], &[set], &["vector-store=http://a:1"]).is_ok());
}

#[test]
fn a_service_that_is_said_to_run_is_not_waited_for_as_long_as_one_that_starts() {
    let within = |settings: &Settings| settings.environment.services[0].readiness.within;
    let started = resolve(inputs(FILE)).unwrap();
    assert_eq!(within(&started), Duration::from_secs(20));
    let given = with(FILE, &[], &[], &[], &["vector-store=http://a:1"]).unwrap();
    assert_eq!(within(&given), Duration::from_secs(5));
    let file = "[environments.embedded.services.web]\nurl = \"http://a\"\n";
    assert_eq!(
        within(&resolve(inputs(file)).unwrap()),
        Duration::from_secs(5)
    );
    let patient = format!("{file}ready-within = \"1m\"\n");
    assert_eq!(
        within(&resolve(inputs(&patient)).unwrap()),
        Duration::from_mins(1)
    );
}

#[test]
fn a_table_and_a_plain_value_do_not_replace_each_other() {
    for set in ["reference=1", "reference.defects.x=1"] {
        let error = with(FILE, &[], &[], &[set], &[]).expect_err(set);
        assert!(error.message.contains("set at assay.toml:"), "{error}");
    }
}

#[test]
fn services_keep_the_order_of_the_file() {
    assert_eq!(
        names(&resolve(inputs(FILE)).unwrap()),
        ["vector-store", "cache"]
    );
}

#[test]
fn services_are_shown_with_all_that_holds_for_them() {
    let shown = |arguments: &[&str]| -> Vec<String> {
        let settings = with(FILE, &[], &[], &[], arguments).unwrap();
        let services = settings.entries.iter().filter_map(|entry| {
            let name = entry.key.strip_prefix("environments.embedded.services.")?;
            Some(format!("{name} = {} # {}", entry.value, entry.origin))
        });
        services.collect()
    };
    let cache = [
        "cache.command = \"cache {url:vector-store} {setting:reference.defects}\" # assay.toml:22",
        "cache.ready-line = \"listening on \" # assay.toml:23",
        "cache.scheme = \"redis\" # assay.toml:24",
        "cache.ready-within = \"20s\" # default",
    ];
    let started = [
        "vector-store.command = \"{exe-dir}/store --port {port}\" # assay.toml:18",
        "vector-store.scheme = \"http\" # default",
        "vector-store.health = \"/health\" # assay.toml:19",
        "vector-store.health-status = 200 # default",
        "vector-store.ready-within = \"20s\" # default",
    ];
    assert_eq!(shown(&[]), [&started[..], &cache].concat());
    let given = [
        "vector-store.url = \"http://a:1\" # argument --service vector-store=http://a:1",
        "vector-store.health = \"/health\" # assay.toml:19",
        "vector-store.health-status = 200 # default",
        "vector-store.ready-within = \"5s\" # default",
    ];
    let arguments = ["vector-store=http://a:1"];
    assert_eq!(shown(&arguments), [&given[..], &cache].concat());
}

#[test]
fn a_seed_that_nobody_gives_is_random() {
    assert_eq!(origin(&resolve(inputs("")).unwrap(), "run.seed"), "random");
    let given = with("", &[], &[("seed", "1")], &[], &[]).unwrap();
    assert_eq!(origin(&given, "run.seed"), "argument --seed");
}

#[test]
fn running_services_are_used_instead_of_started() {
    let variable = [("ASSAY_SERVICE_VECTOR_STORE_URL", "http://a:1/")];
    for (variables, arguments, url) in [
        (&variable[..], &[][..], "http://a:1"),
        (&[], &["vector-store=http://b:2"], "http://b:2"),
        (&variable, &["vector-store=http://b:2"], "http://b:2"),
    ] {
        let settings = with(FILE, variables, &[], &[], arguments).unwrap();
        let ServiceSource::Running { url: used, .. } = &settings.environment.services[0].source
        else {
            panic!("it would be started");
        };
        assert_eq!(used, url);
        assert_eq!(names(&settings), ["vector-store", "cache"]);
    }
    let free = with("", &variable, &[], &[], &["any=http://c"]).unwrap();
    assert_eq!(names(&free), ["vector-store", "any"]);
    for wrong in [
        "cache",
        "cash=redis://a:1",
        "cache=6379",
        "cache=http://a/?x=1",
    ] {
        assert!(with(FILE, &[], &[], &[], &[wrong]).is_err(), "{wrong}");
    }
}

#[test]
fn paths_start_where_they_were_written() {
    let file = "[run]\nreport-dir = \"out\"\ncache-dir = \"\"\n";
    let settings = resolve(inputs(file)).unwrap();
    assert_eq!(
        (settings.report_dir, settings.cache_dir),
        (PathBuf::from("/project/out"), None)
    );
    let settings = with(file, &[], &[("report-dir", "out")], &[], &[]).unwrap();
    assert_eq!(settings.report_dir, PathBuf::from("/project/below/out"));
}

#[test]
fn limits_hold_up_to_their_last_value() {
    let settings = resolve(inputs(
        "[run]\njobs = 1024\ntimeout = \"24h\"\nmemory = \"4GiB\"\noutput-limit = \"0B\"\n",
    ))
    .unwrap();
    assert_eq!(settings.jobs, 1024);
    let limits = Limits {
        timeout: Duration::from_hours(24),
        memory: 4 << 30,
        output: 0,
    };
    assert_eq!(settings.limits, limits);
    for line in [
        "jobs = 0",
        "jobs = 1025",
        "jobs = -1",
        "jobs = \"2\"",
        "jobs = 1.0",
        "retries = 101",
        "fail-fast = 1",
        "timeout = 30",
        "timeout = \"0s\"",
        "timeout = \"25h\"",
        "memory = \"1KiB\"",
        "memory = \"5GiB\"",
        "memory = 64",
        "output-limit = \"65MiB\"",
        "report-dir = \"\"",
        "seed = -1",
        "environment = 1",
        "profile = true",
    ] {
        let (error, hint) = refused(&format!("[run]\n{line}\n"));
        assert!(error.starts_with("assay.toml:2: "), "{line}: {error}");
        assert!(!hint.is_empty(), "{line}");
    }
}

/// What is configured, the error, and the hint unless it is a longer one.
fn assert_refused(rows: &[(&str, &str, &str)]) {
    for (text, error, hint) in rows {
        let (told, advice) = refused(text);
        assert_eq!(told, *error, "{text}");
        assert!(!advice.is_empty(), "{text}");
        assert!(hint.is_empty() || advice == *hint, "{text}: {advice}");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_line_and_what_to_do() {
    assert_refused(&[
        (
            "[run]\nretires = 1",
            "assay.toml:2: `retires` is no key of `[run]`",
            "did you mean `retries`?",
        ),
        (
            "\n[rum]",
            "assay.toml:2: `rum` is no table",
            "did you mean `run`?",
        ),
        (
            "[run]\nenvironment = \"x\"",
            "assay.toml:2: `x` is no environment",
            "there is: none",
        ),
        (
            "[run]\nprofile = \"x\"\n[profiles.quick]",
            "assay.toml:2: `x` is no profile",
            "there is: quick, default",
        ),
        (
            "[profiles.a.run]\nprofile = \"b\"",
            "assay.toml:2: `profile` is no key of `[profiles.a.run]`",
            "",
        ),
        (
            "[baselines.\"a/b\"]\ntarget = 1",
            "assay.toml:1: `a/b`: `critical` is missing",
            "give both `target` and `critical`",
        ),
        (
            "[baselines.a]\n",
            "assay.toml:1: `a`: it does not name a suite and its baseline",
            "",
        ),
        (
            "[settings]\nx = inf",
            "assay.toml:2: the number `inf` is not finite",
            "",
        ),
        (
            "[settings]\nx = 99999999999999999999",
            "assay.toml:2: the number `99999999999999999999` is out of range",
            "",
        ),
    ]);
    assert!(
        refused("[run]\n\njobs = = 1")
            .0
            .starts_with("assay.toml:3: ")
    );
}

#[test]
fn a_service_that_cannot_be_meant_is_named_with_its_line() {
    assert_refused(&[
        (
            "[environments.a.services.s]\n",
            "assay.toml:1: `s`: the service has neither `command` nor `url`",
            "",
        ),
        (
            "[environments.a.services.s]\ncommand = [\"x\"]\n",
            "assay.toml:2: `command`: nobody can know where the service listens",
            "",
        ),
        (
            "[environments.a.services.s]\ncommand = []\n",
            "assay.toml:2: `command`: no program is named",
            "",
        ),
        (
            "[environments.a.services.s]\ncommand = [\"{prot}\"]\n",
            "assay.toml:2: `command`: `{prot}` is unknown",
            "",
        ),
        (
            "[environments.a.services.s]\ncommand = [\"{port}{url:b}\"]\n",
            "assay.toml:1: `b` is no service before `s`",
            "",
        ),
        (
            "[environments.a.services.s]\nurl = \"x\"\n",
            "assay.toml:2: `x` is no base URL: relative URL without a base",
            "",
        ),
        (
            "[environments.a.services.s]\nurl = \"http://a\"\nhealth = \"x\"",
            "assay.toml:3: `health`: `x` is no path",
            "",
        ),
        (
            "[environments.a.services.s]\nurl = \"http://a\"\nhelth = \"/x\"",
            "assay.toml:3: `helth` is no key of the service `s`",
            "did you mean `health`?",
        ),
        (
            "[environments.embedded.services.s]\ncommand = [\"{port}\", \"{setting:x}\"]",
            "assay.toml:1: the command of `s` needs the setting `x`",
            "add it to `[settings]`, or give it: `--set x=VALUE`",
        ),
    ]);
}

/// Two services of which the second one is told of the first, and their links.
fn linked(links: &str) -> String {
    format!(
        "[environments.embedded]\n\
         [environments.embedded.services]\n\
         cache = {{ command = [\"c\", \"{{port}}\"] }}\n\
         web = {{ command = [\"w\", \"{{port}}\", \"{{address:cache}}\"] }}\n\
         far = {{ url = \"http://192.0.2.1\" }}\n\
         [environments.embedded.links]\n{links}"
    )
}

#[test]
fn links_are_read_in_their_order_and_shown_with_their_lines() {
    let text = linked("\"client->web\" = {}\n\"web->cache\" = {}\n\"far->cache\" = {}");
    let settings = resolve(inputs(&text)).unwrap();
    let links = settings.environment.links.iter();
    assert_eq!(
        links.map(ToString::to_string).collect::<Vec<_>>(),
        ["client->web", "web->cache", "far->cache"]
    );
    let shown = settings.entries.last().unwrap();
    assert_eq!(shown.key, "environments.embedded.links.\"far->cache\"");
    assert_eq!(shown.value.to_string(), "{ }");
    assert_eq!(shown.origin.to_string(), "assay.toml:9");
}

#[test]
fn a_link_that_cannot_be_meant_is_named_with_its_line() {
    let row = |link: &str| linked(&format!("\"{link}\" = {{}}"));
    for (text, error, hint) in [
        (
            row("web"),
            "assay.toml:7: `web`: it does not name two ends",
            "write it like `\"client->SERVICE\" = {}`",
        ),
        (
            row("web->cahce"),
            "assay.toml:7: `cahce` is no service",
            "did you mean `cache`?",
        ),
        (
            row("wep->cache"),
            "assay.toml:7: `wep` is no service",
            "did you mean `web`?",
        ),
        (
            row("cleint->cache"),
            "assay.toml:7: `cleint` is no service",
            "did you mean `client`?",
        ),
        (
            row("web->client"),
            "assay.toml:7: `client` is no service",
            "there is: cache, web, far",
        ),
        (
            row("cache->cache"),
            "assay.toml:7: `cache->cache`: both ends are the same",
            "",
        ),
        (
            row("cache->web"),
            "assay.toml:7: `cache->web`: the command of `cache` does not connect to `web`",
            "name the service there, as `{url:web}` or `{address:web}`",
        ),
        (
            linked("\"client->web\" = { latency = 1 }"),
            "assay.toml:7: `latency` is no key of the link `client->web`",
            "",
        ),
        (
            linked("\"client->web\" = 1"),
            "assay.toml:7: `client->web`: `1` is not a table",
            "",
        ),
        (
            "[environments.a.services.client]\nurl = \"http://a\"".to_owned(),
            "assay.toml:1: no service can be called `client`: it is a name of links",
            "",
        ),
        (
            "[environments.a.services.\"a->b\"]\nurl = \"http://a\"".to_owned(),
            "assay.toml:1: no service can be called `a->b`: it is a name of links",
            "",
        ),
    ] {
        assert_refused(&[(&text, error, hint)]);
    }
    let error = with("", &[], &[], &[], &["client=http://a"]).unwrap_err();
    assert!(error.message.contains("`client`"), "{error}");
}

#[test]
fn an_environment_has_so_many_links_and_no_more() {
    let many = |count: usize| {
        let services = (0..count).map(|n| format!("s{n} = {{ url = \"http://a\" }}\n"));
        let links = (0..count).map(|n| format!("\"client->s{n}\" = {{}}\n"));
        format!(
            "[environments.embedded.services]\n{}[environments.embedded.links]\n{}",
            services.collect::<String>(),
            links.collect::<String>()
        )
    };
    let most = resolve(inputs(&many(links::MAX_LINKS))).unwrap();
    assert_eq!(most.environment.links.len(), links::MAX_LINKS);
    let (error, _) = refused(&many(links::MAX_LINKS + 1));
    assert!(error.ends_with("at most 256 links"), "{error}");
}

#[test]
fn a_service_that_tells_its_port_may_be_given_it_again() {
    let text =
        "[environments.embedded.services.s]\ncommand = [\"x\", \"{port}\"]\nready-line = \"on \"";
    let settings = with(text, &[], &[], &[], &[]).unwrap();
    let ServiceSource::Started(process) = &settings.environment.services[0].source else {
        panic!("it is started");
    };
    assert_eq!(process.address, AddressSource::ReadyLine("on ".to_owned()));
}

#[test]
fn an_unknown_or_unreadable_variable_is_named() {
    for (name, value, message) in [
        (
            "ASSAY_JOBZ",
            "1",
            "variable ASSAY_JOBZ: `ASSAY_JOBZ` is no variable",
        ),
        (
            "ASSAY_JOBS",
            "many",
            "variable ASSAY_JOBS: `jobs`: `\"many\"` is not a whole number from 1 to 1024",
        ),
        (
            "ASSAY_TIMEOUT",
            "soon",
            "variable ASSAY_TIMEOUT: `timeout`: `soon` is no duration",
        ),
    ] {
        let error = with("", &[(name, value)], &[], &[], &[])
            .expect_err(name)
            .to_string();
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn this_repositorys_own_file_is_readable() {
    let settings = resolve(inputs(include_str!("../../../assay.toml"))).unwrap();
    assert_eq!(settings.environment.name, "embedded");
    assert_eq!(
        names(&settings)[..4],
        [
            "cache",
            "vector-store",
            "project-service",
            "generation-service"
        ]
    );
    assert!(
        with(
            include_str!("../../../assay.toml"),
            &[],
            &[("profile", "quick")],
            &[],
            &[]
        )
        .is_ok()
    );
}
