//! How long sessions last, by role: `/desk/admin/sessions`.

use desk::access::session_limits::{
    IDLE_MIN_S, LONGEST_MIN_S, SessionLimits, session_limits, set_session_limits,
};
use desk::access::sign_in::{IDLE_S, LONGEST_S};
use domain::actor::Role;
use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{AdminFrame, Section};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::{FieldKind, Notice, TextField, Tone};

const PAGE: &str = "/desk/admin/sessions";
/// Beginnings of the fields' names; the role's code follows.
const IDLE: &str = "idle";
const LONGEST: &str = "longest";
const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 3600;

fn field(name: &str, role: Role) -> String {
    format!("{name}-{}", role.code())
}

/// A whole number as typed; `None` for anything else.
fn number(typed: &Typed, name: &str) -> Option<i64> {
    typed.get(name).and_then(|text| text.trim().parse().ok())
}

/// The limits that were typed for a role; else what is wrong, at each field.
fn read(
    typed: &Typed,
    role: Role,
    language: Language,
) -> Result<(Role, SessionLimits), Vec<(String, String)>> {
    let (idle, longest) = (field(IDLE, role), field(LONGEST, role));
    let idle_s = number(typed, &idle).and_then(|minutes| minutes.checked_mul(MINUTE_S));
    let longest_s = number(typed, &longest).and_then(|hours| hours.checked_mul(HOUR_S));
    let mut wrong = Vec::new();
    if !idle_s.is_some_and(|seconds| (IDLE_MIN_S..=IDLE_S).contains(&seconds)) {
        let (min, max) = (IDLE_MIN_S / MINUTE_S, IDLE_S / MINUTE_S);
        wrong.push((idle, t!(language, "entry.limits.range", min = min, max = max)));
    }
    if !longest_s.is_some_and(|seconds| (LONGEST_MIN_S..=LONGEST_S).contains(&seconds)) {
        let (min, max) = (LONGEST_MIN_S / HOUR_S, LONGEST_S / HOUR_S);
        wrong.push((longest, t!(language, "entry.limits.range", min = min, max = max)));
    }
    match (idle_s, longest_s) {
        (Some(idle_s), Some(longest_s)) => {
            SessionLimits::new(idle_s, longest_s).map(|limits| (role, limits)).map_err(|_| wrong)
        }
        _ => Err(wrong),
    }
}

/// Takes the limits of all roles.
pub async fn post_session_limits(asked: &RequestContext, typed: Typed) -> Posted {
    let (mut limits, mut wrong) = (Vec::new(), Vec::new());
    for role in Role::ALL {
        match read(&typed, role, asked.language) {
            Ok(of_role) => limits.push(of_role),
            Err(problems) => wrong.extend(problems),
        }
    }
    if !wrong.is_empty() {
        return Posted::not_taken(typed, &AppError::Wrong(wrong), asked.language);
    }
    match set_session_limits(&asked.desk, &asked.actor, limits).await {
        Ok(()) => Posted::Done(format!("{PAGE}?done=saved")),
        Err(error) => match AppError::from(error) {
            error @ AppError::NotPermitted => Posted::Failed(error),
            error => Posted::not_taken(typed, &error, asked.language),
        },
    }
}

async fn stored() -> Result<Vec<(Role, SessionLimits)>, AppError> {
    let asked = staff_context()?;
    Ok(session_limits(&asked.desk, &asked.actor).await?)
}

/// The page of the limits of sessions.
#[component]
pub fn SessionLimitsPage() -> impl IntoView {
    let language = use_language();
    let is_done = use_query_map().with_untracked(|query| query.get("done")).is_some();
    view! {
        <AdminFrame title="admin.sessions.title" section=Section::Sessions>
            {is_done.then(|| view! {
                <Notice tone=Tone::Good icon="check"><p>{t!(language, "entry.limits.done")}</p></Notice>
            })}
            {Suspend::new(async move {
                match stored().await {
                    Ok(limits) => view! { <LimitsForm limits/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn LimitsForm(limits: Vec<(Role, SessionLimits)>) -> impl IntoView {
    let language = use_language();
    let reply = PostReply::of_page();
    let failure = reply.failure.clone();
    let roles: Vec<AnyView> =
        limits.into_iter().map(|(role, limits)| of_role(language, role, limits, &reply)).collect();
    view! {
        {failure.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        <form class="card stack stack--wide" method="post" action=PAGE aria-labelledby="h-limits" novalidate>
            <h2 id="h-limits">{t!(language, "entry.limits.heading")}</h2>
            <p class="note">{t!(language, "entry.limits.lead")}</p>
            {roles}
            <div class="row">
                <button class="button button--main" type="submit">{t!(language, "admin.account.save")}</button>
            </div>
        </form>
    }
    .into_any()
}

/// The two limits of a role.
fn of_role(language: Language, role: Role, limits: SessionLimits, reply: &PostReply) -> AnyView {
    let shown = |name: &str, stored: i64| {
        let typed = reply.text(&field(name, role));
        if typed.is_empty() { stored.to_string() } else { typed }
    };
    view! {
        <fieldset class="stack">
            <legend><b>{t!(language, role.name_key())}</b></legend>
            <div class="row">
                <TextField
                    name=field(IDLE, role)
                    kind=FieldKind::Text
                    label=t!(language, "entry.limits.idle")
                    value=shown(IDLE, limits.idle_s() / MINUTE_S)
                    problem=reply.problem(&field(IDLE, role))
                />
                <TextField
                    name=field(LONGEST, role)
                    kind=FieldKind::Text
                    label=t!(language, "entry.limits.longest")
                    value=shown(LONGEST, limits.longest_s() / HOUR_S)
                    problem=reply.problem(&field(LONGEST, role))
                />
            </div>
        </fieldset>
    }
    .into_any()
}
