//! Personal data: how long they are kept, and what one person asks for: `/desk/admin/privacy`.

mod person;

use desk::retention::{self, Known, Retention, RetentionPeriod, RetentionPeriodProblem};
use domain::actor::{Action, Subject, may};
use domain::mail_address::MailAddress;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::person::PersonSection;
use super::server::moment;
use super::{AdminFrame, Section};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::{Notice, Tone};

const PAGE: &str = "/desk/admin/privacy";
const ACT: &str = "act";
const DAYS: &str = "days";
const MAIL: &str = "mail";
const SURE: &str = "sure";

/// What a form of the page asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Keep,
    Find,
    Export,
    Erase,
}

impl Act {
    const ALL: [Self; 4] = [Self::Keep, Self::Find, Self::Export, Self::Erase];

    const fn code(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Find => "find",
            Self::Export => "export",
            Self::Erase => "erase",
        }
    }
}

/// What became of a form of the page.
#[derive(Debug)]
pub enum PrivacyPosted {
    /// As any plain form.
    Form(Posted),
    /// A file for the reader: its name and its bytes, JSON.
    File(String, Vec<u8>),
}

/// Takes a form of the page.
pub async fn post_privacy(asked: &RequestContext, typed: Typed) -> PrivacyPosted {
    if let Err(refused) = may(&asked.actor, Action::EraseData, Subject::Desk) {
        return PrivacyPosted::Form(Posted::Failed(desk::DeskError::from(refused).into()));
    }
    let act = typed.get(ACT).map_or("", String::as_str);
    match Act::ALL.into_iter().find(|known| known.code() == act) {
        Some(Act::Keep) => PrivacyPosted::Form(post_keep(asked, typed).await),
        // Posted, so that no address of a page holds the address of a person.
        Some(Act::Find) => PrivacyPosted::Form(person::post_find(asked, typed)),
        Some(Act::Export) => person::post_export(asked, typed).await,
        Some(Act::Erase) => PrivacyPosted::Form(person::post_erase(asked, typed).await),
        None => PrivacyPosted::Form(Posted::Failed(AppError::Malformed)),
    }
}

async fn post_keep(asked: &RequestContext, typed: Typed) -> Posted {
    let language = asked.language;
    let days = match RetentionPeriod::parse(typed.get(DAYS).map_or("", String::as_str)) {
        Ok(days) => days,
        Err(problem) => {
            let key = match problem {
                RetentionPeriodProblem::NoNumber => "privacy.problem.no_number",
                RetentionPeriodProblem::OutOfRange => "privacy.problem.range",
            };
            let words = t!(language, key, least = RetentionPeriod::LEAST, most = RetentionPeriod::MOST);
            return Posted::not_taken(typed, &AppError::wrong(DAYS, words), language);
        }
    };
    match retention::keep(&asked.desk, &asked.actor, days).await {
        Ok(()) => Posted::Done(format!("{PAGE}?done=kept")),
        Err(error) => Posted::Failed(error.into()),
    }
}

/// What the page shows.
struct Standing {
    retention: Retention,
    person: Option<Asked>,
}

/// The person that is asked about.
struct Asked {
    typed: String,
    known: Result<Known, String>,
}

async fn read(mail: Option<String>) -> Result<Standing, AppError> {
    let asked = staff_context()?;
    let retention = retention::retention(&asked.desk, &asked.actor).await?;
    let person = match mail.filter(|mail| !mail.trim().is_empty()) {
        None => None,
        Some(typed) => Some(match MailAddress::parse(&typed) {
            Ok(mail) => {
                let known = retention::known_of(&asked.desk, &asked.actor, &mail).await?;
                Asked { typed, known: Ok(known) }
            }
            Err(problem) => Asked { typed, known: Err(problem.message(asked.language)) },
        }),
    };
    Ok(Standing { retention, person })
}

/// The page of personal data.
#[component]
pub fn PrivacyPage() -> impl IntoView {
    let language = use_language();
    let done = use_query_map().with_untracked(|query| query.get("done"));
    let mail = PostReply::of_page().typed.get(MAIL).cloned();
    let told = match done.as_deref() {
        Some("kept") => Some("privacy.done.kept"),
        Some("erased") => Some("privacy.done.erased"),
        _ => None,
    };
    view! {
        <AdminFrame title="admin.privacy.title" section=Section::Privacy>
            {told.map(|key| view! { <Notice tone=Tone::Good icon="check"><p>{t!(language, key)}</p></Notice> })}
            {Suspend::new(async move {
                match read(mail).await {
                    Ok(standing) => view! { <Parts standing/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn Parts(standing: Standing) -> impl IntoView {
    let Standing { retention, person } = standing;
    let reply = PostReply::of_page();
    view! {
        {reply.failure.clone().map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        <KeepSection retention reply=reply.clone()/>
        <PersonSection person reply/>
    }
    .into_any()
}

/// How long personal data are kept.
#[component]
fn KeepSection(retention: Retention, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let Retention { days, set, erased, last } = retention;
    let value = reply.typed.get(DAYS).cloned();
    let value = value.unwrap_or_else(|| days.map(|days| days.days().to_string()).unwrap_or_default());
    let problem = reply.problem(DAYS);
    let is_wrong = problem.is_some();
    let by_file = (set.is_none() && days.is_some()).then(|| {
        view! { <p class="note">{t!(language, "privacy.by_file")}</p> }
    });
    let set = set.map(|(at, by)| {
        let by = by.unwrap_or_else(|| t!(language, "settings.operator").into_owned());
        view! { <p class="note">{t!(language, "privacy.set", at = moment(language, at), by = by)}</p> }
    });
    let state = match days {
        Some(days) => t!(language, "privacy.on", days = days.days()),
        None => t!(language, "privacy.off").into_owned(),
    };
    view! {
        <form class="card stack" method="post" action=PAGE aria-labelledby="h-keep" novalidate>
            <h2 id="h-keep">{t!(language, "privacy.keep")}</h2>
            <p><b>{state}</b></p>
            <p class="quiet">{t!(language, "privacy.keep_hint")}</p>
            <div class="field field__box--short" data-look=is_wrong.then_some("error")>
                <label class="field__label" for=DAYS>{t!(language, "privacy.days")}</label>
                <div class="field__box">
                    <input class="field__input" id=DAYS name=DAYS type="text" inputmode="numeric" autocomplete="off"
                        maxlength="6" value=value aria-invalid=is_wrong.then_some("true")
                        aria-describedby=if is_wrong { "days-hint days-error" } else { "days-hint" }/>
                </div>
                <p class="field__hint" id="days-hint">
                    {t!(language, "privacy.days_hint", least = RetentionPeriod::LEAST, most = RetentionPeriod::MOST)}
                </p>
                {problem.map(|words| view! { <p class="field__error" role="alert" id="days-error">{words}</p> })}
            </div>
            <div class="row">
                <button class="button button--main" type="submit" name=ACT value=Act::Keep.code()>
                    {t!(language, "privacy.save")}
                </button>
            </div>
            {set}
            {by_file}
            <p class="note">
                {match last {
                    Some(at) => t!(language, "privacy.erased", count = erased, at = moment(language, at)),
                    None => t!(language, "privacy.erased_none").into_owned(),
                }}
            </p>
        </form>
    }
    .into_any()
}
