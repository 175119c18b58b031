//! Business time on open spans, for server and browser.

use serde::{Deserialize, Serialize};

use crate::time::{Instant, Span};

/// Why deserialised spans are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpansError {
    /// The horizon ends before it begins, or exceeds the range of instants.
    #[error("the horizon of the spans is not a stretch of time")]
    Horizon,
    /// A span is empty, lies outside the horizon, or begins before the one before it ends.
    #[error("open spans must lie in the horizon, one after the other")]
    Order,
}

/// When a budget of business time is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// At this instant.
    At(Instant),
    /// Never, because of a pause without an end.
    Never,
    /// After the end of the known open hours.
    BeyondHorizon,
}

impl Due {
    /// The instant, if there is one.
    #[must_use]
    pub const fn at(self) -> Option<Instant> {
        match self {
            Self::At(instant) => Some(instant),
            Self::Never | Self::BeyondHorizon => None,
        }
    }
}

/// A named closed stretch: a holiday or a local closure.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(Instant, Instant, String)", into = "(Instant, Instant, String)")]
pub struct NamedClosure {
    /// Beginning and end; a holiday takes its whole local date.
    pub span: Span,
    /// The holiday's or the closure's name.
    pub name: String,
}

impl From<(Instant, Instant, String)> for NamedClosure {
    fn from((from, to, name): (Instant, Instant, String)) -> Self {
        Self { span: Span::new(from, to), name }
    }
}

impl From<NamedClosure> for (Instant, Instant, String) {
    fn from(closure: NamedClosure) -> Self {
        (closure.span.from, closure.span.to, closure.name)
    }
}

/// The open stretches of a calendar at a site, in UTC, within a known horizon.
///
/// On the wire: the horizon, pairs of instants, and the named closures. Outside the horizon nothing is known. Functions
/// that return seconds count nothing there; [`Spans::known`] gives its bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Spans {
    known: Span,
    /// In order, not empty, not touching.
    open: Vec<Span>,
    /// Open seconds up to the end of each span, so that queries can skip days.
    done_s: Vec<i64>,
    /// Sorted by beginning, end and name; they may overlap.
    named: Vec<NamedClosure>,
}

impl Spans {
    /// Spans within the horizon `known`. Touching spans become one.
    ///
    /// # Errors
    /// When the horizon is not valid, or the spans are not within it in order.
    pub fn new(
        known: Span,
        open: impl IntoIterator<Item = Span>,
        mut named: Vec<NamedClosure>,
    ) -> Result<Self, SpansError> {
        known.to.0.checked_sub(known.from.0).filter(|length| *length >= 0).ok_or(SpansError::Horizon)?;
        let mut spans = Self::closed(known);
        for span in open {
            let free_from = spans.open.last().map_or(known.from, |last| last.to);
            if span.is_empty() || span.from < free_from || known.to < span.to {
                return Err(SpansError::Order);
            }
            spans.append(span);
        }
        named.sort_unstable();
        spans.named = named;
        Ok(spans)
    }

    /// Never open within `known`.
    const fn closed(known: Span) -> Self {
        Self { known, open: Vec::new(), done_s: Vec::new(), named: Vec::new() }
    }

    /// Open at all times.
    #[must_use]
    pub fn always() -> Self {
        let known = Span::new(Instant(0), Instant(1 << 40));
        let mut spans = Self::closed(known);
        spans.append(known);
        spans
    }

    /// Nothing is known: the horizon is empty.
    #[must_use]
    pub const fn unknown(at: Instant) -> Self {
        Self::closed(Span::new(at, at))
    }

    /// Adds a span that begins no earlier than the last one ends and lies in the horizon.
    fn append(&mut self, span: Span) {
        let done_s = self.done_s.last().copied().unwrap_or_default() + span.seconds();
        match (self.open.last_mut(), self.done_s.last_mut()) {
            (Some(last), Some(last_done_s)) if last.to == span.from => {
                last.to = span.to;
                *last_done_s = done_s;
            }
            _ => {
                self.open.push(span);
                self.done_s.push(done_s);
            }
        }
    }

    /// The horizon: the range of known open hours.
    #[must_use]
    pub const fn known(&self) -> Span {
        self.known
    }

    /// The open spans, in order and not touching.
    #[must_use]
    pub fn open(&self) -> &[Span] {
        &self.open
    }

    /// Holidays and local closures within the horizon.
    #[must_use]
    pub fn named(&self) -> &[NamedClosure] {
        &self.named
    }

    /// Whether the desk is open at `at`.
    #[must_use]
    pub fn is_open(&self, at: Instant) -> bool {
        self.first_ending_after(at).1.is_some_and(|span| span.contains(at))
    }

    /// The first open instant on or after `at`; `None` when none is known.
    #[must_use]
    pub fn next_opening(&self, at: Instant) -> Option<Instant> {
        self.first_ending_after(at).1.map(|span| span.from.max(at))
    }

    /// Open seconds in `span`.
    #[must_use]
    pub fn open_seconds(&self, span: Span) -> i64 {
        if span.is_empty() { 0 } else { self.open_before(span.to) - self.open_before(span.from) }
    }

    /// Seconds from `from` to `to` that are open and not paused.
    ///
    /// Pauses may overlap, touch, nest, be empty, come in any order, begin before `from`, or end at [`Instant::FAR`].
    #[must_use]
    pub fn elapsed(&self, from: Instant, to: Instant, pauses: &[Span]) -> i64 {
        let span = Span::new(from, to);
        let idle_s: i64 = joined(pauses, span).iter().map(|pause| self.open_seconds(*pause)).sum();
        self.open_seconds(span) - idle_s
    }

    /// The earliest instant, not before `start`, by which `budget_s` seconds were open and not paused.
    ///
    /// A budget of 0 is due at `start`, even when closed or paused. One that is used up at closing time is due then.
    ///
    /// ```
    /// use domain::calendar::{Due, Spans};
    /// use domain::time::{Instant, Span};
    ///
    /// let day = Span::new(Instant(0), Instant(86_400));
    /// let office = Spans::new(day, vec![Span::new(Instant(28_800), Instant(61_200))], Vec::new()).unwrap();
    /// let four_hours = 4 * 3600;
    ///
    /// assert_eq!(office.due(Instant(0), four_hours, &[]), Due::At(Instant(43_200)));
    /// let pause = Span::new(Instant(36_000), Instant(39_600));
    /// assert_eq!(office.due(Instant(0), four_hours, &[pause]), Due::At(Instant(46_800)));
    /// ```
    #[must_use]
    pub fn due(&self, start: Instant, budget_s: i64, pauses: &[Span]) -> Due {
        if budget_s <= 0 {
            return Due::At(start);
        }
        if !self.known.contains(start) {
            return Due::BeyondHorizon;
        }
        let (mut at, mut left_s) = (start, budget_s);
        for pause in joined(pauses, Span::new(start, Instant::FAR)) {
            let worked_s = self.open_seconds(Span::new(at, pause.from));
            if left_s <= worked_s {
                break;
            }
            if self.known.to < pause.from {
                return Due::BeyondHorizon;
            }
            if pause.to == Instant::FAR {
                return Due::Never;
            }
            (at, left_s) = (pause.to, left_s - worked_s);
        }
        self.after_open_seconds(at, left_s).map_or(Due::BeyondHorizon, Due::At)
    }

    /// The part of the spans within `span`, for a display of the coming days.
    #[must_use]
    pub fn window(&self, span: Span) -> Self {
        let known = self.known.intersect(span);
        if known.is_empty() {
            return Self::unknown(span.from);
        }
        let mut cut = Self::closed(known);
        let (first, _) = self.first_ending_after(known.from);
        for open in self.open.iter().skip(first).take_while(|open| open.from < known.to) {
            cut.append(open.intersect(known));
        }
        cut.named = self
            .named
            .iter()
            .map(|closure| NamedClosure { span: closure.span.intersect(known), name: closure.name.clone() })
            .filter(|closure| !closure.span.is_empty())
            .collect();
        // The cut may give closures the same beginning.
        cut.named.sort_unstable();
        cut
    }

    /// The first span that ends after `at`, and the number of spans before it.
    fn first_ending_after(&self, at: Instant) -> (usize, Option<&Span>) {
        let place = self.open.partition_point(|span| span.to <= at);
        (place, self.open.get(place))
    }

    /// Open seconds from the beginning of the horizon to `at`.
    fn open_before(&self, at: Instant) -> i64 {
        let (place, span) = self.first_ending_after(at);
        let whole_s =
            place.checked_sub(1).and_then(|last| self.done_s.get(last)).copied().unwrap_or_default();
        whole_s + span.map_or(0, |span| at.since(span.from).max(0))
    }

    /// The earliest instant by which `seconds` (above 0) were open since `at`.
    fn after_open_seconds(&self, at: Instant, seconds: i64) -> Option<Instant> {
        let wanted_s = self.open_before(at).checked_add(seconds)?;
        let place = self.done_s.partition_point(|done_s| *done_s < wanted_s);
        let (span, done_s) = self.open.get(place).zip(self.done_s.get(place))?;
        Some(span.to.plus(wanted_s - done_s))
    }
}

/// The pauses within `span` in order. Overlapping and touching ones are joined, empty ones dropped.
fn joined(pauses: &[Span], span: Span) -> Vec<Span> {
    let mut inside: Vec<Span> = pauses
        .iter()
        .filter(|pause| !pause.is_empty())
        .map(|pause| pause.intersect(span))
        .filter(|pause| !pause.is_empty())
        .collect();
    inside.sort_unstable();
    inside.dedup_by(|next, kept| {
        let joins = next.from <= kept.to;
        if joins {
            kept.to = kept.to.max(next.to);
        }
        joins
    });
    inside
}

/// Spans in their serialised form.
#[derive(Serialize, Deserialize)]
struct Wire {
    known: (Instant, Instant),
    open: Vec<(Instant, Instant)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    named: Vec<NamedClosure>,
}

impl TryFrom<Wire> for Spans {
    type Error = SpansError;

    fn try_from(wire: Wire) -> Result<Self, Self::Error> {
        let span = |(from, to)| Span::new(from, to);
        Self::new(span(wire.known), wire.open.into_iter().map(span), wire.named)
    }
}

impl From<Spans> for Wire {
    fn from(spans: Spans) -> Self {
        let pair = |span: Span| (span.from, span.to);
        Self {
            known: pair(spans.known),
            open: spans.open.into_iter().map(pair).collect(),
            named: spans.named,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: i64, to: i64) -> Span {
        Span::new(Instant(from), Instant(to))
    }

    /// Known 0..1000, open 100..200 and 300..400.
    fn spans() -> Spans {
        let named = vec![NamedClosure { span: span(200, 300), name: "Feria".to_owned() }];
        Spans::new(span(0, 1000), [span(100, 150), span(150, 200), span(300, 400)], named).unwrap()
    }

    #[test]
    fn open_time_is_counted() {
        let spans = spans();
        assert_eq!(spans.open(), [span(100, 200), span(300, 400)]);
        assert_eq!(spans.open_seconds(span(-50, 5000)), 200);
        assert_eq!(spans.open_seconds(span(150, 350)), 100);
        assert_eq!(spans.open_seconds(span(350, 150)), 0);
        assert_eq!(spans.open_seconds(span(200, 300)), 0);
        assert!(spans.is_open(Instant(100)) && !spans.is_open(Instant(200)) && !spans.is_open(Instant(99)));
        assert_eq!(spans.next_opening(Instant(0)), Some(Instant(100)));
        assert_eq!(spans.next_opening(Instant(150)), Some(Instant(150)));
        assert_eq!(spans.next_opening(Instant(200)), Some(Instant(300)));
        assert_eq!(spans.next_opening(Instant(400)), None);
    }

    #[test]
    fn due_time_follows_its_definition() {
        let spans = spans();
        let due = |start, budget_s, pauses: &[Span]| spans.due(Instant(start), budget_s, pauses);
        assert_eq!(due(50, 0, &[span(0, 999)]), Due::At(Instant(50)));
        assert_eq!(due(50, -1, &[]), Due::At(Instant(50)));
        assert_eq!(due(50, 100, &[]), Due::At(Instant(200)));
        assert_eq!(due(50, 101, &[]), Due::At(Instant(301)));
        assert_eq!(due(50, 201, &[]), Due::BeyondHorizon);
        assert_eq!(due(-1, 1, &[]), Due::BeyondHorizon);
        assert_eq!(due(1000, 1, &[]), Due::BeyondHorizon);
        assert_eq!(due(50, 60, &[span(160, 170)]), Due::At(Instant(160)));
        assert_eq!(due(50, 60, &[span(159, 170)]), Due::At(Instant(171)));
        assert_eq!(
            due(50, 60, &[span(150, 170), span(0, 120), span(115, 155), span(5, 5)]),
            Due::At(Instant(330))
        );
        let open_ended = Span::new(Instant(160), Instant::FAR);
        assert_eq!(due(50, 60, &[open_ended]), Due::At(Instant(160)));
        assert_eq!(due(50, 61, &[open_ended]), Due::Never);
        assert_eq!(due(50, 201, &[Span::new(Instant(2000), Instant::FAR)]), Due::BeyondHorizon);
        assert_eq!(due(50, i64::MAX, &[]), Due::BeyondHorizon);
        assert_eq!(spans.elapsed(Instant(50), Instant(350), &[open_ended]), 60);
    }

    #[test]
    fn window_of_spans_agrees_with_the_whole() {
        let cut = spans().window(span(150, 350));
        assert_eq!(cut.known(), span(150, 350));
        assert_eq!(cut.open(), [span(150, 200), span(300, 350)]);
        assert_eq!(cut.named(), spans().named());
        assert_eq!(cut.due(Instant(150), 100, &[]), Due::At(Instant(350)));
        assert_eq!(cut.due(Instant(150), 101, &[]), Due::BeyondHorizon);
        assert!(spans().window(span(2000, 3000)).known().is_empty());
    }

    #[test]
    fn closures_that_a_window_cuts_at_the_same_instant_keep_one_order() {
        let named = |from, to, name: &str| NamedClosure { span: span(from, to), name: name.to_owned() };
        let whole =
            Spans::new(span(0, 1000), [], vec![named(0, 900, "Feriado"), named(10, 800, "Cierre")]).unwrap();
        let cut = whole.window(span(10, 1000));
        assert_eq!(cut.named(), [named(10, 800, "Cierre"), named(10, 900, "Feriado")]);
        assert_eq!(serde_json::from_str::<Spans>(&serde_json::to_string(&cut).unwrap()).unwrap(), cut);
    }

    #[test]
    fn the_wire_is_compact_and_checked() {
        let json = serde_json::to_string(&spans()).unwrap();
        assert_eq!(json, r#"{"known":[0,1000],"open":[[100,200],[300,400]],"named":[[200,300,"Feria"]]}"#);
        assert_eq!(serde_json::from_str::<Spans>(&json).unwrap(), spans());
        for bad in [
            r#"{"known":[1000,0],"open":[]}"#,
            r#"{"known":[-9223372036854775808,9223372036854775807],"open":[]}"#,
            r#"{"known":[0,1000],"open":[[300,400],[100,200]]}"#,
            r#"{"known":[0,1000],"open":[[100,200],[150,250]]}"#,
            r#"{"known":[0,1000],"open":[[100,100]]}"#,
            r#"{"known":[0,1000],"open":[[100,1001]]}"#,
            r#"{"known":[0,1000],"open":[[-1,100]]}"#,
        ] {
            assert!(serde_json::from_str::<Spans>(bad).is_err(), "{bad}");
        }
    }
}
