//! Lists of a grant: bounded, without an entry that another one covers, and able to say what they lack.

use std::{fmt, marker::PhantomData, slice};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, SeqAccess, Visitor},
};

use crate::limits::MAX_ENTRIES;

/// An entry of a list.
pub trait Item: Clone + PartialEq + fmt::Display {
    /// Whether whoever has this one needs not have the other one.
    fn covers(&self, other: &Self) -> bool;
}

/// A list of what is granted or wanted. Read, it has at most [`MAX_ENTRIES`].
#[derive(Clone, Debug, PartialEq)]
pub struct Items<T>(Vec<T>);

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Items<T> {
    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many are in it.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// In the order in which they are written.
    pub fn iter(&self) -> slice::Iter<'_, T> {
        self.0.iter()
    }
}

impl<T: Item> Items<T> {
    /// Whether one of them covers this.
    pub fn covers(&self, wanted: &T) -> bool {
        self.iter().any(|held| held.covers(wanted))
    }

    /// Adds one, unless it is covered already.
    pub fn add(&mut self, item: T) {
        if !self.covers(&item) {
            self.0.push(item);
        }
    }

    /// Adds those of another list.
    pub fn join(&mut self, other: &Self) {
        for item in other {
            self.add(item.clone());
        }
    }

    /// Those of another list that nothing here covers.
    #[must_use]
    pub fn lacking(&self, wanted: &Self) -> Self {
        let lacking = wanted.iter().filter(|item| !self.covers(item));
        lacking.cloned().collect()
    }
}

impl<T: Item> FromIterator<T> for Items<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut list = Self::default();
        for item in items {
            list.add(item);
        }
        list
    }
}

impl<'a, T> IntoIterator for &'a Items<T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: fmt::Display> Serialize for Items<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(ToString::to_string))
    }
}

impl<'de, T: Item + Deserialize<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Reader(PhantomData))
    }
}

/// Stops at the first entry that is too many, however many follow.
struct Reader<T>(PhantomData<T>);

impl<'de, T: Item + Deserialize<'de>> Visitor<'de> for Reader<T> {
    type Value = Items<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a list of at most {MAX_ENTRIES} texts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Items<T>, A::Error> {
        let mut items = Items::default();
        let mut read = 0;
        while let Some(item) = sequence.next_element()? {
            read += 1;
            if read > MAX_ENTRIES {
                return Err(A::Error::custom(format!(
                    "a list has more than {MAX_ENTRIES} entries"
                )));
            }
            items.add(item);
        }
        Ok(items)
    }
}

/// Lets a type that is written as a text be read as one, with the way to write it in the error.
macro_rules! written_as_text {
    ($($kind:ty),+) => {$(
        impl TryFrom<String> for $kind {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse().map_err(|error: $crate::invalid::Invalid| error.on_one_line())
            }
        }
    )+};
}
pub(crate) use written_as_text;
