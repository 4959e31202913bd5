//! Names as the contract wants them: kebab-case, 1 to 64 characters.

use syn::ext::IdentExt as _;

/// The longest name in characters.
const LONGEST: usize = 64;

/// The name of an entry, made from its function's: underscores become dashes.
pub(crate) fn of_function(function: &syn::Ident) -> syn::Result<String> {
    let name = function.unraw().to_string().replace('_', "-");
    validate(&name).map_err(|problem| {
        let hint = "an entry is named after its function, with dashes for underscores";
        syn::Error::new(function.span(), format!("`{name}` {problem}: {hint}"))
    })?;
    Ok(name)
}

/// A name that is written as text.
pub(crate) fn of_literal(literal: &syn::LitStr) -> syn::Result<String> {
    let name = literal.value();
    validate(&name)
        .map_err(|problem| syn::Error::new(literal.span(), format!("`{name}` {problem}")))?;
    Ok(name)
}

fn validate(name: &str) -> Result<(), String> {
    if name.len() > LONGEST {
        return Err(format!(
            "has {} characters and may have {LONGEST}",
            name.len()
        ));
    }
    let part_is_good = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let starts_with_a_letter = name.starts_with(|first: char| first.is_ascii_lowercase());
    if starts_with_a_letter && name.split('-').all(part_is_good) {
        Ok(())
    } else {
        Err("is not kebab-case: small letters and digits in parts joined by single dashes, a letter first".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;

    #[test]
    fn a_function_name_becomes_kebab_case() {
        let function = syn::Ident::new("a_project_gets_60_episodes", Span::call_site());
        assert_eq!(
            of_function(&function).unwrap(),
            "a-project-gets-60-episodes"
        );
    }

    #[test]
    fn a_raw_identifier_loses_its_mark() {
        let function = syn::Ident::new_raw("match", Span::call_site());
        assert_eq!(of_function(&function).unwrap(), "match");
    }

    #[test]
    fn names_that_are_not_kebab_case_are_refused() {
        for name in ["", "-a", "a-", "a--b", "A", "a_b", "1a", "ä", "a b"] {
            assert!(validate(name).is_err(), "{name:?} was taken");
        }
    }

    #[test]
    fn the_longest_name_has_64_characters() {
        assert!(validate(&"a".repeat(64)).is_ok());
        assert!(validate(&"a".repeat(65)).is_err());
    }
}
