//! The words of settings: what a key of an entry is called, and what is wrong with its value.

use desk::settings::{FieldKind, Reason};
use domain::i18n::Language;
use domain::priority::Severity;
use domain::t;

/// What people call the field of a key: `targets.P1.resolution` is "P1 · Resolución".
pub(super) fn label(language: Language, key: &str) -> String {
    let steps: Vec<&str> = key.split('.').collect();
    let word = |step: &str| t!(language, &format!("settings.field.{step}")).into_owned();
    match steps[..] {
        ["targets", priority] => priority.to_owned(),
        ["targets", priority, target] => format!("{priority} · {}", word(target)),
        ["matrix", severity, ..] => {
            let name =
                Severity::from_code(severity).map(|severity| t!(language, severity.name_key()).into_owned());
            format!("{} · {}", word("matrix"), name.unwrap_or_default())
        }
        ["hours", day, ..] => {
            t!(language, &format!("calendar.weekday.{}", day.chars().take(3).collect::<String>()))
                .into_owned()
        }
        ["closures", place, part] if place.parse::<usize>().is_ok() => {
            let row = place.parse::<usize>().unwrap_or_default() + 1;
            t!(language, "settings.field.closure", row = row, part = word(&format!("closure_{part}")))
        }
        ["closures", date] => t!(language, "settings.field.closure_on", date = date),
        ["closures"] => word("closures"),
        ["hotlines", place] if place.parse::<usize>().is_ok() => hotline(language, place),
        ["hotlines", place, part, ..] => {
            format!("{} · {}", hotline(language, place), word(&format!("hotline_{part}")))
        }
        ["closing" | "waiting" | "survey" | "mail", name, ..] | [name, ..] => word(name),
        [] => String::new(),
    }
}

/// What a telephone line is called by its place from 0.
fn hotline(language: Language, place: &str) -> String {
    t!(language, "settings.field.hotline", row = place.parse::<usize>().unwrap_or_default() + 1)
}

/// A value of an entry as people read it: texts without quotes, of a table its values alone.
pub(super) fn value(language: Language, value: Option<String>) -> String {
    let Some(value) = value else { return t!(language, "settings.none").into_owned() };
    let plain = value.replace('"', "");
    if plain == "[]" {
        return t!(language, "settings.none").into_owned();
    }
    let Some(table) = plain.strip_prefix('{') else { return plain };
    let parts = table
        .trim_end_matches('}')
        .split(", ")
        .map(|part| part.split_once('=').map_or(part, |(_, text)| text));
    parts.map(str::trim).collect::<Vec<_>>().join(", ")
}

/// Why a value is refused. Where it could not be read, what is expected of a field of this kind.
pub(super) fn reason(language: Language, key: &str, reason: &Reason) -> String {
    let Reason::Unreadable(_) = reason else { return reason.message(language) };
    let expected = match FieldKind::of(key) {
        FieldKind::Text if key == "holidays" => "settings.expected.country",
        // A name or a calendar that is not there.
        FieldKind::Text | FieldKind::NoRows => "settings.expected.text",
        FieldKind::Number => "settings.expected.number",
        FieldKind::Numbers => "settings.expected.numbers",
        FieldKind::Duration => "settings.expected.duration",
        FieldKind::Hours => "settings.expected.hours",
        FieldKind::ManyHours => "settings.expected.many_hours",
        FieldKind::Priorities => "settings.expected.priorities",
        FieldKind::Date => "settings.expected.date",
    };
    t!(language, expected).into_owned()
}
