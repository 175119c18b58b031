//! The SLA preview, shown before the case is sent: computed here from the server's last answer.

use domain::calendar::MomentStyle;
use domain::case_number::CaseNumber;
use domain::entitlement::EntitlementPreview;
use domain::i18n::Language;
use domain::intake::IntakeForm;
use domain::priority::{Priority, Severity, Urgency};
use domain::t;
use domain::time::Instant;
use leptos::prelude::*;

use super::lookup::{Asking, Lookup};
use super::send::{Sending, Sent};
use super::state::FormState;
use super::{FormError, FormFor};
use crate::address::case_address;
use crate::language::use_language;
use crate::live::use_time;
use crate::provider::use_provider;
use crate::ui::{Day, DeferredView, HERE, Icon, MomentIn, PriorityTag, RequiresScript, machine};

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

/// The panel beside the form: the preview, and the button that sends.
#[component]
pub(super) fn SlaPreview(filling: FormState, lookup: Lookup, sending: Sending) -> impl IntoView {
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
    view! {
        <div class="pledge">
            <output class="stack stack--tight" aria-live="polite" aria-atomic="true">
                {move || {
                    if let Some(preview) = inputs.get().and(shown.get()) {
                        DeferredView::new(move || view! { <Known preview read_out/> }.into_any())
                    } else {
                        let words = match (inputs.get(), lookup.asking.get()) {
                            (None, _) => filling.who.pick("pledge.choose", "pledge.choose_staff"),
                            (Some(_), Asking::Failed(_)) => filling.who.pick("pledge.unasked", "pledge.staff.unasked"),
                            (Some(_), Asking::Waiting | Asking::Settled) => "pledge.asking",
                        };
                        DeferredView::new(move || {
                            view! { <span class="pledge__line quiet">{t!(language, words)}</span> }.into_any()
                        })
                    }
                }}
            </output>
            <Failure sending/>
            <SendButton sending/>
            <div class="pledge__more note stack stack--tight">
                <p>{t!(language, "pledge.priority_from")}</p>
                {(filling.who == FormFor::Customer).then(|| view! { <Line filling/> })}
            </div>
        </div>
    }
    .into_any()
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

/// The reason why the last try to send failed.
#[component]
fn Failure(sending: Sending) -> impl IntoView {
    let language = use_language();
    move || {
        let Sent::Failed(error) = sending.sent.get() else { return None };
        let title = error.message(language);
        let (tone, more) = match error {
            FormError::SentBefore { key, case } => {
                ("care", view! { <SentBefore sending key case/> }.into_any())
            }
            FormError::StillOpen(_) => {
                let filling = sending.filling();
                ("bad", view! { <ToPrevious filling/> }.into_any())
            }
            _ => ("bad", view! { <p>{t!(language, "form.unsent")}</p> }.into_any()),
        };
        Some(view! {
            <div class="notice" data-tone=tone role="alert">
                <Icon name="alert"/>
                <div><p class="notice__title">{title}</p>{more}</div>
            </div>
        })
    }
}

/// A link to the previous case.
#[component]
fn ToPrevious(filling: FormState) -> impl IntoView {
    let language = use_language();
    let follows = filling.follows.get_value();
    let number = follows.split('-').next().and_then(|number| CaseNumber::parse(number).ok());
    number.map(|number| {
        let words = t!(language, "found.see_case", number = number);
        view! { <p><a href=filling.who.page_of(&follows) rel="external">{words}</a></p> }
    })
}

/// The question about a form that was sent before with other content: correct that case, or open another one.
#[component]
fn SentBefore(sending: Sending, key: String, case: Option<CaseNumber>) -> impl IntoView {
    let language = use_language();
    let words = if case.is_some() { "form.sent_before.staff" } else { "form.sent_before.text" };
    let see = case.map(|number| {
        let href = case_address(number);
        view! {
            <p><a href=href rel="external">{t!(language, "found.see_case", number = number)}</a></p>
        }
    });
    view! {
        <p>{t!(language, words)}</p>
        {see}
        // Without a script the form's own button does it: the page came back with another key.
        <RequiresScript>
            {
                let key = key.clone();
                view! {
                    <p>
                        <button class="button" type="button" on:click=move |_| sending.send_as_another(key.clone())>
                            {t!(language, "form.sent_before.act")}
                        </button>
                    </p>
                }
            }
        </RequiresScript>
    }
    .into_any()
}

#[component]
fn SendButton(sending: Sending) -> impl IntoView {
    let language = use_language();
    let on_its_way = Memo::new(move |_| sending.sent.with(Sent::is_busy));
    let flag = move || on_its_way.get().then_some("true");
    view! {
        <button
            class="button button--main button--big button--wide"
            type="submit"
            aria-busy=flag
            aria-disabled=flag
        >
            {move || {
                on_its_way.get().then(|| view! { <span class="spinner" aria-hidden="true"></span> })
            }}
            {move || t!(language, if on_its_way.get() { "form.sending" } else { "form.send" })}
        </button>
    }
    .into_any()
}

/// The telephone line of the form's country, else the first one.
#[component]
fn Line(filling: FormState) -> impl IntoView {
    let language = use_language();
    let home = Memo::new(move |_| filling.form.with(|form| form.home(&filling.formats())));
    let lines = use_provider().hotlines;
    let line = move || {
        let line = lines.nearest(home.get())?;
        Some(view! { <p>{t!(language, "pledge.call")} " " <a href=line.tel_uri()>{line.printed()}</a></p> })
    };
    view! { {line} }.into_any()
}

const fn priority_key(priority: Priority) -> &'static str {
    match priority {
        Priority::P1 => "priority.p1",
        Priority::P2 => "priority.p2",
        Priority::P3 => "priority.p3",
        Priority::P4 => "priority.p4",
    }
}
