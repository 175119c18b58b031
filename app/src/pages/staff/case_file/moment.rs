//! A field for a local time of the site, with presets.

use domain::i18n::Language;
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;

use super::state::CaseState;
use crate::language::use_language;
use crate::ui::FieldError;
use crate::ui::pending::use_pending;
use crate::ui::site_time;

/// A preset of the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Preset {
    /// In this many hours.
    Hours(i64),
    /// The next day at nine, at the site.
    TomorrowAtNine,
}

impl Preset {
    const ALL: [Self; 3] = [Self::Hours(1), Self::Hours(4), Self::TomorrowAtNine];

    fn message(self, language: Language) -> String {
        match self {
            Self::Hours(hours) => t!(language, "staff.pause.in_hours", hours = hours),
            Self::TomorrowAtNine => t!(language, "staff.pause.tomorrow").into_owned(),
        }
    }
}

/// A field for a local time, as the browser's date field writes it.
#[component]
pub(super) fn MomentField(
    case: CaseState,
    id: &'static str,
    /// The key of its label.
    label: &'static str,
    value: RwSignal<String>,
    /// Its error.
    problem: RwSignal<Option<String>>,
) -> impl IntoView {
    let (language, pending) = (use_language(), use_pending());
    let zone = case.hours.with_value(|hours| hours.zone.city(language));
    let take = move |preset: Preset| {
        let now = case.time.now_untracked();
        let end = case.hours.with_value(|hours| match preset {
            Preset::Hours(count) => site_time::local(&hours.zone, full_minute(now.plus(count * 3600))),
            Preset::TomorrowAtNine => site_time::tomorrow_at_nine(&hours.zone, now),
        });
        value.set(end);
        problem.set(None);
    };
    let presets = Preset::ALL.map(|preset| {
        view! { <button class="button" type="button" on:click=move |_| take(preset)>{preset.message(language)}</button> }
    });
    view! {
        <div class="field" data-look=move || problem.with(Option::is_some).then_some("error")>
            <label class="field__label" for=id>{t!(language, label)}</label>
            <p class="field__hint" id=format!("{id}-hint")>{t!(language, "staff.pause.zone", place = zone)}</p>
            <div class="row">{presets.collect_view()}</div>
            <div class="field__box">
                <input
                    class="field__input"
                    id=id
                    type="datetime-local"
                    bind:value=value
                    readonly=move || pending.get()
                    on:input=move |_| problem.set(None)
                    aria-invalid=move || problem.with(Option::is_some).then_some("true")
                    aria-describedby=format!("{id}-hint {id}-error")
                />
            </div>
            <FieldError id error=problem.into()/>
        </div>
    }
    .into_any()
}

/// The next full minute: a date field shows no seconds, and a rounded time must not be earlier.
fn full_minute(at: Instant) -> Instant {
    at.plus((60 - at.0.rem_euclid(60)) % 60)
}
