//! Enumerations that travel as words: one declaration gives the type, its JSON form, its schema and its parser.

/// A type whose values each have one word.
pub trait Word: Copy + Sized + 'static {
    /// All values, in the order of their declaration.
    const ALL: &'static [Self];

    /// The word as it is written in JSON, paths and labels.
    fn word(self) -> &'static str;

    /// The value of exactly this word.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.word() == word)
    }
}

/// Declares an enumeration with the word of each value.
macro_rules! words {
    ($(#[$about:meta])* $visible:vis enum $name:ident { $($(#[$about_value:meta])* $value:ident = $word:tt,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        $visible enum $name {
            $($(#[$about_value])* #[serde(rename = $word)] $value,)+
        }

        impl $crate::words::Word for $name {
            const ALL: &'static [Self] = &[$(Self::$value),+];

            fn word(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)+
                }
            }
        }
    };
}

pub(crate) use words;
