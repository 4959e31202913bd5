//! What the services of the environment wrote while something went bad, and how they were after it.

use crate::{
    event::ServiceState,
    json::document::{Attempt, ServiceLines},
    words::{clean, clip, count},
};

/// Services that are shown.
const MAX_SERVICES: usize = 20;
/// Lines of a service: the last ones.
const MAX_LINES: usize = 100;
/// Characters of a line, of a name, and of what is wrong with a service.
const MAX_WIDTH: usize = 400;
/// Bytes of the lines of all services of one attempt. The last ones are kept, the rest is in `report.json`.
const MAX_BYTES: usize = 24 << 10;
/// Bytes that the page itself needs for a service.
const SERVICE_BYTES: usize = 200;

/// The services of an attempt.
#[derive(Clone, Debug, Default)]
pub(super) struct Services {
    pub(super) wrote: Vec<Wrote>,
    pub(super) after: Vec<After>,
    pub(super) hidden: usize,
}

/// What one wrote.
#[derive(Clone, Debug)]
pub(super) struct Wrote {
    pub(super) service: String,
    /// How many lines, in words.
    pub(super) number: String,
    pub(super) text: String,
}

/// How one was.
#[derive(Clone, Debug)]
pub(super) struct After {
    pub(super) service: String,
    pub(super) status: &'static str,
    pub(super) problem: String,
}

impl Services {
    pub(super) fn new(attempt: &Attempt) -> Self {
        let beyond = |number: usize| number.saturating_sub(MAX_SERVICES);
        let wrote = attempt.services.iter().take(MAX_SERVICES);
        let each = MAX_BYTES / wrote.len().max(1);
        Self {
            wrote: wrote.map(|lines| Wrote::new(lines, each)).collect(),
            after: attempt
                .services_after
                .iter()
                .take(MAX_SERVICES)
                .map(After::new)
                .collect(),
            hidden: beyond(attempt.services.len()).max(beyond(attempt.services_after.len())),
        }
    }

    /// Leaves out what they wrote.
    pub(super) fn forget_lines(&mut self) {
        self.wrote = Vec::new();
    }

    /// How many bytes of the page it takes.
    pub(super) fn bytes(&self) -> usize {
        let wrote = self.wrote.iter();
        let wrote = wrote.map(|wrote| SERVICE_BYTES + super::bytes_of(&wrote.text));
        let after = self.after.iter();
        let after = after.map(|after| SERVICE_BYTES + super::bytes_of(&after.problem));
        wrote.chain(after).sum()
    }
}

impl Wrote {
    /// With the last lines for which there is room.
    fn new(wrote: &ServiceLines, mut room: usize) -> Self {
        let last = wrote.lines.iter().rev().take(MAX_LINES);
        let last = last.map(|line| clip(&clean(line), MAX_WIDTH));
        let mut shown: Vec<String> = last
            .map_while(|line| {
                room = room.checked_sub(super::bytes_of(&line) + 1)?;
                Some(line)
            })
            .collect();
        shown.reverse();
        let left_out = (wrote.lines.len() - shown.len()) as u64;
        let earlier = match left_out.saturating_add(wrote.dropped_lines) {
            0 => String::new(),
            number => format!(", {number} earlier ones left out"),
        };
        Self {
            service: clip(&clean(&wrote.service), MAX_WIDTH),
            number: count(shown.len(), "line") + &earlier,
            text: shown.join("\n"),
        }
    }
}

impl After {
    fn new(state: &ServiceState) -> Self {
        let problem = state.problem.as_deref().unwrap_or("none");
        let mut problem = clip(&clean(problem), MAX_WIDTH);
        if state.disturbed {
            problem.push_str("; a fault of another attempt was on it");
        }
        Self {
            service: clip(&clean(&state.service), MAX_WIDTH),
            status: state.status.word(),
            problem,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrote(lines: usize, dropped_lines: u64) -> ServiceLines {
        ServiceLines {
            service: "project".to_owned(),
            lines: (0..lines).map(|line| format!("line {line}")).collect(),
            dropped_lines,
        }
    }

    #[test]
    fn of_many_lines_the_last_ones_are_shown_and_the_others_counted() {
        for (lines, dropped, said) in [
            (1, 0, "1 line"),
            (MAX_LINES, 0, "100 lines"),
            (MAX_LINES + 1, 0, "100 lines, 1 earlier ones left out"),
            (2, 12, "2 lines, 12 earlier ones left out"),
        ] {
            let shown = Wrote::new(&wrote(lines, dropped), MAX_BYTES);
            assert_eq!(shown.number, said);
            let last = format!("line {}", lines - 1);
            assert!(shown.text.ends_with(&last));
        }
    }

    #[test]
    fn lines_share_the_room_and_at_its_end_the_last_ones_stay() {
        let two = "line 8\nline 9".len() + 1;
        let at_the_limit = Wrote::new(&wrote(10, 0), two);
        assert_eq!(at_the_limit.text, "line 8\nline 9");
        let below = Wrote::new(&wrote(10, 0), two - 1);
        assert_eq!(below.text, "line 9");
        assert_eq!(below.number, "1 line, 9 earlier ones left out");
    }

    #[test]
    fn services_beyond_the_limit_are_counted() {
        let with = |number: usize| {
            let attempt = Attempt {
                services: vec![wrote(1, 0); number],
                ..Attempt::default()
            };
            Services::new(&attempt).hidden
        };
        assert_eq!((with(MAX_SERVICES), with(MAX_SERVICES + 1)), (0, 1));
    }
}
