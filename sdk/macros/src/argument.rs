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
}

/// The expressions to call the function with; `entry` is in scope where they stand.
pub(crate) fn expressions(function: &ItemFn, takes: Takes) -> syn::Result<Vec<TokenStream>> {
    let mut shared = 0;
    let mut expressions = Vec::new();
    for argument in &function.sig.inputs {
        let FnArg::Typed(argument) = argument else {
            return Err(syn::Error::new(
                argument.span(),
                "an entry is a free function",
            ));
        };
        let span = argument.ty.span();
        shared += 1;
        let borrow = is_reference(&argument.ty).then(|| quote_spanned!(span=> &));
        expressions.push(quote_spanned!(span=> #borrow ::assay_sdk::__private::shared(&entry)?));
    }
    let (most_shared, meaning) = match takes {
        Takes::Nothing => (0, "nothing"),
        Takes::Shared => (1, "nothing, or the value of `#[setup]`"),
    };
    if shared > most_shared {
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
