//! Cuts what was measured into contents that each fit into a delta. All of it is added up at the end, so it does not matter where.

use super::MAX_BYTES;
use super::contents::{Contents, PhaseStreams, PhaseTimes, RequestTimes, Size};
use super::times::Times;
use crate::outcome::CheckCount;

/// So much is left for what is beside the contents.
const BESIDE: usize = 4 << 10;

/// Contents, page by page. There is always one, if an empty one.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    full: Vec<Contents>,
    last: Contents,
    /// Of the last one.
    size: usize,
}

impl Pages {
    pub(crate) fn iterations(&mut self, of_phase: PhaseTimes) {
        self.page_for(&of_phase).iterations.push(of_phase);
    }

    pub(crate) fn late(&mut self, times: Times) {
        let page = self.page_for(&times);
        page.late = times;
    }

    pub(crate) fn requests(&mut self, of_name: RequestTimes) {
        self.page_for(&of_name).requests.push(of_name);
    }

    pub(crate) fn check(&mut self, check: CheckCount) {
        self.page_for(&check).checks.push(check);
    }

    pub(crate) fn streams(&mut self, of_phase: PhaseStreams) {
        self.page_for(&of_phase).streams.push(of_phase);
    }

    pub(crate) fn all(self) -> Vec<Contents> {
        let mut all = self.full;
        all.push(self.last);
        all
    }

    /// The last page, or a new one if this does not fit into it. Nothing that is added is longer than a page.
    fn page_for(&mut self, added: &impl Size) -> &mut Contents {
        let size = added.size();
        if self.size > 0 && self.size + size > MAX_BYTES - BESIDE {
            self.full.push(std::mem::take(&mut self.last));
            self.size = 0;
        }
        self.size += size;
        &mut self.last
    }
}
