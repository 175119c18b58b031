//! The provider's own words of mails: their list, the form of one, and the trial with a real case.

use desk::outbox::{MailPreview, MailTextTrial, TestMail, TestOutcome, preview_mail_text, send_mail_text};
use desk::settings::{Fields, MailTextSummary, Overview, Subject, mail_text_of};
use desk::{Desk, DeskError};
use domain::actor::{Action, Subject as Of, may};
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::t;
use domain::wording::{MailPart, MailTextKind};
use http::StatusCode;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::fields::{Width, carried, text};
use super::lists::{planned, read};
use super::replies::{area, variables};
use super::{ACTION, Access, Address, Form, SettingsPosted, Typed, answer, form, report};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::admin::server::TestOutcomeNotice;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::request::RequestContext;
use crate::ui::{Notice, Tone};

/// The field with the number of the case that a trial is about.
const CASE: &str = "case";
/// The field with the language of a trial.
const LANGUAGE: &str = "language";
/// Shows the mail.
const SHOW: &str = "show";
/// Sends the mail to whoever asks.
const SEND: &str = "send";

/// What came of a trial of words.
#[derive(Debug, Clone)]
pub(super) struct Trial {
    /// The number as typed.
    case: String,
    language: Language,
    outcome: Outcome,
}

#[derive(Debug, Clone)]
enum Outcome {
    Shown(MailPreview),
    Sent(TestMail),
    /// What is wrong with the number.
    Wrong(String),
}

/// What a post asks to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    Show,
    Send,
}

/// Takes the form of the words of a mail: shows what it would change, writes it once that was shown, or tries it.
pub async fn post_mail_text(
    asked: &RequestContext,
    kind: &str,
    pairs: Vec<(String, String)>,
) -> SettingsPosted {
    if let Err(refused) = may(&asked.actor, Action::ChangeSettings, Of::Desk) {
        return SettingsPosted::Failed(DeskError::from(refused).into());
    }
    let Some(kind) = MailTextKind::from_code(kind) else {
        return SettingsPosted::Failed(DeskError::NotFound.into());
    };
    let (mut case, mut language, mut ask) = (String::new(), asked.language, None);
    let mut words = vec![("kind".to_owned(), kind.code().to_owned())];
    for (name, value) in pairs {
        match (name.as_str(), value.as_str()) {
            (CASE, _) => value.trim().clone_into(&mut case),
            (LANGUAGE, code) => language = Language::from_code(code).unwrap_or(language),
            (ACTION, SHOW) => ask = Some(Ask::Show),
            (ACTION, SEND) => ask = Some(Ask::Send),
            ("kind" | "id", _) => {}
            _ => words.push((name, value)),
        }
    }
    let posted = answer(asked, Subject::MailTexts, Typed::of(words), None).await;
    match (posted, ask) {
        (SettingsPosted::Again(StatusCode::OK, mut reply), Some(ask)) => {
            let (status, outcome) = match try_out(asked, &reply.fields, (&case, language), ask).await {
                Ok(outcome) => outcome,
                Err(error) => return SettingsPosted::Failed(error),
            };
            reply.trial = Some(Trial { case, language, outcome });
            SettingsPosted::Again(status, reply)
        }
        (posted, _) => posted,
    }
}

/// Shows or sends the mail of a form whose words are right.
async fn try_out(
    asked: &RequestContext,
    fields: &Fields,
    (case, language): (&str, Language),
    ask: Ask,
) -> Result<(StatusCode, Outcome), AppError> {
    let wrong = |key| {
        let words = t!(asked.language, key).into_owned();
        Ok((StatusCode::UNPROCESSABLE_ENTITY, Outcome::Wrong(words)))
    };
    let Ok(number) = CaseNumber::parse(case) else { return wrong("wording.page.case_wrong") };
    // The words were judged before.
    let Ok((kind, text)) = mail_text_of(fields) else { return Err(DeskError::NotFound.into()) };
    let trial = MailTextTrial { kind, text, number, language };
    match outcome(&asked.desk, asked, trial, ask).await {
        Ok(outcome) => {
            let is_refused =
                matches!(&outcome, Outcome::Sent(sent) if matches!(sent.outcome, TestOutcome::Refused(_)));
            Ok((if is_refused { StatusCode::BAD_GATEWAY } else { StatusCode::OK }, outcome))
        }
        Err(DeskError::NotFound) => wrong("wording.page.case_missing"),
        Err(error) => Err(error.into()),
    }
}

async fn outcome(
    desk: &Desk,
    asked: &RequestContext,
    trial: MailTextTrial,
    ask: Ask,
) -> Result<Outcome, DeskError> {
    Ok(match ask {
        Ask::Show => Outcome::Shown(preview_mail_text(desk, &asked.actor, trial).await?),
        Ask::Send => {
            let transport = asked.operations.transport();
            Outcome::Sent(send_mail_text(desk, &asked.actor, transport, trial).await?)
        }
    })
}

/// The list of mails to customers: `/desk/admin/mail-texts`.
#[component]
pub fn MailTextsPage() -> impl IntoView {
    let language = use_language();
    let is_saved = use_query_map().with_untracked(|query| query.get("saved").is_some());
    let saved = is_saved.then(|| {
        view! { <Notice tone=Tone::Good icon="check"><p>{t!(language, "wording.page.mail_saved")}</p></Notice> }
    });
    view! {
        <AdminFrame title="wording.page.mails" section=Section::MailTexts>
            {saved}
            {Suspend::new(async move {
                match read().await {
                    Ok((Overview { mail_texts, .. }, _)) => view! { <MailTexts mail_texts/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn MailTexts(mail_texts: Vec<MailTextSummary>) -> impl IntoView {
    let language = use_language();
    let rows = mail_texts.into_iter().map(|summary| row(language, summary)).collect_view();
    view! {
        <p class="note">{t!(language, "wording.page.mails_hint")}</p>
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "wording.page.mails")>
            <table class="table">
                <caption class="sr">{t!(language, "wording.page.mails")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!(language, "wording.page.mail")}</th>
                        <th scope="col">{t!(language, "wording.page.own_words")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(language: Language, summary: MailTextSummary) -> AnyView {
    let names: Vec<&str> = summary.languages.into_iter().map(Language::own_name).collect();
    let own =
        if names.is_empty() { t!(language, "wording.page.standard").into_owned() } else { names.join(", ") };
    view! {
        <tr>
            <th scope="row">
                <a class="cover" href=format!("/desk/admin/mail-texts/{}", summary.kind.code())>
                    {t!(language, summary.kind.name_key())}
                </a>
                " " {planned(language, summary.planned)}
            </th>
            <td data-label=t!(language, "wording.page.own_words")>{own}</td>
        </tr>
    }
    .into_any()
}

/// The page of the words of a mail: `/desk/admin/mail-texts/{kind}`.
#[component]
pub fn MailTextPage() -> impl IntoView {
    let address = Address::of_page();
    view! {
        <AdminFrame title="wording.page.mail_text" section=Section::MailTexts>
            {Suspend::new(async move {
                let read = match staff_context() {
                    Ok(asked) => form(&asked, Subject::MailTexts, address).await,
                    Err(error) => Err(error),
                };
                match read.map(|form| (MailTextKind::from_code(&form.id), form)) {
                    Ok((Some(kind), form)) => view! { <MailTextForm kind form/> }.into_any(),
                    Ok((None, _)) => view! { <Failed error=AppError::NotFound/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn MailTextForm(kind: MailTextKind, form: Form) -> impl IntoView {
    let language = use_language();
    let address = format!("/desk/admin/mail-texts/{}", kind.code());
    let is_own = Language::ALL.iter().any(|of| {
        let beginning = format!("{}.", of.code());
        form.fields.iter().any(|(key, text)| key.starts_with(&beginning) && !text.is_empty())
    });
    let standard = (is_own && form.access == Access::Change).then(|| {
        // The state before the first version: no own words.
        view! {
            <a class="button button--quiet" href=format!("{address}?at=0")>{t!(language, "wording.page.to_standard")}</a>
        }
    });
    let texts = Language::ALL.map(|of| words(&form, of));
    view! {
        <form class="stack stack--wide settings" method="post" action=address novalidate>
            {report::reply(&form)}
            {carried(&form)}
            <section class="card stack" aria-labelledby="h-mail">
                <div class="row row--apart"><h2 id="h-mail">{t!(language, kind.name_key())}</h2> {standard}</div>
                <p class="note">{t!(language, "wording.page.mail_hint")}</p>
            </section>
            {texts.collect_view()}
            {variables(language, kind.shape(MailPart::Greeting).variables)}
            {trial(&form)}
            {report::send(&form)}
        </form>
    }
    .into_any()
}

/// The parts of the mail in one language.
fn words(form: &Form, of: Language) -> AnyView {
    let key = |part: MailPart| format!("{}.{}", of.code(), part.code());
    let heading = format!("h-{}", of.code());
    let labelled_by = heading.clone();
    view! {
        <section class="card stack" aria-labelledby=labelled_by>
            <h2 id=heading lang=of.code()>{of.own_name()}</h2>
            {text(form, &key(MailPart::Subject), "text", Some("wording.hint.subject"), Width::Full)}
            {area(form, &key(MailPart::Greeting), of)}
            {area(form, &key(MailPart::Closing), of)}
        </section>
    }
    .into_any()
}

/// The trial of the words as they stand in the form, saved or not.
fn trial(form: &Form) -> AnyView {
    let language = use_language();
    if form.access == Access::Read {
        return ().into_any();
    }
    let trial = form.reply.as_ref().and_then(|reply| reply.trial.clone());
    let (case, of) = trial.as_ref().map_or((String::new(), language), |it| (it.case.clone(), it.language));
    let options = Language::ALL.map(|it| {
        view! { <option value=it.code() selected=it == of>{it.own_name()}</option> }
    });
    let (wrong, result) = match trial.map(|trial| trial.outcome) {
        Some(Outcome::Wrong(words)) => (Some(words), ().into_any()),
        Some(Outcome::Shown(mail)) => (None, shown(language, of, mail)),
        Some(Outcome::Sent(test)) => (None, view! { <TestOutcomeNotice test/> }.into_any()),
        None => (None, ().into_any()),
    };
    let is_wrong = wrong.is_some();
    let described = if is_wrong { "case-hint case-error" } else { "case-hint" };
    view! {
        <section class="card stack" id="trial" aria-labelledby="h-trial">
            <h2 id="h-trial">{t!(language, "wording.page.trial")}</h2>
            <div class="pairs">
                <div class="field" data-look=is_wrong.then_some("error")>
                    <label class="field__label" for=CASE>{t!(language, "wording.page.case")}</label>
                    <div class="field__box">
                        <input class="field__input" id=CASE name=CASE type="text" value=case autocomplete="off"
                            aria-invalid=is_wrong.then_some("true") aria-describedby=described/>
                    </div>
                    <p class="field__hint" id="case-hint">{t!(language, "wording.page.case_hint")}</p>
                    {wrong.map(|words| view! { <p class="field__error" id="case-error">{words}</p> })}
                </div>
                <div class="field">
                    <label class="field__label" for=LANGUAGE>{t!(language, "language.label")}</label>
                    <div class="field__box">
                        <select class="field__input" id=LANGUAGE name=LANGUAGE>{options.collect_view()}</select>
                    </div>
                </div>
            </div>
            <div class="row">
                <button class="button" type="submit" name=ACTION value=SHOW>{t!(language, "wording.page.show")}</button>
                <button class="button" type="submit" name=ACTION value=SEND>{t!(language, "wording.page.send")}</button>
            </div>
            {result}
        </section>
    }
    .into_any()
}

/// The mail as its reader sees it.
fn shown(language: Language, of: Language, mail: MailPreview) -> AnyView {
    view! {
        <section class="stack stack--tight" aria-labelledby="h-shown">
            <h3 id="h-shown">{t!(language, "wording.page.shown")}</h3>
            <p lang=of.code()><b>{mail.subject}</b></p>
            <pre class="mailtext" tabindex="0" lang=of.code()>{mail.text}</pre>
        </section>
    }
    .into_any()
}
