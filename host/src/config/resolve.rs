//! The merge: layers of entries become the settings of a run.

use std::collections::BTreeMap;

use crate::config::{
    BaselineLevels, EnvironmentSettings, Settings,
    entry::{Entry, find, overlay, to_json},
    environments,
    error::ConfigError,
    given::{Variables, argument_entries, given_services, set_entry},
    grants::GrantSettings,
    history::{self, HistorySettings},
    inputs::Inputs,
    known::{Declared, check_in_time, given_to_project},
    opentelemetry, prometheus, redact, report,
    run::{self, DEFAULT_ENVIRONMENT, DEFAULT_PROFILE, NO_ENVIRONMENT, Run},
    running::use_running,
    shown::{flatten, link_entries, service_entries},
    signatures,
};

/// The tables of `assay.toml`.
const SECTIONS: [&str; 12] = [
    "run",
    "report",
    "redact",
    "history",
    "prometheus",
    "opentelemetry",
    "signatures",
    "grants",
    "settings",
    "profiles",
    "baselines",
    "environments",
];

/// Merges everything. The first thing that is wrong is the error, which tells no secret.
pub fn resolve(inputs: Inputs) -> Result<Settings, ConfigError> {
    let known = redact::as_far_as_known(inputs.document.as_ref(), &inputs.overrides.set);
    merged(inputs).map_err(|error| error.redacted(&known))
}

fn merged(inputs: Inputs) -> Result<Settings, ConfigError> {
    let root = inputs
        .document
        .as_ref()
        .map_or(&inputs.directory, |document| &document.folder);
    let top = match &inputs.document {
        Some(document) => document.entries()?,
        None => Vec::new(),
    };
    let file = sections(&top)?;
    let declared = environments::read(file.environments)?;
    let variables = Variables::read(&inputs.variables)?;
    let arguments = argument_entries(&inputs.overrides);
    let sets = sets(&file, &inputs.overrides.set)?;
    let mut settings_of_all = file.layers()?;
    settings_of_all.push(&sets);
    let headers = [
        ("prometheus", file.prometheus),
        ("opentelemetry", file.opentelemetry),
    ];
    let (redactor, warnings) = redact::read(file.redact, &settings_of_all, &headers)?;
    let layers = Layers {
        variables: variables.run,
        arguments,
        sets: &sets,
    };
    let (run_entries, settings) = merge(&file, &declared, inputs.seed, layers)?;
    let run = Run::read(&run_entries, root, &inputs.directory)?;
    let values = to_json(&settings);
    let chosen = choose(&declared, &run.environment)?;
    let mut environment = chosen.clone();
    if let Some(docker) = &mut environment.docker {
        docker.compose = root.join(&docker.compose);
        docker.given = given_to_project(&sets, docker);
    }
    let given = given_services(
        &variables.services,
        &inputs.overrides.services,
        &environment,
    )?;
    let open = environment.name == NO_ENVIRONMENT
        && !declared.iter().any(|known| known.name == NO_ENVIRONMENT);
    for (name, url, origin) in given {
        use_running(&mut environment, &name, &url, &origin, open)?;
    }
    for set in &sets {
        check_in_time(set, &chosen, &environment)?;
    }
    environments::check_settings(&environment, &values)?;
    let reports = report::entries(file.report, &inputs.overrides.report)?;
    let levels = of_environment(&file, &run_entries, "baselines", file.baselines)?;
    let history = history::entries(file.history, &inputs.overrides.history);
    let mut entries = Vec::new();
    flatten("run", &run_entries, &mut entries);
    flatten("report", &reports, &mut entries);
    flatten("redact", file.redact, &mut entries);
    flatten("history", &history, &mut entries);
    flatten("prometheus", file.prometheus, &mut entries);
    flatten("opentelemetry", file.opentelemetry, &mut entries);
    flatten("signatures", file.signatures, &mut entries);
    flatten("grants", file.grants, &mut entries);
    flatten("settings", &settings, &mut entries);
    flatten("baselines", &levels, &mut entries);
    service_entries(&environment, file.environments, &mut entries);
    link_entries(&environment, &mut entries);
    Ok(Settings {
        values,
        environment,
        profile: run.profile.text()?.to_owned(),
        filter: inputs.overrides.filter,
        jobs: run.jobs,
        retries: run.retries,
        shard: run.shard,
        fail_fast: run.fail_fast,
        refill: run.refill,
        traceparent: run.traceparent,
        documents: report::documents(&reports, root, &inputs.directory, &run.report_dir)?,
        report_dir: run.report_dir,
        history: HistorySettings::read(&history, root, &inputs.directory)?,
        prometheus: prometheus::read(file.prometheus, root)?,
        opentelemetry: opentelemetry::read(file.opentelemetry)?,
        signatures: signatures::read(file.signatures)?,
        trust: run.trust,
        grants: GrantSettings::read(file.grants, &inputs.overrides.grants, file.redact)?,
        project: inputs.document.as_ref().map(|_| root.clone()),
        cache_dir: run.cache_dir,
        state_dir: root.join(".assay"),
        root: root.clone(),
        progress: !inputs.overrides.no_progress,
        seed: run.seed,
        baselines: baselines(&levels)?,
        limits: run.limits,
        redactor,
        warnings,
        entries,
    })
}

/// The tables of a document, all of them checked for unknown keys.
struct Sections<'a> {
    run: &'a [Entry],
    report: &'a [Entry],
    redact: &'a [Entry],
    history: &'a [Entry],
    prometheus: &'a [Entry],
    opentelemetry: &'a [Entry],
    signatures: &'a [Entry],
    grants: &'a [Entry],
    settings: &'a [Entry],
    profiles: &'a [Entry],
    baselines: &'a [Entry],
    environments: &'a [Entry],
}

impl<'a> Sections<'a> {
    /// All settings of the file: its own, those of its environments and those of its profiles.
    fn layers(&self) -> Result<Vec<&'a [Entry]>, ConfigError> {
        let profiles = self.profiles.iter().filter_map(|profile| {
            let keys = profile.table().ok()?;
            find(keys, "settings")?.table().ok()
        });
        let environments = self.environments.iter();
        let environments = environments.map(|environment| part_of(environment, "settings"));
        let environments = environments.collect::<Result<Vec<_>, _>>()?;
        let layers = [self.settings].into_iter().chain(environments);
        Ok(layers.chain(profiles).collect())
    }
}

fn sections(top: &[Entry]) -> Result<Sections<'_>, ConfigError> {
    for entry in top {
        if !SECTIONS.contains(&entry.key.as_str()) {
            return Err(ConfigError::unknown(
                &entry.origin,
                "table",
                &entry.key,
                SECTIONS,
            ));
        }
    }
    let table = |key| find(top, key).map_or(Ok(&[][..]), Entry::table);
    let sections = Sections {
        run: run_table(top, "`[run]`", &run::keys())?,
        report: find(top, "report").map_or(Ok(&[][..]), |report| {
            report.table_of("key of `[report]`", &report::keys())
        })?,
        redact: find(top, "redact").map_or(Ok(&[][..]), |table| {
            table.table_of("key of `[redact]`", &redact::KEYS)
        })?,
        history: history::table(top)?,
        prometheus: prometheus::table(top)?,
        opentelemetry: opentelemetry::table(top)?,
        signatures: signatures::table(top)?,
        grants: table("grants")?,
        settings: table("settings")?,
        profiles: table("profiles")?,
        baselines: table("baselines")?,
        environments: table("environments")?,
    };
    for profile in sections.profiles {
        let what = format!("key of `[profiles.{}]`", profile.key);
        let keys = profile.table_of(&what, &["run", "settings"])?;
        // A profile cannot choose another one.
        let known: Vec<_> = run::keys()
            .into_iter()
            .filter(|key| *key != "profile")
            .collect();
        run_table(keys, &format!("`[profiles.{}.run]`", profile.key), &known)?;
        find(keys, "settings").map_or(Ok(&[][..]), Entry::table)?;
    }
    Ok(sections)
}

fn run_table<'a>(
    entries: &'a [Entry],
    name: &str,
    known: &[&str],
) -> Result<&'a [Entry], ConfigError> {
    find(entries, "run").map_or(Ok(&[][..]), |run| {
        run.table_of(&format!("key of {name}"), known)
    })
}

/// What each `--set` says. A name that is nowhere declared may be a slip.
fn sets(file: &Sections<'_>, given: &[String]) -> Result<Vec<Entry>, ConfigError> {
    let known = Declared::new(file.layers()?);
    given
        .iter()
        .map(|set| {
            let entry = set_entry(set)?;
            known.check(&entry)?;
            Ok(entry)
        })
        .collect()
}

/// The layers above the file.
struct Layers<'a> {
    variables: Vec<Entry>,
    arguments: Vec<Entry>,
    sets: &'a [Entry],
}

/// The values of `[run]` and of `[settings]`, all layers merged.
fn merge(
    file: &Sections<'_>,
    declared: &[EnvironmentSettings],
    seed: u64,
    layers: Layers<'_>,
) -> Result<(Vec<Entry>, Vec<Entry>), ConfigError> {
    let default_declared = declared
        .iter()
        .any(|known| known.name == DEFAULT_ENVIRONMENT);
    let environment = if default_declared {
        DEFAULT_ENVIRONMENT
    } else {
        NO_ENVIRONMENT
    };
    let Layers {
        variables,
        arguments,
        sets,
    } = layers;
    let profile = [arguments.as_slice(), variables.as_slice(), file.run]
        .into_iter()
        .find_map(|layer| find(layer, "profile").cloned());
    let profile = match &profile {
        Some(chosen) => profile_of(file.profiles, chosen)?,
        None => file
            .profiles
            .iter()
            .find(|known| known.key == DEFAULT_PROFILE),
    };
    let part = |key| -> Result<Vec<Entry>, ConfigError> {
        let keys = profile.map_or(Ok(&[][..]), Entry::table)?;
        Ok(find(keys, key).map_or(Ok(&[][..]), Entry::table)?.to_vec())
    };
    let mut run = run::default_entries(seed, environment);
    for layer in [file.run.to_vec(), part("run")?, variables, arguments] {
        overlay(&mut run, layer)?;
    }
    let mut settings = of_environment(file, &run, "settings", file.settings)?;
    overlay(&mut settings, part("settings")?)?;
    overlay(&mut settings, sets.to_vec())?;
    Ok((run, settings))
}

/// What the file says of the environment that was chosen; none if it says nothing, and also if none can be told from the value.
fn chosen<'a>(environments: &'a [Entry], run: &[Entry]) -> Option<&'a Entry> {
    let name = find(run, "environment")?.text().ok()?;
    find(environments, name)
}

/// A table of the file, and over it that of the same name in the environment that was chosen.
fn of_environment(
    file: &Sections<'_>,
    run: &[Entry],
    table: &str,
    of_file: &[Entry],
) -> Result<Vec<Entry>, ConfigError> {
    let mut merged = of_file.to_vec();
    if let Some(chosen) = chosen(file.environments, run) {
        overlay(&mut merged, part_of(chosen, table)?.to_vec())?;
    }
    Ok(merged)
}

fn part_of<'a>(environment: &'a Entry, table: &str) -> Result<&'a [Entry], ConfigError> {
    find(environment.table()?, table).map_or(Ok(&[][..]), Entry::table)
}

/// The default profile need not be declared; any other one must be.
fn profile_of<'a>(profiles: &'a [Entry], chosen: &Entry) -> Result<Option<&'a Entry>, ConfigError> {
    let name = chosen.text()?;
    let found = profiles.iter().find(|profile| profile.key == name);
    if found.is_some() || name == DEFAULT_PROFILE {
        return Ok(found);
    }
    let declared = profiles.iter().map(|profile| profile.key.as_str());
    let known = declared
        .filter(|name| *name != DEFAULT_PROFILE)
        .chain([DEFAULT_PROFILE]);
    Err(ConfigError::unknown(&chosen.origin, "profile", name, known))
}

fn choose(
    declared: &[EnvironmentSettings],
    chosen: &Entry,
) -> Result<EnvironmentSettings, ConfigError> {
    let name = chosen.text()?;
    if let Some(found) = declared.iter().find(|known| known.name == name) {
        return Ok(found.clone());
    }
    if name == NO_ENVIRONMENT {
        return Ok(EnvironmentSettings {
            name: name.to_owned(),
            services: Vec::new(),
            links: Vec::new(),
            docker: None,
        });
    }
    let known = declared
        .iter()
        .map(|known| known.name.as_str())
        .chain([NO_ENVIRONMENT]);
    Err(ConfigError::unknown(
        &chosen.origin,
        "environment",
        name,
        known,
    ))
}

fn baselines(entries: &[Entry]) -> Result<BTreeMap<String, BaselineLevels>, ConfigError> {
    entries
        .iter()
        .map(|entry| {
            if entry.key.split('/').filter(|part| !part.is_empty()).count() != 2 {
                let hint = "write it like `[baselines.\"suite/baseline\"]`";
                return Err(entry.wrong("it does not name a suite and its baseline", hint));
            }
            let what = format!("key of `[baselines.\"{}\"]`", entry.key);
            let keys = entry.table_of(&what, &["target", "critical"])?;
            let level = |key: &str| {
                find(keys, key)
                    .ok_or_else(|| {
                        entry.wrong(
                            format_args!("`{key}` is missing"),
                            "give both `target` and `critical`",
                        )
                    })?
                    .number()
            };
            let levels = BaselineLevels {
                target: level("target")?,
                critical: level("critical")?,
                origin: entry.origin.clone(),
            };
            Ok((entry.key.clone(), levels))
        })
        .collect()
}
