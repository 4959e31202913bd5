//! Why an instance stopped without an answer: reads the engine's error, the plugin's last words and its backtrace.

mod backtrace;
mod panic;

use std::time::Duration;

use wasmtime::Trap;

use super::{ending::Ending, engine::PLUGIN_STACK, limits::LimitReached};
use crate::capability::recorder::{MAX_LOG_BYTES, Panic, cut};

/// The attempt's time was over while it computed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the time of the attempt is over")]
pub(super) struct DeadlineReached;

/// What is known about an instance that stopped.
pub(crate) struct LastWords<'a> {
    /// What it told the host before it stopped.
    pub(crate) panic: Option<Panic>,
    /// What it wrote to standard error.
    pub(crate) stderr: &'a str,
    /// How much time it had.
    pub(crate) timeout: Duration,
}

/// How an instance ended that did not return.
pub(crate) fn ending(error: &wasmtime::Error, words: &LastWords<'_>) -> Ending {
    let backtrace = backtrace::of(error);
    if error.is::<DeadlineReached>() {
        return Ending::TimedOut {
            after: words.timeout,
            computing: true,
            backtrace,
        };
    }
    if let Some(LimitReached(message)) = error.downcast_ref() {
        return Ending::LimitReached {
            message: message.clone(),
            backtrace,
        };
    }
    if let Some(exit) = error.downcast_ref::<wasmtime_wasi::I32Exit>() {
        return Ending::Broken {
            message: format!(
                "the plugin ended itself with exit code {}; an entry returns instead",
                exit.0
            ),
            backtrace,
        };
    }
    let Some(trap) = error.downcast_ref::<Trap>() else {
        return Ending::Broken {
            message: message_of(error),
            backtrace,
        };
    };
    if *trap == Trap::UnreachableCodeReached
        && let Some(panic) = panic::find(words.panic.as_ref(), words.stderr)
    {
        return Ending::Panicked {
            message: panic.message,
            location: panic.location,
            backtrace: backtrace::without_panic_handling(backtrace),
        };
    }
    Ending::Trapped {
        message: trap_message(*trap),
        backtrace,
    }
}

fn trap_message(trap: Trap) -> String {
    match trap {
        Trap::StackOverflow => format!(
            "call stack exhausted: the plugin may use {} MiB of it",
            PLUGIN_STACK >> 20
        ),
        Trap::MemoryOutOfBounds => "out of bounds memory access: a pointer that is wrong, or a recursion that is too deep (a Rust plugin has 1 MiB of stack in its memory)".to_owned(),
        // The engine's own words start with its name for the whole class, which says nothing here.
        other => other
            .to_string()
            .trim_start_matches("wasm trap: ")
            .to_owned(),
    }
}

/// What an error says, without the backtrace that the engine adds to it.
pub(crate) fn message_of(error: &wasmtime::Error) -> String {
    let said: Vec<String> = error
        .chain()
        .map(ToString::to_string)
        .filter(|message| !message.starts_with("error while executing at wasm backtrace"))
        .collect();
    cut(&said.join(": "), MAX_LOG_BYTES).to_owned()
}
