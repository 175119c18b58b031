//! The HTML document around every page.

use domain::t;
use http::request::Parts;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos::reactive::owner::with_context;
use leptos_meta::MetaTags;

use crate::Administration;
use crate::Entrance;
use crate::Reporting;
use crate::Settings;
use crate::Tracking;
use crate::Workspace;
use crate::request::{Assets, Bundle, language};

/// The document of a page of portal or workspace; the address decides on its bundle.
pub fn shell(assets: Assets) -> AnyView {
    match with_context(|parts: &Parts| PageBundle::of(parts.uri.path())).unwrap_or(PageBundle::Reporting) {
        PageBundle::Reporting => {
            document(assets.css, Some(assets.form), || view! { <Reporting/> }.into_any())
        }
        PageBundle::Tracking => document(assets.css, Some(assets.track), || view! { <Tracking/> }.into_any()),
        PageBundle::Workspace => {
            document(assets.css, Some(assets.workspace), || view! { <Workspace/> <NeedsScript/> }.into_any())
        }
        PageBundle::Administration => {
            document(assets.css, Some(assets.admin), || view! { <Administration/> <NeedsScript/> }.into_any())
        }
        PageBundle::Settings => document(assets.css, None, || view! { <Settings/> }.into_any()),
        PageBundle::LostLink => document(assets.css, None, || view! { <Reporting/> }.into_any()),
        PageBundle::Entrance => document(assets.css, None, || view! { <Entrance/> }.into_any()),
    }
}

/// The bundle of a page that is rendered here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PageBundle {
    Reporting,
    Tracking,
    Workspace,
    /// Administration, and the own account.
    Administration,
    /// Plans and calendars: plain forms without a bundle.
    Settings,
    /// A plain form without a bundle.
    LostLink,
    /// The sign-in, and passwords that are forgotten or chosen: plain forms, for which no bundle is loaded.
    Entrance,
}

impl PageBundle {
    /// The bundle of an address; an address that matches no page gets the lightest.
    fn of(path: &str) -> Self {
        let mut parts = path.split('/').skip(1);
        match (parts.next(), parts.next(), parts.next()) {
            (Some("desk"), Some("sign-in" | "password" | "start"), _) => Self::Entrance,
            (
                Some("desk"),
                Some("admin"),
                Some("plans" | "calendars" | "changes" | "privacy" | "server" | "setup"),
            ) => Self::Settings,
            (Some("desk"), Some("admin" | "account"), _) => Self::Administration,
            (Some("desk"), ..) => Self::Workspace,
            (Some("links"), None, None) => Self::LostLink,
            (Some("track"), Some(_), Some("follow")) => Self::Reporting,
            (Some("opened" | "track" | "survey" | "visit"), ..) => Self::Tracking,
            _ => Self::Reporting,
        }
    }
}

/// The document of a page that is rendered here and hydrated by `bundle`, if there is one.
fn document(css: String, bundle: Option<Bundle>, page: fn() -> AnyView) -> AnyView {
    let language = language();
    let start = bundle.as_ref().map(start);
    view! {
        <!DOCTYPE html>
        <html lang=language.code()>
            <head>
                <meta charset="utf-8"/>
                <meta
                    name="viewport"
                    content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
                />
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="manifest" href="/manifest.webmanifest"/>
                <link rel="stylesheet" href=css/>
                <meta name="description" content=t!(language, "frame.description")/>
                {bundle.map(|bundle| view! { <Preload bundle/> })}
                <MetaTags/>
            </head>
            <body>
                {page()}
                {start.map(|start| view! {
                    <script type="module" nonce=use_nonce()>{start}</script>
                    <script nonce=use_nonce()>{WATCH}</script>
                })}
            </body>
        </html>
    }
    .into_any()
}

/// Watches, until hydration, whether a translator or an extension changes the server's HTML. Of children of the body only the
/// first counts: scripts are appended at its end.
const WATCH: &str = "(()=>{const page=document.body,first=page.firstChild;let changed=false;\
    const look=all=>{for(const one of all){const at=one.target,of=at.nodeType===1?at:at.parentElement;\
    if(of===null||of===page||of.closest('script'))continue;changed=true}};\
    const seen=new MutationObserver(look);seen.observe(page,{childList:true,characterData:true,subtree:true});\
    window.vigiaChanged=()=>{look(seen.takeRecords());seen.disconnect();return changed||page.firstChild!==first}})()";

/// The notice for staff without a script. It stands after the page, where hydration does not look; the style shows it first.
#[component]
fn NeedsScript() -> impl IntoView {
    view! {
        <noscript>
            <p class="notice" data-tone="care">{t!(language(), "staff.needs_script")}</p>
        </noscript>
    }
    .into_any()
}

/// The document of a wall display, which draws itself.
pub fn wall_shell(assets: Assets) -> impl IntoView {
    let language = language();
    let start = start(&assets.wall);
    view! {
        <!DOCTYPE html>
        // On the root: lowered for older browsers, colours are computed there (`oldest_browsers` in tools/bundle.sh).
        <html lang=language.code() data-theme="dark">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="dark"/>
                <title>{t!(language, "wall.title")}</title>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=assets.css/>
                <Preload bundle=assets.wall/>
            </head>
            <body class="wall" translate="no">
                <noscript>{t!(language, "wall.needs_script")}</noscript>
                <script type="module" nonce=use_nonce()>{start}</script>
            </body>
        </html>
    }
    .into_any()
}

/// Fetches the bundle before the script asks for it. By `fetch` and not by a preload link, which WebKit fetches a second
/// time.
#[component]
fn Preload(bundle: Bundle) -> impl IntoView {
    let words = bundle.message(language());
    let early = format!("window.vigia=[fetch('{words}').then(r=>r.text()),fetch('{}')]", bundle.wasm);
    view! {
        <link rel="modulepreload" href=bundle.js.clone()/>
        <script nonce=use_nonce()>{early}</script>
    }
    .into_any()
}

/// Loads a bundle under its hashed name, with the responses of [`Preload`], and hydrates the page.
fn start(bundle: &Bundle) -> String {
    format!(
        "import init,{{hydrate}} from '{}';\
         const [words,wasm]=window.vigia;\
         Promise.all([words,init({{module_or_path:wasm}})]).then(([w])=>hydrate(w))",
        bundle.js
    )
}

#[cfg(test)]
mod tests {
    use super::PageBundle;

    #[test]
    fn address_selects_its_face() {
        for (path, face) in [
            ("/", PageBundle::Reporting),
            ("/opened/VE1-abc", PageBundle::Tracking),
            ("/nowhere", PageBundle::Reporting),
            ("/track/VE1-abc", PageBundle::Tracking),
            ("/track/VE1-abc/follow", PageBundle::Reporting),
            ("/links", PageBundle::LostLink),
            ("/survey/abc", PageBundle::Tracking),
            ("/visit/abc", PageBundle::Tracking),
            ("/desk", PageBundle::Workspace),
            ("/desk/sign-in", PageBundle::Entrance),
            ("/desk/password", PageBundle::Entrance),
            ("/desk/password/7-abc", PageBundle::Entrance),
            ("/desk/account", PageBundle::Administration),
            ("/desk/admin", PageBundle::Administration),
            ("/desk/admin/people/7", PageBundle::Administration),
            ("/desk/admin/plans/7", PageBundle::Settings),
            ("/desk/administrators", PageBundle::Workspace),
            ("/desk/cases/VE1/follow", PageBundle::Workspace),
            ("/desktop", PageBundle::Reporting),
        ] {
            assert_eq!(PageBundle::of(path), face, "{path}");
        }
    }
}
