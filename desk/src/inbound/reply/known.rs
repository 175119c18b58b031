//! The texts of a conversation, to recognise lines that repeat them.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::line::words;

/// Most words of all texts that are looked at.
const MAX_WORDS: usize = 50_000;
/// How many words in a row are a repetition also where the place is not the next one.
const RUN: usize = 4;
/// How many places of the same words are compared.
const MAX_PLACES: usize = 16;

/// The words of all texts, one behind the other.
pub(super) struct Known {
    words: Vec<String>,
    /// Where each text begins.
    starts: Vec<usize>,
    /// Where each run of words stands.
    places: HashMap<u64, Vec<usize>>,
}

impl Known {
    pub(super) fn new(texts: &[String]) -> Self {
        let mut all = Vec::new();
        let mut starts = Vec::new();
        for text in texts {
            starts.push(all.len());
            all.extend(words(text).into_iter().take(MAX_WORDS.saturating_sub(all.len())));
        }
        let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
        for (at, run) in all.windows(RUN).enumerate() {
            places.entry(hash(run)).or_default().push(at);
        }
        Self { words: all, starts, places }
    }

    /// Whether the words stand at a place; the place behind them.
    pub(super) fn continues(&self, at: usize, line: &[String]) -> Option<usize> {
        let end = at.checked_add(line.len())?;
        (self.words.get(at..end)? == line).then_some(end)
    }

    /// The place behind the words where they stand from a place on, if there are enough of them to be a repetition.
    pub(super) fn found(&self, from: usize, line: &[String]) -> Option<usize> {
        let places = self.places.get(&hash(line.get(..RUN)?))?;
        let first = places.partition_point(|place| *place < from);
        places[first..].iter().take(MAX_PLACES).find_map(|place| self.continues(*place, line))
    }

    /// The place behind the words where they are the beginning of a text.
    pub(super) fn begins(&self, line: &[String]) -> Option<usize> {
        if line.is_empty() {
            return None;
        }
        self.starts.iter().find_map(|start| self.continues(*start, line))
    }

    /// The end of the text in which a place lies.
    pub(super) fn text_around(&self, at: usize) -> (usize, usize) {
        let next = self.starts.partition_point(|start| *start < at.max(1));
        let start = next.checked_sub(1).map_or(0, |last| self.starts[last]);
        (start, self.starts.get(next).copied().unwrap_or(self.words.len()))
    }
}

fn hash(words: &[String]) -> u64 {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    hasher.finish()
}
