//! The result of a visit: the report, the parts that were used, and the customer's conformity.

use domain::case::visit::{Conformity, VisitDone};
use domain::t;
use leptos::prelude::*;

use super::{SignaturePicture, signed};
use crate::language::use_language;

/// The work of a visit that has ended, as reported and signed.
#[component]
pub fn WorkDone(
    /// The visit, with report and signature.
    done: VisitDone,
) -> impl IntoView {
    let language = use_language();
    let VisitDone { report, conformity, .. } = done;
    let parts = report
        .parts()
        .iter()
        .map(|part| t!(language, "visit.part", quantity = part.quantity, name = part.name));
    let parts = parts.map(|part| view! { <li>{part}</li> }).collect_view();
    let said = signed(language, &conformity);
    let picture = match conformity {
        Conformity::Signed { signature, .. } => Some(signature),
        Conformity::Unsigned { .. } => None,
    };
    view! {
        <p class="history__text">{report.text.to_string()}</p>
        <ul class="visit__windows">{parts}</ul>
        <p class="note">{said}</p>
        {picture.map(|signature| view! { <SignaturePicture signature/> })}
    }
    .into_any()
}
