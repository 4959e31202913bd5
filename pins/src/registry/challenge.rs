//! What a registry asks for when it answers 401: the header `WWW-Authenticate` (RFC 9110, section 11.6.1), as far as registries use it.

/// A question for a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// User and password, with each request.
    Basic,
    /// A token, which somebody else gives out.
    Bearer {
        /// Who gives it out.
        realm: String,
        /// For what, in the words of who gives it out.
        service: Option<String>,
    },
}

impl Challenge {
    /// Reads one header; none if it asks for something that is not known here.
    pub fn read(header: &str) -> Option<Self> {
        let header = header.trim_start();
        let (scheme, rest) = header.split_once(' ').unwrap_or((header, ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let (mut realm, mut service) = (None, None);
        let mut rest = rest;
        while let Some((name, value, behind)) = parameter(rest) {
            match name.to_ascii_lowercase().as_str() {
                "realm" => realm = Some(value),
                "service" => service = Some(value),
                _ => {}
            }
            rest = behind;
        }
        Some(Self::Bearer {
            realm: realm?,
            service,
        })
    }
}

/// The first `name=value` or `name="value"`, and what is behind it.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let text = text.trim_start_matches([' ', '\t', ',']);
    let (name, rest) = text.split_once('=')?;
    let rest = rest.trim_start();
    let (value, behind) = if let Some(quoted) = rest.strip_prefix('"') {
        unquoted(quoted)?
    } else {
        let end = rest.find(',').unwrap_or(rest.len());
        (rest[..end].trim_end().to_owned(), &rest[end..])
    };
    Some((name.trim(), value, behind))
}

/// What is before the closing quote, and what is behind it; a backslash takes the meaning of the character behind it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>) -> Challenge {
        Challenge::Bearer {
            realm: realm.to_owned(),
            service: service.map(str::to_owned),
        }
    }

    #[test]
    fn what_registries_ask_is_understood() {
        for (header, expected) in [
            ("Basic realm=\"a\"", Some(Challenge::Basic)),
            ("basic", Some(Challenge::Basic)),
            (
                r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a:pull,push""#,
                Some(bearer(
                    "https://auth.docker.io/token",
                    Some("registry.docker.io"),
                )),
            ),
            (
                r#"bearer service=s , realm="a\"b", error=x"#,
                Some(bearer("a\"b", Some("s"))),
            ),
            (
                "Bearer realm=https://a/b",
                Some(bearer("https://a/b", None)),
            ),
            ("Bearer realm=\"unclosed", None),
            ("Bearer realm=\"a\\", None),
            ("Bearer", None),
            ("Negotiate abc", None),
            ("", None),
        ] {
            assert_eq!(Challenge::read(header), expected, "{header}");
        }
    }
}
