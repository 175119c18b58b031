//! The columns of the queue: their names, and the line of a case with live clocks.

use std::sync::{Arc, LazyLock};

use domain::calendar::ServiceHours;
use domain::calendar::format::MomentStyle;
use domain::case::{ClockState, SlaClock, SlaStatus, Status, TimerState};
use domain::case_number::CaseNumber;
use domain::entitlement::Entitlement;
use domain::i18n::Language;
use domain::priority::Priority;
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::time::Instant;
use domain::view::CaseRow;
use leptos::prelude::*;

use super::page_data::{Line, QueueData};
use crate::address::case_address;
use crate::language::use_language;
use crate::live::{SsrMemo, use_time};
use crate::ui::{Icon, PriorityTag, SharedMarkup, SlaChip, shown_digits};

/// State and figures of a clock.
type Figures = (ClockState, String);

/// The content of a line at an instant, in words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Shown {
    state: ClockState,
    /// The most urgent clock.
    left: Option<Figures>,
    due: String,
    priority: Priority,
    platform: String,
    /// The first words of the fault.
    fault: String,
    /// Customer, place and equipment.
    of_whom: String,
    status: String,
    /// It was reopened.
    came_back: bool,
    /// Its agreed visit clashes with another.
    clashes: bool,
    /// The customer waits for an answer.
    waits: bool,
    beside: String,
    clocks: Vec<(SlaMetric, Figures)>,
}

impl Shown {
    fn of(language: Language, line: &Line, now: Instant) -> Self {
        let row = &line.row;
        let pressing = line.rank(now).decided_by;
        let figures = |(clock, reading): (SlaClock, SlaStatus)| {
            (reading.state, shown_digits(language, &clock, &reading))
        };
        let clock = |kind| Some((kind, figures(line.clock(kind, now)?)));
        Self {
            state: pressing.map_or_else(|| at_rest(row.status), |(_, reading)| reading.state),
            left: pressing.map(figures),
            due: match &pressing {
                Some((clock, reading)) => due(language, clock, reading, &line.hours, now),
                None if !row.is_open() => t!(language, row.status.name_key()).into_owned(),
                None => String::new(),
            },
            priority: row.priority,
            platform: t!(language, row.platform.name_key()).into_owned(),
            fault: line.fault.clone(),
            of_whom: format!("{} · {} · {}", customer(language, row), row.place(language), row.equipment),
            status: t!(language, row.status.name_key()).into_owned(),
            came_back: row.came_back(),
            clashes: line.clashes,
            waits: row.mark.unanswered.is_some(),
            beside: beside(language, line),
            clocks: beside_the_first(row, pressing.map(|(clock, _)| clock.kind))
                .into_iter()
                .filter_map(clock)
                .collect(),
        }
    }

    fn clock(&self, kind: SlaMetric) -> Figures {
        let found = self.clocks.iter().find(|(of, _)| *of == kind);
        found.map_or_else(|| (ClockState::Met, String::new()), |(_, figures)| figures.clone())
    }
}

/// The columns' names, in the order of [`Row`]'s cells.
#[component]
pub(super) fn Head() -> impl IntoView {
    let language = use_language();
    view! {
        <thead>
            <tr>
                <th scope="col" class="c-left">
                    {t!(language, "staff.queue.head.left")}
                    <span class="two">{t!(language, "staff.queue.head.counted")}</span>
                    <span class="two">{t!(language, "staff.queue.head.hour")}</span>
                </th>
                <th scope="col" class="c-case">{t!(language, "staff.queue.head.case")}</th>
                <th scope="col" class="c-what">{t!(language, "staff.queue.head.what")}</th>
                <th scope="col" class="c-state">{t!(language, "staff.queue.head.state")}</th>
                <th scope="col" class="c-clocks">{t!(language, "staff.queue.head.clocks")}</th>
            </tr>
        </thead>
    }
    .into_any()
}

/// The rows that readers of the same second and language have in common. Drawing its rows took half of a page's time.
static ROWS: LazyLock<SharedMarkup<(Language, CaseNumber, Shown)>> = LazyLock::new(SharedMarkup::default);

/// One case. Readers who are shown the same share its markup.
pub(super) fn row(number: CaseNumber, line: Arc<Line>, held: RwSignal<QueueData>) -> AnyView {
    let (language, now) = (use_language(), use_time().now_untracked());
    let key = {
        let line = Arc::clone(&line);
        move || (language, number, Shown::of(language, &line, now))
    };
    ROWS.element(key, move || view! { <Row number first=line held/> }.into_any())
}

/// One case. Its line keeps its last content while it leaves the page.
#[component]
fn Row(number: CaseNumber, first: Arc<Line>, held: RwSignal<QueueData>) -> impl IntoView {
    let language = use_language();
    let time = use_time();
    let shown = SsrMemo::new(move |before: Option<&Shown>| {
        let now = time.now();
        match (held.with(|held| held.line(number).cloned()), before) {
            (Some(line), _) => Shown::of(language, &line, now),
            (None, Some(before)) => before.clone(),
            (None, None) => Shown::of(language, &first, now),
        }
    });
    let text = |text: fn(&Shown) -> &String| shown.show(move |shown| text(shown).clone());
    let left = shown.part(|shown| shown.left.clone());
    let kinds = shown.part(|shown| shown.clocks.iter().map(|(kind, _)| *kind).collect::<Vec<_>>());
    let came_back = shown.part(|shown| shown.came_back);
    let clashes = shown.part(|shown| shown.clashes);
    let waits = shown.part(|shown| shown.waits);
    let clocks = {
        let shown = shown.clone();
        let figures = move |kind: &SlaMetric| {
            let kind = *kind;
            view! { <ClockFigures language kind figures=shown.part(move |shown| shown.clock(kind))/> }
        };
        kinds.show(move |kinds| kinds.iter().map(&figures).collect_view())
    };
    view! {
        <tr data-state=shown.show(|shown| shown.state.code())>
            <td class="c-left">
                {left.part(Option::is_some).show(move |is_pressed| {
                    let figures = left.part(|left| left.clone().unwrap_or_else(|| (ClockState::Met, String::new())));
                    is_pressed.then(|| view! { <SlaChip class="left" language figures/> })
                })}
                <span class="two">{text(|shown| &shown.due)}</span>
            </td>
            <th class="c-case" scope="row">
                <span class="two">
                    <a class="cover number" href=case_address(number)>{number.grouped()}</a>
                    " "
                    <PriorityTag priority=shown.part(|shown| shown.priority)/>
                </span>
                <span class="two clip">{text(|shown| &shown.platform)}</span>
            </th>
            <td class="c-what">
                <span class="two clip">{text(|shown| &shown.fault)}</span>
                <span class="two clip">{text(|shown| &shown.of_whom)}</span>
            </td>
            <td class="c-state">
                <span class="two">
                    {text(|shown| &shown.status)}
                    {came_back.show(move |came_back| came_back.then(|| view! {
                        " " <span class="badge badge--line">{t!(language, "staff.came_back")}</span>
                    }))}
                    {clashes.show(move |clashes| clashes.then(|| view! {
                        " " <span class="badge badge--line">{t!(language, "wall.visits_clash")}</span>
                    }))}
                    {waits.show(move |waits| waits.then(|| view! {
                        " " <Icon name="mail"/> <span class="sr">{t!(language, "staff.queue.unanswered")}</span>
                    }))}
                </span>
                <span class="two clip">{text(|shown| &shown.beside)}</span>
            </td>
            <td class="c-clocks"><dl>{clocks}</dl></td>
        </tr>
    }
    .into_any()
}

/// One clock, by name.
#[component]
fn ClockFigures(language: Language, kind: SlaMetric, figures: SsrMemo<Figures>) -> impl IntoView {
    view! {
        <dt>{t!(language, short_name_key(kind))}</dt>
        <dd><SlaChip language figures kind/></dd>
    }
    .into_any()
}

/// The clocks with figures of their own: after first response, the next update stands in its place.
fn kinds(row: &CaseRow) -> Vec<SlaMetric> {
    let has = |kind: SlaMetric| row.clocks.iter().any(|clock| clock.kind == kind && !clock.run.is_over());
    let news = [SlaMetric::CommittedUpdate, SlaMetric::NextUpdate].into_iter().find(|kind| has(*kind));
    let rest = row.clocks.iter().map(|clock| clock.kind);
    let is_news = |kind: &SlaMetric| matches!(kind, SlaMetric::CommittedUpdate | SlaMetric::NextUpdate);
    let rest = rest.filter(|kind| !is_news(kind) && (news.is_none() || *kind != SlaMetric::FirstResponse));
    news.into_iter().chain(rest).collect()
}

/// The clocks beside the deciding one, which stands in the first column: two at most, so that rows stay low.
fn beside_the_first(row: &CaseRow, first: Option<SlaMetric>) -> Vec<SlaMetric> {
    let mut others: Vec<SlaMetric> = kinds(row).into_iter().filter(|kind| Some(*kind) != first).collect();
    if others.len() > 2 {
        others.retain(|kind| *kind != SlaMetric::OnSite);
    }
    others
}

/// The state of a case without an urgent clock: a cancelled one met no target.
const fn at_rest(status: Status) -> ClockState {
    match status {
        Status::Cancelled | Status::Duplicate => ClockState::Void,
        Status::New | Status::InProgress | Status::OnHold | Status::Resolved | Status::Closed => {
            ClockState::Met
        }
    }
}

/// The assignee, or that there is none; and whether the contract is to be validated.
fn beside(language: Language, line: &Line) -> String {
    let assignee =
        line.row.mark.assignee.as_ref().map_or_else(
            || t!(language, "staff.queue.nobodys").into_owned(),
            |assignee| assignee.name.clone(),
        );
    let doubt = doubt(language, &line.row);
    if doubt.is_empty() { assignee } else { format!("{assignee} · {doubt}") }
}

/// The key of a target's short name.
const fn short_name_key(kind: SlaMetric) -> &'static str {
    match kind {
        SlaMetric::FirstResponse => "staff.clock.attention",
        SlaMetric::NextUpdate => "staff.clock.update",
        SlaMetric::CommittedUpdate => "staff.clock.committed",
        SlaMetric::OnSite => "staff.clock.on_site",
        SlaMetric::Resolution => "staff.clock.resolution",
    }
}

fn customer(language: Language, row: &CaseRow) -> String {
    if row.customer.is_empty() {
        t!(language, "staff.queue.no_customer").into_owned()
    } else {
        row.customer.clone()
    }
}

fn doubt(language: Language, row: &CaseRow) -> String {
    match row.coverage {
        Entitlement::Covered => String::new(),
        Entitlement::NeedsValidation(_) => t!(language, "staff.to_validate").into_owned(),
    }
}

/// The most urgent clock, and when it is due or was, at the site.
fn due(
    language: Language,
    clock: &SlaClock,
    reading: &SlaStatus,
    hours: &ServiceHours,
    now: Instant,
) -> String {
    let moment = |at: Instant| {
        let (then, today) = (hours.zone.local(at), hours.zone.local(now));
        let same_day = (then.year, then.month, then.day) == (today.year, today.month, today.day);
        then.format(language, if same_day { MomentStyle::Time } else { MomentStyle::Short })
    };
    let name = t!(language, short_name_key(clock.kind));
    match (clock.run, reading.due) {
        (TimerState::Paused { until }, _) if until > now && clock.kind == SlaMetric::OnSite => {
            t!(language, "staff.queue.scheduled", name = name, at = moment(until))
        }
        (TimerState::Paused { until }, _) if until > now => {
            t!(language, "staff.queue.paused", name = name, at = moment(until))
        }
        (_, Some(at)) => t!(language, "staff.queue.due", name = name, at = moment(at)),
        (_, None) => name.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::case::Assignee;
    use domain::page::Paging;
    use domain::view::{QueueCounts, QueuePage, Snapshot};

    use super::*;
    use crate::live::provide_time;
    use crate::wall::sample;

    fn line(row: CaseRow, fault: &str) -> Arc<Line> {
        Arc::new(Line { row, hours: Arc::new(sample::hours()), fault: fault.to_owned(), clashes: false })
    }

    /// The row as a reader of this language and time is shown it: shared, and drawn for them alone.
    fn drawn(line: &Arc<Line>, language: Language, at: Instant) -> [String; 2] {
        let (paging, counts) = (Paging::of(0, 1), QueueCounts::default());
        let snapshot = Snapshot {
            seq: 1,
            now: at,
            hours: Vec::new(),
            rows: Vec::new(),
            more: [0; 5],
            clashing: Vec::new(),
        };
        Owner::new().with(|| {
            provide_context(language);
            provide_time(at);
            let held =
                RwSignal::new(QueueData::from(QueuePage { snapshot, paging, faults: Vec::new(), counts }));
            let number = line.row.number;
            let shared = row(number, Arc::clone(line), held).to_html();
            [shared, view! { <Row number first=Arc::clone(line) held/> }.to_html()]
        })
    }

    #[test]
    fn readers_of_shared_rows_are_shown_what_they_would_be_alone() {
        let plain = CaseRow { hours: sample::hours_ref(), ..sample::row(1, [sample::attention(900)]) };
        let mut assigned = plain.clone();
        assigned.mark.assignee =
            Some(Assignee { id: domain::actor::PersonId(1), name: "Marta & Luis".to_owned() });
        let mut answered = plain.clone();
        answered.mark.unanswered = Some(Instant(sample::T));
        let lines = [
            line(plain.clone(), "No enciende"),
            line(plain.clone(), "No <enciende>"),
            line(assigned, "No enciende"),
            line(answered, "No enciende"),
            line(CaseRow { status: Status::OnHold, ..plain.clone() }, "No enciende"),
            line(CaseRow { customer: String::new(), ..plain }, "No enciende"),
        ];
        let mut all = std::collections::HashSet::new();
        // Twice: rows of the second time are those of the first.
        for _ in 0..2 {
            for line in &lines {
                for language in Language::ALL {
                    for at in [0, 1, 899, 901] {
                        let [shared, alone] = drawn(line, language, Instant(sample::T + at));
                        assert_eq!(shared, alone, "{language:?} {at}");
                        all.insert(shared);
                    }
                }
            }
        }
        assert_eq!(all.len(), lines.len() * Language::ALL.len() * 4, "each differs");
    }
}
