use super::*;

fn permit(text: &str) -> Permit {
    Permit::only("shop", toml::from_str(text).unwrap())
}

#[test]
fn without_a_grant_nothing_may_be_done() {
    let permit = permit("");
    assert!(permit.may_look("cache").is_err());
    assert!(permit.may_fault("pause", Target::Service("cache")).is_err());
    assert!(permit.may_read("users", []).is_err());
    assert!(permit.may_load(1, None, None).is_err());
    assert!(permit.may_attach(0, 0).is_err());
    let all = Permit::everything("shop");
    assert!(all.may_look("cache").is_ok());
    assert!(all.may_fault("pause", Target::Service("cache")).is_ok());
    assert!(all.may_read("token", ["token"]).is_ok());
    assert_eq!(all.may_load(1, None, None), Ok(None));
    assert!(all.may_attach(u64::MAX, u64::MAX).is_ok());
    assert_eq!(
        all.missing(&toml::from_str("faults = [\"*\"]").unwrap()),
        None
    );
}

#[test]
fn a_fault_needs_its_kind_and_its_target() {
    let permit =
        permit("services = [\"cache\"]\nlinks = [\"a->b\"]\nfaults = [\"pause\", \"latency\"]");
    for (kind, target, expected) in [
        ("pause", Target::Service("cache"), None),
        ("latency", Target::Link("a->b"), None),
        (
            "pause",
            Target::Service("store"),
            Some("grants.shop.services = [\"store\"]"),
        ),
        (
            "pause",
            Target::Link("b->a"),
            Some("grants.shop.links = [\"b->a\"]"),
        ),
        (
            "kill",
            Target::Service("cache"),
            Some("grants.shop.faults = [\"kill\"]"),
        ),
        (
            "kill",
            Target::Service("store"),
            Some("grants.shop = { services = [\"store\"], faults = [\"kill\"] }"),
        ),
        // No grant can name these.
        ("explode", Target::Service("cache"), Some("")),
        ("pause", Target::Service("*"), Some("")),
    ] {
        let denied = permit.may_fault(kind, target).err();
        let line = denied.map(|denied| denied.line().unwrap_or_default());
        assert_eq!(line.as_deref(), expected, "{kind} {target:?}");
    }
}

#[test]
fn a_service_is_not_a_link_of_its_name() {
    let permit = permit("services = [\"*\"]");
    assert!(permit.may_look("anything").is_ok());
    assert!(permit.may_look("client->anything").is_err());
}

#[test]
fn a_secret_needs_a_grant_of_its_own_alone_and_in_a_table() {
    let secrets = ["shop.token", "vault"];
    for (grants, name, expected) in [
        ("settings = [\"shop.*\"]", "shop.url", None),
        ("settings = [\"shop.url\"]", "shop.url", None),
        (
            "settings = [\"*\"]",
            "shop.token",
            Some("secrets = [\"shop.token\"]"),
        ),
        (
            "settings = [\"*\"]",
            "shop.token.part",
            Some("secrets = [\"shop.token.part\"]"),
        ),
        (
            "settings = [\"*\"]",
            "shop",
            Some("secrets = [\"shop.token\"]"),
        ),
        (
            "settings = [\"*\"]",
            "vault.deep",
            Some("secrets = [\"vault.deep\"]"),
        ),
        ("settings = [\"*\"]", "shopping", None),
        ("secrets = [\"shop.token\"]", "shop.token", None),
        (
            "secrets = [\"shop.token\"]",
            "shop",
            Some("settings = [\"shop\"]"),
        ),
        (
            "secrets = [\"shop.token\"]",
            "shop.url",
            Some("settings = [\"shop.url\"]"),
        ),
        (
            "settings = [\"shop\"]\nsecrets = [\"shop.token\"]",
            "shop",
            None,
        ),
        ("secrets = [\"vault\"]", "vault.deep", None),
        (
            "secrets = [\"vault.deep\"]",
            "vault",
            Some("secrets = [\"vault\"]"),
        ),
        ("", "*", Some("")),
        ("", " odd ", Some("")),
    ] {
        let denied = permit(grants).may_read(name, secrets).err();
        let lines = denied.map(|denied| denied.line().unwrap_or_default());
        let expected = expected.map(|line| match line {
            "" => String::new(),
            line => format!("grants.shop.{line}"),
        });
        assert_eq!(lines, expected, "{grants} {name}");
    }
}

#[test]
fn a_load_is_granted_up_to_its_ceilings() {
    let permit = permit("load = { vus = 10, rate = 5, duration = \"1m\" }");
    let minute = Some(Duration::from_mins(1));
    for (vus, rate, duration, expected) in [
        (10, Some(5.0), minute, true),
        (10, None, None, true),
        (11, None, minute, false),
        (1, Some(5.5), minute, false),
        (1, None, Some(Duration::from_secs(61)), false),
        (1, Some(f64::NAN), minute, false),
        (u32::MAX, Some(f64::INFINITY), Some(Duration::MAX), false),
    ] {
        let answer = permit.may_load(vus, rate, duration);
        assert_eq!(answer.is_ok(), expected, "{vus} {rate:?} {duration:?}");
        if let Ok(stop) = answer {
            assert_eq!(stop, minute);
        }
    }
    let denied = permit.may_load(11, None, minute).unwrap_err();
    assert_eq!(
        denied.line().as_deref(),
        Some("grants.shop.load = { vus = 11, rate = 5, duration = \"1m\" }")
    );
    assert!(
        permit
            .may_load(1, Some(f64::NAN), minute)
            .unwrap_err()
            .line()
            .is_none()
    );
    let open = super::tests::permit("load = { vus = 10, duration = \"1m\" }");
    assert!(open.may_load(1, Some(0.1), minute).is_err());
}

#[test]
fn attachments_are_granted_to_the_last_byte() {
    let permit = permit("attachments = \"1KiB\"");
    assert!(permit.may_attach(1000, 24).is_ok());
    assert!(permit.may_attach(1000, 25).is_err());
    assert!(permit.may_attach(1, u64::MAX).is_err());
}

#[test]
fn one_run_may_grant_more() {
    let more = toml::from_str("services = [\"cache\"]").unwrap();
    let permit = permit("services = [\"store\"]").with(&more);
    assert!(permit.may_look("cache").is_ok() && permit.may_look("store").is_ok());
    assert_eq!(Permit::everything("shop").with(&more).grants(), None);
}

#[test]
fn what_a_refusal_tells_is_short_and_on_one_line() {
    let name = format!("a\n{}", "é".repeat(1000));
    let denied = permit("").may_look(&name).unwrap_err();
    assert!(denied.subject().len() < 250 && !denied.to_string().contains('\n'));
}
