//! What stands in the brackets of `#[case(...)]`.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Path, Token, bracketed};

/// The most tags of a case.
const MOST_TAGS: usize = 16;

/// The options of a case, checked.
#[derive(Default)]
pub(crate) struct CaseOptions {
    /// Words to filter by.
    pub(crate) tags: Vec<String>,
    /// Services without which the case is skipped.
    pub(crate) needs: Vec<String>,
    /// Milliseconds of one attempt; 0 takes the run's default.
    pub(crate) timeout_ms: u32,
    /// Whether no other case may be active.
    pub(crate) exclusive: bool,
}

impl Parse for CaseOptions {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        let mut seen: Vec<String> = Vec::new();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            if seen.contains(&key.to_string()) {
                return Err(syn::Error::new(key.span(), format!("`{key}` stands twice")));
            }
            seen.push(key.to_string());
            options.take(&key, input)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

impl CaseOptions {
    fn take(&mut self, key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
        match key.to_string().as_str() {
            "exclusive" => self.exclusive = true,
            "tags" => self.tags = tags(key, &list(input)?)?,
            "needs" => self.needs = list(input)?.iter().map(LitStr::value).collect(),
            "timeout" => {
                input.parse::<Token![=]>()?;
                self.timeout_ms = milliseconds(&input.parse()?)?;
            }
            other => {
                let hint = "there are `tags`, `timeout`, `needs` and `exclusive`";
                return Err(syn::Error::new(
                    key.span(),
                    format!("no option is called `{other}`: {hint}"),
                ));
            }
        }
        Ok(())
    }
}

fn list(input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    input.parse::<Token![=]>()?;
    let inside;
    bracketed!(inside in input);
    let items = Punctuated::<LitStr, Token![,]>::parse_terminated(&inside)?;
    Ok(items.into_iter().collect())
}

fn tags(key: &Ident, items: &[LitStr]) -> syn::Result<Vec<String>> {
    if items.len() > MOST_TAGS {
        return Err(syn::Error::new(
            key.span(),
            format!("{} tags; a case has at most {MOST_TAGS}", items.len()),
        ));
    }
    items.iter().map(crate::name::of_literal).collect()
}

/// Reads `500ms`, `20s` or `2m`.
pub(crate) fn milliseconds(literal: &LitStr) -> syn::Result<u32> {
    let text = literal.value();
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor: Option<u32> = match &text[digits.len()..] {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        _ => None,
    };
    let value = factor.and_then(|factor| digits.parse::<u32>().ok()?.checked_mul(factor));
    value.filter(|&value| value > 0).ok_or_else(|| {
        syn::Error::new(
            literal.span(),
            format!("`{text}` is no duration: write a whole number above 0 and `ms`, `s` or `m`, such as \"20s\""),
        )
    })
}

/// What stands in the brackets of `#[scenario(...)]`.
#[derive(Default)]
pub(crate) struct ScenarioOptions {
    /// What makes the state of a virtual user.
    pub(crate) state: Option<Path>,
    /// What names, of the state, the request with which each iteration begins.
    pub(crate) opens_with: Option<Path>,
}

impl Parse for ScenarioOptions {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut options = Self::default();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            let place = match key.to_string().as_str() {
                "state" => &mut options.state,
                "opens_with" => &mut options.opens_with,
                other => {
                    let hint = "there are `state` and `opens_with`";
                    return Err(syn::Error::new(
                        key.span(),
                        format!("no option is called `{other}`: {hint}"),
                    ));
                }
            };
            input.parse::<Token![=]>()?;
            let path = input.parse::<Path>().map_err(|error| {
                let wanted = "the path of a function is wanted, such as `Orders::list`";
                syn::Error::new(error.span(), wanted)
            })?;
            if place.replace(path).is_some() {
                return Err(syn::Error::new(key.span(), format!("`{key}` stands twice")));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

/// For attributes that take no options.
pub(crate) struct NoOptions;

impl Parse for NoOptions {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.is_empty() {
            Ok(Self)
        } else {
            Err(input.error("this attribute takes no options"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn durations_are_read_in_three_units() {
        for (text, expected) in [("1ms", 1), ("20s", 20_000), ("2m", 120_000)] {
            let literal = LitStr::new(text, proc_macro2::Span::call_site());
            assert_eq!(milliseconds(&literal).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "20",
            "s",
            "0s",
            "-1s",
            "1.5s",
            "20 s",
            "4294967296ms",
            "72000m",
            "1h",
        ] {
            let literal = LitStr::new(text, proc_macro2::Span::call_site());
            assert!(milliseconds(&literal).is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn all_options_are_taken() {
        let options: CaseOptions = parse_quote! { tags = ["smoke"], timeout = "2s", needs = ["cache", "store"], exclusive };
        assert_eq!(options.tags, ["smoke"]);
        assert_eq!(options.needs, ["cache", "store"]);
        assert_eq!(options.timeout_ms, 2_000);
        assert!(options.exclusive);
    }

    #[test]
    fn unknown_and_repeated_options_are_refused() {
        for text in ["retry = 3", "exclusive, exclusive", "tags = \"smoke\""] {
            assert!(
                syn::parse_str::<CaseOptions>(text).is_err(),
                "{text:?} was taken"
            );
        }
    }

    #[test]
    fn options_of_a_scenario_are_taken_in_any_order_and_once() {
        for text in [
            "state = Orders::new, opens_with = Orders::list",
            "opens_with = Orders::list, state = Orders::new,",
        ] {
            let options = syn::parse_str::<ScenarioOptions>(text).unwrap();
            assert!(options.state.is_some() && options.opens_with.is_some());
        }
        assert!(syn::parse_str::<ScenarioOptions>("").is_ok());
        for text in [
            "state = one, state = two",
            "begins_with = list",
            "state = one opens_with = list",
            "opens_with",
        ] {
            assert!(
                syn::parse_str::<ScenarioOptions>(text).is_err(),
                "{text:?} was taken"
            );
        }
    }

    #[test]
    fn a_case_has_at_most_16_tags() {
        for (count, good) in [(16, true), (17, false)] {
            let tags: Vec<String> = (0..count).map(|number| format!("t{number}")).collect();
            let text = format!("tags = {tags:?}");
            assert_eq!(
                syn::parse_str::<CaseOptions>(&text).is_ok(),
                good,
                "{count} tags"
            );
        }
    }
}
