//! The content of the wall in one second: a pure function of state and time.

use domain::calendar::ZoneView;
use domain::case::{Band, ClockState, SlaClock, SlaStatus, TimerState};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::entitlement::Entitlement;
use domain::i18n::Language;
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::time::Instant;

use super::state::{Counts, Line, WallState};
use super::words::{broken, caption, figure};
use crate::ui::shown_s;

/// Breached cases that show side by side.
pub const BAND_COLUMNS: usize = 3;
/// How long a page shows, in seconds.
pub const PAGE_S: i64 = 12;

/// The wall in one second.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Cases in each band, on all pages.
    pub counts: Counts,
    /// The countries of all cases, each once.
    pub countries: Vec<Country>,
    /// Cases without a breached target.
    pub total: usize,
    /// The page that shows, from 0.
    pub page: usize,
    /// The number of pages; at least 1.
    pub pages: usize,
    /// Rows of a page.
    pub slots: usize,
    /// The rows of the page that shows.
    pub rows: Vec<Row>,
    /// Rows that the band of breached cases takes; 0 when there are none.
    pub band_slots: usize,
    /// Breached cases that show, the newest first.
    pub broken: Vec<Broken>,
}

/// A case in words and figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Number of the case.
    pub number: CaseNumber,
    /// The state of the clock that decides its place.
    pub state: ClockState,
    /// Its priority.
    pub priority: Priority,
    /// The country of its site.
    pub country: Country,
    /// The organisation, or why it is not known.
    pub customer: String,
    /// Platform and place.
    pub what: String,
    /// The assignee, or that there is none.
    pub assignee: String,
    /// Whether its customer waits for an answer.
    pub unanswered: bool,
    /// The clock of first response.
    pub attention: Option<Shown>,
    /// The most urgent clock when it has no column of its own: news or a visit.
    pub other: Option<Pressing>,
    /// The clock of resolution.
    pub resolution: Option<Shown>,
}

/// A clock without a column of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pressing {
    /// Its state.
    pub state: ClockState,
    /// Its name.
    pub name: String,
    /// The time left, with its unit.
    pub left: String,
}

/// A case with a breached target, in short.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken {
    /// Number of the case.
    pub number: CaseNumber,
    /// Its priority.
    pub priority: Priority,
    /// The organisation, or why it is not known.
    pub customer: String,
    /// The assignee, or that there is none.
    pub assignee: String,
    /// Whether its customer waits for an answer.
    pub unanswered: bool,
    /// Which target was breached, and when.
    pub since: String,
}

/// A clock in words and figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The state, shown by shape and colour.
    pub state: ClockState,
    /// The time left and its unit; `None` once the clock has stopped: its shape shows the result.
    pub figure: Option<(String, String)>,
    /// When it is due, when it ended, or what it waits for.
    pub caption: String,
}

impl Picture {
    /// The picture at `now` on a display with room for `rows` rows; times of day are those of `zone`.
    #[must_use]
    pub fn paint(language: Language, state: &WallState, zone: &ZoneView, rows: usize, now: Instant) -> Self {
        let lines = state.sorted(now);
        let holds = |country: &Country| lines.iter().any(|line| line.row.country == *country);
        let (broken, savable): (Vec<&Line<'_>>, Vec<&Line<'_>>) =
            lines.iter().partition(|line| line.rank.band == Band::Breached);
        let band_slots = band_slots(rows, savable.len(), broken.len());
        let slots = rows.saturating_sub(band_slots).max(1);
        let pages = savable.len().div_ceil(slots).max(1);
        let page = page_at(now, pages);
        let shown = savable.iter().skip(page * slots).take(slots);
        let cards = band_slots * BAND_COLUMNS;
        let turn = page_at(now, broken.len().div_ceil(cards.max(1)).max(1));
        let told = broken.iter().skip(turn * cards).take(cards);
        Self {
            counts: state.counts(&lines),
            countries: Country::ALL.into_iter().filter(holds).collect(),
            total: savable.len(),
            page,
            pages,
            slots,
            rows: shown.map(|line| Row::paint(language, line, state, zone, now)).collect(),
            band_slots,
            broken: told.map(|line| Broken::paint(language, line, zone, now)).collect(),
        }
    }

    /// The row of a case, if it shows.
    #[must_use]
    pub fn row(&self, number: CaseNumber) -> Option<&Row> {
        self.rows.iter().find(|row| row.number == number)
    }

    /// A breached case, if it shows.
    #[must_use]
    pub fn broken(&self, number: CaseNumber) -> Option<&Broken> {
        self.broken.iter().find(|broken| broken.number == number)
    }

    /// Numbers of the first and of the last case that show, from 1.
    #[must_use]
    pub const fn range(&self) -> (usize, usize) {
        let before = self.page * self.slots;
        (before + 1, before + self.rows.len())
    }

    /// Whether no case is open.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.total == 0 && self.broken.is_empty()
    }
}

/// Rows of the band of breached cases: what the others leave, at least one and less than half of the display.
fn band_slots(rows: usize, savable: usize, broken: usize) -> usize {
    let wanted = broken.div_ceil(BAND_COLUMNS);
    let most = (rows.saturating_sub(1) / 2).max(1);
    wanted.min(rows.saturating_sub(savable).clamp(1, most))
}

impl Row {
    fn paint(language: Language, line: &Line<'_>, state: &WallState, zone: &ZoneView, now: Instant) -> Self {
        let row = line.row;
        let shown = |kind: SlaMetric| {
            let clock = row.clocks.iter().rfind(|clock| clock.kind == kind)?;
            let reading = clock.reading(&line.hours.spans, now);
            Some(Shown {
                state: reading.state,
                figure: (!clock.run.is_over()).then(|| figure(language, shown_s(clock, &reading))),
                caption: caption(language, clock, &reading, line.hours, zone, now),
            })
        };
        let mut what = format!("{} · {}", t!(language, row.platform.name_key()), row.place(language));
        if matches!(row.coverage, Entitlement::NeedsValidation(_)) && !row.customer.is_empty() {
            what = format!("{} · {what}", t!(language, "wall.to_validate"));
        }
        if state.clashes(row.number) {
            what = format!("{} · {what}", t!(language, "wall.visits_clash"));
        }
        Self {
            number: row.number,
            state: line.rank.band.state(),
            priority: row.priority,
            country: row.country,
            customer: customer(language, line),
            what,
            assignee: assignee(language, line),
            unanswered: row.mark.unanswered.is_some(),
            attention: shown(SlaMetric::FirstResponse),
            other: line.rank.decided_by.and_then(|(clock, reading)| other(language, &clock, &reading)),
            resolution: shown(SlaMetric::Resolution),
        }
    }
}

impl Broken {
    fn paint(language: Language, line: &Line<'_>, zone: &ZoneView, now: Instant) -> Self {
        let row = line.row;
        Self {
            number: row.number,
            priority: row.priority,
            customer: customer(language, line),
            assignee: assignee(language, line),
            unanswered: row.mark.unanswered.is_some(),
            since: broken(language, &line.rank, zone, now),
        }
    }
}

/// The organisation, or why it is not known.
fn customer(language: Language, line: &Line<'_>) -> String {
    match (line.row.coverage, line.row.customer.is_empty()) {
        (coverage @ Entitlement::NeedsValidation(_), true) => t!(language, coverage.name_key()).into_owned(),
        _ => line.row.customer.clone(),
    }
}

/// The assignee, or that there is none.
fn assignee(language: Language, line: &Line<'_>) -> String {
    let assignee = line.row.mark.assignee.as_ref();
    assignee.map_or_else(|| t!(language, "wall.nobody").into_owned(), |assignee| assignee.name.clone())
}

/// The clock that decides the place, when it has no column of its own.
fn other(language: Language, clock: &SlaClock, reading: &SlaStatus) -> Option<Pressing> {
    if matches!(clock.kind, SlaMetric::FirstResponse | SlaMetric::Resolution)
        || matches!(clock.run, TimerState::Void)
    {
        return None;
    }
    let (digits, unit) = figure(language, shown_s(clock, reading));
    let name = t!(language, clock.kind.name_key()).into_owned();
    Some(Pressing { state: reading.state, name, left: format!("{digits} {unit}") })
}

/// The page to show at `now`, from 0, of `pages`. All walls turn at the same second. With many pages every third turn shows
/// the first page: the most urgent cases are out of sight for at most two turns.
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
    use domain::entitlement::ValidationReason;

    use super::super::sample::*;
    use super::*;

    fn paint(state: &WallState, now: i64) -> Picture {
        Picture::paint(Language::Es, state, &hours().zone, 7, Instant(now))
    }

    #[test]
    fn row_states_everything_in_text() {
        let state = wall([row(41_857, [attention(1800), resolution(4 * 3600)])]);
        let picture = paint(&state, T + 600);
        assert_eq!((picture.total, picture.pages, picture.range()), (1, 1, (1, 1)));
        let row = &picture.rows[0];
        assert_eq!(
            (row.customer.as_str(), row.what.as_str()),
            ("Banco Andino", "Redes · Torre Ávila, Caracas")
        );
        assert_eq!((row.assignee.as_str(), row.unanswered), ("Sin asignar", false));
        let shown = |state, digits: &str, unit: &str, caption: &str| {
            let figure = Some((digits.to_owned(), unit.to_owned()));
            Some(Shown { state, figure, caption: caption.to_owned() })
        };
        assert_eq!(row.attention, shown(ClockState::Running, "20:00", "min", "hasta las 10:30"));
        assert_eq!(row.resolution, shown(ClockState::Running, "3:50:00", "h", "hasta las 15:00"));
    }

    #[test]
    fn met_first_response_is_a_shape_without_figure() {
        let done =
            SlaClock { run: TimerState::Stopped, as_of: Instant(T + 60), used_s: 60, ..attention(1800) };
        let mut held = row(1, [done, resolution(4 * 3600)]);
        let assignee =
            domain::case::Assignee { id: domain::actor::PersonId(1), name: "Marta Salas".to_owned() };
        held.mark = domain::view::CaseBadge { assignee: Some(assignee), unanswered: Some(Instant(T)) };
        let picture = paint(&wall([held]), T + 600);
        let row = &picture.rows[0];
        let attention = row.attention.as_ref().unwrap();
        assert_eq!((attention.state, &attention.figure), (ClockState::Met, &None));
        assert_eq!((row.assignee.as_str(), row.unanswered), ("Marta Salas", true));
    }

    #[test]
    fn target_without_a_column_is_named() {
        let done =
            SlaClock { run: TimerState::Stopped, as_of: Instant(T + 60), used_s: 60, ..attention(1800) };
        let news = SlaClock { kind: SlaMetric::NextUpdate, ..attention(700) };
        let picture = paint(&wall([row(1, [done, news, resolution(8 * 3600)])]), T + 600);
        let row = &picture.rows[0];
        assert_eq!(row.state, ClockState::Warning);
        let (name, left) = ("Novedad".to_owned(), "01:40 min".to_owned());
        assert_eq!(row.other, Some(Pressing { state: ClockState::Warning, name, left }));
    }

    #[test]
    fn breaches_fill_a_band_of_less_than_half_the_display() {
        let cases = |savable: u32, broken: u32| {
            let savable = (1..=savable).map(|n| row(n, [resolution(8 * 3600)]));
            let broken = (101..101 + broken).map(|n| row(n, [attention(i64::from(n))]));
            wall(savable.chain(broken).collect::<Vec<_>>())
        };
        for (savable, broken, rows, band_rows, cards) in
            [(20, 30, 6, 1, 3), (0, 30, 4, 3, 9), (5, 2, 6, 1, 2), (20, 0, 7, 0, 0), (4, 30, 4, 3, 9)]
        {
            let picture = paint(&cases(savable, broken), T + 3600);
            let shown = (picture.slots, picture.band_slots, picture.broken.len());
            assert_eq!(shown, (rows, band_rows, cards), "{savable} and {broken}");
            assert_eq!(picture.counts.breached, usize::try_from(broken).unwrap());
            assert!(picture.rows.iter().all(|row| row.state != ClockState::Breached));
        }
        let start = T.div_euclid(PAGE_S * 3) * PAGE_S * 3 + 36_000;
        let newest = paint(&cases(3, 12), start).broken[0].clone();
        assert_eq!(newest.number.sequence(), 112, "the newest first");
        assert_eq!(newest.since, "Primer contacto · Vencido a las 10:01");
    }

    #[test]
    fn clashing_visit_is_marked_while_it_clashes() {
        let mut state = wall([row(1, [attention(60)]), row(2, [attention(60)])]);
        let clashing = vec![row(1, [attention(60)]).number];
        state.apply_change(domain::view::Change { clashing, ..change(11, row(2, [attention(60)])) });
        assert_eq!(paint(&state, T).rows[0].what, "Visitas que chocan · Redes · Torre Ávila, Caracas");
        assert_eq!(paint(&state, T).rows[1].what, "Redes · Torre Ávila, Caracas");
        state.apply_change(change(12, row(2, [attention(60)])));
        assert_eq!(paint(&state, T).rows[0].what, "Redes · Torre Ávila, Caracas", "by a change of the other");
    }

    #[test]
    fn paused_figures_do_not_move() {
        let state = wall([row(1, [paused(resolution(3600), T + 7200)])]);
        assert_eq!(paint(&state, T + 10), paint(&state, T + 11));
    }

    #[test]
    fn case_to_validate_is_marked() {
        let mut unknown = row(1, [attention(60)]);
        (unknown.coverage, unknown.customer) =
            (Entitlement::NeedsValidation(ValidationReason::UnknownContract), String::new());
        let mut known = row(2, [attention(60)]);
        known.coverage = Entitlement::NeedsValidation(ValidationReason::Expired);
        let picture = paint(&wall([unknown, known]), T);
        assert_eq!(picture.rows[0].customer, "Por validar: contrato no registrado");
        assert_eq!(picture.rows[1].what, "Por validar · Redes · Torre Ávila, Caracas");
    }

    #[test]
    fn pages_hold_every_case_once() {
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
    fn pages_rotate_with_the_first_one_more_often() {
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
