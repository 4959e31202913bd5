//! What stands in `wants` of `suite!`: what the suite wants to be granted, checked where it is written and kept as JSON.
//!
//! The host reads it again and knows more (ranges, names after IDNA); what is refused here is what somebody would only see when the suite
//! is run. Which hosts are well written is one table for both, `grants/tests/hosts.txt`.

mod entry;

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, LitBool, LitFloat, LitInt, LitStr, Token, braced, bracketed};

/// The most bytes of all that is wanted.
const LONGEST: usize = 64 << 10;
/// The most entries of a list.
const MOST_ENTRIES: usize = 256;
/// The most virtual users of a load.
const MOST_VUS: u32 = 100_000;
/// The most iterations that a load starts each second.
const MOST_PER_SECOND: f64 = 1_000_000.0;
/// The longest load in milliseconds: 7 days.
const LONGEST_LOAD_MS: u32 = 7 * 24 * 60 * 60 * 1_000;

/// What a suite wants, as JSON.
pub(crate) struct Wants {
    json: String,
}

impl Parse for Wants {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let inside;
        let braces = braced!(inside in input);
        let fields = fields(&inside, |key| match key.to_string().as_str() {
            "hosts" => list(&inside, entry::host),
            "services" => list(&inside, entry::service),
            "links" => list(&inside, entry::link),
            "faults" => list(&inside, entry::fault),
            "settings" | "secrets" => list(&inside, entry::setting),
            "load" => load(&inside),
            "attachments" => attachments(&inside),
            other => Err(syn::Error::new(
                key.span(),
                format!(
                    "nothing to want is called `{other}`: there are `hosts`, `services`, `links`, `faults`, `load`, \
                     `settings`, `secrets` and `attachments`"
                ),
            )),
        })?;
        let json = format!("{{{}}}", fields.join(","));
        if json.len() > LONGEST {
            let message = format!("this has {} bytes and may have {LONGEST}", json.len());
            return Err(syn::Error::new(braces.span.join(), message));
        }
        Ok(Self { json })
    }
}

impl Wants {
    /// The custom section of the component.
    pub(crate) fn section(&self) -> TokenStream {
        let length = self.json.len();
        let bytes = Literal::byte_string(self.json.as_bytes());
        // SAFETY: a static of plain bytes, without anything that would have to be relocated, is what a custom section of WebAssembly may
        // hold. Nothing of the program reads a section of this name, and on other targets, where a section could get in the way of the
        // linker, there is none.
        quote! {
            #[cfg(target_family = "wasm")]
            const _: () = {
                #[expect(unsafe_code, reason = "the host reads what a suite wants from a section of this name")]
                #[used]
                #[unsafe(link_section = "assay:wants")]
                static WANTS: [u8; #length] = *#bytes;
            };
        }
    }
}

/// `key: value` as often as it stands there, each key once; as members of a JSON object.
fn fields(
    input: ParseStream<'_>,
    mut value: impl FnMut(&Ident) -> syn::Result<String>,
) -> syn::Result<Vec<String>> {
    let mut seen: Vec<Ident> = Vec::new();
    let mut fields = Vec::new();
    while !input.is_empty() {
        let key: Ident = input.parse()?;
        if seen.contains(&key) {
            return Err(syn::Error::new(key.span(), format!("`{key}` stands twice")));
        }
        input.parse::<Token![:]>()?;
        fields.push(format!("\"{key}\":{}", value(&key)?));
        seen.push(key);
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(fields)
}

fn list(input: ParseStream<'_>, check: impl Fn(&str) -> Result<(), String>) -> syn::Result<String> {
    let inside;
    let brackets = bracketed!(inside in input);
    let items = Punctuated::<LitStr, Token![,]>::parse_terminated(&inside)?;
    if items.len() > MOST_ENTRIES {
        let message = format!("{} entries; a list has at most {MOST_ENTRIES}", items.len());
        return Err(syn::Error::new(brackets.span.join(), message));
    }
    let mut texts = Vec::new();
    for item in &items {
        let text = item.value();
        entry::text(&text)
            .and_then(|()| check(&text))
            .map_err(|problem| syn::Error::new(item.span(), format!("`{text}` {problem}")))?;
        texts.push(quoted(&text));
    }
    Ok(format!("[{}]", texts.join(",")))
}

fn load(input: ParseStream<'_>) -> syn::Result<String> {
    let inside;
    let braces = braced!(inside in input);
    let fields = fields(&inside, |key| match key.to_string().as_str() {
        "vus" => vus(&inside),
        "rate" => rate(&inside),
        "duration" => duration(&inside),
        other => Err(syn::Error::new(
            key.span(),
            format!(
                "no part of a load is called `{other}`: there are `vus`, `rate` and `duration`"
            ),
        )),
    })?;
    for needed in ["\"vus\"", "\"duration\""] {
        if !fields.iter().any(|field| field.starts_with(needed)) {
            let message =
                "a load has `vus` and `duration`, and `rate` if it starts iterations at one";
            return Err(syn::Error::new(braces.span.join(), message));
        }
    }
    Ok(format!("{{{}}}", fields.join(",")))
}

fn vus(input: ParseStream<'_>) -> syn::Result<String> {
    let literal: LitInt = input.parse()?;
    let vus: u32 = literal.base10_parse()?;
    if (1..=MOST_VUS).contains(&vus) {
        return Ok(vus.to_string());
    }
    let message = format!("a load has from 1 to {MOST_VUS} virtual users");
    Err(syn::Error::new(literal.span(), message))
}

fn rate(input: ParseStream<'_>) -> syn::Result<String> {
    let (rate, span) = if input.peek(LitFloat) {
        let literal: LitFloat = input.parse()?;
        (literal.base10_parse::<f64>()?, literal.span())
    } else {
        let literal: LitInt = input.parse()?;
        (f64::from(literal.base10_parse::<u32>()?), literal.span())
    };
    if rate > 0.0 && rate <= MOST_PER_SECOND {
        return Ok(rate.to_string());
    }
    let message =
        format!("a load starts above 0 and at most {MOST_PER_SECOND} iterations each second");
    Err(syn::Error::new(span, message))
}

fn duration(input: ParseStream<'_>) -> syn::Result<String> {
    let literal: LitStr = input.parse()?;
    if crate::options::milliseconds(&literal)? > LONGEST_LOAD_MS {
        let message = "a load takes at most 7 days, which are \"10080m\"";
        return Err(syn::Error::new(literal.span(), message));
    }
    Ok(quoted(&literal.value()))
}

fn attachments(input: ParseStream<'_>) -> syn::Result<String> {
    if input.peek(LitBool) {
        return Ok(input.parse::<LitBool>()?.value.to_string());
    }
    let literal: LitStr = input.parse()?;
    let text = literal.value();
    if entry::is_size(&text) {
        return Ok(quoted(&text));
    }
    let message = "write `true`, or a size in B, KiB, MiB or GiB, such as \"4MiB\"";
    Err(syn::Error::new(
        literal.span(),
        format!("`{text}` is no size: {message}"),
    ))
}

/// As JSON. Control characters have been refused.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Result<String, String> {
        match syn::parse_str::<Wants>(text) {
            Ok(wants) => Ok(wants.json),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn all_that_can_be_wanted_becomes_json() {
        let text = r#"{
            hosts: ["api.example.com:443", "*.shop.test:443"], services: ["shop"], links: ["client->shop"], faults: ["pause", "*"],
            load: { vus: 100, rate: 2.5, duration: "5m" }, settings: ["shop.*"], secrets: ["shop.\"token\""], attachments: "4MiB",
        }"#;
        let expected = r#"{"hosts":["api.example.com:443","*.shop.test:443"],"services":["shop"],"links":["client->shop"],"faults":["pause","*"],"load":{"vus":100,"rate":2.5,"duration":"5m"},"settings":["shop.*"],"secrets":["shop.\"token\""],"attachments":"4MiB"}"#;
        assert_eq!(json(text).unwrap(), expected);
        assert_eq!(json("{}").unwrap(), "{}");
        assert_eq!(
            json("{ attachments: true }").unwrap(),
            r#"{"attachments":true}"#
        );
    }

    #[test]
    fn what_cannot_be_granted_cannot_be_wanted() {
        for text in [
            "{ host: [] }",
            "{ hosts: [\"a.test\"] }",
            "{ hosts: [], hosts: [] }",
            "{ hosts: \"a.test:443\" }",
            "{ faults: [\"explode\"] }",
            "{ links: [\"shop\"] }",
            "{ services: [\"client->shop\"] }",
            "{ settings: [\"a\nb\"] }",
            "{ load: { vus: 1 } }",
            "{ load: { duration: \"1s\" } }",
            "{ load: { vus: 0, duration: \"1s\" } }",
            "{ load: { vus: 100001, duration: \"1s\" } }",
            "{ load: { vus: 1, rate: 0, duration: \"1s\" } }",
            "{ load: { vus: 1, rate: 1000001, duration: \"1s\" } }",
            "{ load: { vus: 1, duration: \"10081m\" } }",
            "{ load: { vus: 1, duration: \"1s\", users: 2 } }",
            "{ attachments: 4 }",
            "{ attachments: \"4\" }",
        ] {
            assert!(json(text).is_err(), "{text} was taken");
        }
        assert!(json("{ load: { vus: 100000, rate: 1000000, duration: \"10080m\" } }").is_ok());
    }

    #[test]
    fn lists_and_all_of_it_have_limits() {
        for (count, good) in [(256, true), (257, false)] {
            let list = vec!["\"a.b\""; count].join(",");
            assert_eq!(
                json(&format!("{{ settings: [{list}] }}")).is_ok(),
                good,
                "{count}"
            );
        }
        let long = vec![format!("\"{}\"", "a".repeat(400)); 200].join(",");
        assert!(
            json(&format!("{{ settings: [{long}] }}"))
                .unwrap_err()
                .contains("bytes")
        );
        let longer = format!("{{ settings: [\"{}\"] }}", "a".repeat(401));
        assert!(json(&longer).is_err());
    }
}
