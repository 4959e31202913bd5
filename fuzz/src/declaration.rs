//! What a plugin declares in its own file: found in any bytes, and what is added to it is read back with what was there.

use assay_grants::{
    Grants,
    declaration::{DeclarationError, declare, declared},
    limits::MAX_ENTRIES,
    text,
};

use crate::pieces;

/// A component with nothing in it.
const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

/// The first piece is a `--grant`, whose grants are declared in what is behind it, and in an empty component.
pub fn declaration(data: &[u8]) {
    let _ = declared(data);
    let (wants, plugin) = pieces::split(data);
    let wants = match text::parse(&pieces::text(wants)) {
        Ok((_, wants)) => wants,
        Err(_) => Grants::default(),
    };
    for plugin in [plugin, EMPTY] {
        let Ok(held) = declared(plugin) else {
            assert!(declare(plugin, &wants).is_err(), "it is no plugin");
            continue;
        };
        let both = held.unwrap_or_default().union(&wants);
        assert!(both.lacking(&both).is_nothing(), "{both:?}");
        match declare(plugin, &wants) {
            Ok(declaring) => {
                let found = declared(&declaring).expect("it was declared");
                assert_eq!(found, Some(both));
                assert!(declaring.starts_with(plugin), "the plugin stays");
            }
            Err(DeclarationError::TooLong) => assert!(is_long(&both, plugin), "{both:?}"),
            Err(error) => panic!("{error}: {both:?}"),
        }
    }
}

/// Whether it may be too much for a declaration.
fn is_long(grants: &Grants, plugin: &[u8]) -> bool {
    let lengths = [
        grants.hosts.len(),
        grants.services.len(),
        grants.links.len(),
        grants.faults.len(),
        grants.settings.len(),
        grants.secrets.len(),
    ];
    let json = serde_json::to_vec(grants).map_or(0, |json| json.len());
    lengths.iter().any(|length| *length > MAX_ENTRIES)
        || json + plugin.len() > assay_grants::limits::MAX_DECLARATION
}
