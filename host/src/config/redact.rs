//! `[redact]`: which settings are secret, and which patterns are. Whatever layer a secret setting has its value from, and also where
//! another layer counts more: all of its values are known to be secret.

use assay_report::hint::nearest;

use crate::{
    config::{
        document::Document,
        entry::{Entry, Value, find},
        error::ConfigError,
        given::set_entry,
        origin::Origin,
    },
    redact::{MIN_SECRET_BYTES, PatternError, Patterns, Redactor, Secret, is_credential},
};

/// The keys of `[redact]`.
pub(super) const KEYS: [&str; 2] = ["settings", "patterns"];
/// Values that may be secret.
pub const MAX_SECRETS: usize = 256;
/// Bytes of all of them together.
pub const MAX_SECRETS_BYTES: usize = 64 << 10;

/// Reads the table. `layers` are all tables of settings, wherever they are; `others` are tables by their names whose addresses and
/// headers may have credentials. What names no setting is worth a warning.
pub(super) fn read(
    table: &[Entry],
    layers: &[&[Entry]],
    others: &[(&str, &[Entry])],
) -> Result<(Redactor, Vec<String>), ConfigError> {
    let mut leaves = Vec::new();
    for layer in layers {
        flatten("", layer, &mut leaves);
    }
    let mut secrets = Vec::new();
    let mut warnings = Vec::new();
    if let Some(marked) = find(table, "settings") {
        for name in texts(marked)? {
            if !is_there(marked, name, &leaves)? {
                warnings.push(format!(
                    "`settings` of [redact] names `{name}`, which no setting is called: nothing is hidden by it"
                ));
            }
            for (setting, entry) in leaves.iter().filter(|(known, _)| is_within(known, name)) {
                collect(setting, &entry.value, entry, &mut secrets)?;
            }
        }
        check_size(marked, &secrets)?;
    }
    for (name, other) in others {
        secrets.extend(credentials(name, other));
    }
    let patterns = match find(table, "patterns") {
        Some(entry) => patterns(entry)?,
        None => Patterns::default(),
    };
    let secrets = secrets.into_iter().map(|(secret, _)| secret).collect();
    Ok((Redactor::new(secrets, patterns), warnings))
}

/// What hides the secrets in an error of a configuration that cannot be read to its end: as far as anything is known of them.
pub(super) fn as_far_as_known(document: Option<&Document>, sets: &[String]) -> Redactor {
    let top = document.and_then(|document| document.entries().ok());
    let top = top.unwrap_or_default();
    let inside = |entries: &'_ [Entry], key: &str| -> Vec<Entry> {
        let table = find(entries, key).and_then(|entry| entry.table().ok());
        table.map(<[Entry]>::to_vec).unwrap_or_default()
    };
    let redact = inside(&top, "redact");
    let Some(marked) = find(&redact, "settings").and_then(|entry| texts(entry).ok()) else {
        return Redactor::default();
    };
    let mut layers = vec![inside(&top, "settings")];
    for tables in ["environments", "profiles"] {
        for one in inside(&top, tables) {
            layers.push(inside(std::slice::from_ref(&one), &one.key));
        }
    }
    layers.extend(
        sets.iter()
            .filter_map(|set| Some(vec![set_entry(set).ok()?])),
    );
    let mut leaves = Vec::new();
    for layer in &layers {
        flatten("", layer, &mut leaves);
        flatten("", &inside(layer, "settings"), &mut leaves);
    }
    let mut secrets = Vec::new();
    for name in marked {
        for (setting, entry) in leaves.iter().filter(|(known, _)| is_within(known, name)) {
            // A value that cannot be secret is the error of whoever reads it.
            let _ = collect(setting, &entry.value, entry, &mut secrets);
        }
        // Also what is no value at all.
        let given = sets.iter().filter_map(|set| set.split_once('='));
        for (setting, text) in given.filter(|(setting, _)| is_within(setting.trim(), name)) {
            let secret = Secret::setting(setting.trim(), text.trim());
            secrets.extend(secret.map(|secret| (secret, text.len())));
        }
    }
    let secrets = secrets.into_iter().map(|(secret, _)| secret);
    Redactor::new(secrets.take(MAX_SECRETS).collect(), Patterns::default())
}

/// What is secret in a table of addresses and their headers: headers whose names say so, with and without the word of their scheme, and the
/// queries of addresses. What is too short to be secret is none.
fn credentials(name: &str, table: &[Entry]) -> Vec<(Secret, usize)> {
    let mut found = Vec::new();
    for entry in table {
        let name = format!("{name}.{}", entry.key);
        let headers = entry.table().unwrap_or_default().iter();
        for header in headers.filter(|header| is_credential(&header.key)) {
            let text = header.text().unwrap_or_default();
            let bare = text.split_once(' ').map(|(_, bare)| bare.trim());
            let name = format!("{name}.{}", header.key);
            found.extend([Some(text), bare].map(|text| (name.clone(), text)));
        }
        let query = entry.text().ok().and_then(|text| text.split_once('?'));
        found.push((name, query.map(|(_, query)| query)));
    }
    let secrets = found.into_iter().filter_map(|(name, text)| {
        let text = text?;
        Some((Secret::setting(&name, text)?, text.len()))
    });
    secrets.collect()
}

/// Plain values by their dotted names.
fn flatten(around: &str, entries: &[Entry], into: &mut Vec<(String, Entry)>) {
    for entry in entries {
        let name = format!("{around}{}", entry.key);
        match &entry.value {
            Value::Table(inner) => flatten(&format!("{name}."), inner, into),
            _ => into.push((name, entry.clone())),
        }
    }
}

/// Whether a setting is the one of that name, or in the table of that name.
fn is_within(setting: &str, name: &str) -> bool {
    let below = setting.strip_prefix(name);
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a setting has this name. One that nothing has may be that of a setting of other people's suites, but not one that is nearly
/// there: a slip would tell the secret.
fn is_there(marked: &Entry, name: &str, leaves: &[(String, Entry)]) -> Result<bool, ConfigError> {
    if leaves.iter().any(|(known, _)| is_within(known, name)) {
        return Ok(true);
    }
    match nearest(name, leaves.iter().map(|(known, _)| known.as_str())) {
        Some(near) => Err(marked.wrong(
            format_args!("there is no setting `{name}`"),
            format!("did you mean `{near}`?"),
        )),
        None => Ok(false),
    }
}

/// A value and its size, and those in a list.
fn collect(
    name: &str,
    value: &Value,
    entry: &Entry,
    into: &mut Vec<(Secret, usize)>,
) -> Result<(), ConfigError> {
    let text = match value {
        Value::Text(text) => text.clone(),
        Value::Integer(_) | Value::Float(_) => value.to_string(),
        Value::List(list) => {
            return list
                .iter()
                .try_for_each(|value| collect(name, value, entry, into));
        }
        Value::Boolean(_) => {
            return Err(refused(
                name,
                entry,
                "is true or false, which is no secret that could be taken out of a text",
            ));
        }
        // In a list: its values are reached one by one.
        Value::Table(entries) => {
            return entries.iter().try_for_each(|inner| {
                collect(&format!("{name}.{}", inner.key), &inner.value, entry, into)
            });
        }
    };
    // One that is empty is not set.
    if text.is_empty() {
        return Ok(());
    }
    let secret = Secret::setting(name, &text).ok_or_else(|| {
        let why = format!(
            "has fewer than {MIN_SECRET_BYTES} bytes: so short a secret would be taken out of every text"
        );
        refused(name, entry, &why)
    })?;
    into.push((secret, text.len()));
    Ok(())
}

/// The origin of an argument has its value, which must not be told.
fn refused(name: &str, entry: &Entry, why: &str) -> ConfigError {
    let origin = match &entry.origin {
        Origin::Argument(_) => Origin::Argument(format!("--set {name}")),
        other => other.clone(),
    };
    ConfigError::new(
        &origin,
        format!("the secret setting `{name}` {why}"),
        "give it a longer value, or take it out of `settings` of [redact]",
    )
}

fn check_size(marked: &Entry, secrets: &[(Secret, usize)]) -> Result<(), ConfigError> {
    let bytes: usize = secrets.iter().map(|(_, bytes)| bytes).sum();
    if secrets.len() > MAX_SECRETS || bytes > MAX_SECRETS_BYTES {
        let message = format!(
            "{} values of {bytes} bytes are secret, at most {MAX_SECRETS} of {MAX_SECRETS_BYTES} bytes are looked for",
            secrets.len()
        );
        return Err(marked.wrong(message, "name fewer settings"));
    }
    Ok(())
}

fn patterns(entry: &Entry) -> Result<Patterns, ConfigError> {
    let expressions: Vec<String> = texts(entry)?.into_iter().map(str::to_owned).collect();
    Patterns::new(&expressions).map_err(|error| {
        let hint = match &error {
            PatternError::TooMany(_) | PatternError::TooLong(_) => {
                "put several into one, or write them shorter"
            }
            PatternError::Invalid { .. } => {
                "see https://docs.rs/regex for how it is written; in '...' no backslash is doubled"
            }
            PatternError::Empty(_) => {
                "let it need at least one character, such as with `+` instead of `*`"
            }
        };
        entry.wrong(error, hint)
    })
}

fn texts(entry: &Entry) -> Result<Vec<&str>, ConfigError> {
    let wrong = || entry.wrong("it is no list of texts", "write it like `[\"load.token\"]`");
    let Value::List(list) = &entry.value else {
        return Err(wrong());
    };
    let texts = list.iter().map(|value| match value {
        Value::Text(text) => Ok(text.as_str()),
        _ => Err(wrong()),
    });
    texts.collect()
}
