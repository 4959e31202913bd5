//! What the functions behind entries take, and how the call hands it over.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::spanned::Spanned as _;
use syn::{FnArg, ItemFn, Type};

/// Which kinds of argument an entry may take.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Takes {
    /// None at all.
    Nothing,
    /// At most what `#[setup]` returned.
    Shared,
    /// At most a `Vu` and what `#[setup]` returned.
    VuAndShared,
}

/// The expressions to call the function with; `entry` is in scope where they stand.
pub(crate) fn expressions(function: &ItemFn, takes: Takes) -> syn::Result<Vec<TokenStream>> {
    let (mut vus, mut shared) = (0, 0);
    let mut expressions = Vec::new();
    for argument in &function.sig.inputs {
        let FnArg::Typed(argument) = argument else {
            return Err(syn::Error::new(
                argument.span(),
                "an entry is a free function",
            ));
        };
        let span = argument.ty.span();
        if takes == Takes::VuAndShared && is_vu(&argument.ty) {
            vus += 1;
            expressions.push(quote_spanned!(span=> ::assay_sdk::__private::vu(&entry)));
        } else {
            shared += 1;
            let borrow = is_reference(&argument.ty).then(|| quote_spanned!(span=> &));
            expressions
                .push(quote_spanned!(span=> #borrow ::assay_sdk::__private::shared(&entry)?));
        }
    }
    let (most_vus, most_shared, meaning) = match takes {
        Takes::Nothing => (0, 0, "nothing"),
        Takes::Shared => (0, 1, "nothing, or the value of `#[setup]`"),
        Takes::VuAndShared => (1, 1, "at most a `Vu` and the value of `#[setup]`"),
    };
    if vus > most_vus || shared > most_shared {
        return Err(syn::Error::new(
            function.sig.inputs.span(),
            format!("this function takes {meaning}"),
        ));
    }
    Ok(expressions)
}

fn is_reference(kind: &Type) -> bool {
    matches!(kind, Type::Reference(_))
}

fn is_vu(kind: &Type) -> bool {
    match kind {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "Vu"),
        _ => false,
    }
}
