//! Whatever stands in an `assay.toml`: it is understood the same each time, or refused with its line and with what to do.

use assay_fuzz::mutation::mutated;

use super::*;

/// Mutations of each file, as many as take some tenths of a second.
const MUTATIONS: u64 = 400;

/// What came of a file: all values with their origins, or the error.
fn resolved(text: &str) -> String {
    match resolve(inputs(text)) {
        Ok(settings) => format!("{:?}", settings.entries),
        Err(error) => {
            if let Origin::File { line, .. } = &error.origin {
                let lines = text.split('\n').count();
                assert!((1..=lines).contains(line), "{error} of {lines}: {text}");
            }
            assert!(
                error.hint().is_some_and(|hint| !hint.is_empty()),
                "{error}: {text}"
            );
            error.to_string()
        }
    }
}

#[test]
fn any_file_is_understood_the_same_each_time_or_refused_with_its_line_and_a_hint() {
    let kept = [FILE, include_str!("../../../../assay.toml")].map(|text| text.as_bytes().to_vec());
    for (place, input) in (0..).zip(&kept) {
        for number in 0..MUTATIONS {
            let bytes = mutated(input, &kept, number * 2 + place);
            let text = String::from_utf8_lossy(&bytes);
            assert_eq!(resolved(&text), resolved(&text), "{text}");
        }
    }
}
