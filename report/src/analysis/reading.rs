//! What texts of checks and problems say, in the few forms that the SDK and the libraries below it write them.

/// The place in a document at which something is not as documented: `/data/name`, `data.episodes[2].number`. An empty one, or a single
/// dot, is the whole.
///
/// The SDK writes ``which is no `Page` at `data[1]`: REASON``, and a suite that has a JSON schema ``at `/data/1`: REASON``.
pub(super) fn path(text: &str) -> Option<&str> {
    let mut rest = text;
    while let Some(found) = rest.find("at `") {
        rest = &rest[found + "at `".len()..];
        let end = rest.find('`')?;
        let (path, after) = (&rest[..end], &rest[end..]);
        if after.starts_with("`:") && path.chars().all(is_of_path) {
            return Some(path);
        }
        rest = after;
    }
    None
}

fn is_of_path(character: char) -> bool {
    character.is_alphanumeric() || "/._-[]~$".contains(character)
}

/// Whether a text says that something has not the shape that is documented or agreed, without a place in it: in the words of a
/// suite that holds a document against answers, or in those of serde.
pub(super) fn is_about_shape(text: &str) -> bool {
    let words = [
        "not documented",
        ", documented is ",
        "missing field `",
        "unknown field `",
        "unknown variant `",
        "invalid type: ",
        "invalid value: ",
    ];
    words.iter().any(|word| text.contains(word))
}

/// The status that was expected, as it is written, and the one that was there: `404` and 500, or `201 or 409` and 503.
pub(super) fn statuses(expected: &str, actual: &str) -> Option<(String, u16)> {
    let (there, _) = leading_status(actual)?;
    let wanted = expected
        .trim_start_matches('(')
        .trim_start_matches("anything but ")
        .trim_start_matches(['<', '>', '=', ' ']);
    let (status, rest) = leading_status(wanted)?;
    // A tuple that agrees in its status differs in something else.
    if status == there && actual.starts_with('(') {
        return None;
    }
    let start = expected.trim_start_matches('(');
    let words = &start[..start.len() - rest.len()];
    let alternatives = rest.strip_prefix(" or ").filter(|rest| {
        let mut parts = rest.split(" or ");
        parts.all(|part| part.len() == 3 && part.parse::<u16>().is_ok())
    });
    let words = match alternatives {
        Some(alternatives) => format!("{words} or {alternatives}"),
        None => words.to_owned(),
    };
    Some((words, there))
}

/// A status at the start of a text, or of a tuple, and what follows it.
fn leading_status(text: &str) -> Option<(u16, &str)> {
    let text = text.trim_start_matches('(');
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let status: u16 = text[..digits].parse().ok()?;
    let is_status = digits == 3 && (100..600).contains(&status);
    let ends = !text[digits..].starts_with(['.', '_']);
    (is_status && ends).then(|| (status, &text[digits..]))
}

/// Whether a text says that something did not come about in its time, as the SDK's `within` and `eventually` and its streams do.
pub(super) fn is_late(text: &str) -> bool {
    text.contains("not done within ")
        || (text.contains("not within ") && (text.contains(" tries)") || text.contains(" try)")))
        || text.contains(": timeout: ")
}

/// The first URL in a text.
pub(super) fn url(text: &str) -> Option<&str> {
    let start = ["http://", "https://"]
        .iter()
        .filter_map(|scheme| text.find(scheme))
        .min()?;
    let rest = &text[start..];
    let end =
        rest.find(|character: char| character.is_whitespace() || "`\"'<>)".contains(character));
    let url = &rest[..end.unwrap_or(rest.len())];
    Some(url.trim_end_matches([':', ',', '.', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_mismatch_is_found_in_each_form() {
        for (text, expected) in [
            (
                "GET http://a answered 200, which is no `Page` at `data[1].id`: missing",
                Some("data[1].id"),
            ),
            (
                "[\"at `/data/name`: 5 is not of type \\\"string\\\"\"]",
                Some("/data/name"),
            ),
            ("header `x` at ``: \"a\" is not of type", Some("")),
            ("at `.`: EOF while parsing", Some(".")),
            ("look at `this thing` at `a.b`: no", Some("a.b")),
            ("at `core-flow`, and nothing", None),
            ("at `", None),
            ("nothing", None),
        ] {
            assert_eq!(path(text), expected, "{text}");
        }
    }

    #[test]
    fn two_statuses_are_told_from_two_numbers_and_from_two_that_agree() {
        let found = |words: &str, status| Some((words.to_owned(), status));
        for (expected, actual, statuses_there) in [
            ("422", "201", found("422", 201)),
            ("200", "500 {\"error\": 1}", found("200", 500)),
            ("201 or 409", "503 no", found("201 or 409", 503)),
            (
                "(503, Some(\"X\"))",
                "(400, Some(\"X\"))",
                found("503", 400),
            ),
            ("< 400", "404", found("< 400", 404)),
            ("anything but 404", "404", found("anything but 404", 404)),
            ("(503, Some(\"X\"))", "(503, Some(\"Y\"))", None),
            ("5", "404", None),
            ("404", "5", None),
            ("100.5", "200", None),
            ("1000", "200", None),
            ("true", "false", None),
            ("[1, 2]", "[2]", None),
        ] {
            assert_eq!(
                statuses(expected, actual),
                statuses_there,
                "{expected} {actual}"
            );
        }
    }

    #[test]
    fn what_was_waited_for_in_vain_is_known_by_its_words() {
        for (text, late) in [
            ("not within 5s (3 tries): no episode", true),
            ("not within 5s (1 try)", true),
            ("the stream: not done within 12s", true),
            ("GET http://a: timeout: no item within 20 s", true),
            ("it is not within the limits", false),
            ("a timeout is answered 504", false),
        ] {
            assert_eq!(is_late(text), late, "{text}");
        }
    }

    #[test]
    fn a_url_ends_where_its_sentence_goes_on() {
        for (text, expected) in [
            (
                "GET http://127.0.0.1:80/a: no connection",
                Some("http://127.0.0.1:80/a"),
            ),
            ("`http://a/b?c=d` is answered", Some("http://a/b?c=d")),
            ("https://a", Some("https://a")),
            ("see http", None),
        ] {
            assert_eq!(url(text), expected, "{text}");
        }
    }
}
