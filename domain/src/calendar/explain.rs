//! Stretches of time, each with why it counted or not.

use serde::{Deserialize, Serialize};

use super::spans::{NamedClosure, Spans};
use crate::time::{Instant, Span};

/// Why a stretch of time counts or not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Open and not paused: it counts.
    Counted,
    /// Outside the weekly hours.
    OutsideHours,
    /// A holiday or a local closure.
    Closed {
        /// Name of the holiday or closure.
        name: String,
    },
    /// Open, but within the pause of this index; the first in the list where several overlap.
    Paused(usize),
}

/// A stretch of time, explained.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stretch {
    /// Beginning and end.
    pub span: Span,
    /// Why it counted or not.
    pub why: Why,
}

impl Spans {
    /// Splits `span`, as far as the calendar is known, into stretches in order. Neighbours with the same reason are
    /// joined.
    ///
    /// Closed time within a pause is closed. So the counted stretches add up to [`Spans::elapsed`].
    #[must_use]
    pub fn explain(&self, span: Span, pauses: &[Span]) -> Vec<Stretch> {
        let span = self.known().intersect(span);
        if span.is_empty() {
            return Vec::new();
        }
        let cut = self.window(span);
        let mut edges: Vec<Instant> = std::iter::once(&span)
            .chain(cut.open())
            .chain(cut.named().iter().map(|closure| &closure.span))
            .chain(pauses)
            .flat_map(|stretch| [stretch.from, stretch.to])
            .map(|edge| edge.clamp(span.from, span.to))
            .collect();
        edges.sort_unstable();
        edges.dedup();

        let mut stretches: Vec<Stretch> = Vec::new();
        for (&from, &to) in edges.iter().zip(edges.iter().skip(1)) {
            let why = cut.why(from, pauses);
            match stretches.last_mut() {
                Some(last) if last.why == why => last.span.to = to,
                _ => stretches.push(Stretch { span: Span::new(from, to), why }),
            }
        }
        stretches
    }

    fn why(&self, at: Instant, pauses: &[Span]) -> Why {
        if self.is_open(at) {
            return pauses.iter().position(|pause| pause.contains(at)).map_or(Why::Counted, Why::Paused);
        }
        let closure: Option<&NamedClosure> = self.named().iter().find(|closure| closure.span.contains(at));
        closure.map_or(Why::OutsideHours, |closure| Why::Closed { name: closure.name.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: i64, to: i64) -> Span {
        Span::new(Instant(from), Instant(to))
    }

    #[test]
    fn explanation_lists_stretches_in_order() {
        let named = vec![NamedClosure { span: span(400, 600), name: "Navidad".to_owned() }];
        let spans =
            Spans::new(span(0, 1000), [span(100, 200), span(300, 400), span(700, 800)], named).unwrap();
        let pauses = [span(720, 730), span(350, 450), span(360, 370), span(10, 20)];
        let told: Vec<_> = spans
            .explain(span(50, 2000), &pauses)
            .into_iter()
            .map(|stretch| (stretch.span.from.0, stretch.span.to.0, stretch.why))
            .collect();
        assert_eq!(
            told,
            [
                (50, 100, Why::OutsideHours),
                (100, 200, Why::Counted),
                (200, 300, Why::OutsideHours),
                (300, 350, Why::Counted),
                (350, 400, Why::Paused(1)),
                (400, 600, Why::Closed { name: "Navidad".to_owned() }),
                (600, 700, Why::OutsideHours),
                (700, 720, Why::Counted),
                (720, 730, Why::Paused(0)),
                (730, 800, Why::Counted),
                (800, 1000, Why::OutsideHours),
            ]
        );
    }
}
