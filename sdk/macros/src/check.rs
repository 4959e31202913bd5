//! Conditions taken apart: a comparison at the top is evaluated side by side, so that both values can be shown.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned as _;
use syn::{BinOp, Expr, ExprBinary, Token};

use crate::source;

/// What stands in `check!` and `ensure!`: a condition and perhaps a message with its arguments.
pub(crate) struct Condition {
    expression: Written,
    message: Option<TokenStream>,
}

/// What stands in `check_eq!` and `ensure_eq!`: two values and perhaps a message with its arguments.
pub(crate) struct Pair {
    actual: Written,
    expected: Written,
    message: Option<TokenStream>,
}

/// An expression and its text.
struct Written {
    expression: Expr,
    text: String,
}

impl Parse for Written {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let start = input.cursor();
        let expression = input.parse()?;
        let text = source::text(start, input.cursor());
        Ok(Self { expression, text })
    }
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
        let Written { expression, text } = condition.expression;
        let finding = match &expression {
            Expr::Binary(binary) if is_comparison(&binary.op) => comparison(binary, &text),
            other => quote_spanned! {other.span()=>
                ::assay_sdk::__private::Finding::of_condition(#other, #text)
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
        let text = format!("{} == {}", pair.actual.text, pair.expected.text);
        let equal = ExprBinary {
            attrs: Vec::new(),
            left: Box::new(pair.actual.expression),
            op: BinOp::Eq(Token![==](proc_macro2::Span::call_site())),
            right: Box::new(pair.expected.expression),
        };
        Self {
            finding: comparison(&equal, &text),
            message: pair.message,
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
