//! Finds all ways of writing all secrets in one pass over a text, and what is left of a secret at an end of a text that was cut.

use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{
    decode::View,
    needles::Secret,
    spans::{Label, Spans},
};

/// Built once for all secrets that are known.
#[derive(Debug)]
pub(super) struct Finder {
    /// None if no secret is known, or if they are too many to be searched for, which their limits rule out.
    whole: Option<AhoCorasick>,
    needles: Vec<(Label, bool)>,
    /// The shortest parts that are looked for at the ends of a text, and the secrets that they are of.
    parts: Option<AhoCorasick>,
    secrets: Vec<Secret>,
    longest: usize,
}

impl Finder {
    pub(super) fn new<'s>(secrets: impl Iterator<Item = &'s Secret>) -> Self {
        let secrets: Vec<Secret> = secrets.cloned().collect();
        let mut needles = Vec::new();
        let mut patterns = Vec::new();
        let mut parts = Vec::new();
        for secret in &secrets {
            for needle in secret.needles() {
                needles.push((secret.label(), needle.is_base64));
                patterns.push(needle.bytes);
            }
            let (value, least) = (secret.value().as_bytes(), least(secret));
            parts.push(value[..least].to_vec());
            parts.push(value[value.len() - least..].to_vec());
        }
        Self {
            whole: built(&patterns),
            needles,
            parts: built(&parts),
            longest: secrets
                .iter()
                .map(|secret| secret.value().len())
                .max()
                .unwrap_or(0),
            secrets,
        }
    }

    /// Each secret in a view of a text.
    pub(super) fn find(&self, view: &View<'_>, spans: &mut Spans) {
        let Some(whole) = &self.whole else { return };
        for found in whole.find_overlapping_iter(&view.bytes) {
            let (label, is_base64) = &self.needles[found.pattern().as_usize()];
            let mut range = found.range();
            if *is_base64 {
                widen(&view.bytes, &mut range);
            }
            spans.add(view.origin(range), label.clone());
        }
    }

    /// The end of a secret at the start of a text, and the start of one at its end.
    pub(super) fn find_cut(&self, text: &str, spans: &mut Spans) {
        let Some(parts) = &self.parts else { return };
        let bytes = text.as_bytes();
        let head = &bytes[..bytes.len().min(self.longest)];
        let tail = &bytes[bytes.len().saturating_sub(self.longest)..];
        if !parts.is_match(head) && !parts.is_match(tail) {
            return;
        }
        for secret in &self.secrets {
            let value = secret.value().as_bytes();
            let lengths = least(secret)..value.len().min(bytes.len() + 1);
            let starts = lengths.clone().rev();
            if let Some(length) = starts
                .clone()
                .find(|length| bytes.ends_with(&value[..*length]))
            {
                spans.add(bytes.len() - length..bytes.len(), secret.label());
            }
            let is_start = |length: &usize| bytes.starts_with(&value[value.len() - length..]);
            if let Some(length) = starts.clone().find(is_start) {
                spans.add(0..length, secret.label());
            }
        }
    }
}

/// Bytes of a part of a secret that is taken for it: whichever way it is cut in two, one part has as many, and of all but the shortest
/// ones what is left of the other one are three letters at most.
fn least(secret: &Secret) -> usize {
    secret.value().len().div_ceil(2).clamp(3, 4)
}

/// None if there is nothing to find. Never as the automaton whose making takes the square of a secret's length, where that repeats
/// itself.
fn built(patterns: &[Vec<u8>]) -> Option<AhoCorasick> {
    let mut builder = AhoCorasick::builder();
    builder
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::ContiguousNFA));
    (!patterns.is_empty()).then(|| builder.build(patterns).ok())?
}

/// Takes in the letters beside it, which hold a part of it, and what fills up the end, which tells of its length.
fn widen(bytes: &[u8], range: &mut Range<usize>) {
    let is_letter = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte))
    };
    if range.start > 0 && is_letter(bytes.get(range.start - 1)) {
        range.start -= 1;
    }
    if is_letter(bytes.get(range.end)) {
        range.end += 1;
    }
    let filling = bytes[range.end..].iter().take(2);
    range.end += filling.take_while(|byte| **byte == b'=').count();
}
