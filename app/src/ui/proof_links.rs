//! The proof of a case: its file, and the page that verifies it.

use domain::case::Audience;
use domain::t;
use leptos::prelude::*;

use crate::language::use_language;

/// Where the file is, and what it is for.
#[component]
pub fn ProofLinks(
    /// Who reads it.
    audience: Audience,
    /// The address of the file.
    document: String,
) -> impl IntoView {
    let language = use_language();
    let hint = match audience {
        Audience::Public => "proof.hint",
        Audience::Internal => "proof.hint_internal",
    };
    view! {
        <div class="stack stack--tight" role="group" aria-label=t!(language, "proof.label")>
            <p class="note">{t!(language, hint)}</p>
            <p class="row">
                <a class="button" href=document rel="external" download>{t!(language, "proof.download")}</a>
                <a class="textlink" href="/verify" rel="external">{t!(language, "proof.verify")}</a>
            </p>
        </div>
    }
    .into_any()
}
