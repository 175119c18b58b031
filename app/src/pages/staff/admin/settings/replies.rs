//! Canned replies: their list, and the form of one.

use desk::settings::{Overview, ReplySummary, Subject};
use domain::i18n::Language;
use domain::t;
use domain::wording::{REPLY, ReplyState, Variable};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::fields::{Input, Width, carried, choice, field, text};
use super::lists::{new, planned, read};
use super::{Access, Address, Form, form, report};
use crate::language::use_language;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::ui::inputs::area_text;
use crate::ui::{Notice, Tone};

/// Lines of a text that are seen at once.
const TEXT_ROWS: &str = "6";

/// The list of canned replies: `/desk/admin/replies`.
#[component]
pub fn RepliesPage() -> impl IntoView {
    let language = use_language();
    let is_saved = use_query_map().with_untracked(|query| query.get("saved").is_some());
    let saved = is_saved.then(|| {
        view! { <Notice tone=Tone::Good icon="check"><p>{t!(language, "wording.page.saved")}</p></Notice> }
    });
    view! {
        <AdminFrame title="wording.page.replies" section=Section::Replies>
            {saved}
            {Suspend::new(async move {
                match read().await {
                    Ok((Overview { replies, .. }, access)) => view! { <Replies replies access/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn Replies(replies: Vec<ReplySummary>, access: Access) -> impl IntoView {
    let language = use_language();
    let is_empty = replies.is_empty();
    let rows = replies.into_iter().map(|reply| row(language, reply)).collect_view();
    let table = view! {
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "wording.page.replies")>
            <table class="table">
                <caption class="sr">{t!(language, "wording.page.replies")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!(language, "settings.field.name")}</th>
                        <th scope="col">{t!(language, "wording.page.languages")}</th>
                        <th scope="col">{t!(language, "settings.field.state")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    };
    view! {
        {new(language, access, "/desk/admin/replies/new", "wording.page.new_reply")}
        <p class="note">{t!(language, "wording.page.replies_hint")}</p>
        {if is_empty {
            view! { <p class="card">{t!(language, "wording.page.no_replies")}</p> }.into_any()
        } else {
            table.into_any()
        }}
    }
    .into_any()
}

fn row(language: Language, reply: ReplySummary) -> AnyView {
    let languages: Vec<&str> = reply.languages.into_iter().map(Language::own_name).collect();
    view! {
        <tr>
            <th scope="row">
                <a class="cover" href=format!("/desk/admin/replies/{}", reply.id)>{reply.name}</a>
                " " {planned(language, reply.planned)}
            </th>
            <td data-label=t!(language, "wording.page.languages")>{languages.join(", ")}</td>
            <td data-label=t!(language, "settings.field.state")>{t!(language, reply.state.name_key())}</td>
        </tr>
    }
    .into_any()
}

/// The page of a canned reply: `/desk/admin/replies/{id}`, or `new`.
#[component]
pub fn ReplyPage() -> impl IntoView {
    let address = Address::of_page();
    view! {
        <AdminFrame title="wording.page.reply" section=Section::Replies>
            {Suspend::new(async move {
                let read = match staff_context() {
                    Ok(asked) => form(&asked, Subject::Replies, address).await,
                    Err(error) => Err(error),
                };
                match read {
                    Ok(form) => view! { <ReplyForm form/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn ReplyForm(form: Form) -> impl IntoView {
    let language = use_language();
    let chosen = form.fields.get("state").cloned().unwrap_or_default();
    let states =
        ReplyState::ALL.map(|state| (state.code().to_owned(), t!(language, state.name_key()).into_owned()));
    let name = ("state".to_owned(), t!(language, "settings.field.state").into_owned());
    let texts = Language::ALL.map(|of| area(&form, &format!("text.{}", of.code()), of));
    view! {
        <form class="stack stack--wide settings" method="post" action=format!("/desk/admin/replies/{}", form.id) novalidate>
            {report::reply(&form)}
            {carried(&form)}
            <section class="card stack" aria-labelledby="h-texts">
                <h2 id="h-texts">{t!(language, "wording.page.texts")}</h2>
                <div class="pairs">
                    {text(&form, "name", "text", None, Width::Full)}
                    {choice(&form, "state", name, &chosen, states.to_vec(), Width::Full)}
                </div>
                <p class="note">{t!(language, "wording.page.texts_hint")}</p>
                {texts.collect_view()}
            </section>
            {variables(language, REPLY.variables)}
            {report::send(&form)}
        </form>
    }
    .into_any()
}

/// A text over several lines, in a language of its own.
pub(super) fn area(form: &Form, key: &str, of: Language) -> AnyView {
    field(form, key, None, Width::Full, |input| {
        let Input { id, name, value, is_readonly, invalid, described } = input;
        view! {
            <textarea class="field__input" id=id name=name rows=TEXT_ROWS lang=of.code() readonly=is_readonly
                aria-invalid=invalid aria-describedby=described inner_html=area_text(&value)></textarea>
        }
        .into_any()
    })
}

/// The variables that texts may have, with what they stand for.
pub(super) fn variables(language: Language, known: &'static [Variable]) -> AnyView {
    let lines = known.iter().map(|variable| {
        view! { <div><dt><code>{variable.in_braces()}</code></dt><dd>{t!(language, variable.name_key())}</dd></div> }
    });
    view! {
        <section class="card stack" aria-labelledby="h-variables">
            <h2 id="h-variables">{t!(language, "wording.page.variables")}</h2>
            <p class="note">{t!(language, "wording.page.variables_hint")}</p>
            <dl class="facts">{lines.collect_view()}</dl>
        </section>
    }
    .into_any()
}
