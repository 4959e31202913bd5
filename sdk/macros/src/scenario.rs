//! `#[scenario]`: the function is one iteration; what is registered runs all iterations of a virtual user.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{FnArg, ItemFn, Type};

use crate::options::ScenarioOptions;
use crate::{entry, name, summary};

/// What the function takes.
#[derive(Default)]
struct Arguments {
    /// How it is called; the locals `vu`, `opening`, `state` and `shared` are in scope where these stand.
    expressions: Vec<TokenStream>,
    /// What the virtual user keeps.
    state: Option<Type>,
    /// What `#[setup]` returned.
    shared: Option<Type>,
    takes_vu: bool,
    /// Where it takes the answer of its opening request.
    takes_sample: Option<Span>,
}

pub(crate) fn expand(options: &ScenarioOptions, function: &ItemFn) -> syn::Result<TokenStream> {
    entry::no_type_parameters(function)?;
    let arguments = Arguments::of(function)?;
    let name = name::of_function(&function.sig.ident)?;
    let summary = summary::of(function, &name)?;
    let only_once = entry::only_once("scenario", function);
    let identifier = &function.sig.ident;
    let is_sync = function.sig.asyncness.is_none();
    let wait = function.sig.asyncness.map(|_| quote!(.await));
    let shared = arguments.make_shared();
    let state = arguments.make_state(options)?;
    let here = Span::call_site();
    let [user, vu, opening, iteration] =
        ["user", "vu", "opening", "iteration"].map(|name| local(name, here));
    let (open, turn, next, answered) = match arguments.make_opening(options)? {
        Some(template) => (
            Some(quote!(#user.open_with(#template)?;)),
            quote!((#vu, #opening)),
            quote!(next_opened),
            Some(quote!(let #opening = #opening?;)),
        ),
        None => (None, quote!(#vu), quote!(next), None),
    };
    let expressions = &arguments.expressions;
    Ok(quote! {
        #function
        #only_once
        ::assay_sdk::__private::register! {
            Scenario {
                name: #name,
                summary: #summary,
                is_sync: #is_sync,
                place: ::assay_sdk::__private::place!(),
                run: |mut #user| ::std::boxed::Box::pin(async move {
                    #shared
                    #state
                    #open
                    while let ::core::option::Option::Some(#turn) = #user.#next().await {
                        let _ = #vu;
                        // Pinned here: a future that is handed on by value has its room in each of those that it goes through.
                        let #iteration = ::core::pin::pin!(async {
                            #answered
                            ::assay_sdk::__private::succeeded(#identifier(#(#expressions),*) #wait)
                        });
                        #user.iteration(#iteration).await;
                    }
                    ::core::result::Result::Ok(())
                }),
            }
        }
    })
}

impl Arguments {
    fn of(function: &ItemFn) -> syn::Result<Self> {
        let mut arguments = Self::default();
        for argument in &function.sig.inputs {
            let FnArg::Typed(argument) = argument else {
                return Err(syn::Error::new(
                    argument.span(),
                    "a scenario is a free function",
                ));
            };
            arguments.add(&argument.ty)?;
        }
        Ok(arguments)
    }

    fn add(&mut self, kind: &Type) -> syn::Result<()> {
        let span = kind.span();
        let (is_second, what) = match kind {
            Type::Reference(reference) if reference.mutability.is_some() => {
                let state = local("state", span);
                self.expressions.push(quote_spanned!(span=> &mut #state));
                let before = self.state.replace((*reference.elem).clone());
                (before.is_some(), "`&mut` state")
            }
            kind if is_called(kind, "Vu") => {
                self.expressions.push(local("vu", span).into_token_stream());
                (std::mem::replace(&mut self.takes_vu, true), "`Vu`")
            }
            kind if is_called(kind, "Sample") => {
                self.expressions
                    .push(local("opening", span).into_token_stream());
                (self.takes_sample.replace(span).is_some(), "`Sample`")
            }
            Type::Reference(reference) => {
                let shared = local("shared", span);
                self.expressions.push(quote_spanned!(span=> &*#shared));
                let before = self.shared.replace((*reference.elem).clone());
                (before.is_some(), "value of `#[setup]`")
            }
            kind => {
                let shared = local("shared", span);
                let clone = quote_spanned!(span=> ::core::clone::Clone::clone(&*#shared));
                self.expressions.push(clone);
                let before = self.shared.replace(kind.clone());
                (before.is_some(), "value of `#[setup]`")
            }
        };
        if is_second {
            let message = format!("a scenario takes one {what} at most");
            return Err(syn::Error::new(span, message));
        }
        Ok(())
    }

    fn make_shared(&self) -> Option<TokenStream> {
        let kind = self.shared.as_ref()?;
        let [shared, user] = ["shared", "user"].map(|name| local(name, kind.span()));
        Some(quote_spanned!(kind.span()=> let #shared = #user.shared::<#kind>()?;))
    }

    /// The request with which each iteration begins, as an expression. Its answer is evidence, which somebody has to look at.
    fn make_opening(&self, options: &ScenarioOptions) -> syn::Result<Option<TokenStream>> {
        match (&options.opens_with, self.takes_sample) {
            (Some(opens), _) if self.state.is_none() => Err(syn::Error::new(
                opens.span(),
                "the scenario takes no `&mut` argument that this request could be a part of",
            )),
            (Some(opens), Some(_)) => {
                let state = local("state", opens.span());
                Ok(Some(quote_spanned!(opens.span()=> #opens(&#state))))
            }
            (Some(opens), None) => Err(syn::Error::new(
                opens.span(),
                "what this request answers is an argument of the scenario, a `Sample`, which is missing",
            )),
            (None, Some(sample)) => Err(syn::Error::new(
                sample,
                "no request answers this: name one with `opens_with`, such as `opens_with = Orders::list`; a type of your own that is called so is taken as `&Sample`",
            )),
            (None, None) => Ok(None),
        }
    }

    fn make_state(&self, options: &ScenarioOptions) -> syn::Result<Option<TokenStream>> {
        match (&self.state, &options.state) {
            (Some(kind), Some(make)) => {
                let shared = self.shared.as_ref().map(|kind| {
                    let shared = local("shared", kind.span());
                    quote_spanned!(kind.span()=> , &*#shared)
                });
                let [state, user] = ["state", "user"].map(|name| local(name, make.span()));
                Ok(Some(
                    quote_spanned!(make.span()=> let mut #state: #kind = #make(#user.vu() #shared)?;),
                ))
            }
            (Some(kind), None) => {
                let state = local("state", kind.span());
                Ok(Some(
                    quote_spanned!(kind.span()=> let mut #state: #kind = ::core::default::Default::default();),
                ))
            }
            (None, Some(make)) => Err(syn::Error::new(
                make.span(),
                "the scenario takes no `&mut` argument that this could make",
            )),
            (None, None) => Ok(None),
        }
    }
}

/// A variable of what is made here, whatever else in the suite has its name.
fn local(name: &str, at: Span) -> Ident {
    Ident::new(name, Span::mixed_site().located_at(at))
}

fn is_called(kind: &Type, name: &str) -> bool {
    match kind {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn refusal(options: &ScenarioOptions, function: &ItemFn) -> String {
        expand(options, function).unwrap_err().to_string()
    }

    #[test]
    fn each_argument_stands_once() {
        let none = ScenarioOptions::default();
        let twice = [
            parse_quote!(
                /// Twice
                fn twice(one: Vu, two: Vu) {}
            ),
            parse_quote!(
                /// Twice
                fn twice(one: &mut A, two: &mut B) {}
            ),
            parse_quote!(
                /// Twice
                fn twice(one: &A, two: B) {}
            ),
        ];
        for function in twice {
            let text = refusal(&none, &function);
            assert!(text.starts_with("a scenario takes one"), "{text}");
        }
    }

    #[test]
    fn what_makes_a_state_needs_a_state() {
        let some = ScenarioOptions {
            state: Some(parse_quote!(make)),
            opens_with: None,
        };
        let function = parse_quote!(
            /// Keeps nothing
            fn stateless(vu: Vu) {}
        );
        assert!(refusal(&some, &function).contains("no `&mut` argument"));
    }

    #[test]
    fn an_opening_request_has_a_state_and_somebody_who_looks_at_its_answer() {
        let opens = ScenarioOptions {
            state: None,
            opens_with: Some(parse_quote!(Orders::list)),
        };
        let function = parse_quote!(
            /// Has no state
            fn stateless(list: Sample) {}
        );
        assert!(refusal(&opens, &function).contains("no `&mut` argument"));
        let function = parse_quote!(
            /// Does not look
            fn blind(orders: &mut Orders) {}
        );
        assert!(refusal(&opens, &function).contains("a `Sample`, which is missing"));
        let function = parse_quote!(
            /// Is not opened
            fn unopened(list: http::Sample, orders: &mut Orders) {}
        );
        assert!(refusal(&ScenarioOptions::default(), &function).contains("`opens_with`"));
    }
}
