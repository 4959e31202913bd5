//! Grants as they stand after `--grant`, for one run.

use assay_report::hint::Hinted;
use thiserror::Error;

use crate::{
    amounts::{Attachments, Load},
    grants::Grants,
    invalid::Invalid,
    items::{Item, Items},
    limits::{MAX_DECLARATION, MAX_NAME},
    table::lists,
};

/// What stands after `--grant`; none if it cannot be said there, because a name has a character that separates others.
pub fn argument(plugin: &str, grants: &Grants) -> Option<String> {
    let mut parts: Vec<String> = lists(grants)
        .into_iter()
        .map(|(key, texts)| format!("{key}={}", texts.join(",")))
        .collect();
    parts.extend(
        grants
            .load
            .map(|load| format!("load={}", load_argument(&load))),
    );
    if !grants.attachments.is_nothing() {
        parts.push(format!("attachments={}", grants.attachments));
    }
    let text = format!("{plugin}: {}", parts.join("; "));
    let same = parse(&text).is_ok_and(|(name, read)| name == plugin && read == *grants);
    (same && !text.contains('\'')).then_some(text)
}

fn load_argument(load: &Load) -> String {
    let rate = load
        .rate
        .map_or_else(String::new, |rate| format!("rate:{rate},"));
    let duration = humantime::format_duration(load.duration);
    format!("vus:{},{rate}duration:{duration}", load.vus)
}

/// What is wrong with a `--grant`.
#[derive(Debug, Error)]
pub enum ArgumentError {
    /// It has no name of a plugin, or one that no plugin can have.
    #[error("`{0}` does not begin with the name of a plugin and a colon")]
    NoPlugin(String),
    /// It grants nothing.
    #[error("it grants nothing to `{0}`")]
    Nothing(String),
    /// A part of it has no such form.
    #[error("`{0}` is none of the parts of a grant")]
    Part(String),
    /// A value of it is wrong.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// An amount of it is wrong.
    #[error("in `{0}`, {1}")]
    Amount(String, String),
    /// It is longer than any.
    #[error("it is over 64 KiB, or has a list of more than 256 entries")]
    TooLong,
}

impl Hinted for ArgumentError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Invalid(invalid) => return invalid.hint(),
            Self::Amount(..) => {
                "write `load=vus:100,rate:1000,duration:5m` and `attachments=true` or `attachments=4MiB`"
            }
            Self::TooLong => {
                "write it into `[grants.NAME]` of assay.toml, with fewer and wider entries"
            }
            Self::NoPlugin(_) | Self::Nothing(_) | Self::Part(_) => {
                "write it like `shop: hosts=api.example.com:443,*.shop.test:443; faults=pause`, with \
                 `hosts`, `services`, `links`, `faults`, `load`, `settings`, `secrets` and `attachments`"
            }
        };
        Some(text.to_owned())
    }
}

/// Reads what stands after `--grant`: the plugin's name, and what it is granted.
///
/// `NAME: KEY=VALUE,VALUE; KEY=VALUE`. The keys are those of `[grants.NAME]`; `load` is `vus:100,rate:1000,duration:5m`.
pub fn parse(text: &str) -> Result<(String, Grants), ArgumentError> {
    if text.len() > MAX_DECLARATION {
        return Err(ArgumentError::TooLong);
    }
    let (name, rest) = text
        .split_once(':')
        .filter(|(name, _)| is_name(name.trim()))
        .ok_or_else(|| ArgumentError::NoPlugin(crate::invalid::shown(text)))?;
    let name = name.trim().to_owned();
    let mut grants = Grants::default();
    for part in rest
        .split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        take(part, &mut grants)?;
    }
    if grants.is_nothing() {
        return Err(ArgumentError::Nothing(name));
    }
    if !grants.is_within_limits() {
        return Err(ArgumentError::TooLong);
    }
    Ok((name, grants))
}

fn take(part: &str, grants: &mut Grants) -> Result<(), ArgumentError> {
    let unknown = || ArgumentError::Part(crate::invalid::shown(part));
    let (key, value) = part.split_once('=').ok_or_else(unknown)?;
    let value = value.trim();
    let amount = |problem| ArgumentError::Amount(crate::invalid::shown(part), problem);
    match key.trim() {
        "hosts" => add(&mut grants.hosts, value)?,
        "services" => add(&mut grants.services, value)?,
        "links" => add(&mut grants.links, value)?,
        "faults" => add(&mut grants.faults, value)?,
        "settings" => add(&mut grants.settings, value)?,
        "secrets" => add(&mut grants.secrets, value)?,
        "load" => grants.load = Some(load(value).map_err(amount)?),
        "attachments" => {
            grants.attachments = match value {
                "true" => Attachments::Everything,
                size => Attachments::size(size).map_err(amount)?,
            }
        }
        _ => return Err(unknown()),
    }
    Ok(())
}

fn add<T: Item + std::str::FromStr<Err = Invalid>>(
    items: &mut Items<T>,
    texts: &str,
) -> Result<(), Invalid> {
    for text in texts.split(',') {
        items.add(text.trim().parse()?);
    }
    Ok(())
}

fn load(text: &str) -> Result<Load, String> {
    let mut written = serde_json::Map::new();
    for part in text.split(',') {
        let (key, value) = part.split_once(':').ok_or("a part has no colon")?;
        let (key, value) = (key.trim(), value.trim());
        let value = match key {
            "duration" => value.into(),
            "vus" => value
                .parse::<u32>()
                .map_err(|error| error.to_string())?
                .into(),
            _ => number(value).ok_or_else(|| format!("`{value}` is no number"))?,
        };
        if written.insert(key.to_owned(), value).is_some() {
            return Err(format!("`{key}` stands twice"));
        }
    }
    serde_json::from_value(written.into()).map_err(|error| error.to_string())
}

/// JSON has no word for a number that is not finite, and would read it as none at all.
fn number(text: &str) -> Option<serde_json::Value> {
    let number = text.parse().ok()?;
    serde_json::Number::from_f64(number).map(Into::into)
}

/// Whether a plugin can have this name: kebab-case, as the lock and the contract have it.
pub fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    name.len() <= MAX_NAME
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split('-').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "shop: hosts=api.example.com:443,*.shop.test:443,[::1]:8080; services=project-service; \
        links=client->project-service; faults=pause,latency; settings=performance.*,shop.url; secrets=shop.token; \
        load=vus:100,rate:1000,duration:5m; attachments=4MiB";

    #[test]
    fn an_argument_is_read_and_written_the_same() {
        let (name, grants) = parse(ALL).unwrap();
        assert_eq!(name, "shop");
        assert_eq!(argument(&name, &grants).as_deref(), Some(ALL));
    }

    #[test]
    fn spaces_do_not_matter_and_parts_may_come_twice() {
        let (name, grants) =
            parse(" shop :hosts = a.test:1 , b.test:2;;hosts=c.test:3; attachments=true;").unwrap();
        assert_eq!((name.as_str(), grants.hosts.len()), ("shop", 3));
        assert_eq!(grants.attachments, Attachments::Everything);
    }

    #[test]
    fn what_is_no_grant_is_refused_with_a_hint() {
        for text in [
            "",
            "shop",
            "shop:",
            "Shop: faults=pause",
            "hosts=a.test:443",
            "shop: hosts",
            "shop: hosts=",
            "shop: hosts=a.test",
            "shop: host=a.test:443",
            "shop: load=100",
            "shop: load=vus:1",
            "shop: load=vus:1,users:2,duration:1s",
            "shop: load=vus:1,rate:NaN,duration:1s",
            "shop: load=vus:1,rate:inf,duration:1s",
            "shop: load=vus:1,vus:2,duration:1s",
            "shop: attachments=maybe",
            "shop: attachments=0B",
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.hint().is_some(), "{text}");
        }
        let long = format!("shop: services={}", "a,".repeat(MAX_DECLARATION));
        assert!(matches!(parse(&long), Err(ArgumentError::TooLong)));
    }

    #[test]
    fn what_an_argument_cannot_say_is_not_said_wrongly() {
        for name in ["a,b", "a;b", "it's"] {
            let mut grants = Grants::default();
            grants.services.add(name.parse().unwrap());
            assert_eq!(argument("shop", &grants), None, "{name}");
        }
    }
}
