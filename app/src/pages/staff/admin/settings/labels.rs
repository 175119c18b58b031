//! The words of settings: what a key of an entry is called, and what is wrong with its value.

use desk::settings::{FieldKind, Reason, Subject};
use domain::country::Country;
use domain::i18n::Language;
use domain::priority::Severity;
use domain::t;

/// The words of a subject, by their keys.
pub(super) struct SubjectWords {
    /// What an entry is.
    pub(super) entry: &'static str,
    /// From when a change counts, and for what.
    pub(super) effective_hint: &'static str,
}

/// The words of a subject.
pub(super) const fn words_of(subject: Subject) -> SubjectWords {
    let (entry, effective_hint) = match subject {
        Subject::Calendars => ("settings.page.calendar", "settings.page.effective_hint"),
        Subject::Questionnaires => {
            ("settings.page.questionnaire", "settings.page.questionnaires_effective_hint")
        }
        Subject::Plans => ("settings.page.plan", "settings.page.effective_hint"),
        Subject::Provider => ("settings.page.provider", "settings.page.provider_effective_hint"),
        Subject::Formats => ("settings.page.formats", "settings.page.formats_effective_hint"),
        Subject::SerialFormats => ("settings.page.serials", "settings.page.serials_effective_hint"),
        Subject::Teams => ("settings.page.team", "settings.page.teams_effective_hint"),
        Subject::Causes => ("settings.page.causes", "settings.page.causes_effective_hint"),
        Subject::Waiting => ("settings.page.waiting", "settings.page.provider_effective_hint"),
        Subject::Replies => ("wording.page.reply", "settings.page.at_once_hint"),
        Subject::MailTexts => ("wording.page.mail_text", "settings.page.provider_effective_hint"),
    };
    SubjectWords { entry, effective_hint }
}

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
        [code @ ("es" | "en" | "pt"), part] => {
            let name = Language::from_code(code).map_or("", Language::own_name);
            format!("{} · {name}", t!(language, &format!("wording.part.{part}")))
        }
        ["text", code] => {
            let name = Language::from_code(code).map_or("", Language::own_name);
            format!("{} · {name}", word("text"))
        }
        ["hotlines", place] if place.parse::<usize>().is_ok() => hotline(language, place),
        ["hotlines", place, part, ..] => {
            format!("{} · {}", hotline(language, place), word(&format!("hotline_{part}")))
        }
        [list @ ("categories" | "causes" | "questions" | "reasons"), row, part, ..] => {
            row_of(language, list, row, part)
        }
        [list @ ("categories" | "causes" | "questions" | "reasons"), code] => {
            format!("{} · {code}", word(&format!("{list}_row")))
        }
        ["cases", code] => {
            let country = Country::from_code(code).map_or("settings.field.cases", Country::name_key);
            format!("{} · {}", word("cases"), t!(language, country))
        }
        ["formats" | "contracts", place] if place.parse::<usize>().is_ok() => format(language, place),
        ["formats" | "contracts", place, part, ..] => {
            format!("{} · {}", format(language, place), word(&format!("format_{part}")))
        }
        ["formats", code] => format!("{} · {code}", word("formats")),
        ["closing" | "waiting" | "survey" | "mail", name, ..] | [name, ..] => word(name),
        [] => String::new(),
    }
}

/// What a format is called by its place from 0.
fn format(language: Language, place: &str) -> String {
    t!(language, "settings.field.format", row = place.parse::<usize>().unwrap_or_default() + 1)
}

/// What a telephone line is called by its place from 0.
fn hotline(language: Language, place: &str) -> String {
    t!(language, "settings.field.hotline", row = place.parse::<usize>().unwrap_or_default() + 1)
}

/// What a part of a row is called, by the row's place from 0.
fn row_of(language: Language, list: &str, row: &str, part: &str) -> String {
    let part = if (list, part) == ("reasons", "kind") { "stands_for" } else { part };
    let list = t!(language, &format!("settings.field.{list}_row"));
    let part = match Language::from_code(part) {
        Some(name) => name.own_name().to_owned(),
        None => t!(language, &format!("settings.field.row_{part}")).into_owned(),
    };
    format!("{list} {} · {part}", row.parse::<usize>().unwrap_or_default() + 1)
}

/// A value of an entry as people read it: texts without quotes, of a table its values alone.
pub(super) fn value(language: Language, value: Option<String>) -> String {
    let Some(value) = value else { return t!(language, "settings.none").into_owned() };
    let plain = value.replace('"', "");
    if plain == "[]" {
        return t!(language, "settings.none").into_owned();
    }
    // A text may begin with a brace as well.
    let Some(table) = plain.strip_prefix('{').filter(|_| value.starts_with('{')) else { return plain };
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
        FieldKind::Text | FieldKind::Texts | FieldKind::NoRows => "settings.expected.text",
        FieldKind::Number => "settings.expected.number",
        FieldKind::Numbers => "settings.expected.numbers",
        FieldKind::Duration => "settings.expected.duration",
        FieldKind::Hours => "settings.expected.hours",
        FieldKind::ManyHours => "settings.expected.many_hours",
        FieldKind::Priorities => "settings.expected.priorities",
        FieldKind::Date | FieldKind::Dates => "settings.expected.date",
    };
    t!(language, expected).into_owned()
}
