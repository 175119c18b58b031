//! The agent's notes and updates by a form that needs no script, with files. Dialogs need one.

use desk::cases::execute::Expected;
use desk::cases::message_files::{SentFile, Words, write_with_files};
use domain::case::Audience;
use domain::case_number::CaseNumber;
use domain::t;
use domain::text::Note;
use domain::time::Instant;
use leptos::prelude::*;

use super::files::{UPDATE, WHAT};
use crate::AppError;
use crate::address::case_address;
use crate::language::use_language;
use crate::pages::{PostReply, Typed};
use crate::request::RequestContext;
use crate::ui::{FieldError, Notice, Tone, inputs};
use crate::upload::{FILES, FilesField};

/// The form as markup, with the reply to it.
pub(super) fn form(number: CaseNumber) -> String {
    let language = use_language();
    let reply = PostReply::of_page();
    let problem = |name: &str| Signal::stored(reply.problem(name));
    let (text_problem, files_problem) = (problem("text"), problem(FILES));
    let is_wrong = reply.problem("text").is_some();
    let chosen = Some(reply.text(WHAT)).filter(|what| !what.is_empty());
    let chosen = chosen.unwrap_or_else(|| Audience::Internal.code().to_owned());
    let audiences =
        Audience::ALL.map(|audience| (audience.code(), t!(language, audience.name_key()).into_owned()));
    let update = (UPDATE, t!(language, "staff.news.title").into_owned());
    let choices = audiences.into_iter().chain([update]).map(|(code, words)| {
        let is_chosen = chosen == code;
        view! {
            <label class="choice">
                <input type="radio" name=WHAT value=code checked=is_chosen/>
                <span class="choice__card">{words}</span>
            </label>
        }
    });
    view! {
        <section class="card stack" aria-labelledby="h-plain">
            <h2 id="h-plain">{t!(language, "staff.note.title")}</h2>
            {reply.failure.clone().map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
            <form class="stack" method="post" enctype="multipart/form-data" action=format!("{}/messages", case_address(number))>
                <div class="field" data-look=is_wrong.then_some("error")>
                    <label class="field__label" for="plain-text">{t!(language, "staff.note.text")}</label>
                    <div class="field__box">
                        <textarea class="field__input" id="plain-text" name="text" rows="4" maxlength="4000" required=true
                            aria-invalid=is_wrong.then_some("true") aria-describedby=is_wrong.then_some("plain-text-error")
                            inner_html=inputs::area_text(&reply.text("text"))></textarea>
                    </div>
                    <FieldError id="plain-text" error=text_problem/>
                </div>
                <fieldset class="question question--small">
                    <legend class="question__title">{t!(language, "staff.note.audience")}</legend>
                    <div class="choices choices--chips">{choices.collect_view()}</div>
                </fieldset>
                <FilesField id="plain-files" problem=files_problem share=RwSignal::new(None)/>
                <div class="row">
                    <button class="button button--main" type="submit">{t!(language, "staff.note.save")}</button>
                </div>
            </form>
        </section>
    }
    .into_any()
    .to_html()
}

/// Writes an update or a note with files, from a dialog or from the plain form. Gives the address of the case.
///
/// # Errors
/// The reason of a refusal; [`AppError::Wrong`] for a text or files that are wrong. Nothing is written then.
pub async fn post_case_message(
    context: &RequestContext,
    number: &str,
    typed: &Typed,
    files: Vec<SentFile>,
) -> Result<String, AppError> {
    let number = CaseNumber::parse(number).map_err(|_| AppError::NotFound)?;
    let field = |name: &str| typed.get(name).map_or("", |value| value.trim());
    let text = Note::parse(field("text"))
        .map_err(|problem| AppError::wrong("text", problem.message(context.language)))?;
    let words = match (field(WHAT), Audience::from_code(field(WHAT))) {
        (_, Some(audience)) => Words::Note { audience, text },
        (UPDATE, None) => {
            let next = match field("next") {
                "" => None,
                seconds => Some(Instant(seconds.parse().map_err(|_| AppError::Malformed)?)),
            };
            Words::Update { text, next }
        }
        _ => return Err(AppError::Malformed),
    };
    // Notes and updates are facts: they fit any version.
    let done = write_with_files(&context.desk, &context.actor, number, Expected::Any, words, files).await;
    done.map(|_| case_address(number)).map_err(|error| AppError::of_message(error, context.language))
}
