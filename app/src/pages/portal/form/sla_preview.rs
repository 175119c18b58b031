//! The SLA preview, shown before the case is sent: computed here from the server's last answer.

use domain::calendar::MomentStyle;
use domain::entitlement::EntitlementPreview;
use domain::i18n::Language;
use domain::intake::IntakeForm;
use domain::priority::{Priority, Severity, Urgency};
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;

use super::FormFor;
use super::asked::{Asking, Lookup};
use super::state::FormState;
use crate::language::use_language;
use crate::live::use_time;
use crate::ui::{Day, DeferredView, HERE, MomentIn, PriorityTag, machine};

/// The targets of a case that is sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Preview {
    priority: Priority,
    /// `None` when the known hours do not reach that far.
    contact: Option<Contact>,
}

/// The target of first response.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Contact {
    /// The sentence, with a placeholder for the due time.
    text: String,
    shown: String,
    machine: String,
    is_open: bool,
}

impl Contact {
    fn sentence(&self) -> String {
        self.text.replace(HERE, &self.shown)
    }
}

fn priority_inputs(form: &IntakeForm) -> Option<(Severity, Urgency)> {
    Some((Severity::from_code(&form.severity)?, Urgency::from_code(&form.urgency)?))
}

fn preview(
    language: Language,
    who: FormFor,
    inputs: (Severity, Urgency),
    offer: &EntitlementPreview,
    now: Instant,
) -> Preview {
    let priority = offer.terms.matrix.priority(inputs.0, inputs.1);
    let (spans, zone) = (&offer.hours.spans, &offer.hours.zone);
    let due = spans.due(now, offer.terms.first_response_s[priority.index()], &[]).at();
    let contact = due.map(|due| {
        let (key, style) = match Day::of(zone, due, now) {
            Day::Today => (who.pick("pledge.today", "pledge.staff.today"), MomentStyle::Time),
            Day::Tomorrow => (who.pick("pledge.tomorrow", "pledge.staff.tomorrow"), MomentStyle::Time),
            Day::Yesterday | Day::Other => {
                (who.pick("pledge.later", "pledge.staff.later"), MomentStyle::Short)
            }
        };
        Contact {
            text: t!(language, key, time = HERE, place = zone.city(language)),
            shown: zone.format(due, language, style),
            machine: machine(zone, due),
            is_open: spans.is_open(now),
        }
    });
    Preview { priority, contact }
}

/// The targets of the form as it is now, and what they depend on before.
#[component]
pub(super) fn Targets(filling: FormState, lookup: Lookup) -> impl IntoView {
    let language = use_language();
    let time = use_time();
    let inputs = Memo::new(move |_| filling.form.with(priority_inputs));
    // To the minute, rounded down: the preview is never later than the target of the case.
    let minute = Memo::new(move |_| Instant(time.now().0.div_euclid(60) * 60));
    let preview_at = move |now: Instant| {
        // Only for an answer about the form's present values.
        let inputs = inputs.get().filter(|_| lookup.is_current.get())?;
        Some(lookup.offer.with(|offer| preview(language, filling.who, inputs, offer, now)))
    };
    let shown = Memo::new(move |_| preview_at(minute.get()));
    // Announced when severity, urgency or coverage change it, not every minute.
    let read_out = Memo::new(move |_| {
        preview_at(minute.get_untracked())
            .and_then(|preview| preview.contact)
            .map(|contact| contact.sentence())
    });
    move || {
        if let Some(preview) = inputs.get().and(shown.get()) {
            DeferredView::new(move || view! { <Known preview read_out/> }.into_any())
        } else {
            let words = match (inputs.get(), lookup.asked.asking.get()) {
                (None, _) => filling.who.pick("pledge.choose", "pledge.choose_staff"),
                (Some(_), Asking::Failed(_)) => filling.who.pick("pledge.unasked", "pledge.staff.unasked"),
                (Some(_), Asking::Waiting | Asking::Settled) => "pledge.asking",
            };
            DeferredView::new(move || {
                view! { <span class="pledge__line quiet">{t!(language, words)}</span> }.into_any()
            })
        }
    }
}

#[component]
fn Known(preview: Preview, read_out: Memo<Option<String>>) -> impl IntoView {
    let language = use_language();
    let priority = preview.priority;
    let line = match preview.contact {
        Some(Contact { text, shown, machine, is_open }) => view! {
            <span class="pledge__line" aria-hidden="true">
                <MomentIn text shown machine/>
            </span>
            <span class="sr">{read_out}</span>
            {(!is_open).then(|| view! { <span class="note">{t!(language, "pledge.closed")}</span> })}
        }
        .into_any(),
        None => view! { <span class="pledge__line quiet">{t!(language, "pledge.unknown")}</span> }.into_any(),
    };
    view! {
        <span class="pledge__head">
            <PriorityTag priority=Signal::stored(priority)/>
            " "
            <span>{t!(language, priority_key(priority))}</span>
        </span>
        {line}
    }
    .into_any()
}

const fn priority_key(priority: Priority) -> &'static str {
    match priority {
        Priority::P1 => "priority.p1",
        Priority::P2 => "priority.p2",
        Priority::P3 => "priority.p3",
        Priority::P4 => "priority.p4",
    }
}
