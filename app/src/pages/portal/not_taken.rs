//! The notice of a refused form.

use domain::t;
use leptos::prelude::*;

use crate::language::use_language;
use crate::pages::PostReply;
use crate::ui::{Notice, Tone};

/// The notice above the reply to a plain form: that it was refused, and why. It shows the text as well when the page may have
/// no field for it any more.
#[component]
pub(super) fn NotTaken(
    reply: PostReply,
    /// The name of the text's field.
    text: Option<&'static str>,
) -> impl IntoView {
    let language = use_language();
    let written = reply.failure.as_ref().and(text).map(|name| reply.text(name));
    let written = written.filter(|text| !text.trim().is_empty()).map(|text| {
        view! {
            <p>{t!(language, "track.written")}</p>
            <blockquote class="history__text">{text}</blockquote>
        }
    });
    let words = match reply.failure {
        Some(words) => words,
        None => t!(language, "error.fields").into_owned(),
    };
    view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p>{written}</Notice> }.into_any()
}
