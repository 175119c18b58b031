//! What is known of one person: told, handed out, erased.

use desk::DeskError;
use desk::retention::{self, Known, KnownCase};
use domain::case::{ErasureReason, Refusal};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::t;
use leptos::prelude::*;

use super::{ACT, Act, Asked, MAIL, PAGE, PrivacyPosted, SURE, address_of};
use crate::AppError;
use crate::address::case_address;
use crate::language::use_language;
use crate::pages::staff::admin::server::moment;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::{FieldKind, Icon, TextField};

/// The address that was typed, or the form again.
fn mail_of(typed: &Typed, language: Language) -> Result<MailAddress, Posted> {
    MailAddress::parse(typed.get(MAIL).map_or("", String::as_str)).map_err(|problem| {
        Posted::not_taken(typed.clone(), &AppError::wrong(MAIL, problem.message(language)), language)
    })
}

/// Hands out what is known of somebody.
pub(super) async fn post_export(asked: &RequestContext, typed: Typed) -> PrivacyPosted {
    let mail = match mail_of(&typed, asked.language) {
        Ok(mail) => mail,
        Err(posted) => return PrivacyPosted::Form(posted),
    };
    match retention::export(&asked.desk, &asked.actor, &mail).await {
        Ok(bytes) => PrivacyPosted::File("vigia-personal-data.json".to_owned(), bytes),
        Err(error) => PrivacyPosted::Form(Posted::Failed(error.into())),
    }
}

/// Erases what is known of somebody, in cases that have ended.
pub(super) async fn post_erase(asked: &RequestContext, typed: Typed) -> Posted {
    let language = asked.language;
    let mail = match mail_of(&typed, language) {
        Ok(mail) => mail,
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
    for case in known.cases.iter().filter(|case| case.ended) {
        let erased =
            retention::erase_case(&asked.desk, &asked.actor, case.number, ErasureReason::Request).await;
        match erased {
            // Somebody else was faster, or the case was opened again: the page shows what is left.
            Ok(()) | Err(DeskError::Refused(Refusal::Erased | Refusal::NotEnded)) => {}
            Err(error) => return Posted::not_taken(typed, &error.into(), language),
        }
    }
    Posted::Done(format!("{}&done=erased", address_of(mail.as_str())))
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
    let found = known.map(|known| found(language, &typed, known, reply.problem(SURE)));
    view! {
        <section class="card stack" aria-labelledby="h-person">
            <h2 id="h-person">{t!(language, "privacy.person")}</h2>
            <p class="quiet">{t!(language, "privacy.person_hint")}</p>
            <form class="stack" method="get" action=PAGE novalidate>
                <TextField name=MAIL kind=FieldKind::Mail label=t!(language, "privacy.mail") value=typed problem=problem/>
                <div class="row"><button class="button" type="submit"><Icon name="search"/> {t!(language, "privacy.find")}</button></div>
            </form>
            {found}
        </section>
    }
    .into_any()
}

fn found(language: Language, mail: &str, known: Known, problem: Option<String>) -> AnyView {
    if known.cases.is_empty() {
        return view! { <p role="status"><b>{t!(language, "privacy.nothing", mail = mail)}</b></p> }
            .into_any();
    }
    let (ended, open) = (
        known.cases.iter().filter(|case| case.ended).count(),
        known.cases.iter().filter(|case| !case.ended).count(),
    );
    let rows = known.cases.into_iter().map(|case| row(language, case)).collect_view();
    let erase = (ended > 0).then(|| erase_form(language, mail, ended, problem));
    view! {
        <p role="status"><b>{t!(language, "privacy.found", count = ended + open, mail = mail)}</b></p>
        <div class="tablewrap" tabindex="0" role="region" aria-label=t!(language, "privacy.cases")>
            <table class="table">
                <caption class="sr">{t!(language, "privacy.cases")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!(language, "privacy.case")}</th>
                        <th scope="col">{t!(language, "privacy.opened")}</th>
                        <th scope="col">{t!(language, "privacy.status")}</th>
                        <th scope="col">{t!(language, "privacy.can_erase")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {(open > 0).then(|| view! { <p class="note">{t!(language, "privacy.open_stay", count = open)}</p> })}
        <form class="row" method="post" action=PAGE>
            <input type="hidden" name=MAIL value=mail.to_owned()/>
            <button class="button" type="submit" name=ACT value=Act::Export.code()>{t!(language, "privacy.export")}</button>
            <p class="note">{t!(language, "privacy.export_hint")}</p>
        </form>
        {erase}
    }
    .into_any()
}

fn row(language: Language, case: KnownCase) -> impl IntoView {
    let KnownCase { number, opened_at, status, ended } = case;
    let word = if ended { "privacy.yes" } else { "privacy.no" };
    view! {
        <tr>
            <th scope="row"><a class="number" href=case_address(number) rel="external">{number.grouped()}</a></th>
            <td class="nowrap">{moment(language, opened_at)}</td>
            <td>{t!(language, status.name_key())}</td>
            <td>{t!(language, word)}</td>
        </tr>
    }
}

fn erase_form(language: Language, mail: &str, ended: usize, problem: Option<String>) -> AnyView {
    let is_wrong = problem.is_some();
    view! {
        <form class="stack" method="post" action=PAGE aria-labelledby="h-erase" novalidate>
            <h3 id="h-erase">{t!(language, "privacy.erase_title")}</h3>
            <p class="quiet">{t!(language, "privacy.erase_hint")}</p>
            <input type="hidden" name=MAIL value=mail.to_owned()/>
            <div class="field" data-look=is_wrong.then_some("error")>
                <label class="choice">
                    <input type="checkbox" id=SURE name=SURE value="yes" aria-invalid=is_wrong.then_some("true")
                        aria-describedby=is_wrong.then_some("sure-error")/>
                    <span class="choice__card">{t!(language, "privacy.sure", count = ended)}</span>
                </label>
                {problem.map(|words| view! { <p class="field__error" role="alert" id="sure-error">{words}</p> })}
            </div>
            <div class="row">
                <button class="button" type="submit" name=ACT value=Act::Erase.code()>
                    {t!(language, "privacy.erase")}
                </button>
            </div>
        </form>
    }
    .into_any()
}
