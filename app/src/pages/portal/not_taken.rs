//! That a form of a page was not taken.

use domain::t;
use leptos::prelude::*;

use crate::language::use_language;
use crate::pages::PostReply;
use crate::ui::{Notice, Tone};

/// Above a page that a plain form came back to: that it was not taken, and why. A text is shown there as well where it may
/// have no field any more.
#[component]
pub(super) fn NotTaken(
    reply: PostReply,
    /// The name of the text.
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
