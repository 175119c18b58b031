//! Who acts for a company at the portal: its people by standing, and its mail domains. Administrators of the provider alone.

use desk::customers::colleagues::{
    ColleagueError, CompanyPeople, Invited, Member, company_people, confirm_domain, forget_member,
    name_member, withdraw_domain,
};
use desk::register::EntryKey;
use domain::company::{CameBy, MailDomain, Standing};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::register::RegisterKind;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{RegisterFrame, entry_address, kind_of, moment};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::{FieldKind, NotFound, Notice, TextField, Tone};

/// The names of the fields.
const MAIL: &str = "mail";
const STANDING: &str = "standing";
const DOMAIN: &str = "domain";
/// What a form does, and its values.
const ACT: &str = "act";
const NAME: &str = "name";
const REMOVE: &str = "remove";
const FORGET: &str = "forget";
const CONFIRM: &str = "confirm";
const WITHDRAW: &str = "withdraw";

/// The address of the page.
pub(super) fn people_address(company: i64) -> String {
    format!("{}/people", entry_address(&EntryKey::Organisation(company)))
}

/// The organisation of a kind and key in an address.
fn company_of(kind: &str, id: &str) -> Option<i64> {
    match EntryKey::parse(kind_of(kind)?, id)? {
        EntryKey::Organisation(id) => Some(id),
        EntryKey::Contract(_) | EntryKey::Site(_) | EntryKey::Equipment(_) => None,
    }
}

/// Takes a form of the page.
pub async fn post_company(asked: &RequestContext, kind: &str, id: &str, typed: Typed) -> Posted {
    let Some(company) = company_of(kind, id) else { return Posted::Failed(AppError::NotFound) };
    match act(asked, company, &typed).await {
        Ok(()) => Posted::Done(format!("{}?done=saved", people_address(company))),
        Err(error) => Posted::not_taken(typed, &error, asked.language),
    }
}

async fn act(asked: &RequestContext, company: i64, typed: &Typed) -> Result<(), AppError> {
    let text = |name: &str| typed.get(name).map_or("", |text| text.trim());
    let (desk, actor, language) = (&asked.desk, &asked.actor, asked.language);
    let refused = |error| refusal(language, error);
    let invited = || {
        let mail = MailAddress::parse(text(MAIL))
            .map_err(|problem| AppError::wrong(MAIL, problem.message(language)))?;
        Ok::<_, AppError>(Invited { company, mail, language })
    };
    match text(ACT) {
        NAME => {
            let standing = Standing::from_code(text(STANDING)).ok_or(AppError::NotFound)?;
            name_member(desk, actor, invited()?, standing).await.map_err(refused)
        }
        REMOVE => name_member(desk, actor, invited()?, Standing::Removed).await.map_err(refused),
        FORGET => Ok(forget_member(desk, actor, company, text(MAIL)).await?),
        CONFIRM => {
            let domain = MailDomain::parse(text(DOMAIN))
                .map_err(|problem| AppError::wrong(DOMAIN, problem.message(language)))?;
            confirm_domain(desk, actor, company, domain).await.map_err(refused)
        }
        WITHDRAW => Ok(withdraw_domain(desk, actor, company, text(DOMAIN)).await?),
        _ => Err(AppError::NotFound),
    }
}

fn refusal(language: Language, error: ColleagueError) -> AppError {
    let key = match error {
        ColleagueError::TooMany => "my.colleague.too_many",
        ColleagueError::Oneself => "my.colleague.oneself",
        ColleagueError::Administrator => "my.colleague.administrator",
        ColleagueError::Desk(error) => return error.into(),
    };
    AppError::Text(t!(language, key).into_owned())
}

/// The page: `/desk/admin/register/organisations/KEY/people`.
#[component]
pub fn RegisterPeoplePage() -> impl IntoView {
    let params = use_params_map();
    let get = |name: &str| params.with_untracked(|params| params.get(name).unwrap_or_default());
    let Some(company) = company_of(&get("kind"), &get("id")) else { return view! { <NotFound/> }.into_any() };
    let is_done = use_query_map().with_untracked(|query| query.get("done").is_some());
    let title = t!(use_language(), "company.people").into_owned();
    view! {
        <RegisterFrame title=title kind=RegisterKind::Organisation>
            {Suspend::new(async move {
                match read(company).await {
                    Ok(people) => view! {
                        <p><a href=entry_address(&EntryKey::Organisation(company))>{people.name.clone()}</a></p>
                        {is_done.then(|| view! {
                            <Notice tone=Tone::Good icon="check"><p>{t!(use_language(), "register.done.saved")}</p></Notice>
                        })}
                        <People company people/>
                    }
                    .into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </RegisterFrame>
    }
    .into_any()
}

async fn read(company: i64) -> Result<CompanyPeople, AppError> {
    let asked = staff_context()?;
    Ok(company_people(&asked.desk, &asked.actor, company).await?)
}

#[component]
fn People(company: i64, people: CompanyPeople) -> impl IntoView {
    let language = use_language();
    let reply = PostReply::of_page();
    let CompanyPeople { name, members, domains } = people;
    let action = people_address(company);
    let is_none = members.is_empty();
    let rows = members.into_iter().map(|member| member_row(language, &action, member)).collect_view();
    let domain_rows = domains.into_iter().map(|domain| {
        let confirmed = t!(
            language,
            "company.domain.confirmed",
            by = domain.confirmed_by,
            at = moment(language, domain.confirmed_at)
        );
        view! {
            <li class="line line--wide">
                <span><b>{domain.domain.clone()}</b> <span class="two note">{confirmed}</span></span>
                <form method="post" action=action.clone()>
                    <input type="hidden" name=DOMAIN value=domain.domain.clone()/>
                    <button class="button button--quiet" type="submit" name=ACT value=WITHDRAW>
                        {t!(language, "company.domain.withdraw")} <span class="sr">" " {domain.domain.clone()}</span>
                    </button>
                </form>
            </li>
        }
    });
    let domain_rows = domain_rows.collect_view();
    view! {
        <h1 class="title--long">{t!(language, "company.people_of", name = name)}</h1>
        {reply.failure.clone().map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        <section class="card stack" aria-labelledby="h-people">
            <h2 id="h-people">{t!(language, "company.people")}</h2>
            <p class="note">{t!(language, "company.people_hint")}</p>
            {is_none.then(|| view! { <p class="note">{t!(language, "company.people_none")}</p> })}
            <ul class="lines">{rows}</ul>
        </section>
        <NameForm action=action.clone() reply=reply.clone()/>
        <section class="card stack" aria-labelledby="h-domains">
            <h2 id="h-domains">{t!(language, "company.domains")}</h2>
            <p class="note">{t!(language, "company.domains_hint")}</p>
            <ul class="lines">{domain_rows}</ul>
            <form class="stack" method="post" action=action.clone() novalidate>
                <TextField
                    name=DOMAIN
                    kind=FieldKind::Text
                    label=t!(language, "company.domain")
                    value=reply.text(DOMAIN)
                    problem=reply.problem(DOMAIN)
                    hint=t!(language, "company.domain.hint").into_owned()
                />
                <div class="row">
                    <button class="button" type="submit" name=ACT value=CONFIRM>{t!(language, "company.domain.confirm")}</button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

/// The form by which an address is named.
#[component]
fn NameForm(action: String, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let chosen = reply.text(STANDING);
    let options = [Standing::Administrator, Standing::Member].map(|standing| {
        let is_chosen = chosen == standing.code();
        view! { <option value=standing.code() selected=is_chosen>{t!(language, standing.name_key())}</option> }
    });
    view! {
        <form class="card stack" method="post" action=action aria-labelledby="h-name" novalidate>
            <h2 id="h-name">{t!(language, "company.name")}</h2>
            <p class="note">{t!(language, "company.name_hint")}</p>
            <div class="pairs">
                <TextField
                    name=MAIL
                    kind=FieldKind::Mail
                    label=t!(language, "my.entry.mail")
                    value=reply.text(MAIL)
                    problem=reply.problem(MAIL)
                />
                <div class="field">
                    <label class="field__label" for=STANDING>{t!(language, "company.standing")}</label>
                    <div class="field__box">
                        <select class="field__input" id=STANDING name=STANDING>{options.collect_view()}</select>
                    </div>
                </div>
            </div>
            <div class="row">
                <button class="button button--main" type="submit" name=ACT value=NAME>{t!(language, "company.name_send")}</button>
            </div>
        </form>
    }
    .into_any()
}

fn member_row(language: Language, action: &str, member: Member) -> AnyView {
    let Member { address, standing, came_by, added_by, entered_at } = member;
    let came = if added_by.is_empty() {
        t!(language, came_by.name_key()).into_owned()
    } else {
        format!("{} · {added_by}", t!(language, came_by.name_key()))
    };
    let entered = match (entered_at, came_by) {
        (Some(at), _) => t!(language, "company.entered", at = moment(language, at)),
        // The contact of a contract has no row that would say it.
        (None, CameBy::Contract) => String::new(),
        (None, CameBy::Provider | CameBy::Colleague | CameBy::Domain) => {
            t!(language, "my.colleague.never").into_owned()
        }
    };
    let button = |act: &'static str, key: &'static str| {
        view! {
            <button class="button button--quiet" type="submit" name=ACT value=act>
                {t!(language, key)} <span class="sr">" " {address.clone()}</span>
            </button>
        }
    };
    let remove = (standing != Standing::Removed).then(|| button(REMOVE, "company.remove"));
    // The contact of a contract has a row only once removed.
    let has_row = came_by != CameBy::Contract || standing == Standing::Removed;
    let forget = has_row.then(|| button(FORGET, "company.forget"));
    view! {
        <li class="line line--wide">
            <span>
                <b>{address.clone()}</b> " "
                <span class="badge badge--line">{t!(language, standing.name_key())}</span>
                <span class="two note">{came} " " {entered}</span>
            </span>
            <form class="row" method="post" action=action.to_owned()>
                <input type="hidden" name=MAIL value=address.clone()/>
                {remove} {forget}
            </form>
        </li>
    }
    .into_any()
}
