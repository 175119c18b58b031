//! What is known of one person: told, handed out, erased.

use desk::DeskError;
use desk::retention::{self, Extent, Known, KnownCase};
use domain::case::{ErasureReason, Refusal};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::t;
use http::StatusCode;
use leptos::prelude::*;

use super::{ACT, Act, Asked, MAIL, PAGE, PrivacyPosted, SURE};
use crate::AppError;
use crate::address::case_address;
use crate::language::use_language;
use crate::pages::staff::admin::server::moment;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::{FieldKind, Icon, TextField};

/// What the names of the fields that choose cases begin with; the number follows.
const CHOSEN: &str = "case.";
/// The place where it is told that none was chosen.
const CASES: &str = "cases";

/// The address that was typed, or the form again.
fn mail_of(typed: &Typed, language: Language) -> Result<MailAddress, Posted> {
    MailAddress::parse(typed.get(MAIL).map_or("", String::as_str)).map_err(|problem| {
        Posted::not_taken(typed.clone(), &AppError::wrong(MAIL, problem.message(language)), language)
    })
}

/// Shows the cases of a person, by mail address.
pub(super) fn post_find(asked: &RequestContext, typed: Typed) -> Posted {
    match mail_of(&typed, asked.language) {
        Ok(_) => Posted::Again(StatusCode::OK, PostReply { typed, ..PostReply::default() }),
        Err(posted) => posted,
    }
}

/// The name of the field that chooses a case.
fn field_of(number: CaseNumber) -> String {
    format!("{CHOSEN}{}", number.as_compact())
}

/// The cases that were ticked, or the form again when there is none.
fn chosen(typed: &Typed, language: Language) -> Result<Vec<CaseNumber>, Posted> {
    let numbers: Vec<CaseNumber> = typed
        .keys()
        .filter_map(|name| name.strip_prefix(CHOSEN))
        .filter_map(|number| CaseNumber::parse(number).ok())
        .collect();
    if numbers.is_empty() {
        let words = t!(language, "privacy.problem.chosen").into_owned();
        return Err(Posted::not_taken(typed.clone(), &AppError::wrong(CASES, words), language));
    }
    Ok(numbers)
}

/// The cases that a form about a person names.
fn named(typed: &Typed, language: Language) -> Result<(MailAddress, Vec<CaseNumber>), Posted> {
    Ok((mail_of(typed, language)?, chosen(typed, language)?))
}

/// Exports a person's data of the ticked cases.
pub(super) async fn post_export(asked: &RequestContext, typed: Typed) -> PrivacyPosted {
    let (mail, chosen) = match named(&typed, asked.language) {
        Ok(named) => named,
        Err(posted) => return PrivacyPosted::Form(posted),
    };
    match retention::export(&asked.desk, &asked.actor, &mail, &chosen).await {
        Ok(bytes) => PrivacyPosted::File("vigia-personal-data.json".to_owned(), bytes),
        Err(error) => PrivacyPosted::Form(Posted::Failed(error.into())),
    }
}

/// Erases a person's data of the ticked cases that have ended.
pub(super) async fn post_erase(asked: &RequestContext, typed: Typed) -> Posted {
    let language = asked.language;
    let (mail, chosen) = match named(&typed, language) {
        Ok(named) => named,
        Err(posted) => return posted,
    };
    if !typed.contains_key(SURE) {
        let words = t!(language, "privacy.problem.sure").into_owned();
        return Posted::not_taken(typed, &AppError::wrong(SURE, words), language);
    }
    let known = match retention::known_of(&asked.desk, &asked.actor, &mail).await {
        Ok(known) => known,
        Err(error) => return Posted::Failed(error.into()),
    };
    for case in known.cases.iter().filter(|case| case.ended && chosen.contains(&case.number)) {
        let erased =
            retention::erase_case(&asked.desk, &asked.actor, case.number, ErasureReason::Request).await;
        match erased {
            // Another administrator was faster, or the case was reopened: the next look shows what is left.
            Ok(()) | Err(DeskError::Refused(Refusal::Erased | Refusal::NotEnded)) => {}
            Err(error) => return Posted::not_taken(typed, &error.into(), language),
        }
    }
    Posted::Done(format!("{PAGE}?done=erased"))
}

/// The search for a person, and what is known of them.
#[component]
pub(super) fn PersonSection(person: Option<Asked>, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let (typed, problem, known) = match person {
        None => (reply.text(MAIL), reply.problem(MAIL), None),
        Some(Asked { typed, known: Ok(known) }) => (typed, None, Some(known)),
        Some(Asked { typed, known: Err(words) }) => (typed, Some(words), None),
    };
    let found = known.map(|known| found(language, &typed, known, &reply));
    view! {
        <section class="card stack" aria-labelledby="h-person">
            <h2 id="h-person">{t!(language, "privacy.person")}</h2>
            <p class="quiet">{t!(language, "privacy.person_hint")}</p>
            <form class="stack" method="post" action=PAGE novalidate>
                <TextField name=MAIL kind=FieldKind::Mail label=t!(language, "privacy.mail") value=typed problem=problem/>
                <div class="row">
                    <button class="button" type="submit" name=ACT value=Act::Find.code()>
                        <Icon name="search"/> {t!(language, "privacy.find")}
                    </button>
                </div>
            </form>
            {found}
        </section>
    }
    .into_any()
}

fn found(language: Language, mail: &str, known: Known, reply: &PostReply) -> AnyView {
    let Known { cases, extent } = known;
    if cases.is_empty() {
        return view! { <p role="status"><b>{t!(language, "privacy.nothing", mail = mail)}</b></p> }
            .into_any();
    }
    let count = match cases.len() {
        1 => t!(language, "privacy.found.one", mail = mail),
        many => t!(language, "privacy.found.many", count = many, mail = mail),
    };
    let can_erase = cases.iter().any(|case| case.ended);
    let stays = cases.iter().any(|case| !case.ended);
    let rows = cases.into_iter().map(|case| row(language, mail, case, reply)).collect_view();
    let problem = reply.problem(CASES);
    view! {
        <p role="status"><b>{count}</b></p>
        {(extent == Extent::Part).then(|| view! { <p class="note">{t!(language, "privacy.part")}</p> })}
        <form class="stack" method="post" action=PAGE novalidate>
            <input type="hidden" name=MAIL value=mail.to_owned()/>
            <p class="quiet">{t!(language, "privacy.choose_hint")}</p>
            <div class="tablewrap" tabindex="0" role="region" aria-label=t!(language, "privacy.cases")>
                <table class="table">
                    <caption class="sr">{t!(language, "privacy.cases")}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{t!(language, "privacy.case")}</th>
                            <th scope="col">{t!(language, "privacy.contact")}</th>
                            <th scope="col">{t!(language, "privacy.mail")}</th>
                            <th scope="col">{t!(language, "privacy.opened")}</th>
                            <th scope="col">{t!(language, "privacy.status")}</th>
                            <th scope="col">{t!(language, "privacy.can_erase")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {problem.map(|words| view! { <p class="field__error" role="alert" id="cases-error">{words}</p> })}
            {stays.then(|| view! { <p class="note">{t!(language, "privacy.open_stay")}</p> })}
            <div class="row">
                <button class="button" type="submit" name=ACT value=Act::Export.code()>{t!(language, "privacy.export")}</button>
                <p class="note">{t!(language, "privacy.export_hint")}</p>
            </div>
            {can_erase.then(|| erase_part(language, reply))}
        </form>
    }
    .into_any()
}

/// A case with its choice. A case with the address as it was typed is chosen at first, another spelling is not: it may be
/// somebody else's.
fn row(language: Language, mail: &str, case: KnownCase, reply: &PostReply) -> impl IntoView {
    let KnownCase { number, contact, mail: address, opened_at, status, ended } = case;
    let field = field_of(number);
    let is_first_look = reply.typed.get(ACT).is_some_and(|act| act == Act::Find.code());
    let is_chosen = if is_first_look {
        address.as_str().eq_ignore_ascii_case(mail.trim())
    } else {
        reply.typed.contains_key(&field)
    };
    let state = t!(language, status.name_key());
    let about = format!("{state}: {}", number.grouped());
    let word = if ended { "privacy.yes" } else { "privacy.no" };
    view! {
        <tr>
            <th scope="row" class="nowrap">
                <label class="check">
                    <input type="checkbox" name=field value="yes" checked=is_chosen/>
                    <span class="number">{number.grouped()}</span>
                </label>
            </th>
            <td>{contact.to_string()}</td>
            <td class="nowrap">{address.to_string()}</td>
            <td class="nowrap">{moment(language, opened_at)}</td>
            <td><a href=case_address(number) rel="external" aria-label=about>{state}</a></td>
            <td>{t!(language, word)}</td>
        </tr>
    }
}

fn erase_part(language: Language, reply: &PostReply) -> AnyView {
    let problem = reply.problem(SURE);
    let is_wrong = problem.is_some();
    view! {
        <fieldset class="stack">
            <legend><b>{t!(language, "privacy.erase_title")}</b></legend>
            <p class="quiet">{t!(language, "privacy.erase_hint")}</p>
            <div class="field" data-look=is_wrong.then_some("error")>
                <label class="choice">
                    <input type="checkbox" id=SURE name=SURE value="yes" aria-invalid=is_wrong.then_some("true")
                        aria-describedby=is_wrong.then_some("sure-error")/>
                    <span class="choice__card">{t!(language, "privacy.sure")}</span>
                </label>
                {problem.map(|words| view! { <p class="field__error" role="alert" id="sure-error">{words}</p> })}
            </div>
            <div class="row">
                <button class="button" type="submit" name=ACT value=Act::Erase.code()>
                    {t!(language, "privacy.erase")}
                </button>
            </div>
        </fieldset>
    }
    .into_any()
}
