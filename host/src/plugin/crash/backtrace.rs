//! The functions of the plugin that were active when it stopped, with names that people wrote.

use wasmtime::{FrameInfo, WasmBacktrace};

use crate::{
    capability::recorder::cut,
    plugin::ending::{MAX_FRAME_BYTES, MAX_FRAMES},
};

/// The frames behind an error, innermost first; empty if there are none.
pub(super) fn of(error: &wasmtime::Error) -> Vec<String> {
    error
        .downcast_ref::<WasmBacktrace>()
        .map(|backtrace| backtrace.frames().iter().map(line).collect())
        .map(bounded)
        .unwrap_or_default()
}

/// Leaves out what Rust runs after a panic has begun, so that the first frame is the one that panicked.
pub(super) fn without_panic_handling(frames: Vec<String>) -> Vec<String> {
    let handling = [
        "core::panicking::",
        "std::panicking::",
        "core::option::",
        "core::result::",
    ];
    let begun = frames
        .iter()
        .rposition(|frame| frame.starts_with("core::panicking::") || frame.contains("begin_panic"));
    let Some(begun) = begun else {
        return frames;
    };
    let rest: Vec<String> = frames[begun + 1..]
        .iter()
        .skip_while(|frame| handling.iter().any(|start| frame.starts_with(start)))
        .cloned()
        .collect();
    if rest.is_empty() { frames } else { rest }
}

fn line(frame: &FrameInfo) -> String {
    let name = match frame.func_name() {
        Some(name) => format!("{:#}", rustc_demangle::demangle(name)),
        None => format!("function {} without a name", frame.func_index()),
    };
    // With debug information there is a place, the innermost first where functions were inlined.
    let place = frame
        .symbols()
        .iter()
        .find_map(|symbol| Some(format!(" at {}:{}", symbol.file()?, symbol.line()?)));
    let line = name + place.as_deref().unwrap_or_default();
    cut(&line, MAX_FRAME_BYTES).to_owned()
}

fn bounded(mut frames: Vec<String>) -> Vec<String> {
    frames.truncate(MAX_FRAMES);
    frames
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_handling_of_a_panic_is_left_out() {
        let all = frames(&[
            "__rustc::rust_panic",
            "std::panicking::panic_with_hook",
            "core::panicking::panic_fmt",
            "core::option::unwrap_failed",
            "faulty::panics",
            "faulty::run",
        ]);
        assert_eq!(
            without_panic_handling(all),
            frames(&["faulty::panics", "faulty::run"])
        );
    }

    #[test]
    fn frames_of_another_language_are_left_alone() {
        let all = frames(&["_PyErr_Raise", "main"]);
        assert_eq!(without_panic_handling(all.clone()), all);
    }

    #[test]
    fn a_backtrace_is_bounded() {
        assert_eq!(bounded(vec![String::new(); 64]).len(), MAX_FRAMES);
    }
}
