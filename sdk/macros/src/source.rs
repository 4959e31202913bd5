//! The text of an expression as it is written, on one line.

use proc_macro2::{Delimiter, LineColumn, Span, TokenStream, TokenTree};
use syn::buffer::Cursor;

/// The text of the tokens between two places of the input; each stretch of white space becomes one space. (The compiler gives a macro
/// the text of single tokens only, and their places. Tokens that were parsed and written out again have lost some of these.)
pub(crate) fn text(mut from: Cursor<'_>, to: Cursor<'_>) -> String {
    let mut writer = Writer::default();
    while from != to {
        let Some((token, rest)) = from.token_tree() else {
            break;
        };
        writer.token(token);
        from = rest;
    }
    writer.text
}

#[derive(Default)]
struct Writer {
    text: String,
    end: Option<LineColumn>,
}

impl Writer {
    fn stream(&mut self, tokens: TokenStream) {
        for token in tokens {
            self.token(token);
        }
    }

    fn token(&mut self, token: TokenTree) {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = delimiters(group.delimiter());
                self.word(open, group.span_open());
                self.stream(group.stream());
                self.word(close, group.span_close());
            }
            other => self.word(&other.to_string(), other.span()),
        }
    }

    fn word(&mut self, word: &str, span: Span) {
        if self.end.is_some_and(|end| end != span.start()) {
            self.text.push(' ');
        }
        self.text.push_str(word);
        self.end = Some(span.end());
    }
}

fn delimiters(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use syn::buffer::TokenBuffer;

    use super::*;

    #[test]
    fn an_expression_reads_as_it_is_written() {
        for (written, expected) in [
            ("response.status() == 200", "response.status() == 200"),
            (
                "list[1..]\n    .first( ).is_none()",
                "list[1..] .first( ).is_none()",
            ),
            (
                "!seen && a::<u8>::b(&x, 'c') <= \"d  e\"",
                "!seen && a::<u8>::b(&x, 'c') <= \"d  e\"",
            ),
        ] {
            let tokens = TokenBuffer::new2(written.parse().unwrap());
            assert_eq!(text(tokens.begin(), Cursor::empty()), expected);
        }
    }
}
