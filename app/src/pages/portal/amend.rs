//! The customer puts their contact or the description of the fault right: plain HTML that works without a script.

use domain::case::AmendForm;
use domain::t;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

use super::kept::Kept;
use crate::AppError;
use crate::effect::effect;
use crate::language::use_language;
use crate::ui::{Icon, Notice, Tone};
use crate::wire::Wire;

/// What a customer typed. The place is not theirs to change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Amending {
    /// The version of the case that they had before them.
    pub seen: u32,
    /// Name of the contact.
    pub name: String,
    /// Their telephone.
    pub phone: String,
    /// Another telephone of theirs.
    pub second: String,
    /// Their mail address.
    pub mail: String,
    /// What is wrong.
    pub fault: String,
    /// Why it is changed.
    pub reason: String,
}

/// Puts a customer's data right, by the last part of the link.
///
/// # Errors
/// [`AppError::NotFound`] for a link that leads nowhere, [`AppError::Text`] for fields that are wrong,
/// [`AppError::TooOften`] or [`AppError::Refused`] when nothing is changed.
#[server(prefix = "/api", endpoint = "amend_case", protocol = Wire)]
async fn amend_case(tracking: String, typed: Amending) -> Result<(), AppError> {
    amend(&crate::request::asked()?, &tracking, &typed).await
}

/// The same for the page's script and for the plain form post alike.
///
/// # Errors
/// [`AppError::NotFound`] for a link that leads nowhere, [`AppError::Text`] for fields that are wrong,
/// [`AppError::TooOften`] or [`AppError::Refused`] when nothing is changed.
#[cfg(feature = "ssr")]
pub async fn amend(asked: &crate::request::Asked, tracking: &str, typed: &Amending) -> Result<(), AppError> {
    use desk::read_case::read_case;
    use desk::work_case::{Expected, work_case};
    use domain::actor::Actor;
    use domain::case::{Command, RevisionCommand, report_at};

    let (number, actor) = asked.by_link(tracking)?;
    let page = read_case(&asked.desk, &Actor::Customer(number), number).await?;
    let seen = report_at(&page.history, typed.seen).ok_or(AppError::NotFound)?;
    let Amending { name, phone, second, mail, fault, reason, .. } = typed.clone();
    let form = AmendForm { name, phone, second, mail, fault, reason, location: seen.location.to_string() };
    let what = form.read(&seen).map_err(|problems| {
        let told = problems.iter().map(|(field, problem)| {
            let label = t!(asked.language, field.label_key());
            t!(asked.language, "amend.wrong", field = label, problem = problem.words(asked.language))
        });
        AppError::Text(told.collect::<Vec<_>>().join(" "))
    })?;
    let command = Command::Revision(RevisionCommand::Amend { what: Box::new(what), undelivered: 0 });
    work_case(&asked.desk, &actor, number, Expected::Any, command).await?;
    Ok(())
}

/// How it fares.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Post {
    Writing,
    Sending,
    Done,
    Failed(AppError),
}

/// The form, folded away until somebody wants it. It begins anew with what the case says whenever that changes, until somebody
/// types: that stays, and rests on what its writer saw.
#[component]
pub(super) fn Amend(kept: Kept) -> impl IntoView {
    let language = use_language();
    let typed = RwSignal::new(shown(kept));
    let post = RwSignal::new(Post::Writing);
    let is_touched = RwSignal::new(false);
    effect(move || {
        let now = kept.page.with(of);
        if !is_touched.get_untracked() {
            typed.set(now);
        }
    });
    let action = kept.tracking.with_value(|tracking| format!("/track/{tracking}/amend"));
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if post.with_untracked(|post| *post == Post::Sending) {
            return;
        }
        post.set(Post::Sending);
        spawn_local(async move {
            let outcome = amend_case(kept.tracking.get_value(), typed.get_untracked()).await;
            kept.read_again().await;
            // The page may be gone by now; what was changed is changed.
            match outcome {
                Ok(()) => {
                    is_touched.try_set(false);
                    if post.try_set(Post::Done).is_none() {
                        typed.set(shown(kept));
                    }
                }
                // What was typed rests on what its writer saw: `seen` stays.
                Err(error) => {
                    post.try_set(Post::Failed(error));
                }
            }
        });
    };
    view! {
        <details class="card">
            <summary><Icon name="chevron"/> " " {t!(language, "track.amend.title")}</summary>
            <form class="stack" method="post" action=action on:submit=send on:input=move |_| is_touched.set(true)>
                <p class="note">{t!(language, "track.amend.lead")}</p>
                <input type="hidden" name="seen" prop:value=move || typed.with(|typed| typed.seen.to_string())
                    value=typed.with_untracked(|typed| typed.seen.to_string())/>
                <Line name="name" label="field.contact_name.label" typed part=|typed| &mut typed.name/>
                <Line name="phone" label="field.contact_phone.label" typed part=|typed| &mut typed.phone/>
                <Line name="second" label="amend.second" required=false typed part=|typed| &mut typed.second/>
                <Line name="mail" label="field.contact_mail.label" typed part=|typed| &mut typed.mail/>
                <Area typed/>
                <Line name="reason" label="amend.reason" typed part=|typed| &mut typed.reason/>
                <div role="status">{move || told(language, &post.get())}</div>
                <div class="row">
                    <button class="button" type="submit" aria-disabled=move || post.with(|post| *post == Post::Sending).then_some("true")>
                        {t!(language, "track.amend.act")}
                    </button>
                </div>
            </form>
        </details>
    }
    .into_any()
}

/// What the case says now.
fn shown(kept: Kept) -> Amending {
    kept.page.with_untracked(of)
}

fn of(page: &domain::view::CasePage) -> Amending {
    let AmendForm { name, phone, second, mail, fault, .. } = AmendForm::of(&page.opening.report);
    Amending { seen: page.version, name, phone, second, mail, fault, reason: String::new() }
}

#[component]
fn Line(
    name: &'static str,
    /// The key of its label.
    label: &'static str,
    #[prop(default = true)] required: bool,
    typed: RwSignal<Amending>,
    /// The part that it writes.
    part: fn(&mut Amending) -> &mut String,
) -> impl IntoView {
    let language = use_language();
    let id = format!("amend-{name}");
    let value = move || typed.with(|typed| part(&mut typed.clone()).clone());
    let first = typed.with_untracked(|typed| part(&mut typed.clone()).clone());
    let write = move |event| {
        let text = event_target_value(&event);
        typed.update(|typed| *part(typed) = text);
    };
    view! {
        <div class="field">
            <label class="field__label" for=id.clone()>{t!(language, label)}</label>
            <div class="field__box">
                <input class="field__input" id=id name=name maxlength="300" required=required value=first
                    prop:value=value on:input=write/>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Area(typed: RwSignal<Amending>) -> impl IntoView {
    let language = use_language();
    let first = typed.with_untracked(|typed| typed.fault.clone());
    let write = move |event| {
        let text = event_target_value(&event);
        typed.update(|typed| typed.fault = text);
    };
    view! {
        <div class="field">
            <label class="field__label" for="amend-fault">{t!(language, "field.fault.label")}</label>
            <div class="field__box">
                <textarea class="field__input" id="amend-fault" name="fault" rows="4" maxlength="4000" required=true
                    prop:value=move || typed.with(|typed| typed.fault.clone()) on:input=write>
                    {first}
                </textarea>
            </div>
        </div>
    }
    .into_any()
}

fn told(language: domain::words::Language, post: &Post) -> Option<AnyView> {
    match post {
        Post::Writing | Post::Sending => None,
        Post::Done => Some(
            view! { <p class="note"><Icon name="check"/> " " {t!(language, "track.amend.done")}</p> }
                .into_any(),
        ),
        Post::Failed(error) => {
            let words = error.words(language);
            Some(view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> }.into_any())
        }
    }
}
