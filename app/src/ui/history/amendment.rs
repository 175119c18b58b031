//! Amendments of a report in words, for the history.

use domain::case::{Amendment, Change, Contact, Report};
use domain::i18n::Language;
use domain::phone::Phone;
use domain::t;
use domain::text::{FaultDescription, Location};
use leptos::prelude::*;

use super::HistoryLine;
use crate::language::use_language;
use crate::ui::{Notice, Tone};

/// An amendment: every value before and after, and the reason.
pub(super) fn amended(language: Language, what: &Amendment, resent: u32) -> HistoryLine {
    let (icon, title) = match (&what.contact, &what.location, &what.fault) {
        (Some(_), None, None) => ("person", "history.amended.contact"),
        (None, Some(_), None) => ("place", "history.amended.location"),
        (None, None, Some(_)) => ("note", "history.amended.fault"),
        _ => ("note", "history.amended.several"),
    };
    let mut lines = changes(language, what.contact.as_ref(), what.location.as_ref(), what.fault.as_ref());
    lines.push(t!(language, "history.amended.reason", reason = what.reason));
    let line = HistoryLine::new(icon, t!(language, title).into_owned()).text(Some(lines.join("\n")));
    match resent {
        0 => line,
        1 => line.beside(t!(language, "history.amended.resent_one")),
        count => line.beside(t!(language, "history.amended.resent", count = count)),
    }
}

/// The differences of two versions of a report, a line for each value.
pub(crate) fn report_changes(language: Language, seen: &Report, now: &Report) -> Vec<String> {
    let contact = Change::between(&seen.contact, now.contact.clone());
    let location = Change::between(&seen.location, now.location.clone());
    let fault = Change::between(&seen.fault, now.fault.clone());
    changes(language, contact.as_ref(), location.as_ref(), fault.as_ref())
}

/// Changes by another correction while a form was open, a line for each value. Shows nothing while there are none.
#[component]
pub(crate) fn OthersChanged(changes: RwSignal<Vec<String>>) -> impl IntoView {
    let language = use_language();
    move || {
        let lines = changes.with(|changes| changes.join("\n"));
        (!lines.is_empty()).then(|| {
            view! {
                <Notice tone=Tone::Care icon="info">
                    <p>{t!(language, "track.amend.others")}</p>
                    <blockquote class="history__text">{lines}</blockquote>
                </Notice>
            }
        })
    }
}

fn changes(
    language: Language,
    of_contact: Option<&Change<Contact>>,
    location: Option<&Change<Location>>,
    fault: Option<&Change<FaultDescription>>,
) -> Vec<String> {
    let mut lines = of_contact.map(|change| contact(language, change)).unwrap_or_default();
    if let Some(Change { from, to }) = location {
        lines.push(change(language, "field.location.label", from.as_str(), to.as_str()));
    }
    if let Some(Change { from, to }) = fault {
        lines.push(t!(language, "history.amended.before", text = from));
        lines.push(t!(language, "history.amended.after", text = to));
    }
    lines
}

fn contact(language: Language, Change { from, to }: &Change<Contact>) -> Vec<String> {
    let second = |contact: &Contact| match &contact.second {
        Some(phone) => phone.international(),
        None => t!(language, "history.amended.none").into_owned(),
    };
    let phone = |phone: &Phone| phone.international();
    let values = [
        ("field.contact_name.label", from.name.to_string(), to.name.to_string()),
        ("field.contact_phone.label", phone(&from.phone), phone(&to.phone)),
        ("history.amended.second", second(from), second(to)),
        ("field.contact_mail.label", from.mail.to_string(), to.mail.to_string()),
    ];
    let changed = values.into_iter().filter(|(_, from, to)| from != to);
    changed.map(|(label, from, to)| change(language, label, &from, &to)).collect()
}

fn change(language: Language, label: &str, from: &str, to: &str) -> String {
    t!(language, "history.amended.change", what = t!(language, label), from = from, to = to)
}
