//! What the wall shows in one second: a pure function of what is known and of the time.

use domain::calendar::ZoneView;
use domain::case::ClockState;
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::entitlement::Coverage;
use domain::t;
use domain::terms::ClockKind;
use domain::time::Instant;
use domain::weight::Priority;
use domain::words::Language;

use super::state::{Counts, Line, WallState, counts};
use super::words::caption;
use crate::ui::shown_digits;

/// Rows that fit a screen and can be read from three metres.
pub const PAGE_ROWS: usize = 7;
/// How long a page stays, in seconds.
pub const PAGE_S: i64 = 12;

/// One second of the wall.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// How many cases show each state, on all pages.
    pub counts: Counts,
    /// The countries of all cases, each once.
    pub countries: Vec<Country>,
    /// All open cases.
    pub total: usize,
    /// The page that shows, from 0.
    pub page: usize,
    /// How many pages there are; at least 1.
    pub pages: usize,
    /// The rows of that page.
    pub rows: Vec<Row>,
}

/// A case in words and figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Which case.
    pub number: CaseNumber,
    /// The state of the promise that presses most.
    pub state: ClockState,
    /// The order of work.
    pub priority: Priority,
    /// Where its site is.
    pub country: Country,
    /// The organisation, or why it is not known.
    pub customer: String,
    /// What kind of thing, and where.
    pub what: String,
    /// To the first contact.
    pub attention: Option<Shown>,
    /// To the end.
    pub resolution: Option<Shown>,
}

/// A promise in words and figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Its state.
    pub state: ClockState,
    /// What is left, or what it took.
    pub digits: String,
    /// When it is due, or what it waits for.
    pub caption: String,
}

impl Picture {
    /// Paints the second `now`; times of day are those of `zone`.
    #[must_use]
    pub fn paint(language: Language, state: &WallState, zone: &ZoneView, now: Instant) -> Self {
        let lines = state.sorted(now);
        let pages = lines.len().div_ceil(PAGE_ROWS).max(1);
        let page = page_at(now, pages);
        let shown = lines.iter().skip(page * PAGE_ROWS).take(PAGE_ROWS);
        let holds = |country: &Country| lines.iter().any(|line| line.row.country == *country);
        Self {
            counts: counts(&lines),
            countries: Country::ALL.into_iter().filter(holds).collect(),
            total: lines.len(),
            page,
            pages,
            rows: shown.map(|line| Row::paint(language, line, state, zone, now)).collect(),
        }
    }

    /// The row of a case, if it shows.
    #[must_use]
    pub fn row(&self, number: CaseNumber) -> Option<&Row> {
        self.rows.iter().find(|row| row.number == number)
    }

    /// Number of the first and of the last case that show, from 1.
    #[must_use]
    pub const fn range(&self) -> (usize, usize) {
        let before = self.page * PAGE_ROWS;
        (before + 1, before + self.rows.len())
    }
}

impl Row {
    fn paint(language: Language, line: &Line<'_>, state: &WallState, zone: &ZoneView, now: Instant) -> Self {
        let row = line.row;
        let shown = |kind: ClockKind| {
            let clock = row.clocks.iter().rfind(|clock| clock.kind == kind)?;
            let reading = clock.reading(&line.hours.spans, now);
            Some(Shown {
                state: reading.state,
                digits: shown_digits(language, clock, &reading),
                caption: caption(language, clock, &reading, line.hours, zone, now),
            })
        };
        let mut what = format!("{} · {}", t!(language, row.platform.name_key()), row.place(language));
        let customer = match (row.coverage, row.customer.is_empty()) {
            (Coverage::Covered, _) => row.customer.clone(),
            (coverage @ Coverage::ToValidate(_), true) => t!(language, coverage.name_key()).into_owned(),
            (Coverage::ToValidate(_), false) => {
                what = format!("{} · {what}", t!(language, "wall.to_validate"));
                row.customer.clone()
            }
        };
        if state.clashes(row.number) {
            what = format!("{} · {what}", t!(language, "wall.visits_clash"));
        }
        Self {
            number: row.number,
            state: line.state,
            priority: row.priority,
            country: row.country,
            customer,
            what,
            attention: shown(ClockKind::Attention),
            resolution: shown(ClockKind::Resolution),
        }
    }
}

/// The page to show at `now`, from 0, of `pages`. All walls turn at the same second. With many pages every third turn is
/// the first page's, so that what presses most is never out of sight for longer than two turns.
#[must_use]
pub fn page_at(now: Instant, pages: usize) -> usize {
    let turn = usize::try_from(now.0.div_euclid(PAGE_S)).unwrap_or(0);
    match (pages, turn % 3) {
        (0..=2, _) => turn % pages.max(1),
        (_, 0) => 0,
        (_, step) => 1 + (turn / 3 * 2 + step - 1) % (pages - 1),
    }
}

#[cfg(test)]
mod tests {
    use domain::entitlement::Doubt;

    use super::super::sample::*;
    use super::*;

    fn paint(state: &WallState, now: i64) -> Picture {
        Picture::paint(Language::Es, state, &hours().zone, Instant(now))
    }

    #[test]
    fn a_row_says_everything() {
        let state = wall([row(41_857, [attention(1800), resolution(4 * 3600)])]);
        let picture = paint(&state, T + 600);
        assert_eq!((picture.total, picture.pages, picture.range()), (1, 1, (1, 1)));
        let row = &picture.rows[0];
        assert_eq!(
            (row.customer.as_str(), row.what.as_str()),
            ("Banco Andino", "Redes · Torre Ávila, Caracas")
        );
        let shown = |state, digits: &str, caption: &str| {
            Some(Shown { state, digits: digits.to_owned(), caption: caption.to_owned() })
        };
        assert_eq!(row.attention, shown(ClockState::Running, "20:00", "hasta las 10:30"));
        assert_eq!(row.resolution, shown(ClockState::Running, "3:50:00", "hasta las 15:00"));
    }

    #[test]
    fn a_visit_that_clashes_with_another_says_so_until_it_does_no_more() {
        let mut state = wall([row(1, [attention(60)]), row(2, [attention(60)])]);
        let clashing = vec![row(1, [attention(60)]).number];
        state.apply_change(domain::view::Change { clashing, ..change(11, row(2, [attention(60)])) });
        assert_eq!(paint(&state, T).rows[0].what, "Visitas que chocan · Redes · Torre Ávila, Caracas");
        assert_eq!(paint(&state, T).rows[1].what, "Redes · Torre Ávila, Caracas");
        state.apply_change(change(12, row(2, [attention(60)])));
        assert_eq!(paint(&state, T).rows[0].what, "Redes · Torre Ávila, Caracas", "by a change of the other");
    }

    #[test]
    fn paused_figures_stand_still() {
        let state = wall([row(1, [paused(resolution(3600), T + 7200)])]);
        assert_eq!(paint(&state, T + 10), paint(&state, T + 11));
    }

    #[test]
    fn what_is_to_be_validated_says_so() {
        let mut unknown = row(1, [attention(60)]);
        (unknown.coverage, unknown.customer) = (Coverage::ToValidate(Doubt::UnknownContract), String::new());
        let mut known = row(2, [attention(60)]);
        known.coverage = Coverage::ToValidate(Doubt::Expired);
        let picture = paint(&wall([unknown, known]), T);
        assert_eq!(picture.rows[0].customer, "Por validar: contrato no registrado");
        assert_eq!(picture.rows[1].what, "Por validar · Redes · Torre Ávila, Caracas");
    }

    #[test]
    fn pages_follow_each_other_and_hold_every_case_once() {
        let state = wall((1..=20).map(|n| row(n, [attention(i64::from(n) * 60)])).collect::<Vec<_>>());
        let start = T.div_euclid(PAGE_S * 3) * PAGE_S * 3;
        let mut seen = Vec::new();
        for turn in 0..3 {
            let picture = paint(&state, start + turn * PAGE_S);
            seen.extend(picture.rows.iter().map(|row| row.number.sequence()));
            assert_eq!(picture.rows.len(), [7, 7, 6][picture.page]);
            assert_eq!(picture.range(), [(1, 7), (8, 14), (15, 20)][picture.page]);
        }
        seen.sort_unstable();
        assert_eq!(seen, (1..=20).collect::<Vec<_>>());
    }

    #[test]
    fn every_page_has_its_turn_and_the_first_one_often() {
        for (pages, from) in (1..80).flat_map(|pages| [0, T, T + 5 * PAGE_S - 1].map(|from| (pages, from))) {
            let turns = 6 * i64::try_from(pages).unwrap();
            let shown: Vec<usize> =
                (0..turns).map(|turn| page_at(Instant(from + turn * PAGE_S), pages)).collect();
            for page in 0..pages {
                assert!(shown.contains(&page), "page {page} of {pages} never shows");
            }
            for three in shown.windows(3) {
                assert!(three.contains(&0), "{pages} pages: {three:?}");
            }
        }
    }
}
