//! Appointment windows as people type them: the local time at the site when each begins, and its length.

use std::collections::BTreeMap;

use domain::calendar::ZoneView;
use domain::case::visit::Windows;
use domain::i18n::Language;
use domain::t;
use domain::time::Span;
use leptos::html;
use leptos::prelude::*;

use super::pending::use_pending;
use super::site_time::{instant, local};
use super::{FieldError, Finding, Tone, inputs};
use crate::language::use_language;

/// Lengths to choose from, in minutes.
const LENGTHS_MIN: [u32; 6] = [60, 120, 180, 240, 360, 480];
/// The default length, in minutes.
const USUAL_MIN: &str = "120";

/// One row of a form: a local time of the site as a date field writes it, and minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedWindow {
    /// When it begins; empty for a row that is not used.
    pub from: String,
    /// Its length in minutes.
    pub minutes: String,
}

impl TypedWindow {
    /// The row of a plain form at this place, from 0 on; an empty row where the form has none.
    #[must_use]
    pub fn typed(typed: &BTreeMap<String, String>, place: usize) -> Self {
        let text = |name: &str| typed.get(&format!("{name}{}", place + 1)).cloned();
        let fresh = Self::default();
        Self { from: text("from").unwrap_or(fresh.from), minutes: text("minutes").unwrap_or(fresh.minutes) }
    }
}

impl Default for TypedWindow {
    fn default() -> Self {
        Self { from: String::new(), minutes: USUAL_MIN.to_owned() }
    }
}

/// The windows of the rows that are used.
///
/// # Errors
/// A message in the reader's language.
pub fn read_windows(language: Language, zone: &ZoneView, typed: &[TypedWindow]) -> Result<Windows, String> {
    let used = typed.iter().filter(|row| !row.from.trim().is_empty());
    let read = |row: &TypedWindow| {
        let from = instant(zone, &row.from)?;
        let minutes: u16 = row.minutes.trim().parse().ok()?;
        Some(Span::new(from, from.plus(i64::from(minutes) * 60)))
    };
    let mut windows = Vec::with_capacity(typed.len());
    for row in used {
        let window = read(row).ok_or_else(|| t!(language, "visit.windows.unreadable").into_owned())?;
        // A time that clocks at the site skip.
        if !row.from.trim().starts_with(&local(zone, window.from)) {
            return Err(t!(language, "visit.windows.skipped").into_owned());
        }
        windows.push(window);
    }
    Windows::new(windows).map_err(|wrong| wrong.message(language))
}

/// Fields of up to three windows. The names of the inputs are those of a plain form: `from1`, `minutes1` and so on.
#[component]
pub fn WindowFields(
    /// Prefix of the ids: several such fields may stand on one page.
    id: &'static str,
    /// The rows.
    #[prop(into)]
    rows: Vec<RwSignal<TypedWindow>>,
    /// What is wrong with them.
    #[prop(into)]
    problem: Signal<Option<String>>,
    /// Keys of the title and of the hint below it.
    #[prop(default = ("visit.form.windows", "visit.form.windows_hint"))]
    words: (&'static str, &'static str),
    /// A caution about a window while it is typed, which does not make it wrong.
    #[prop(optional)]
    caution: Option<Callback<TypedWindow, Option<String>>>,
) -> impl IntoView {
    let language = use_language();
    let row = move |(place, row)| view! { <WindowRow id nth=place + 1 row caution/> };
    view! {
        <fieldset class="question question--small" data-look=move || problem.with(Option::is_some).then_some("error")>
            <legend class="question__title">{t!(language, words.0)}</legend>
            <p class="field__hint">{t!(language, words.1)}</p>
            <FieldError id error=problem/>
            <div class="stack stack--tight">{rows.into_iter().enumerate().map(row).collect_view()}</div>
        </fieldset>
    }
    .into_any()
}

/// The fields of one window: when it begins, and how long it lasts.
#[component]
fn WindowRow(
    /// Prefix of the fields' ids.
    id: &'static str,
    /// The row's number, from 1 on.
    nth: usize,
    row: RwSignal<TypedWindow>,
    caution: Option<Callback<TypedWindow, Option<String>>>,
) -> impl IntoView {
    let (language, pending) = (use_language(), use_pending());
    let first = row.get_untracked();
    let input = inputs::shows_part::<html::Input>(
        move || row.with(|row| row.from.clone()),
        move |from| row.update(|row| row.from = from),
    );
    let length = inputs::shows_part::<html::Select>(
        move || row.with(|row| row.minutes.clone()),
        move |minutes| row.update(|row| row.minutes = minutes),
    );
    let (from_id, length_id) = (format!("{id}-from{nth}"), format!("{id}-minutes{nth}"));
    let caution_id = format!("{id}-caution{nth}");
    let described = caution.map(|_| caution_id.clone());
    let cautioned = caution.map(|caution| {
        let words = move || caution.run(row.get());
        let finding =
            move || words().map(|words| view! { <Finding tone=Tone::Care icon="alert">{words}</Finding> });
        view! { <div class="stack stack--tight" id=caution_id role="status">{finding}</div> }
    });
    view! {
        <div class="window">
            <div class="field">
                <label class="field__label" for=from_id.clone()>{t!(language, "visit.form.from", nth = nth)}</label>
                <div class="field__box">
                    <input
                        class="field__input"
                        type="datetime-local"
                        id=from_id
                        name=format!("from{nth}")
                        aria-describedby=described
                        value=first.from
                        readonly=move || pending.get()
                        node_ref=input
                        on:input=move |event| row.update(|row| row.from = event_target_value(&event))
                    />
                </div>
            </div>
            <div class="field">
                <label class="field__label" for=length_id.clone()>
                    {t!(language, "visit.form.length", nth = nth)}
                </label>
                <div class="field__box">
                    <select
                        class="field__input"
                        id=length_id
                        name=format!("minutes{nth}")
                        node_ref=length
                        on:change=move |event| row.update(|row| row.minutes = event_target_value(&event))
                    >
                        {lengths(language, &first.minutes)}
                    </select>
                </div>
            </div>
        </div>
        {cautioned}
    }
    .into_any()
}

/// The lengths to choose from, with the chosen one selected.
fn lengths(language: Language, chosen: &str) -> impl IntoView + use<> {
    let option = |minutes: u32| {
        let (value, hours) = (minutes.to_string(), t!(language, "visit.form.hours", hours = minutes / 60));
        view! { <option selected=value == chosen value=value>{hours}</option> }
    };
    LENGTHS_MIN.map(option).collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::Instant;

    #[test]
    fn rows_are_read_in_the_zone_of_the_site() {
        let zone = ZoneView { name: "America/Caracas".into(), offset_s: -4 * 3600, changes: Vec::new() };
        let typed = |from: &str, minutes: &str| TypedWindow { from: from.into(), minutes: minutes.into() };
        let rows = [typed("2026-03-17T14:30", "120"), typed("", "60"), typed("", "")];
        let windows = read_windows(Language::Es, &zone, &rows).unwrap();
        let from = Instant(1_773_772_200);
        assert_eq!(windows.as_slice(), [Span::new(from, from.plus(7200))]);
        assert!(read_windows(Language::Es, &zone, &[typed("mañana", "60")]).is_err());
        assert!(read_windows(Language::Es, &zone, &[typed("2026-03-17T14:30", "-5")]).is_err());
        assert!(read_windows(Language::Es, &zone, &[]).is_err());
    }

    /// Tijuana, Sunday 8 March 2026: clocks go from 02:00 to 03:00.
    #[test]
    fn skipped_time_is_refused() {
        let changes = vec![(Instant(1_772_964_000), -7 * 3600)];
        let zone = ZoneView { name: "America/Tijuana".into(), offset_s: -8 * 3600, changes };
        let read = |from: &str| {
            let typed = TypedWindow { from: from.into(), minutes: "120".into() };
            read_windows(Language::Es, &zone, &[typed]).map(|windows| windows.begin())
        };
        let skipped = t!(Language::Es, "visit.windows.skipped").into_owned();
        assert_eq!(read("2026-03-08T02:00"), Err(skipped.clone()));
        assert_eq!(read("2026-03-08T02:30:00"), Err(skipped.clone()));
        assert_eq!(read("2026-03-08T02:59"), Err(skipped));
        assert_eq!(read("2026-03-08T03:00"), Ok(Instant(1_772_964_000)));
        assert_eq!(read("2026-03-08T01:59"), Ok(Instant(1_772_964_000 - 60)));
    }
}
