//! Grants as `assay.toml` has them: as the lines of a table, as the whole table, and as one line for whoever takes lines one by one.

use assay_report::words::clean;

use crate::{
    amounts::Attachments,
    grants::Grants,
    items::{Item, Items},
};

/// The keys of a table with their values as TOML, the lists first; those that grant nothing are left out.
pub fn lines(grants: &Grants) -> Vec<String> {
    let list = |texts: Vec<String>| {
        let quoted = texts.iter().map(|text| quoted(text));
        format!("[{}]", quoted.collect::<Vec<_>>().join(", "))
    };
    let mut lines: Vec<String> = lists(grants)
        .into_iter()
        .map(|(key, texts)| format!("{key} = {}", list(texts)))
        .collect();
    lines.extend(grants.load.map(|load| format!("load = {load}")));
    lines.extend(match grants.attachments {
        Attachments::Nothing => None,
        Attachments::Everything => Some("attachments = true".to_owned()),
        size @ Attachments::UpTo(_) => Some(format!("attachments = \"{size}\"")),
    });
    lines
}

/// The whole table of a plugin, as it can stand in `assay.toml`.
pub fn table(plugin: &str, grants: &Grants) -> String {
    format!("[{}]\n{}", header(plugin), lines(grants).join("\n"))
}

/// What stands between the brackets of a plugin's table: `grants.shop`.
pub fn header(plugin: &str) -> String {
    format!("grants.{}", key(plugin))
}

/// The same as one line, which is TOML by itself: `grants.shop.hosts = ["a.test:443"]`, or `grants.shop = { KEY = VALUE, KEY = VALUE }` where
/// there are several keys. None if nothing is granted.
pub fn line(plugin: &str, grants: &Grants) -> Option<String> {
    let header = header(plugin);
    match &lines(grants)[..] {
        [] => None,
        [one] => Some(format!("{header}.{one}")),
        many => Some(format!("{header} = {{ {} }}", many.join(", "))),
    }
}

/// The lists that are not empty, by their keys.
pub(crate) fn lists(grants: &Grants) -> Vec<(&'static str, Vec<String>)> {
    fn texts<T: Item>(items: &Items<T>) -> Vec<String> {
        items.iter().map(ToString::to_string).collect()
    }
    let all = [
        ("hosts", texts(&grants.hosts)),
        ("services", texts(&grants.services)),
        ("links", texts(&grants.links)),
        ("faults", texts(&grants.faults)),
        ("settings", texts(&grants.settings)),
        ("secrets", texts(&grants.secrets)),
    ];
    all.into_iter()
        .filter(|(_, texts)| !texts.is_empty())
        .collect()
}

/// A text as a basic string of TOML in one line, which is good for a key, too. What is not seen in a text is escaped: a report that made it
/// visible otherwise would make another text of it.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|character| match character {
        '"' | '\\' => format!("\\{character}"),
        seen if is_seen(seen) => seen.to_string(),
        unseen => format!("\\U{:08X}", u32::from(unseen)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

fn is_seen(character: char) -> bool {
    !character.is_control() && clean(character.encode_utf8(&mut [0; 4])).starts_with(character)
}

/// The name of a plugin as a key: one that is that of a file can have any character.
fn key(plugin: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !plugin.is_empty() && plugin.bytes().all(is_bare) {
        plugin.to_owned()
    } else {
        quoted(plugin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Grants {
        toml::from_str(
            r#"hosts = ["api.example.com:443", "*.shop.test:443", "[::1]:8080"]
            services = ["project-service"]
            links = ["client->project-service"]
            faults = ["pause", "latency"]
            load = { vus = 100, rate = 1000, duration = "5m" }
            settings = ["performance.*", "shop.url"]
            secrets = ["shop.token"]
            attachments = "4MiB""#,
        )
        .unwrap()
    }

    /// What a document grants to a plugin.
    fn granted(document: &str, plugin: &str) -> Grants {
        let document: toml::Table = document.parse().unwrap();
        document["grants"][plugin].clone().try_into().unwrap()
    }

    #[test]
    fn a_table_is_toml_that_says_the_same() {
        let text = table("shop", &all());
        assert_eq!(granted(&text, "shop"), all());
        let expected = "[grants.shop]\nhosts = [\"api.example.com:443\", \"*.shop.test:443\", \"[::1]:8080\"]\n";
        assert!(text.starts_with(expected), "{text}");
    }

    #[test]
    fn a_line_is_toml_by_itself_with_one_key_and_with_all_of_them() {
        let line = |grants: &Grants| line("shop", grants);
        let one: Grants = toml::from_str("services = [\"store\"]").unwrap();
        let text = line(&one).unwrap();
        assert_eq!(text, "grants.shop.services = [\"store\"]");
        assert_eq!(granted(&text, "shop"), one);
        let text = line(&all()).unwrap();
        assert!(text.starts_with("grants.shop = { hosts = [") && text.lines().count() == 1);
        assert_eq!(granted(&text, "shop"), all());
        assert_eq!(line(&Grants::default()), None);
    }

    #[test]
    fn names_with_any_character_are_written_so_that_a_report_shows_them_as_they_are() {
        for name in [
            "it's",
            "a,b",
            "\"",
            "\\u",
            "ä",
            "a\u{202e}b\"\\",
            "👩\u{200d}💻",
            "\u{ad}",
            "it's \"x\"",
        ] {
            let mut grants = Grants::default();
            grants.services.add(name.parse().unwrap());
            for plugin in ["shop", "My Shop", "a.b", "a\nb\t", name, ""] {
                let told = [table(plugin, &grants), line(plugin, &grants).unwrap()];
                for told in told {
                    assert_eq!(clean(&told), told, "{name:?}");
                    assert_eq!(granted(&told, plugin), grants, "{told}");
                }
            }
        }
    }
}
