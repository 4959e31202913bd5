//! A text as it is, and as it is once what was escaped or encoded in it is undone: so a secret is found however it was written down.
//! Each byte knows where it came from.

use std::{borrow::Cow, ops::Range};

/// How often something may have been encoded that was encoded already: a URL in JSON in JSON.
const MAX_DEPTH: usize = 3;

/// A way to read a text.
#[derive(Debug)]
pub(super) struct View<'t> {
    pub(super) bytes: Cow<'t, [u8]>,
    /// Whether ends of lines were left out.
    pub(super) joins_lines: bool,
    /// Where each byte came from; none where the text is read as it is.
    origins: Option<Vec<Range<u32>>>,
}

impl View<'_> {
    /// The range of the text that a range of this view came from.
    pub(super) fn origin(&self, range: Range<usize>) -> Range<usize> {
        let Some(origins) = &self.origins else {
            return range;
        };
        match origins
            .get(range)
            .and_then(|of| Some((of.first()?, of.last()?)))
        {
            Some((first, last)) => first.start as usize..last.end as usize,
            None => 0..0,
        }
    }

    fn origin_of(&self, start: usize, end: usize) -> Range<u32> {
        let range = self.origin(start..end);
        let place = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        place(range.start)..place(range.end)
    }

    /// The same with one layer undone; none if there is nothing to undo.
    fn decoded<'t>(&self) -> Option<View<'t>> {
        let special = |byte: &u8| matches!(byte, b'%' | b'\\' | b'&' | b'\n' | b'\r');
        if !self.bytes.iter().any(special) {
            return None;
        }
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let mut origins = Vec::with_capacity(self.bytes.len());
        let mut changed = false;
        let mut joins_lines = self.joins_lines;
        let mut at = 0;
        let mut buffer = [0; 4];
        while at < self.bytes.len() {
            let rest = &self.bytes[at..];
            let (decoded, length): (&[u8], usize) = match token(rest, &mut buffer) {
                Some((count, length)) => {
                    changed = true;
                    joins_lines |= count == 0;
                    (&buffer[..count], length)
                }
                None => (&rest[..1], 1),
            };
            let origin = self.origin_of(at, at + length);
            bytes.extend_from_slice(decoded);
            origins.extend(decoded.iter().map(|_| origin.clone()));
            at += length;
        }
        changed.then_some(View {
            bytes: Cow::Owned(bytes),
            joins_lines,
            origins: Some(origins),
        })
    }
}

/// The views of a text, the plain one first.
#[derive(Debug)]
pub(super) struct Views<'t> {
    next: Option<View<'t>>,
    depth: usize,
}

impl<'t> Views<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self {
            next: Some(View {
                bytes: Cow::Borrowed(text.as_bytes()),
                joins_lines: false,
                origins: None,
            }),
            depth: 0,
        }
    }
}

impl<'t> Iterator for Views<'t> {
    type Item = View<'t>;

    fn next(&mut self) -> Option<View<'t>> {
        let view = self.next.take()?;
        if self.depth < MAX_DEPTH {
            self.depth += 1;
            self.next = view.decoded();
        }
        Some(view)
    }
}

/// What the text begins with, if that stands for something else: how many bytes of `into` it stands for, and how many it has.
fn token(text: &[u8], into: &mut [u8; 4]) -> Option<(usize, usize)> {
    match text.first()? {
        // The end of a line is left out: what went over it is whole again.
        b'\n' | b'\r' => Some((0, 1)),
        b'%' => {
            into[0] = u8::try_from(hexadecimal(text.get(1..3)?)?).ok()?;
            Some((1, 3))
        }
        b'&' => entity(text, into),
        b'\\' => escape(text, into),
        _ => None,
    }
}

fn entity(text: &[u8], into: &mut [u8; 4]) -> Option<(usize, usize)> {
    const ENTITIES: [(&[u8], u8); 8] = [
        (b"&amp;", b'&'),
        (b"&lt;", b'<'),
        (b"&gt;", b'>'),
        (b"&quot;", b'"'),
        (b"&apos;", b'\''),
        (b"&#39;", b'\''),
        (b"&#34;", b'"'),
        (b"&#x27;", b'\''),
    ];
    let (entity, byte) = ENTITIES
        .into_iter()
        .find(|(entity, _)| text.starts_with(entity))?;
    into[0] = byte;
    Some((1, entity.len()))
}

/// Those of JSON and of Rust.
fn escape(text: &[u8], into: &mut [u8; 4]) -> Option<(usize, usize)> {
    let plain = match text.get(1)? {
        b'n' | b'r' => return Some((0, 2)),
        b't' => b'\t',
        byte @ (b'"' | b'\'' | b'\\' | b'/') => *byte,
        b'x' => {
            into[0] = u8::try_from(hexadecimal(text.get(2..4)?)?).ok()?;
            return Some((1, 4));
        }
        b'u' if text.get(2) == Some(&b'{') => {
            let digits = text[3..].iter().take(7).position(|byte| *byte == b'}')?;
            let character = char::from_u32(hexadecimal(&text[3..3 + digits])?)?;
            return Some((character.encode_utf8(into).len(), digits + 4));
        }
        b'u' => return utf16(text, into),
        _ => return None,
    };
    into[0] = plain;
    Some((1, 2))
}

/// `\u0041`, or two of them for what is beyond 16 bits.
fn utf16(text: &[u8], into: &mut [u8; 4]) -> Option<(usize, usize)> {
    let unit = |at: usize| {
        let escaped = text.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::try_from(hexadecimal(escaped)?).ok()
    };
    let first = unit(0)?;
    let units = [Some(first), unit(6)].into_iter().flatten();
    let character = char::decode_utf16(units).next()?.ok()?;
    let length = 6 * character.len_utf16();
    Some((character.encode_utf8(into).len(), length))
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    let digit = |byte: &u8| (*byte as char).to_digit(16);
    if digits.is_empty() || digits.len() > 6 {
        return None;
    }
    digits
        .iter()
        .try_fold(0, |number, byte| Some(number * 16 + digit(byte)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(text: &str) -> String {
        let last = Views::of(text).last().unwrap();
        String::from_utf8(last.bytes.into_owned()).unwrap()
    }

    #[test]
    fn what_stands_for_something_else_is_undone() {
        for (text, undone) in [
            ("plain", "plain"),
            ("a%2Fb%2fc%zz%", "a/b/c%zz%"),
            (r#"{\"a\":\"b\\c\/d\te\"}"#, "{\"a\":\"b\\c/d\te\"}"),
            (r"\u0041\u00e9\uD83D\uDE00\u{1F600}\x42", "Aé😀😀B"),
            ("a&amp;b&lt;&quot;&#39;&unknown;", "a&b<\"'&unknown;"),
            ("one\r\ntwo\\nthree", "onetwothree"),
            ("%2525", "%"),
            (r"\ud800 \u00 \x4 \q", r"\ud800 \u00 \x4 \q"),
        ] {
            assert_eq!(last(text), undone, "{text}");
        }
    }

    #[test]
    fn each_range_knows_where_it_came_from() {
        let text = "x%25%36\n1y";
        let views: Vec<View<'_>> = Views::of(text).collect();
        let plain: Vec<_> = views
            .iter()
            .map(|view| String::from_utf8_lossy(&view.bytes))
            .collect();
        assert_eq!(plain, ["x%25%36\n1y", "x%61y", "xay"]);
        assert_eq!(&text[views[1].origin(1..4)], "%25%36\n1");
        assert_eq!(&text[views[2].origin(1..2)], "%25%36\n1");
        assert_eq!(views[2].origin(3..4), 0..0);
    }
}
