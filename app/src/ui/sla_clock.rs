//! The card of an SLA clock: the time left, when it is due, its state in colour, shape and word, and how it was counted.

use domain::calendar::{DurationStyle, MomentStyle, ServiceHours, beside, duration};
use domain::case::{
    Audience, BreachedTarget, ClockState, Explained, SlaClock, SlaStatus, StoodUnder, TimerState, WhyNot,
};
use domain::i18n::Language;
use domain::sla_plan::SlaMetric;
use domain::t;
use domain::time::Instant;
use leptos::either::Either;
use leptos::prelude::*;

use super::{Icon, changing};
use crate::language::use_language;
use crate::live::use_time;

/// The size of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlaCardSize {
    /// The main content of a page.
    Hero,
    /// One of several.
    Card,
}

impl SlaCardSize {
    const fn class(self) -> &'static str {
        match self {
            Self::Hero => "promise promise--hero",
            Self::Card => "promise",
        }
    }
}

/// A clock with its explanation.
#[component]
pub fn SlaCard(
    /// The clock, folded on the server.
    clock: SlaClock,
    /// The service hours of the case.
    hours: StoredValue<ServiceHours>,
    /// How it was counted; empty where that is not shown.
    explained: Vec<Explained>,
    /// The contract and hours of its breach, where its figures do not show the breach any more.
    #[prop(default = None)]
    under: Option<StoodUnder>,
    /// The size of the card.
    size: SlaCardSize,
    /// The reader: a customer waits for what a technician has to do.
    audience: Audience,
) -> impl IntoView {
    let language = use_language();
    let time = use_time();
    let reading = Memo::new(move |_| hours.with_value(|hours| clock.reading(&hours.spans, time.now())));
    let state = move || reading.get().state;
    let id = format!("promise-{}", clock.kind.code());
    let due = move || hours.with_value(|hours| due_line(language, &clock, &reading.get(), hours, time.now()));
    let as_of = hours.with_value(|hours| as_of(language, hours, time.now_untracked()));
    // As text, so that it is set as an attribute: the property of a `<progress>` cannot be set before it exists.
    let used = move || reading.get().used_percent().clamp(0, 100).to_string();
    view! {
        <section class=size.class() data-state=move || state().code() aria-labelledby=id.clone()>
            <div class="promise__head">
                <h2 class="promise__name" id=id.clone()>{t!(language, clock.kind.name_key())}</h2>
                <StateWord state=Signal::derive(state) kind=clock.kind/>
            </div>
            <p class="promise__left" role="timer">
                <time class="digits" translate="no">{move || shown_digits(language, &clock, &reading.get())}</time>
                " "
                {changing(move || caption(language, audience, &clock, &reading.get()))}
            </p>
            <p class="asof">{as_of}</p>
            <progress class="promise__bar" max="100" value=used aria-label=t!(language, "promise.used")>
            </progress>
            <p class="promise__due">{changing(due)}</p>
            {under.map(|under| view! { <BreachedUnder clock under hours/> })}
            {if explained.is_empty() {
                Either::Left(())
            } else {
                Either::Right(view! { <Explanation clock hours explained/> })
            }}
        </section>
    }
    .into_any()
}

/// The state of a clock by shape and word; the colour is inherited.
#[component]
pub fn StateWord(
    /// The state that shape and word show.
    state: Signal<ClockState>,
    /// The target of the clock.
    kind: SlaMetric,
) -> impl IntoView {
    let language = use_language();
    view! {
        <span class="state" data-state=move || state.get().code()>
            {move || view! { <Icon name=state.get().code()/> }}
            " "
            {changing(move || t!(language, state.get().name_key_of(kind)).into_owned())}
        </span>
    }
    .into_any()
}

/// The contract and hours under which a target was breached.
#[component]
fn BreachedUnder(clock: SlaClock, under: StoodUnder, hours: StoredValue<ServiceHours>) -> impl IntoView {
    let language = use_language();
    let words = clock.breach.map(|breach| {
        let at = hours.with_value(|hours| hours.zone.format(breach.due(), language, MomentStyle::Long));
        under.message(language, &at)
    });
    view! { <p class="note">{words}</p> }.into_any()
}

/// Breached targets without a card: those of visits that we missed, and of earlier cycles.
#[component]
pub fn EarlierBreaches(
    /// Every breached target.
    missed: Vec<BreachedTarget>,
    /// The clocks with a card.
    shown: Vec<SlaClock>,
    /// The hours of the case, for the local time of its site.
    hours: StoredValue<ServiceHours>,
) -> impl IntoView {
    let language = use_language();
    let has_card =
        |clock: &SlaClock| shown.iter().any(|shown| (shown.kind, shown.cycle) == (clock.kind, clock.cycle));
    let line = |missed: BreachedTarget| {
        let (clock, under) = (missed.clock, missed.under);
        let breach = clock.breach?;
        let at = hours.with_value(|hours| hours.zone.format(breach.due(), language, MomentStyle::Long));
        let (used, target) = beside(language, clock.used_s, breach.target_s);
        let name = t!(language, clock.kind.name_key());
        let name = match clock.cycle {
            1 => name.into_owned(),
            cycle => t!(language, "letter.closing.cycle", name = name, cycle = cycle),
        };
        let told = t!(language, "promise.missed_line", at = at, used = used, target = target);
        Some(view! {
            <li>
                <span class="state" data-state="breached"><Icon name="breached"/> " " {name}</span>
                " " <span>{told}</span>
                {under.map(|under| view! { <BreachedUnder clock under hours/> })}
            </li>
        })
    };
    let lines: Vec<_> =
        missed.into_iter().filter(|missed| !has_card(&missed.clock)).filter_map(line).collect();
    (!lines.is_empty()).then(|| {
        view! {
            <section class="card card--flat stack stack--tight" aria-labelledby="h-missed">
                <h2 id="h-missed">{t!(language, "promise.missed_before")}</h2>
                <ul class="stack stack--tight">{lines}</ul>
            </section>
        }
        .into_any()
    })
}

#[component]
fn Explanation(
    clock: SlaClock,
    hours: StoredValue<ServiceHours>,
    explained: Vec<Explained>,
) -> impl IntoView {
    let language = use_language();
    let from = explained.first().map_or(Instant(0), |first| first.span.from);
    let to = explained.last().map_or(Instant(1), |last| last.span.to);
    let whole = to.since(from).max(1);
    let share = move |seconds: i64| (seconds * 100_000 / whole).to_string();
    let bars = explained
        .iter()
        .map(|stretch| {
            let class = match stretch.why {
                WhyNot::Counted => "yes",
                WhyNot::OutsideHours | WhyNot::Closed(_) => "no",
                WhyNot::Paused(_) => "pause",
            };
            let (x, width) = (share(stretch.span.from.since(from)), share(stretch.span.seconds()));
            view! { <rect class=class x=x y="0" width=width height="6000"></rect> }
        })
        .collect_view();
    let used_s: i64 = explained.iter().map(|stretch| stretch.counted_s).sum();
    let (used, target) = digits_beside(language, used_s, clock.applied_target_s());
    let rules = rules(clock.kind).map(|key| view! { <p class="note">{t!(language, key)}</p> }).collect_view();
    let lines = explained
        .into_iter()
        .map(|stretch| {
            let counts = if stretch.why == WhyNot::Counted { "yes" } else { "no" };
            let (span, why, length) = hours.with_value(|hours| {
                let zone = &hours.zone;
                let moment = |at: Instant| zone.format(at, language, MomentStyle::Short);
                let span = t!(
                    language,
                    "explain.span",
                    from = moment(stretch.span.from),
                    to = moment(stretch.span.to)
                );
                let length = if stretch.counted_s > 0 {
                    digits(language, stretch.counted_s)
                } else {
                    t!(language, "explain.does_not_count").into_owned()
                };
                (span, why(language, &stretch.why), length)
            });
            view! {
                <li data-counts=counts>
                    <span>{span} " " <span class="why">{why}</span></span>
                    <span>{length}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <details class="explain">
            <summary><Icon name="chevron"/> " " {t!(language, "explain.title")}</summary>
            <div class="explain__body">
                <svg class="spans" viewBox="0 0 100000 6000" preserveAspectRatio="none" aria-hidden="true">{bars}</svg>
                <ol class="spans__list">{lines}</ol>
                <p class="spans__sum">
                    <span>{t!(language, "explain.used_of", target = target)}</span>
                    <span>{used}</span>
                </p>
                {rules}
            </div>
        </details>
    }
    .into_any()
}

/// The time at which a figure was read, shown while it does not tick.
#[must_use]
pub fn as_of(language: Language, hours: &ServiceHours, now: Instant) -> String {
    let at = hours.zone.format(now, language, MomentStyle::Time);
    t!(language, "promise.as_of", at = at, place = hours.zone.city(language))
}

/// The rules of a target: what fulfils it, and when it is breached.
fn rules(kind: SlaMetric) -> impl Iterator<Item = &'static str> {
    let own = match kind {
        SlaMetric::FirstResponse => Some("explain.rule.attention"),
        SlaMetric::NextUpdate => Some("explain.rule.update"),
        SlaMetric::OnSite => Some("explain.rule.on_site"),
        SlaMetric::CommittedUpdate | SlaMetric::Resolution => None,
    };
    own.into_iter().chain(["explain.rule.end"])
}

fn why(language: Language, why: &WhyNot) -> String {
    match why {
        WhyNot::Counted => t!(language, "explain.counted").into_owned(),
        WhyNot::OutsideHours => t!(language, "explain.outside_hours").into_owned(),
        WhyNot::Closed(name) => t!(language, "explain.closed", name = name),
        WhyNot::Paused(reason) => t!(language, reason.name_key()).into_owned(),
    }
}

/// The large figures of a clock: the time left, or the time it took.
#[must_use]
pub fn shown_digits(language: Language, clock: &SlaClock, reading: &SlaStatus) -> String {
    digits(language, shown_s(clock, reading))
}

/// The seconds of a clock's large figures: those left, or those used once it has stopped.
#[must_use]
pub const fn shown_s(clock: &SlaClock, reading: &SlaStatus) -> i64 {
    match clock.run {
        TimerState::Stopped | TimerState::Void => reading.used_s,
        _ if is_recounted(reading) => reading.used_s,
        TimerState::Running | TimerState::Paused { .. } => reading.remaining_s,
    }
}

/// Whether a breached target shows time left: it was counted again under a contract with fewer hours.
const fn is_recounted(reading: &SlaStatus) -> bool {
    matches!(reading.state, ClockState::Breached) && reading.remaining_s >= 0
}

fn caption(language: Language, audience: Audience, clock: &SlaClock, reading: &SlaStatus) -> String {
    let key = match (clock.run, clock.kind, audience) {
        (TimerState::Stopped | TimerState::Void, ..) => "promise.took",
        _ if is_recounted(reading) => "promise.counted_now",
        _ if reading.remaining_s < 0 => "promise.late",
        (_, SlaMetric::FirstResponse, Audience::Public) => "promise.until_contact",
        _ => "promise.left",
    };
    t!(language, key).into_owned()
}

/// When a target is due, when it was met, or until when it is paused.
#[must_use]
pub fn due_line(
    language: Language,
    clock: &SlaClock,
    reading: &SlaStatus,
    hours: &ServiceHours,
    now: Instant,
) -> String {
    let moment = |at: Instant| {
        let (then, today) = (hours.zone.local(at), hours.zone.local(now));
        let same_day = (then.year, then.month, then.day) == (today.year, today.month, today.day);
        let style = if same_day { MomentStyle::Time } else { MomentStyle::Short };
        then.format(language, style)
    };
    let place = hours.zone.city(language);
    match clock.run {
        TimerState::Stopped => t!(language, "promise.done_at", at = moment(clock.as_of), place = place),
        TimerState::Void => t!(language, "promise.void_at", at = moment(clock.as_of), place = place),
        TimerState::Paused { until } if until > now && clock.kind == SlaMetric::OnSite => {
            t!(language, "promise.scheduled_for", at = moment(until), place = place)
        }
        TimerState::Paused { until } if until > now => {
            t!(language, "promise.paused_until", at = moment(until), place = place)
        }
        TimerState::Running | TimerState::Paused { .. } => match reading.due {
            Some(at) if at > now && !reading.counting => {
                let opens = hours.spans.next_opening(now).map(moment).unwrap_or_default();
                t!(language, "promise.due_counts_from", at = moment(at), place = place, opens = opens)
            }
            Some(at) if at > now => t!(language, "promise.due_at", at = moment(at), place = place),
            Some(at) => t!(language, "promise.was_due_at", at = moment(at), place = place),
            None => t!(language, "promise.due_unknown").into_owned(),
        },
    }
}

/// Seconds as the figures of a clock: `47:12`, `7:06:40`, `3 d 06:00`, `−12:40`.
#[must_use]
pub fn digits(language: Language, seconds: i64) -> String {
    let sign = if seconds < 0 { "\u{2212}" } else { "" };
    let all = seconds.unsigned_abs();
    let (hours, minutes, rest) = (all / 3600, all / 60 % 60, all % 60);
    if hours >= 24 {
        let clock = format!("{:02}:{minutes:02}", hours % 24);
        format!("{sign}{}", t!(language, "promise.days", days = hours / 24, clock = clock))
    } else if hours > 0 {
        format!("{sign}{hours}:{minutes:02}:{rest:02}")
    } else {
        format!("{sign}{minutes:02}:{rest:02}")
    }
}

/// Time used and target as figures, to the second where they differ and would read alike.
fn digits_beside(language: Language, used_s: i64, target_s: i64) -> (String, String) {
    let (used, promised) = (digits(language, used_s), digits(language, target_s));
    if used == promised && used_s != target_s {
        let exact = |seconds| duration(language, seconds, DurationStyle::Clock);
        return (exact(used_s), exact(target_s));
    }
    (used, promised)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_figures_read_differently() {
        let day = 86_400;
        assert_eq!(digits_beside(Language::Es, day + 1, day), ("24:00:01".to_owned(), "24:00:00".to_owned()));
        assert_eq!(digits_beside(Language::Es, 61, 60), ("01:01".to_owned(), "01:00".to_owned()));
    }

    #[test]
    fn digits_have_a_fixed_width_and_a_sign() {
        for (seconds, expected) in [
            (0, "00:00"),
            (47 * 60 + 12, "47:12"),
            (7 * 3600 + 6 * 60 + 40, "7:06:40"),
            (3 * 86_400 + 6 * 3600, "3 d 06:00"),
            (-760, "\u{2212}12:40"),
        ] {
            assert_eq!(digits(Language::Es, seconds), expected);
        }
    }
}
