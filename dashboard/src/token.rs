//! The token of a page: who knows it may look. It is random, 256 bits long, and dies with the run.
//!
//! It stays in the address of the page and becomes no cookie: a browser sends the cookies of an address to all its ports, so that
//! whatever else listens on this machine would be told the token.

use std::fmt;

use subtle::ConstantTimeEq as _;

/// Bytes of a token.
const BYTES: usize = 32;

/// A token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

impl Token {
    /// From the random source of the system.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        hexadecimal::<BYTES>().map(Self)
    }

    /// Whether somebody knows it. It takes as long whatever they guess.
    pub(crate) fn is(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }

    /// As it stands in an address.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

/// What is logged of it.
impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(..)")
    }
}

/// So many random bytes.
pub(crate) fn hexadecimal<const BYTES: usize>() -> Result<String, getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    Ok(digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_itself_alone_and_no_part_of_it_is() {
        let (one, other) = (Token::random().unwrap(), Token::random().unwrap());
        assert_eq!(one.text().len(), 64);
        assert!(one.is(one.text()) && !one.is(other.text()));
        for wrong in ["", &one.text()[..63], &format!("{}0", one.text())] {
            assert!(!one.is(wrong), "{wrong}");
        }
    }

    #[test]
    fn what_is_logged_of_a_token_does_not_have_it() {
        let token = Token::random().unwrap();
        assert!(!format!("{token:?}").contains(token.text()));
    }
}
