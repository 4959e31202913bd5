//! Where a plugin comes from: what is read is written and read the same, and no message tells what may let somebody in.

use assay_pins::source::{Given, Source};
use assay_report::hint::told;
use url::Url;

use crate::pieces;

/// What must be in no message.
const SECRET: &str = "hunter2";

/// Reads bytes as a source; and two pieces of them around a password, and before a query.
pub fn source(data: &[u8]) {
    let text = pieces::text(data);
    if let Ok(source) = text.parse::<Source>() {
        read_back(&source);
    }
    let _ = Given::read(&text, |path| path.as_os_str().len() % 2 == 0);
    let (before, behind) = pieces::split(data);
    let (before, behind) = (pieces::text(before), pieces::text(behind));
    for text in [
        format!("{before}somebody:{SECRET}@{behind}"),
        format!("https://somebody:{SECRET}@{behind}"),
        format!("oci://somebody:{SECRET}@{behind}"),
    ] {
        let has_password = Url::parse(&text).is_ok_and(|url| url.password() == Some(SECRET));
        keeps_secret(&text, has_password);
    }
    let text = format!("https://{before}/{behind}?{SECRET}");
    let has_query =
        Url::parse(&text).is_ok_and(|url| url.query().is_some_and(|query| query.contains(SECRET)));
    keeps_secret(&text, has_query);
}

fn read_back(source: &Source) {
    for source in [source.clone(), source.locked()] {
        let written = source.to_string();
        let again: Source = written
            .parse()
            .unwrap_or_else(|error| panic!("{error}: {written}"));
        assert_eq!(again.to_string(), written);
        match (&again, &source) {
            // It is written with `./` before it, so that it does not look like a name.
            (Source::File(_), Source::File(_)) => {}
            (again, source) => assert_eq!(again, source),
        }
    }
    let shown = source.shown();
    assert!(!shown.chars().any(char::is_control), "{shown:?}");
    if let Source::Web { url, .. } = source {
        assert!(
            url.username().is_empty() && url.password().is_none(),
            "{url}"
        );
        assert!(url.fragment().is_none(), "{url}");
    }
}

/// A secret that the standard for URLs finds in an address is neither in what is shown of it nor in what is wrong with it. Who says it elsewhere,
/// too, has said it.
fn keeps_secret(text: &str, has_secret: bool) {
    let has_secret = has_secret && text.to_lowercase().matches(SECRET).count() == 1;
    let told = match text.parse::<Source>() {
        Ok(source @ Source::Web { .. }) => source.shown(),
        Ok(_) => return,
        Err(error) => told(&error),
    };
    assert!(!has_secret || !told.contains(SECRET), "{text}: {told}");
}
