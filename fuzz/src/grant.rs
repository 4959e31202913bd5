//! A `--grant`: what is read is written as an argument, as a table, as a line and as JSON, and read the same.

use assay_grants::{Grants, Permit, table, text};

use crate::pieces;

/// Reads bytes as what stands after `--grant`, and as the value of `[grants.NAME]`.
pub fn grant(data: &[u8]) {
    let given = pieces::text(data);
    if let Ok((name, grants)) = text::parse(&given) {
        assert!(text::is_name(&name), "{name}");
        said_again(&name, &grants);
    }
    if let Ok(grants) = toml::from_str::<Grants>(&given) {
        said_again("shop", &grants);
    }
}

fn said_again(name: &str, grants: &Grants) {
    if let Some(argument) = text::argument(name, grants) {
        let (same, read) = text::parse(&argument).expect("an argument is one");
        assert_eq!((same.as_str(), &read), (name, grants), "{argument}");
    }
    let line = table::line(name, grants);
    assert_eq!(line.is_none(), grants.is_nothing());
    for document in [Some(table::table(name, grants)), line]
        .into_iter()
        .flatten()
    {
        let mut read: toml::Table =
            toml::from_str(&document).unwrap_or_else(|error| panic!("{error}: {document}"));
        let read = read["grants"]
            .as_table_mut()
            .and_then(|all| all.remove(name))
            .expect("the table is there");
        assert_eq!(&read.try_into::<Grants>().expect("it is grants"), grants);
    }
    let json = serde_json::to_string(grants).expect("grants are JSON");
    let read: Grants = serde_json::from_str(&json).expect("it was written");
    assert_eq!(&read, grants);
    granted_is_granted(grants);
}

/// Nothing is missing of what is granted, and all is of what is not.
fn granted_is_granted(grants: &Grants) {
    assert!(grants.lacking(grants).is_nothing());
    assert!(
        Permit::only("shop", grants.clone())
            .missing(grants)
            .is_none()
    );
    let nothing = Permit::only("shop", Grants::default());
    assert_eq!(nothing.missing(grants).is_none(), grants.is_nothing());
    assert_eq!(&Grants::default().lacking(grants), grants);
    assert_eq!(&grants.union(grants), grants);
}
