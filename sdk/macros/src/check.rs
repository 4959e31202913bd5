//! Conditions taken apart: a comparison at the top is evaluated side by side, so that both values can be shown.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned as _;
use syn::{BinOp, Expr, ExprBinary, Token};

/// What stands in `check!` and `ensure!`: a condition and perhaps a message with its arguments.
pub(crate) struct Condition {
    expression: Expr,
    message: Option<TokenStream>,
}

/// What stands in `check_eq!` and `ensure_eq!`: two values and perhaps a message with its arguments.
pub(crate) struct Pair {
    actual: Expr,
    expected: Expr,
    message: Option<TokenStream>,
}

impl Parse for Condition {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            expression: input.parse()?,
            message: message(input)?,
        })
    }
}

impl Parse for Pair {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let actual = input.parse()?;
        input.parse::<Token![,]>()?;
        Ok(Self {
            actual,
            expected: input.parse()?,
            message: message(input)?,
        })
    }
}

/// Everything after the next comma; none if nothing stands there.
fn message(input: ParseStream<'_>) -> syn::Result<Option<TokenStream>> {
    if input.is_empty() {
        return Ok(None);
    }
    input.parse::<Token![,]>()?;
    let rest: TokenStream = input.parse()?;
    Ok((!rest.is_empty()).then_some(rest))
}

/// A check, ready to be written out.
pub(crate) struct Check {
    /// Evaluates to `assay_sdk::__private::Finding`.
    finding: TokenStream,
    message: Option<TokenStream>,
}

impl From<Condition> for Check {
    fn from(condition: Condition) -> Self {
        let text = source(&condition.expression);
        let finding = match &condition.expression {
            Expr::Binary(binary) if is_comparison(&binary.op) => comparison(binary, &text),
            expression => quote_spanned! {expression.span()=>
                ::assay_sdk::__private::Finding::of_condition(#expression, #text)
            },
        };
        Self {
            finding,
            message: condition.message,
        }
    }
}

impl From<Pair> for Check {
    fn from(pair: Pair) -> Self {
        let Pair {
            actual,
            expected,
            message,
        } = pair;
        let text = format!("{} == {}", source(&actual), source(&expected));
        let equal = ExprBinary {
            attrs: Vec::new(),
            left: Box::new(actual),
            op: BinOp::Eq(Token![==](proc_macro2::Span::call_site())),
            right: Box::new(expected),
        };
        Self {
            finding: comparison(&equal, &text),
            message,
        }
    }
}

fn is_comparison(operator: &BinOp) -> bool {
    matches!(
        operator,
        BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_)
    )
}

fn comparison(binary: &ExprBinary, text: &str) -> TokenStream {
    let ExprBinary {
        left, op, right, ..
    } = binary;
    let operator = quote!(#op).to_string();
    quote_spanned! {left.span()=>
        match (&(#left), &(#right)) {
            (actual, expected) => ::assay_sdk::__private::Finding::of_comparison(
                *actual #op *expected, #text, &actual, #operator, &expected,
            ),
        }
    }
}

fn source(expression: &Expr) -> String {
    crate::source::text(quote!(#expression))
}

pub(crate) fn soft(check: &Check) -> TokenStream {
    let finding = described(check);
    quote! { ::assay_sdk::__private::check(#finding) }
}

pub(crate) fn hard(check: &Check) -> TokenStream {
    let finding = described(check);
    quote! {
        if let ::core::result::Result::Err(problem) = ::assay_sdk::__private::ensure(#finding) {
            return ::core::result::Result::Err(::core::convert::From::from(problem));
        }
    }
}

fn described(check: &Check) -> TokenStream {
    let Check { finding, message } = check;
    let message = message
        .as_ref()
        .map(|message| quote!(.says(::std::format!(#message))));
    quote! { #finding #message .at(::assay_sdk::__private::location!()) }
}
