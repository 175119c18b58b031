//! Invitations: one person, or many from a list.

use domain::actor::Role;
use domain::t;
use leptos::prelude::*;

use super::api::{InviteAct, read_invite};
use crate::language::use_language;
use crate::pages::PostReply;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::frame::Failed;
use crate::ui::inputs::area_text;
use crate::ui::{FieldKind, Notice, TextField, Tone};

/// The page of invitations: `/desk/admin/people/invite`.
#[component]
pub fn InvitePage() -> impl IntoView {
    let reply = Resource::new(|| (), |()| read_invite());
    view! {
        <AdminFrame title="admin.people.invite_title" section=Section::People>
            <Suspense>
                {move || Suspend::new(async move {
                    match reply.await {
                        Ok(reply) => view! { <Forms reply/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Suspense>
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn Forms(reply: PostReply) -> impl IntoView {
    let language = use_language();
    let list_problems: Vec<String> =
        reply.problems.iter().filter(|(name, _)| name == "list").map(|(_, words)| words.clone()).collect();
    let is_wrong = !list_problems.is_empty();
    let list_error = is_wrong.then(|| {
        let lines = list_problems.into_iter().map(|words| view! { <li>{words}</li> }).collect_view();
        view! { <ul class="field__error field__error--list" role="alert" id="list-error">{lines}</ul> }
    });
    let list = reply.text("list");
    view! {
        <p class="lead">{t!(language, "admin.people.invite_lead")}</p>
        {reply.failure.clone().map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        <div class="cards">
            <form class="card stack" method="post" action="/desk/admin/people/invite" aria-labelledby="h-one" novalidate>
                <h2 id="h-one">{t!(language, "admin.people.invite_one")}</h2>
                <TextField name="name" kind=FieldKind::Text label=t!(language, "admin.people.name") value=reply.text("name") problem=reply.problem("name")/>
                <TextField name="mail" kind=FieldKind::Mail label=t!(language, "admin.people.mail") value=reply.text("mail") problem=reply.problem("mail")/>
                <RoleChoice chosen=Role::from_code(&reply.text("role")) problem=reply.problem("role")/>
                <div class="row">
                    <button class="button button--main" type="submit" name="act" value=InviteAct::One.code()>
                        {t!(language, "admin.people.send_invitation")}
                    </button>
                </div>
            </form>
            <form class="card stack" method="post" action="/desk/admin/people/invite" aria-labelledby="h-many" novalidate>
                <h2 id="h-many">{t!(language, "admin.people.invite_many")}</h2>
                <div class="field" data-look=is_wrong.then_some("error")>
                    <label class="field__label" for="list">{t!(language, "admin.people.list")}</label>
                    <div class="field__box">
                        <textarea
                            class="field__input"
                            id="list"
                            name="list"
                            rows="8"
                            spellcheck="false"
                            placeholder=t!(language, "admin.people.list_example")
                            aria-invalid=is_wrong.then_some("true")
                            aria-describedby=if is_wrong { "list-hint list-error" } else { "list-hint" }
                            inner_html=area_text(&list)
                        ></textarea>
                    </div>
                    <p class="field__hint" id="list-hint">{t!(language, "admin.people.list_hint")}</p>
                    {list_error}
                </div>
                <div class="row">
                    <button class="button button--main" type="submit" name="act" value=InviteAct::Many.code()>
                        {t!(language, "admin.people.send_invitations")}
                    </button>
                </div>
            </form>
        </div>
    }
    .into_any()
}

/// The roles, as chips.
#[component]
pub(super) fn RoleChoice(
    /// The one that is chosen.
    chosen: Option<Role>,
    /// What is wrong with that.
    problem: Option<String>,
) -> impl IntoView {
    let language = use_language();
    let look = problem.is_some().then_some("error");
    let chips = Role::ALL.map(|role| {
        view! {
            <label class="choice">
                <input type="radio" name="role" value=role.code() checked=chosen == Some(role)/>
                <span class="choice__card">{t!(language, role.name_key())}</span>
            </label>
        }
    });
    view! {
        <fieldset class="question question--small" data-look=look>
            <legend class="question__title">{t!(language, "admin.people.role")}</legend>
            {problem.map(|words| view! { <p class="field__error" role="alert">{words}</p> })}
            <div class="choices choices--chips">{chips.collect_view()}</div>
        </fieldset>
    }
    .into_any()
}
