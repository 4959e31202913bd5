//! The attributes: each leaves the function as it is and registers it beside it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ItemFn;

use crate::argument::{self, Takes};
use crate::options::CaseOptions;
use crate::{name, summary};

pub(crate) fn case(options: &CaseOptions, function: &ItemFn) -> syn::Result<TokenStream> {
    let call = call(function, Takes::Shared)?;
    let name = name::of_function(&function.sig.ident)?;
    let summary = summary::of(function, &name)?;
    let only_once = only_once("case", function);
    let CaseOptions {
        tags,
        needs,
        timeout_ms,
        exclusive,
    } = options;
    Ok(quote! {
        #function
        #only_once
        ::assay_sdk::__private::register! {
            Case {
                name: #name,
                summary: #summary,
                tags: &[#(#tags),*],
                needs: &[#(#needs),*],
                timeout_ms: #timeout_ms,
                exclusive: #exclusive,
                place: ::assay_sdk::__private::place!(),
                run: |entry| ::std::boxed::Box::pin(async move {
                    ::assay_sdk::__private::outcome(#call)
                }),
            }
        }
    })
}

pub(crate) fn setup(function: &ItemFn) -> syn::Result<TokenStream> {
    let call = call(function, Takes::Nothing)?;
    Ok(hook(
        function,
        "setup",
        &quote!(Setup),
        &quote!(::assay_sdk::__private::setup_value(#call)),
    ))
}

pub(crate) fn teardown(function: &ItemFn) -> syn::Result<TokenStream> {
    let call = call(function, Takes::Shared)?;
    Ok(hook(
        function,
        "teardown",
        &quote!(Teardown),
        &quote!(::assay_sdk::__private::outcome(#call)),
    ))
}

fn hook(function: &ItemFn, word: &str, kind: &TokenStream, body: &TokenStream) -> TokenStream {
    let only_once = single(word, function);
    quote! {
        #function
        #only_once
        ::assay_sdk::__private::register! {
            Hook {
                kind: ::assay_sdk::__private::HookKind::#kind,
                place: ::assay_sdk::__private::place!(),
                run: |entry| ::std::boxed::Box::pin(async move {
                    let _ = &entry;
                    #body
                }),
            }
        }
    }
}

/// The call of the function, awaited if it is async. `entry` is in scope where it stands.
fn call(function: &ItemFn, takes: Takes) -> syn::Result<TokenStream> {
    no_type_parameters(function)?;
    let identifier = &function.sig.ident;
    let arguments = argument::expressions(function, takes)?;
    let wait = function.sig.asyncness.map(|_| quote!(.await));
    Ok(quote! { { let _ = &entry; #identifier(#(#arguments),*) #wait } })
}

pub(crate) fn no_type_parameters(function: &ItemFn) -> syn::Result<()> {
    match function.sig.generics.params.first() {
        Some(parameter) => Err(syn::Error::new_spanned(
            parameter,
            "an entry has no type parameters",
        )),
        None => Ok(()),
    }
}

/// Makes a second entry of the same kind and name, in whatever module, an error of the compiler: exported macros share one name
/// space in a crate. The compiler then points at both functions.
pub(crate) fn only_once(kind: &str, function: &ItemFn) -> TokenStream {
    let identifier = &function.sig.ident;
    let marker = format_ident!("assay_{kind}_named_{identifier}", span = identifier.span());
    marked(&marker)
}

fn single(kind: &str, function: &ItemFn) -> TokenStream {
    let marker = format_ident!(
        "assay_{kind}_of_the_suite",
        span = function.sig.ident.span()
    );
    marked(&marker)
}

fn marked(marker: &syn::Ident) -> TokenStream {
    quote! {
        #[doc(hidden)]
        #[macro_export]
        macro_rules! #marker { () => {}; }
    }
}
