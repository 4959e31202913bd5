//! `suite!`: the suite's own name, and the export of the component.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, ExprArray, Ident, LitStr, Token};

use crate::wants::Wants;

/// What stands in `suite! { ... }`.
#[derive(Default)]
pub(crate) struct Declaration {
    name: Option<LitStr>,
    version: Option<LitStr>,
    summary: Option<LitStr>,
    baselines: Vec<Expr>,
    wants: Option<Wants>,
}

impl Parse for Declaration {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut declaration = Self::default();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            input.parse::<Token![:]>()?;
            match key.to_string().as_str() {
                "wants" => once(&key, &mut declaration.wants, input.parse()?)?,
                "name" => once(&key, &mut declaration.name, input.parse()?)?,
                "version" => once(&key, &mut declaration.version, input.parse()?)?,
                "summary" => once(&key, &mut declaration.summary, input.parse()?)?,
                "baselines" => declaration
                    .baselines
                    .extend(input.parse::<ExprArray>()?.elems),
                other => {
                    let hint = "there are `name`, `version`, `summary`, `baselines` and `wants`";
                    return Err(syn::Error::new(
                        key.span(),
                        format!("no field is called `{other}`: {hint}"),
                    ));
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(declaration)
    }
}

fn once<T>(key: &Ident, place: &mut Option<T>, value: T) -> syn::Result<()> {
    if place.replace(value).is_some() {
        return Err(syn::Error::new(key.span(), format!("`{key}` stands twice")));
    }
    Ok(())
}

pub(crate) fn expand(declaration: &Declaration) -> syn::Result<TokenStream> {
    if let Some(name) = &declaration.name {
        crate::name::of_literal(name)?;
    }
    let or_package = |given: &Option<LitStr>, variable: &str| {
        given.as_ref().map_or_else(
            || quote!(::core::env!(#variable)),
            |literal| quote!(#literal),
        )
    };
    let name = or_package(&declaration.name, "CARGO_PKG_NAME");
    let version = or_package(&declaration.version, "CARGO_PKG_VERSION");
    let summary = or_package(&declaration.summary, "CARGO_PKG_DESCRIPTION");
    let baselines = &declaration.baselines;
    let wants = declaration.wants.as_ref().map(Wants::section);
    Ok(quote! {
        const _: () = {
            const BASELINES: &[::assay_sdk::Baseline] = &[#(#baselines),*];
            ::assay_sdk::__private::validate_suite(#name, #summary, BASELINES);
            ::assay_sdk::__private::register! {
            SuiteInfo {
                    name: #name,
                    version: #version,
                    summary: #summary,
                    baselines: BASELINES,
                }
            }
        };
        #wants
        #[doc(hidden)]
        #[macro_export]
        macro_rules! assay_suite_of_the_crate { () => {}; }
        #[cfg(target_family = "wasm")]
        ::assay_sdk::__private::export_suite!();
    })
}
