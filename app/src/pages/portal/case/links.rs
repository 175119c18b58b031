//! Cases that are linked to a customer's own, as far as the customer may know of them.

use domain::calendar::MomentStyle;
use domain::case::LinkKind;
use domain::i18n::Language;
use domain::t;
use domain::view::LinkView;
use leptos::prelude::*;

use super::live_case::LiveCase;
use crate::language::use_language;

/// The links, if there are any.
#[component]
pub(super) fn Links(live: LiveCase) -> impl IntoView {
    let language = use_language();
    let links = Memo::new(move |_| live.page.with(|page| page.links.clone()));
    move || {
        let shown: Vec<_> = links.get().into_iter().map(|link| line(language, live, link)).collect();
        (!shown.is_empty()).then(|| {
            view! {
                <section class="card stack" aria-labelledby="h-links">
                    <h2 id="h-links">{t!(language, "track.links.title")}</h2>
                    {shown}
                </section>
            }
        })
    }
}

fn line(language: Language, live: LiveCase, link: LinkView) -> AnyView {
    let number = link.number.map(|number| number.grouped()).unwrap_or_default();
    match (link.kind, link.tracking) {
        (LinkKind::FollowedBy, _) => {
            let moment =
                live.hours.with_value(|hours| hours.zone.format(link.at, language, MomentStyle::Long));
            view! { <p>{t!(language, "track.links.followed", moment = moment)}</p> }.into_any()
        }
        (LinkKind::DuplicateOf, _) => {
            view! { <p>{t!(language, "track.links.duplicate", number = number)}</p> }.into_any()
        }
        (kind, Some(tracking)) => view! {
            <p>
                {t!(language, kind.name_key())} " "
                <a class="number" href=format!("/track/{tracking}") rel="external">{number}</a>
            </p>
        }
        .into_any(),
        (kind, None) => {
            view! { <p>{t!(language, kind.name_key())} " " <span class="number">{number}</span></p> }
                .into_any()
        }
    }
}
