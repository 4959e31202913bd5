//! Requests with slots: what is known of them before they have values, and what they are with them.

use std::fmt::Write as _;

use super::prepare::Prepared;
use crate::plugin::bindings::assay::suite::http::{Error, Payload, Request};

/// Slots of a template.
const MAX_SLOTS: usize = 16;
/// Bytes of the name of a slot.
const MAX_NAME_BYTES: usize = 64;

/// A request with slots.
#[derive(Debug)]
pub(super) struct Slotted {
    request: Request,
    /// `{name}`, in the order of the values.
    marks: Vec<String>,
}

impl Slotted {
    /// Fails with `invalid` for slots that the contract does not allow.
    pub(super) fn new(request: Request, slots: &[String]) -> Result<Self, Error> {
        if slots.len() > MAX_SLOTS {
            return Err(Error::Invalid(format!(
                "{} slots; a template has at most {MAX_SLOTS}: put several values into one",
                slots.len()
            )));
        }
        for (index, name) in slots.iter().enumerate() {
            let wrong =
                |why: &str| Error::Invalid(format!("the slot `{}` {why}", name.escape_debug()));
            if !is_name(name) {
                return Err(wrong(
                    "is no name: use 1 to 64 letters, digits, `-` and `_`",
                ));
            }
            if slots[..index].contains(name) {
                return Err(wrong("is there twice: name it once, wherever it stands"));
            }
            let mark = mark(name);
            if origin(&request.url).contains(&mark) {
                return Err(wrong(
                    "stands in scheme, host or port; slots go behind them",
                ));
            }
            if !stands(&request, &mark) {
                return Err(wrong(
                    "stands nowhere; write it in braces into URL, header or body",
                ));
            }
        }
        Ok(Self {
            request,
            marks: slots.iter().map(|name| mark(name)).collect(),
        })
    }

    /// The request with values that look like ids, to be checked before there are others.
    pub(super) fn sample(&self) -> Result<Prepared, Error> {
        self.fill(&vec!["0".to_owned(); self.marks.len()])
    }

    /// The request with these values.
    pub(super) fn fill(&self, values: &[String]) -> Result<Prepared, Error> {
        if values.len() != self.marks.len() {
            return Err(Error::Invalid(format!(
                "{} values for {} slots; give one for each",
                values.len(),
                self.marks.len()
            )));
        }
        let mut request = self.request.clone();
        request.url = self.text(&request.url, values, encoded);
        for (_, header) in &mut request.headers {
            *header = self.text(header, values, str::to_owned);
        }
        if let Payload::Bytes(body) = &mut request.payload {
            *body = self.bytes(body, values);
        }
        Prepared::for_template(request)
    }

    fn text(&self, text: &str, values: &[String], written: fn(&str) -> String) -> String {
        let written: Vec<String> = values.iter().map(|value| written(value)).collect();
        // The marks are text, and so are the values.
        String::from_utf8_lossy(&self.bytes(text.as_bytes(), &written)).into_owned()
    }

    /// In one pass, so that a value that looks like a mark stays as it is.
    fn bytes(&self, text: &[u8], values: &[String]) -> Vec<u8> {
        let mut filled = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(&first) = rest.first() {
            let mut slots = self.marks.iter().zip(values);
            let slot = slots.find(|(mark, _)| rest.starts_with(mark.as_bytes()));
            if let Some((mark, value)) = slot {
                filled.extend_from_slice(value.as_bytes());
                rest = &rest[mark.len()..];
            } else {
                filled.push(first);
                rest = &rest[1..];
            }
        }
        filled
    }
}

fn mark(name: &str) -> String {
    format!("{{{name}}}")
}

fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=MAX_NAME_BYTES).contains(&name.len()) && name.bytes().all(fits)
}

/// Scheme, user, host and port, as far as the text has them.
fn origin(url: &str) -> &str {
    let authority = url.find("://").map_or(0, |at| at + "://".len());
    let end = url[authority..].find(['/', '?', '#']);
    &url[..end.map_or(url.len(), |end| authority + end)]
}

fn stands(request: &Request, mark: &str) -> bool {
    let in_body = match &request.payload {
        Payload::Bytes(body) => body
            .windows(mark.len())
            .any(|window| window == mark.as_bytes()),
        Payload::None | Payload::Paced(_) => false,
    };
    let mut headers = request.headers.iter();
    in_body || request.url.contains(mark) || headers.any(|(_, value)| value.contains(mark))
}

/// All but what RFC 3986 section 2.3 calls unreserved, so that a value never becomes more than the piece of the URL that it stands in.
fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capability::http::prepare::Body;

    fn request() -> Request {
        Request {
            method: "POST".into(),
            url: "http://127.0.0.1:1/projects/{project}?q={query}".into(),
            headers: vec![("x-key".into(), "{project}-{key}".into())],
            payload: Payload::Bytes(b"{\"name\": \"{name}\", {}}".to_vec()),
            timeout_ms: None,
            max_redirects: 0,
            max_body: None,
            name: None,
        }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn refused(slots: &[&str]) -> String {
        match Slotted::new(request(), &names(slots)) {
            Err(Error::Invalid(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn values_stand_where_their_slots_were_and_stay_in_their_place() {
        let slots = names(&["project", "query", "key", "name"]);
        let slotted = Slotted::new(request(), &slots).unwrap();
        let prepared = slotted.fill(&names(&["a/b", "c&d", "k", "{key}"])).unwrap();
        assert_eq!(
            prepared.url.as_str(),
            "http://127.0.0.1:1/projects/a%2Fb?q=c%26d"
        );
        assert_eq!(prepared.headers["x-key"], "a/b-k");
        let Body::Whole(body) = prepared.body else {
            panic!("{:?}", prepared.body);
        };
        assert_eq!(&body[..], b"{\"name\": \"{key}\", {}}");
        assert_eq!(slotted.sample().unwrap().name, "POST /projects/{id}");
    }

    #[test]
    fn slots_that_cannot_be_are_refused_and_so_is_another_number_of_values() {
        assert!(refused(&["pro ject"]).contains("no name"));
        assert!(refused(&[""]).contains("no name"));
        assert!(refused(&["key", "key"]).contains("twice"));
        assert!(refused(&["other"]).contains("nowhere"));
        let slotted = Slotted::new(request(), &names(&["key"])).unwrap();
        assert!(matches!(
            slotted.fill(&names(&["a", "b"])),
            Err(Error::Invalid(_))
        ));
        assert!(matches!(
            slotted.fill(&names(&["a\nb"])),
            Err(Error::Invalid(_))
        ));
        let mut elsewhere = request();
        elsewhere.url = "http://{host}/".into();
        let outcome = Slotted::new(elsewhere, &names(&["host"]));
        assert!(matches!(outcome, Err(Error::Invalid(text)) if text.contains("port")));
    }

    #[test]
    fn a_template_has_at_most_sixteen_slots_with_names_of_64_bytes() {
        let many: Vec<String> = (0..=MAX_SLOTS).map(|slot| format!("s{slot}")).collect();
        let mut request = request();
        request.payload = Payload::Bytes(
            many.iter()
                .flat_map(|name| mark(name).into_bytes())
                .collect(),
        );
        assert!(Slotted::new(request.clone(), &many[..MAX_SLOTS]).is_ok());
        assert!(Slotted::new(request.clone(), &many).is_err());
        let long = "n".repeat(MAX_NAME_BYTES);
        request.payload = Payload::Bytes(format!("{{{long}}} {{{long}n}}").into_bytes());
        assert!(Slotted::new(request.clone(), std::slice::from_ref(&long)).is_ok());
        assert!(Slotted::new(request, &[long + "n"]).is_err());
    }
}
