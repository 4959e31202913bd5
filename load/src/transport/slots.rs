//! Texts with slots: `/users/{id}` is cut up once, and filled with values each time it is sent.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::error::Error;
use super::step::Part;

/// Slots of a template.
pub const MAX_SLOTS: usize = 16;
/// Bytes of the name of a slot.
pub const MAX_NAME_BYTES: usize = 64;
/// How often slots may stand in a template, all of them together.
pub const MAX_PLACES: usize = 256;
/// Bytes of a value that goes into the URL or a header.
pub const MAX_VALUE_BYTES: usize = 8 << 10;
/// All but what RFC 3986 section 2.3 calls unreserved: a value never becomes more than the piece of the URL that it stands in.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The names of a template's slots, in the order of their values.
#[derive(Debug)]
pub struct Slots<'a> {
    names: &'a [String],
    used: Vec<bool>,
    places: usize,
}

impl<'a> Slots<'a> {
    /// Fails with `invalid` for names that the contract does not allow.
    pub fn new(names: &'a [String]) -> Result<Self, Error> {
        if names.len() > MAX_SLOTS {
            let text = format!(
                "{} slots; a template has at most {MAX_SLOTS}: put several values into one",
                names.len()
            );
            return Err(Error::Invalid(text));
        }
        for (index, name) in names.iter().enumerate() {
            let wrong = if !is_a_name(name) {
                "is no name: use 1 to 64 letters, digits, `-` and `_`"
            } else if names[..index].contains(name) {
                "is there twice: a slot that stands in several places is named once"
            } else {
                continue;
            };
            let name = name.escape_debug();
            return Err(Error::Invalid(format!("the slot `{name}` {wrong}")));
        }
        Ok(Self {
            names,
            used: vec![false; names.len()],
            places: 0,
        })
    }

    /// Cuts a text up at its slots. Stops where there are too many, which [`Slots::check`] then tells.
    pub fn cut(&mut self, text: &[u8], place: Place) -> Text {
        let mut pieces = Vec::new();
        let mut since = 0;
        let mut at = 0;
        while let Some(open) = find(&text[at..], b'{').map(|found| at + found) {
            at = open + 1;
            let Some((slot, end)) = self.name_at(text, at) else {
                continue;
            };
            self.used[slot] = true;
            self.places += 1;
            if self.places > MAX_PLACES {
                break;
            }
            pieces.push(Piece::Literal(text[since..open].to_vec()));
            pieces.push(Piece::Slot(slot, place));
            (since, at) = (end, end);
        }
        pieces.push(Piece::Literal(text[since..].to_vec()));
        Text { pieces }
    }

    /// The slot whose name and closing brace stand there, and where they end.
    fn name_at(&self, text: &[u8], start: usize) -> Option<(usize, usize)> {
        let rest = &text[start..];
        let window = &rest[..rest.len().min(MAX_NAME_BYTES + 1)];
        let name = &window[..find(window, b'}')?];
        let slot = self.names.iter().position(|slot| slot.as_bytes() == name)?;
        Some((slot, start + name.len() + 1))
    }

    /// Hides the slots of a URL from the parser of URLs, which would encode their braces.
    pub(super) fn hide(&self, url: &str) -> Hidden {
        let mut mark = "slotx".to_owned();
        while url.contains(&mark) {
            mark.push('x');
        }
        let mut text = url.to_owned();
        for (slot, name) in self.names.iter().enumerate() {
            text = text.replace(&format!("{{{name}}}"), &format!("{mark}{slot:02}"));
        }
        Hidden { text, mark }
    }

    /// Brings back the slots of a part of a URL.
    pub(super) fn show(&self, hidden: &Hidden, part: &str) -> String {
        let mut part = part.to_owned();
        for (slot, name) in self.names.iter().enumerate() {
            part = part.replace(&format!("{}{slot:02}", hidden.mark), &format!("{{{name}}}"));
        }
        part
    }

    /// Fails with `invalid` if slots stand in too many places, or one nowhere: its values would be lost unnoticed.
    pub fn check(&self) -> Result<(), Error> {
        if self.places > MAX_PLACES {
            return Err(Error::Invalid(format!(
                "slots stand in more than {MAX_PLACES} places; put what repeats into one value"
            )));
        }
        match self.used.iter().position(|used| !used) {
            Some(slot) => Err(Error::Invalid(format!(
                "the slot `{0}` stands nowhere; write `{{{0}}}` into path, query, header or body",
                self.names[slot]
            ))),
            None => Ok(()),
        }
    }
}

/// A URL whose slots are replaced by words that a parser of URLs leaves alone.
#[derive(Debug)]
pub(super) struct Hidden {
    text: String,
    mark: String,
}

impl Hidden {
    /// What a parser can read.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether a slot is hidden in there.
    pub(super) fn is_in(&self, part: &str) -> bool {
        part.contains(&self.mark)
    }
}

/// Where a slot stands, which says what its value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the path of a URL: what is not unreserved is encoded, and it must not make a part of the path `.` or `..`. A server, or whoever is
    /// before it, would take such a part for a step to another path, encoded or not.
    Path,
    /// In the query of a URL: what is not unreserved is encoded.
    Query,
    /// In the value of a header: control characters are refused.
    Header,
    /// In a body: anything.
    Body,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(Vec<u8>),
    Slot(usize, Place),
}

/// A text that is cut up at its slots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pieces: Vec<Piece>,
}

impl Text {
    /// A text without slots.
    pub(super) fn literal(text: impl Into<Vec<u8>>) -> Self {
        Self {
            pieces: vec![Piece::Literal(text.into())],
        }
    }

    /// Adds another text at the end.
    pub(super) fn append(&mut self, other: &Self) {
        for piece in &other.pieces {
            match (self.pieces.last_mut(), piece) {
                (Some(Piece::Literal(last)), Piece::Literal(next)) => last.extend_from_slice(next),
                _ => self.pieces.push(piece.clone()),
            }
        }
    }

    /// Writes the text with these values. Fails with `invalid` if a value may not stand where its slot does, and then leaves a part
    /// of the text behind.
    pub fn fill(&self, values: &[String], out: &mut Vec<u8>) -> Result<(), Error> {
        let mut part = Part::default();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(bytes) => {
                    part.goes_on(bytes, out)?;
                    out.extend_from_slice(bytes);
                }
                Piece::Slot(slot, place) => match values.get(*slot) {
                    Some(value) => {
                        part.has_slot |= *place == Place::Path;
                        write(value, *place, out)?;
                    }
                    None => {
                        return Err(Error::Invalid(format!(
                            "slot number {slot} has no value; give one for each slot"
                        )));
                    }
                },
            }
        }
        part.ends(b"", out)
    }

    /// Bytes of the text without its values.
    pub(super) fn len(&self) -> usize {
        self.len_with(&[])
    }

    /// Bytes of the text with these values, as long as none needs to be encoded.
    pub(super) fn len_with(&self, values: &[String]) -> usize {
        let pieces = self.pieces.iter();
        pieces
            .map(|piece| match piece {
                Piece::Literal(bytes) => bytes.len(),
                Piece::Slot(slot, _) => values.get(*slot).map_or(0, String::len),
            })
            .sum()
    }
}

fn write(value: &str, place: Place, out: &mut Vec<u8>) -> Result<(), Error> {
    if place != Place::Body && value.len() > MAX_VALUE_BYTES {
        return Err(Error::Invalid(format!(
            "a value of {} bytes; at most {MAX_VALUE_BYTES} go into a URL or a header, more into the body",
            value.len()
        )));
    }
    match place {
        Place::Path | Place::Query => {
            for part in utf8_percent_encode(value, RESERVED) {
                out.extend_from_slice(part.as_bytes());
            }
        }
        // What RFC 9110 section 5.5 allows in the value of a field.
        Place::Header if value.bytes().any(is_control) => {
            let text = format!(
                "the value `{}` has a control character, which a header cannot carry",
                value.escape_debug()
            );
            return Err(Error::Invalid(text));
        }
        Place::Header | Place::Body => out.extend_from_slice(value.as_bytes()),
    }
    Ok(())
}

fn is_control(byte: u8) -> bool {
    byte != b'\t' && byte.is_ascii_control()
}

fn is_a_name(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=MAX_NAME_BYTES).contains(&name.len()) && name.bytes().all(known)
}

fn find(bytes: &[u8], wanted: u8) -> Option<usize> {
    bytes.iter().position(|byte| *byte == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn filled(text: &str, place: Place, values: &[&str]) -> Result<String, Error> {
        let slots = names(&["id", "other"]);
        let text = Slots::new(&slots).unwrap().cut(text.as_bytes(), place);
        let mut out = Vec::new();
        text.fill(&names(values), &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn values_stand_where_their_slots_were_and_other_braces_stay() {
        let table = [
            ("{id}", "1"),
            ("a{id}b{other}c{id}", "a1b2c1"),
            (r#"{"id": {id}, "x": "{other}"}"#, r#"{"id": 1, "x": "2"}"#),
            ("{{id}}", "{1}"),
            ("{id", "{id"),
            ("{unknown}{", "{unknown}{"),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(filled(text, Place::Body, &["1", "2"]).unwrap(), expected);
        }
    }

    #[test]
    fn a_value_cannot_break_out_of_its_place() {
        let value = ["a/b?c=d&e f#é%\r\n", ""];
        assert_eq!(
            filled("/{id}", Place::Path, &value).unwrap(),
            "/a%2Fb%3Fc%3Dd%26e%20f%23%C3%A9%25%0D%0A"
        );
        let error = filled("{id}", Place::Header, &["a\r\nx: y", ""]).unwrap_err();
        assert_eq!(error.kind(), "invalid");
        assert_eq!(filled("{id}", Place::Header, &["é\t", ""]).unwrap(), "é\t");
        assert_eq!(filled("{id}", Place::Body, &["\r\n", ""]).unwrap(), "\r\n");
    }

    #[test]
    fn limits_hold_at_their_value_and_refuse_one_more() {
        let many = |count: usize| -> Vec<String> { (0..count).map(|n| n.to_string()).collect() };
        assert!(Slots::new(&many(MAX_SLOTS)).is_ok());
        assert!(Slots::new(&many(MAX_SLOTS + 1)).is_err());
        let long = |bytes: usize| names(&[&"n".repeat(bytes)]);
        assert!(Slots::new(&long(MAX_NAME_BYTES)).is_ok());
        assert!(Slots::new(&long(MAX_NAME_BYTES + 1)).is_err());
        let longest = long(MAX_NAME_BYTES);
        let text = format!("{{{}}}", longest[0]);
        let mut slots = Slots::new(&longest).unwrap();
        slots.cut(text.as_bytes(), Place::Body);
        assert_eq!(slots.check(), Ok(()));
        let value = |bytes: usize| "v".repeat(bytes);
        for place in [Place::Path, Place::Query, Place::Header] {
            assert!(filled("{id}", place, &[&value(MAX_VALUE_BYTES), ""]).is_ok());
            assert!(filled("{id}", place, &[&value(MAX_VALUE_BYTES + 1), ""]).is_err());
        }
        assert!(filled("{id}", Place::Body, &[&value(MAX_VALUE_BYTES + 1), ""]).is_ok());
    }

    #[test]
    fn slots_may_stand_in_so_many_places_and_no_more() {
        let names = names(&["a"]);
        for (places, is_allowed) in [
            (MAX_PLACES, true),
            (MAX_PLACES + 1, false),
            (1 << 20, false),
        ] {
            let mut slots = Slots::new(&names).unwrap();
            let text = slots.cut("{a}".repeat(places).as_bytes(), Place::Body);
            assert_eq!(slots.check().is_ok(), is_allowed);
            assert!(text.pieces.len() <= 2 * MAX_PLACES + 1);
        }
    }

    #[test]
    fn names_that_are_none_or_twice_there_or_stand_nowhere_are_refused() {
        for wrong in [&[""][..], &["a b"], &["{"], &["é"], &["a", "b", "a"]] {
            assert!(Slots::new(&names(wrong)).is_err(), "{wrong:?}");
        }
        let two = names(&["one", "two"]);
        let mut slots = Slots::new(&two).unwrap();
        slots.cut(b"{one}", Place::Body);
        let error = slots.check().unwrap_err();
        assert!(error.to_string().contains("`two` stands nowhere"));
    }

    #[test]
    fn a_url_that_holds_the_mark_is_not_confused_with_its_slots() {
        let slots = names(&["id"]);
        let slots = Slots::new(&slots).unwrap();
        let hidden = slots.hide("/slotx00/{id}");
        assert!(!hidden.text.contains('{'));
        assert_eq!(slots.show(&hidden, &hidden.text), "/slotx00/{id}");
    }
}
