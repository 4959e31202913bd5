//! How entries are registered: each leaves a function that runs before anything else of the suite, and tells of it.
//!
//! An entry itself stays as the compiler wrote it, and so in memory that all instances of a suite share. A link from one to the next, written
//! into each of them, would take that memory for each virtual user anew: some pages, to hold a few bytes in each.

use std::ptr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The entries of one kind.
#[derive(Debug)]
pub struct Registered<T: 'static> {
    /// Boxed so that it begins as nothing but zeros, which stand beside all else that the program writes to and not among what it only reads.
    entries: Mutex<Option<Box<Entries<T>>>>,
}

#[derive(Debug)]
struct Entries<T: 'static>(Vec<&'static T>);

/// Something that is registered.
pub trait Register: Sync + Sized + 'static {
    /// All of its kind.
    fn registered() -> &'static Registered<Self>;
}

/// Registers an entry, once however often it is told of: a linker may have all such functions called before each export.
pub fn register<T: Register>(entry: &'static T) {
    let mut registered = T::registered().entries();
    let Entries(entries) = &mut **registered.get_or_insert_with(|| Box::new(Entries(Vec::new())));
    if !entries.iter().any(|known| ptr::eq(*known, entry)) {
        entries.push(entry);
    }
}

impl<T> Registered<T> {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self {
            entries: Mutex::new(None),
        }
    }

    /// All of them, in no order.
    pub(crate) fn all(&self) -> Vec<&'static T> {
        let entries = self.entries();
        entries
            .as_ref()
            .map_or_else(Vec::new, |entries| entries.0.clone())
    }

    /// One that is wanted.
    pub(crate) fn find(&self, is_wanted: impl Fn(&T) -> bool) -> Option<&'static T> {
        let entries = self.entries();
        let mut entries = entries.iter().flat_map(|entries| &entries.0);
        entries.find(|entry| is_wanted(entry)).copied()
    }

    /// Each change adds one entry: a panic of another holder leaves nothing half-written.
    fn entries(&self) -> MutexGuard<'_, Option<Box<Entries<T>>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Registers what is written there, in the way of each platform to run a function before all others. Only for where no function is around it.
#[doc(hidden)]
#[macro_export]
macro_rules! __register {
    ($entry:ident { $($fields:tt)* }) => {
        const _: () = {
            static ENTRY: $crate::__private::$entry = $crate::__private::$entry { $($fields)* };

            extern "C" fn tell() {
                $crate::__private::register(&ENTRY);
            }

            // SAFETY: these sections hold pointers to functions of exactly this type, which are called one after the other by a thread that is
            // alone; and what this one does needs nothing that others would have to prepare.
            #[used]
            #[cfg_attr(
                any(target_os = "macos", target_os = "ios"),
                unsafe(link_section = "__DATA,__mod_init_func,mod_init_funcs")
            )]
            #[cfg_attr(windows, unsafe(link_section = ".CRT$XCU"))]
            #[cfg_attr(
                not(any(windows, target_os = "macos", target_os = "ios")),
                unsafe(link_section = ".init_array")
            )]
            static TELLS: extern "C" fn() = tell;
        };
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Entry(u8);

    static ENTRIES: Registered<Entry> = Registered::new();

    impl Register for Entry {
        fn registered() -> &'static Registered<Self> {
            &ENTRIES
        }
    }

    #[test]
    fn an_entry_that_is_told_of_twice_is_one() {
        static TWO: [Entry; 2] = [Entry(0), Entry(1)];
        for entry in [&TWO[0], &TWO[1], &TWO[0]] {
            register(entry);
        }
        assert_eq!(ENTRIES.all().len(), 2);
        assert!(ENTRIES.find(|entry| entry.0 == 1).is_some());
    }
}
