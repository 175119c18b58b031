//! The people of a company, for its own administrators: who acts for it, an invitation, and the end of one.

use desk::DeskError;
use desk::customers::colleagues::{
    ColleagueError, Colleagues, Invited, Member, colleagues, invite_colleague, remove_colleague,
};
use desk::customers::companies::{OwnCompany, own_companies};
use domain::actor::Actor;
use domain::company::Standing;
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{AccountFrame, COLLEAGUES, NotRead, SIGN_IN, signed_in};
use crate::AppError;
use crate::language::use_language;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::{FieldKind, Icon, Notice, TextField, Tone};

/// The names of the fields.
const COMPANY: &str = "company";
const MAIL: &str = "mail";
/// What a form does, and its values.
const ACT: &str = "act";
const INVITE: &str = "invite";
const REMOVE: &str = "remove";

/// Takes the form of the page.
pub async fn post_colleague(asked: &RequestContext, typed: Typed) -> Posted {
    if !matches!(asked.actor, Actor::Contact(_)) {
        return Posted::Done(SIGN_IN.to_owned());
    }
    match act(asked, &typed).await {
        Ok(done) => Posted::Done(format!("{COLLEAGUES}?done={done}")),
        Err(error) => Posted::not_taken(typed, &error, asked.language),
    }
}

async fn act(asked: &RequestContext, typed: &Typed) -> Result<&'static str, AppError> {
    asked.unhurried()?;
    let text = |name: &str| typed.get(name).map_or("", |text| text.trim());
    let (desk, actor, language) = (&asked.desk, &asked.actor, asked.language);
    // A number that is none is no company's.
    let company = text(COMPANY).parse().map_err(|_| AppError::NotFound)?;
    let refused = |error| refusal(language, error);
    match text(ACT) {
        INVITE => {
            let mail = MailAddress::parse(text(MAIL))
                .map_err(|problem| AppError::wrong(MAIL, problem.message(language)))?;
            let invited = Invited { company, mail, language };
            invite_colleague(desk, actor, invited, asked.source).await.map_err(refused)?;
            Ok("invited")
        }
        REMOVE => {
            remove_colleague(desk, actor, company, text(MAIL)).await.map_err(refused)?;
            Ok("removed")
        }
        _ => Err(AppError::NotFound),
    }
}

fn refusal(language: Language, error: ColleagueError) -> AppError {
    let key = match error {
        ColleagueError::Oneself => "my.colleague.oneself",
        ColleagueError::Administrator => "my.colleague.administrator",
        ColleagueError::TooMany => "my.colleague.too_many",
        ColleagueError::Desk(error) => return error.into(),
    };
    AppError::Text(t!(language, key).into_owned())
}

/// The page.
#[component]
pub fn ColleaguesPage() -> impl IntoView {
    let done = use_query_map().with_untracked(|query| query.get("done"));
    let done = match done.as_deref() {
        Some("invited") => Some("my.colleague.invited"),
        Some("removed") => Some("my.colleague.removed"),
        _ => None,
    };
    let reply = PostReply::of_page();
    view! {
        {Suspend::new(async move {
            match read().await {
                Ok(shown) => view! { <People shown done reply/> }.into_any(),
                Err(error) => view! { <NotRead error/> }.into_any(),
            }
        })}
    }
    .into_any()
}

struct Shown {
    all: Vec<Colleagues>,
    companies: Vec<OwnCompany>,
    /// The reader's own address, in lower case.
    own: String,
}

async fn read() -> Result<Shown, AppError> {
    let asked = signed_in()?;
    let all = colleagues(&asked.desk, &asked.actor).await?;
    // Who administers no company is not told that there is such a page.
    if all.is_empty() {
        return Err(DeskError::NotFound.into());
    }
    let companies = own_companies(&asked.desk, &asked.actor).await?;
    let own = match &asked.actor {
        Actor::Contact(mail) => mail.as_str().to_lowercase(),
        _ => String::new(),
    };
    Ok(Shown { all, companies, own })
}

#[component]
fn People(shown: Shown, done: Option<&'static str>, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let Shown { all, companies, own } = shown;
    let administered: Vec<OwnCompany> = all.iter().map(|colleagues| colleagues.company.clone()).collect();
    let failure = reply.failure.clone();
    view! {
        <AccountFrame title="my.colleagues" here=COLLEAGUES companies>
            {done.map(|key| view! { <Notice tone=Tone::Good icon="check"><p>{t!(language, key)}</p></Notice> })}
            {failure.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
            <Invitation administered reply/>
            {all.into_iter().map(|colleagues| list(language, colleagues, &own)).collect_view()}
        </AccountFrame>
    }
    .into_any()
}

/// The form by which a colleague is invited.
#[component]
fn Invitation(administered: Vec<OwnCompany>, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let is_invitation = reply.text(ACT) == INVITE;
    let (value, problem, chosen) = if is_invitation {
        (reply.text(MAIL), reply.problem(MAIL), reply.text(COMPANY))
    } else {
        (String::new(), None, String::new())
    };
    let company = match administered.as_slice() {
        [only] => view! { <input type="hidden" name=COMPANY value=only.id/> }.into_any(),
        several => {
            let options = several.iter().map(|company| {
                let is_chosen = chosen == company.id.to_string();
                view! { <option value=company.id selected=is_chosen>{company.name.clone()}</option> }
            });
            view! {
                <div class="field">
                    <label class="field__label" for=COMPANY>{t!(language, "my.colleague.company")}</label>
                    <div class="field__box">
                        <select class="field__input" id=COMPANY name=COMPANY>{options.collect_view()}</select>
                    </div>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <form class="card stack" method="post" action=COLLEAGUES aria-labelledby="h-invite" novalidate>
            <h2 id="h-invite">{t!(language, "my.colleague.invite")}</h2>
            <p class="note">{t!(language, "my.colleague.invite_hint")}</p>
            {company}
            <TextField
                name=MAIL
                kind=FieldKind::Mail
                label=t!(language, "my.entry.mail")
                value=value
                problem=problem
            />
            <input type="hidden" name=ACT value=INVITE/>
            <div class="row">
                <button class="button button--main" type="submit">{t!(language, "my.colleague.send")}</button>
            </div>
        </form>
    }
    .into_any()
}

/// The people of one company.
fn list(language: Language, colleagues: Colleagues, own: &str) -> AnyView {
    let Colleagues { company, members } = colleagues;
    let id = format!("h-people-{}", company.id);
    let rows = members.into_iter().map(|member| row(language, company.id, member, own)).collect_view();
    view! {
        <section class="card stack" aria-labelledby=id.clone()>
            <h2 id=id.clone()>{t!(language, "my.colleague.of", name = company.name)}</h2>
            <ul class="stack">{rows}</ul>
        </section>
    }
    .into_any()
}

fn row(language: Language, company: i64, member: Member, own: &str) -> AnyView {
    let Member { address, standing, came_by, entered_at, .. } = member;
    let state = if address == own {
        t!(language, "my.colleague.you")
    } else if entered_at.is_some() {
        t!(language, came_by.name_key())
    } else {
        t!(language, "my.colleague.never")
    };
    let remove = (standing == Standing::Member && address != own).then(|| {
        view! {
            <form method="post" action=COLLEAGUES>
                <input type="hidden" name=COMPANY value=company/>
                <input type="hidden" name=MAIL value=address.clone()/>
                <button class="button button--quiet" type="submit" name=ACT value=REMOVE>
                    <Icon name="close"/> " " {t!(language, "my.colleague.remove")}
                    <span class="sr">" " {address.clone()}</span>
                </button>
            </form>
        }
    });
    view! {
        <li class="row row--apart">
            <span>
                <b>{address}</b> " "
                <span class="badge badge--line">{t!(language, standing.name_key())}</span>
                <span class="two note">{state}</span>
            </span>
            {remove}
        </li>
    }
    .into_any()
}
