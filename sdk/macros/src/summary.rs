//! The first paragraph of a doc comment, as the one line that reports show.

/// The most bytes of a summary.
const LONGEST: usize = 400;

/// The summary of an entry: the first paragraph of its doc comment, or its name as words if there is none.
pub(crate) fn of(function: &syn::ItemFn, name: &str) -> syn::Result<String> {
    let paragraph = first_paragraph(&function.attrs);
    let summary = if paragraph.is_empty() {
        name.replace('-', " ")
    } else {
        paragraph
    };
    if summary.len() > LONGEST {
        return Err(syn::Error::new(
            function.sig.ident.span(),
            format!(
                "the first paragraph of the doc comment has {} bytes and a summary may have {LONGEST}: \
                 end the paragraph earlier with an empty line",
                summary.len()
            ),
        ));
    }
    Ok(summary)
}

fn first_paragraph(attributes: &[syn::Attribute]) -> String {
    let lines: Vec<String> = attributes.iter().filter_map(doc_text).collect();
    let words: Vec<&str> = lines
        .iter()
        .flat_map(|text| text.split('\n'))
        .map(str::trim)
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty())
        .collect();
    words.join(" ")
}

fn doc_text(attribute: &syn::Attribute) -> Option<String> {
    let syn::Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    match &pair.value {
        syn::Expr::Lit(literal) if pair.path.is_ident("doc") => match &literal.lit {
            syn::Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn the_first_paragraph_becomes_one_line() {
        let function: syn::ItemFn = parse_quote! {
            /// A project gets
            /// its first episode.
            ///
            /// More about it.
            fn first() {}
        };
        assert_eq!(
            of(&function, "first").unwrap(),
            "A project gets its first episode."
        );
    }

    #[test]
    fn without_a_doc_comment_the_name_speaks() {
        let function: syn::ItemFn = parse_quote! { fn first_episode() {} };
        assert_eq!(of(&function, "first-episode").unwrap(), "first episode");
    }

    #[test]
    fn a_summary_has_at_most_400_bytes() {
        for (length, good) in [(400, true), (401, false)] {
            let text = "a".repeat(length);
            let function: syn::ItemFn = parse_quote! { #[doc = #text] fn first() {} };
            assert_eq!(of(&function, "first").is_ok(), good, "{length} bytes");
        }
    }
}
