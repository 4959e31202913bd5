//! The links of an environment.

use super::{assert_refused, inputs, refused, with};
use crate::config::{links, resolve};

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
