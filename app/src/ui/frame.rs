//! The frame of the portal's pages, and pages of errors.

use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;
use leptos_meta::Title;

use super::Icon;
use crate::AppError;
use crate::language::use_language;
use crate::provider::use_provider;

/// A page of the portal: header with the language switch, the page itself, footer with the telephone lines.
#[component]
pub fn PortalFrame(
    /// The title of the browser's tab.
    #[prop(into)]
    title: String,
    /// Classes of the main part beside `wrap page`.
    #[prop(optional)]
    class: &'static str,
    children: Children,
) -> impl IntoView {
    let language = use_language();
    let provider = use_provider();
    let centre = t!(language, "frame.centre");
    let centre =
        if provider.is_standing() { centre.into_owned() } else { format!("{} · {centre}", provider.name) };
    view! {
        <Title text=format!("{title} · {}", provider.name)/>
        <a class="skip" href="#main">{t!(language, "frame.skip")}</a>
        <header class="site">
            <div class="wrap site__bar">
                <a class="site__logo" href="/" rel="external" aria-label=t!(language, "frame.home", name = provider.name)>
                    <Logo/>
                </a>
                <LanguageSwitch/>
            </div>
        </header>
        <main id="main" class=format!("wrap page {class}")>{children()}</main>
        <footer class="site__foot">
            <div class="wrap row row--apart">
                <p>{centre}</p>
                <ul class="row">
                    {provider.hotlines.as_slice().iter()
                        .map(|line| {
                            view! {
                                <li>
                                    {t!(language, line.country().name_key())} " "
                                    <a href=line.tel_uri()>{line.printed()}</a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </div>
        </footer>
    }
    .into_any()
}

/// Links to the same page in another language; the server stores the choice.
#[component]
pub fn LanguageSwitch() -> impl IntoView {
    let language = use_language();
    view! {
        <nav class="langs" aria-label=t!(language, "language.label")>
            {Language::ALL
                .map(|other| {
                    view! {
                        <a
                            href=format!("?lang={}", other.code())
                            rel="external"
                            lang=other.code()
                            hreflang=other.code()
                            aria-current=(other == language).then_some("true")
                        >
                            <span aria-hidden="true">{other.code().to_uppercase()}</span>
                            <span class="sr">{other.own_name()}</span>
                        </a>
                    }
                })
                .collect_view()}
        </nav>
    }
    .into_any()
}

/// The provider at the top of every page: its logo, else its name, else the wordmark of this software.
#[component]
pub fn Logo() -> impl IntoView {
    let provider = use_provider();
    if provider.is_standing() {
        return view! {
            <svg viewBox="0 0 95 32" aria-hidden="true">
                <use_ href="/logo.svg#logo"></use_>
            </svg>
        }
        .into_any();
    }
    match provider.logo {
        Some(address) => view! { <img class="site__mark" src=address alt=provider.name/> }.into_any(),
        None => view! { <b class="site__word">{provider.name}</b> }.into_any(),
    }
}

/// The page of an error: what failed, and where to go from there.
#[component]
pub fn Problem(
    /// The error.
    error: AppError,
) -> impl IntoView {
    #[cfg(feature = "ssr")]
    error.answer_page();
    let language = use_language();
    view! {
        <div class="empty" role="alert">
            <Icon name="info"/>
            <h1>{error.message(language)}</h1>
            <p>{t!(language, "error.what_now")}</p>
            <p><a class="button" href="/" rel="external">{t!(language, "error.to_start")}</a></p>
        </div>
    }
    .into_any()
}

/// The page for addresses that match no route.
#[component]
pub fn NotFound() -> impl IntoView {
    let language = use_language();
    view! {
        <PortalFrame title=t!(language, "error.not_found").into_owned()>
            <Problem error=AppError::NotFound/>
        </PortalFrame>
    }
    .into_any()
}
