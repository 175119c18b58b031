//! The triage list of mails that came in: `/desk/triage`, and one mail: `/desk/triage/ID`. The server alone draws them.

use desk::inbound::delivery::State;
use desk::inbound::triage::{self, InboundId, TriageLine, TriageMail};
use domain::case::Refusal;
use domain::case_number::CaseNumber;
use domain::i18n::Language;
use domain::page::Page;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::admin::moment;
use super::frame::{Failed, Here, StaffFrame};
use super::session::staff_context;
use crate::AppError;
use crate::address::case_address;
use crate::language::use_language;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::{Icon, Notice, Pager, Tone};

const PAGE: &str = "/desk/triage";
const ACT: &str = "act";
const NUMBER: &str = "number";

/// Takes the form of one mail: it is added to a case, or discarded.
pub async fn post_triage(asked: &RequestContext, id: &str, typed: Typed) -> Posted {
    let Ok(id) = id.parse().map(InboundId) else { return Posted::Failed(AppError::NotFound) };
    let done = match typed.get(ACT).map(String::as_str) {
        Some("join") => match CaseNumber::parse(typed.get(NUMBER).map_or("", |number| number.trim())) {
            Ok(number) => {
                triage::join(&asked.desk, &asked.actor, id, number).await.map(|()| case_address(number))
            }
            Err(problem) => {
                let wrong = AppError::wrong(NUMBER, problem.message(asked.language));
                return Posted::not_taken(typed, &wrong, asked.language);
            }
        },
        Some("discard") => {
            triage::discard(&asked.desk, &asked.actor, id).await.map(|()| format!("{PAGE}?done=discarded"))
        }
        _ => return Posted::Failed(AppError::Malformed),
    };
    match done {
        Ok(page) => Posted::Done(page),
        Err(error) => failed(asked.language, typed, error),
    }
}

fn failed(language: Language, typed: Typed, error: desk::DeskError) -> Posted {
    match error {
        // The mail is there, since it was drawn: the number names no case.
        desk::DeskError::NotFound if typed.contains_key(NUMBER) => {
            let wrong = AppError::wrong(NUMBER, t!(language, "triage.no_such_case").into_owned());
            Posted::not_taken(typed, &wrong, language)
        }
        desk::DeskError::Refused(Refusal::DoneAlready) => {
            let told = AppError::from(desk::DeskError::Refused(Refusal::DoneAlready));
            Posted::not_taken(typed, &told, language)
        }
        error => match AppError::from(error) {
            error @ (AppError::NotFound | AppError::NotPermitted) => Posted::Failed(error),
            error => Posted::not_taken(typed, &error, language),
        },
    }
}

/// The page of the list.
#[component]
pub fn TriagePage() -> impl IntoView {
    let language = use_language();
    let (page, done) = use_query_map().with_untracked(|query| {
        (query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1), query.get("done"))
    });
    view! {
        <StaffFrame title=t!(language, "triage.title").into_owned() class="stack" here=Here::Triage>
            <h1>{t!(language, "triage.title")}</h1>
            <p class="note">{t!(language, "triage.lead")}</p>
            {(done.as_deref() == Some("discarded")).then(|| view! {
                <Notice tone=Tone::Good icon="check"><p>{t!(language, "triage.discarded")}</p></Notice>
            })}
            {Suspend::new(async move {
                match read_list(page).await {
                    Ok(listed) => view! { <List listed/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </StaffFrame>
    }
    .into_any()
}

async fn read_list(page: u32) -> Result<Page<TriageLine>, AppError> {
    let asked = staff_context()?;
    Ok(triage::list(&asked.desk, &asked.actor, page).await?)
}

#[component]
fn List(listed: Page<TriageLine>) -> impl IntoView {
    let language = use_language();
    let Page { rows, paging } = listed;
    if rows.is_empty() {
        return view! { <div class="empty card"><Icon name="mail"/><h2>{t!(language, "triage.none")}</h2></div> }.into_any();
    }
    let rows = rows.into_iter().map(|line| row(language, &line)).collect_view();
    let to = move |page: u32| if page > 1 { format!("{PAGE}?page={page}") } else { PAGE.to_owned() };
    view! {
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "triage.title")>
            <table class="table">
                <caption class="sr">{t!(language, "triage.title")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!(language, "triage.subject")}</th>
                        <th scope="col">{t!(language, "triage.sender")}</th>
                        <th scope="col">{t!(language, "triage.reason")}</th>
                        <th scope="col">{t!(language, "triage.received")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager paging to/>
    }
    .into_any()
}

fn row(language: Language, line: &TriageLine) -> impl IntoView + use<> {
    let reason = line.reason.map(|reason| t!(language, reason.name_key()).into_owned());
    view! {
        <tr>
            <th scope="row">
                <a href=format!("{PAGE}/{}", line.id.0)>{subject(language, line)}</a>
                <span class="two">
                    {line.case.map(|case| view! { <a class="number" href=case_address(case)>{case.grouped()}</a> })}
                </span>
            </th>
            <td data-label=t!(language, "triage.sender")>
                {author(line)} <span class="two">{t!(language, line.channel.name_key())}</span>
            </td>
            <td data-label=t!(language, "triage.reason")>{reason}</td>
            <td class="nowrap" data-label=t!(language, "triage.received")>{moment(language, line.received)}</td>
        </tr>
    }
}

fn subject(language: Language, line: &TriageLine) -> String {
    if line.subject.is_empty() {
        t!(language, "triage.no_subject").into_owned()
    } else {
        line.subject.clone()
    }
}

/// Name and address of the author, as the mail says.
fn author(line: &TriageLine) -> String {
    if line.sender_name.is_empty() {
        line.sender.clone()
    } else {
        format!("{} <{}>", line.sender_name, line.sender)
    }
}

/// The page of one mail.
#[component]
pub fn TriageMailPage() -> impl IntoView {
    let language = use_language();
    let id = use_params_map().with_untracked(|params| params.get("id").unwrap_or_default());
    view! {
        <StaffFrame title=t!(language, "triage.mail").into_owned() class="stack" here=Here::Triage>
            <p><a href=PAGE>{t!(language, "triage.back")}</a></p>
            {Suspend::new(async move {
                match read_mail(&id).await {
                    Ok((mail, reply)) => view! { <Mail mail reply/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </StaffFrame>
    }
    .into_any()
}

async fn read_mail(id: &str) -> Result<(TriageMail, PostReply), AppError> {
    let reply = PostReply::of_page();
    let asked = staff_context()?;
    let id = id.parse().map(InboundId).map_err(|_| AppError::NotFound)?;
    Ok((triage::read(&asked.desk, &asked.actor, id).await?, reply))
}

#[component]
fn Mail(mail: TriageMail, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let TriageMail { line, own, whole, files, recognised } = mail;
    let is_waiting = line.state == State::Waiting;
    let fact = |key: &'static str, value: String| {
        (!value.is_empty()).then(|| view! { <div><dt>{t!(language, key)}</dt><dd>{value}</dd></div> })
    };
    let state = match line.reason.filter(|_| is_waiting) {
        Some(reason) => t!(language, reason.name_key()).into_owned(),
        None => t!(language, line.state.name_key()).into_owned(),
    };
    let has_more = own.trim() != whole.trim();
    view! {
        <h1>{subject(language, &line)}</h1>
        {reply.failure.clone().map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        <dl class="facts card">
            {fact("triage.sender", author(&line))}
            {fact("triage.channel", t!(language, line.channel.name_key()).into_owned())}
            {fact("triage.received", moment(language, line.received))}
            {fact("triage.reason", state)}
            {fact("triage.case", line.case.map(|case| case.grouped()).unwrap_or_default())}
            {fact("triage.serial", recognised.serial.unwrap_or_default())}
            {fact("triage.contract", recognised.contract.unwrap_or_default())}
            {fact("triage.files", files.join(", "))}
        </dl>
        <section class="card stack" aria-labelledby="h-own">
            <h2 id="h-own">{t!(language, "triage.own")}</h2>
            <p class="mailtext" dir="auto">{own}</p>
            {has_more.then(|| view! {
                <details>
                    <summary>{t!(language, "triage.whole")}</summary>
                    <p class="mailtext" dir="auto">{whole}</p>
                </details>
            })}
        </section>
        {is_waiting.then(|| view! { <Acts line reply/> })}
    }
    .into_any()
}

/// What can be done with a mail that waits.
#[component]
fn Acts(line: TriageLine, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let action = format!("{PAGE}/{}", line.id.0);
    let problem = reply.problem(NUMBER);
    let is_wrong = problem.is_some();
    let typed = reply.typed.get(NUMBER).cloned();
    let value = typed.unwrap_or_else(|| line.case.map(|case| case.grouped()).unwrap_or_default());
    view! {
        <form class="card stack" method="post" action=action.clone() aria-labelledby="h-join" novalidate>
            <h2 id="h-join">{t!(language, "triage.join")}</h2>
            <p class="quiet">{t!(language, "triage.join_hint")}</p>
            <div class="field field__box--short" data-look=is_wrong.then_some("error")>
                <label class="field__label" for=NUMBER>{t!(language, "triage.number")}</label>
                <div class="field__box">
                    <input class="field__input" id=NUMBER name=NUMBER type="text" autocomplete="off" maxlength="30" value=value
                        aria-invalid=is_wrong.then_some("true") aria-describedby=is_wrong.then_some("number-error")/>
                </div>
                {problem.map(|words| view! { <p class="field__error" role="alert" id="number-error">{words}</p> })}
            </div>
            <div class="row">
                <button class="button button--main" type="submit" name=ACT value="join">{t!(language, "triage.join_act")}</button>
            </div>
        </form>
        <div class="card row row--apart">
            <a class="button" href=format!("/desk/intake?like=mail-{}", line.id.0)>{t!(language, "triage.open")}</a>
            <form method="post" action=action>
                <button class="button button--quiet" type="submit" name=ACT value="discard">{t!(language, "triage.discard")}</button>
            </form>
        </div>
    }
    .into_any()
}
