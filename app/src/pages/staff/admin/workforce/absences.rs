//! The absences of a person: those that are not over, and the form for another.

use chrono::NaiveDate;
use desk::workforce::AbsenceView;
use domain::calendar::day;
use domain::calendar::zone::Zone;
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::t;
use domain::time::Instant;
use domain::workforce::{Absence, AbsenceKind, AbsencePeriod, AbsenceProblem, NOTE_CHARS_MAX};
use leptos::prelude::*;

use super::{ACT, Act};
use crate::AppError;
use crate::address::case_address;
use crate::language::use_language;
use crate::pages::{PostReply, Typed};
use crate::ui::{Icon, Notice, Tone};

const FROM: &str = "from";
const TO: &str = "to";
const KIND: &str = "kind";
const NOTE: &str = "note";

/// The absence that was typed, or what is wrong by field.
pub(super) fn read(typed: &Typed, language: Language) -> Result<Absence, Vec<(String, String)>> {
    let text = |name: &str| typed.get(name).map_or("", |text| text.trim());
    let mut wrong = Vec::new();
    let mut note = |name: &str, problem: AbsenceProblem| {
        wrong.push((name.to_owned(), problem.message(language)));
    };
    let mut date = |name| text(name).parse::<NaiveDate>().map_err(|_| note(name, AbsenceProblem::Date)).ok();
    let (from, to) = (date(FROM), date(TO));
    let kind = AbsenceKind::from_code(text(KIND));
    if kind.is_none() {
        note(KIND, AbsenceProblem::Kind);
    }
    let period = from.zip(to).map(|(from, to)| AbsencePeriod::new(from, to));
    let period = period.and_then(|period| period.map_err(|problem| note(TO, problem)).ok());
    let (Some(period), Some(kind)) = (period, kind) else { return Err(wrong) };
    Absence::new(period, kind, text(NOTE))
        .map_err(|problem| vec![(NOTE.to_owned(), problem.message(language))])
}

/// A refusal of the desk at its field.
pub(super) fn refused(problem: AbsenceProblem, language: Language) -> AppError {
    let field = if problem == AbsenceProblem::Past { TO } else { FROM };
    AppError::wrong(field, problem.message(language))
}

/// Absences that are not over, with the visits within each, and the form for another.
#[component]
pub(super) fn AbsencesSection(
    /// The address of the page.
    page: String,
    absences: Vec<AbsenceView>,
    /// Coming visits of the person.
    visits: Vec<(CaseNumber, Instant)>,
    zone: Zone,
    now: Instant,
    reply: PostReply,
) -> impl IntoView {
    let language = use_language();
    let lines: Vec<_> =
        absences.into_iter().map(|absence| line(language, &page, absence, &visits, zone)).collect();
    let list = if lines.is_empty() {
        view! { <p class="note">{t!(language, "workforce.absences.none")}</p> }.into_any()
    } else {
        view! { <ul class="lines">{lines}</ul> }.into_any()
    };
    view! {
        {reply.failure.clone().map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        <section class="card stack" aria-labelledby="h-absences">
            <h2 id="h-absences">{t!(language, "workforce.absences.title")}</h2>
            {list}
        </section>
        <Enter page today=today(zone, now) reply/>
    }
    .into_any()
}

/// The local day of a zone.
fn today(zone: Zone, now: Instant) -> String {
    let local = now.plus(zone.offset_s(now).into()).to_chrono();
    local.map(|local| local.date_naive().to_string()).unwrap_or_default()
}

fn line(
    language: Language,
    page: &str,
    shown: AbsenceView,
    visits: &[(CaseNumber, Instant)],
    zone: Zone,
) -> AnyView {
    let AbsenceView { id, absence, by, is_removable } = shown;
    let period = absence.period;
    let days = t!(
        language,
        "workforce.absences.days",
        from = day(language, period.from()),
        to = day(language, period.to())
    );
    let kind = t!(language, absence.kind.name_key());
    let by = by.unwrap_or_else(|| t!(language, "settings.operator").into_owned());
    let span = period.span(zone);
    let within: Vec<_> =
        visits.iter().filter(|(_, from)| span.contains(*from)).map(|(number, _)| *number).collect();
    let within = (!within.is_empty()).then(|| {
        let links = within.into_iter().map(|number| {
            view! { " " <a class="number" href=case_address(number)>{number.grouped()}</a> }
        });
        view! {
            <p class="note"><Icon name="alert"/> " " {t!(language, "workforce.absences.visits")} {links.collect_view()}</p>
        }
    });
    let note = (!absence.note().is_empty()).then(|| view! { <p>{absence.note().to_owned()}</p> });
    let remove = is_removable.then(|| {
        view! {
            <form method="post" action=page.to_owned()>
                <input type="hidden" name="absence" value=id.0.to_string()/>
                <button class="button" type="submit" name=ACT value=Act::Remove.code()
                    aria-label=t!(language, "workforce.absences.remove_of", days = days.clone())>
                    {t!(language, "workforce.absences.remove")}
                </button>
            </form>
        }
    });
    view! {
        <li class="line line--wide">
            <div class="stack stack--tight">
                <p><b>{days}</b> " · " {kind}</p>
                {note}
                <p class="note">{t!(language, "workforce.absences.by", name = by)}</p>
                {within}
            </div>
            {remove}
        </li>
    }
    .into_any()
}

/// The form for another absence.
#[component]
fn Enter(page: String, today: String, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let is_back = reply.typed.get(ACT).is_some_and(|act| act == Act::Enter.code());
    let reply = if is_back { reply } else { PostReply::default() };
    let date = |name: &'static str, label: &'static str| {
        let problem = reply.problem(name);
        let is_wrong = problem.is_some();
        let error = format!("{name}-error");
        view! {
            <div class="field" data-look=is_wrong.then_some("error")>
                <label class="field__label" for=name>{t!(language, label)}</label>
                <div class="field__box field__box--short">
                    <input class="field__input" id=name name=name type="date" min=today.clone() value=reply.text(name)
                        aria-invalid=is_wrong.then_some("true") aria-describedby=is_wrong.then(|| error.clone())/>
                </div>
                {problem.map(|words| view! { <p class="field__error" role="alert" id=error>{words}</p> })}
            </div>
        }
    };
    let chosen = reply.text(KIND);
    let kinds = AbsenceKind::ALL.map(|kind| {
        view! {
            <label class="choice">
                <input type="radio" name=KIND value=kind.code() checked=kind.code() == chosen/>
                <span class="choice__card">{t!(language, kind.name_key())}</span>
            </label>
        }
    });
    let no_kind = reply.problem(KIND);
    let long = reply.problem(NOTE);
    let is_long = long.is_some();
    view! {
        <form class="card stack" method="post" action=page aria-labelledby="h-enter" novalidate>
            <h2 id="h-enter">{t!(language, "workforce.absences.enter")}</h2>
            <p class="note">{t!(language, "workforce.absences.hint")}</p>
            <div class="pairs">{date(FROM, "workforce.absences.from")} {date(TO, "workforce.absences.to")}</div>
            <fieldset>
                <legend>{t!(language, "workforce.absences.kind")}</legend>
                <div class="choices choices--chips">{kinds.collect_view()}</div>
                {no_kind.map(|words| view! { <p class="field__error" role="alert">{words}</p> })}
            </fieldset>
            <div class="field" data-look=is_long.then_some("error")>
                <label class="field__label" for=NOTE>{t!(language, "workforce.absences.note")}</label>
                <div class="field__box">
                    <input class="field__input" id=NOTE name=NOTE type="text" autocomplete="off"
                        maxlength=NOTE_CHARS_MAX.to_string() value=reply.text(NOTE)
                        aria-invalid=is_long.then_some("true") aria-describedby="note-hint"/>
                </div>
                <p class="field__hint" id="note-hint">{t!(language, "workforce.absences.note_hint")}</p>
                {long.map(|words| view! { <p class="field__error" role="alert">{words}</p> })}
            </div>
            <div class="row">
                <button class="button button--main" type="submit" name=ACT value=Act::Enter.code()>
                    {t!(language, "workforce.absences.enter")}
                </button>
            </div>
        </form>
    }
    .into_any()
}
