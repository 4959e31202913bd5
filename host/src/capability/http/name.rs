//! The name under which requests are gathered when the suite gives none: method and path, with ids taken out.

/// `GET /projects/{id}` for `GET` and `/projects/42`.
pub(crate) fn of(method: &str, path: &str) -> String {
    let mut name = format!("{method} ");
    for (index, part) in path.split('/').enumerate() {
        if index > 0 {
            name.push('/');
        }
        name.push_str(if looks_like_an_id(part) { "{id}" } else { part });
    }
    name
}

/// Numbers, UUIDs, long hexadecimal words, and words of 16 characters or more with a digit in them (ULIDs, tokens).
fn looks_like_an_id(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let word = part
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    let hexadecimal = part
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let whole_number = digits > 0 && digits == part.len();
    whole_number || (word && digits > 0 && (part.len() >= 16 || (hexadecimal && part.len() >= 8)))
}

#[cfg(test)]
mod tests {
    #[test]
    fn parts_that_look_like_ids_are_replaced_and_words_are_kept() {
        let table = [
            ("/", "GET /"),
            ("/health", "GET /health"),
            ("/projects/42", "GET /projects/{id}"),
            (
                "/projects/42/episodes/7/",
                "GET /projects/{id}/episodes/{id}/",
            ),
            (
                "/jobs/0b0e7d0a-5a5d-4c7e-9d43-0a5cbb5f6f10",
                "GET /jobs/{id}",
            ),
            ("/blobs/deadbeef01", "GET /blobs/{id}"),
            ("/users/01ARZ3NDEKTSV4RRFFQ69G5FAV", "GET /users/{id}"),
            ("/api/v1/openapi.json", "GET /api/v1/openapi.json"),
            ("/facade/defaced", "GET /facade/defaced"),
            (
                "/cross-service-communication",
                "GET /cross-service-communication",
            ),
            ("/sha256", "GET /sha256"),
        ];
        for (path, name) in table {
            assert_eq!(super::of("GET", path), name);
        }
    }
}
