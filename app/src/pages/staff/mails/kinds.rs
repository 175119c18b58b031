//! The kinds of mail, each with an example from a made-up case in each language.

use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::Tabs;
use super::api::{MailKindView, read_kinds};
use super::one::Preview;
use crate::language::use_language;
use crate::pages::staff::frame::{Failed, Here, StaffFrame};

/// The page of all kinds.
#[component]
pub fn MailKindsPage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    // Not `lang`, which is the reader's own language.
    let shown = Memo::new(move |_| {
        let chosen = query.with(|query| query.get("in"));
        chosen.and_then(|code| Language::from_tag(&code)).unwrap_or(language)
    });
    let kinds = Resource::new(move || shown.get(), |shown| async move { (shown, read_kinds(shown).await) });
    view! {
        <StaffFrame title=t!(language, "mails.tab.kinds").into_owned() class="stack" here=Here::Mails>
            <h1>{t!(language, "mails.tab.kinds")}</h1>
            <Tabs kinds=Signal::stored(true)/>
            <Suspense>
                {move || Suspend::new(async move {
                    match kinds.await {
                        (shown, Ok(kinds)) => view! { <Kinds shown kinds/> }.into_any(),
                        (_, Err(error)) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Suspense>
        </StaffFrame>
    }
    .into_any()
}

#[component]
fn Kinds(shown: Language, kinds: Vec<MailKindView>) -> impl IntoView {
    let language = use_language();
    let languages = Language::ALL.map(|of| {
        view! {
            <a href=format!("/desk/mails/kinds?in={}", of.code()) lang=of.code()
                aria-current=(of == shown).then_some("true")>
                {of.own_name()}
            </a>
        }
    });
    let previews = kinds.into_iter().map(|seen| {
        let title = format!("h-{}", seen.kind);
        let labelled_by = title.clone();
        view! {
            <section class="stack" aria-labelledby=labelled_by>
                <h2 id=title>
                    {t!(language, &seen.name_key)} " · " <span lang=shown.code()>{seen.subject}</span>
                </h2>
                <Preview body=format!("/desk/mails/kinds/{}/{}/body", seen.kind, shown.code()) text=seen.text/>
            </section>
        }
    });
    view! {
        <nav class="filters" aria-label=t!(language, "mails.language")>{languages.collect_view()}</nav>
        <div class="results">{previews.collect_view()}</div>
    }
    .into_any()
}
