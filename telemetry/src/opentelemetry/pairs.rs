//! Lists of names and values as variables hold them: `key1=value1,key2=value2`, in the format of W3C Baggage without its properties
//! (<https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables>).

use percent_encoding::percent_decode_str;

/// Names and values, without the spaces around them and with what was percent-encoded as it is. An error is the number of the first entry,
/// from 1, that is none: it is named so, because it may be a secret.
pub(super) fn parse(list: &str) -> Result<Vec<(String, String)>, usize> {
    let entries = list.split(',').enumerate();
    entries
        .filter(|(_, entry)| !entry.trim().is_empty())
        .map(|(index, entry)| pair(entry).ok_or(index + 1))
        .collect()
}

fn pair(entry: &str) -> Option<(String, String)> {
    let (name, value) = entry.split_once('=')?;
    let name = decode(name.trim())?;
    (!name.is_empty()).then_some((name, decode(value.trim())?))
}

fn decode(text: &str) -> Option<String> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_the_specification_has_them() {
        let cases: [(&str, &[(&str, &str)]); 6] = [
            ("", &[]),
            ("a=b", &[("a", "b")]),
            (" a = b , c=d,", &[("a", "b"), ("c", "d")]),
            (
                "Authorization=Basic dXNlcjpwYXNz==",
                &[("Authorization", "Basic dXNlcjpwYXNz==")],
            ),
            (
                "authorization=Bearer%20a%2Cb%3Dc",
                &[("authorization", "Bearer a,b=c")],
            ),
            ("empty=", &[("empty", "")]),
        ];
        for (list, expected) in cases {
            let pairs = parse(list).unwrap();
            let pairs: Vec<_> = pairs
                .iter()
                .map(|(name, value)| (&**name, &**value))
                .collect();
            assert_eq!(pairs, expected, "{list}");
        }
    }

    #[test]
    fn an_entry_that_is_none_is_told_by_its_number() {
        for (list, number) in [("a=b,secret", 2), ("=secret", 1), ("a=%FF", 1)] {
            assert_eq!(parse(list), Err(number), "{list}");
        }
    }
}
