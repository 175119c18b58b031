//! The HTML document around every page.

use domain::t;
use http::request::Parts;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos::reactive::owner::with_context;
use leptos_meta::MetaTags;

use crate::Administration;
use crate::CustomerAccount;
use crate::Entrance;
use crate::Reporting;
use crate::Settings;
use crate::Tracking;
use crate::Workspace;
use crate::formats::{META as FORMATS, SERIALS_META as SERIALS};
use crate::pages::staff::is_rendered_once;
use crate::provider::META;
use crate::request::{Assets, Bundle, accent_sheet, formats, language, proof_key, provider, serial_formats};
use crate::ui::Logo;
use crate::verify::{DESK_META, KEY_META};

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
        PageBundle::Administration => document(assets.admin_css, Some(assets.admin), || {
            view! { <Administration/> <NeedsScript/> }.into_any()
        }),
        PageBundle::Settings => document(assets.admin_css, None, || view! { <Settings/> }.into_any()),
        PageBundle::LostLink => document(assets.css, None, || view! { <Reporting/> }.into_any()),
        PageBundle::CustomerAccount => document(assets.css, None, || view! { <CustomerAccount/> }.into_any()),
        PageBundle::Entrance => document(assets.admin_css, None, || view! { <Entrance/> }.into_any()),
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
    /// Settings, displays, the register, the report by causes and resolving without a script: plain forms without a bundle.
    Settings,
    /// A plain form without a bundle.
    LostLink,
    /// Customers who sign in, and the lists of what is theirs: plain forms without a bundle.
    CustomerAccount,
    /// The sign-in, and passwords that are forgotten or chosen: plain forms, for which no bundle is loaded.
    Entrance,
}

impl PageBundle {
    /// The bundle of an address; an address that matches no page gets the lightest.
    fn of(path: &str) -> Self {
        let mut parts = path.split('/').skip(1);
        let parts = (parts.next(), parts.next(), parts.next());
        if path.starts_with("/desk/cases/") && path.ends_with("/resolve") {
            return Self::Settings;
        }
        match parts {
            (Some("desk"), Some("sign-in" | "password" | "start"), _) => Self::Entrance,
            (Some("desk"), Some("triage"), _)
            | (Some("desk"), Some("reports"), Some("causes"))
            | (Some("desk"), Some("account"), Some("absences" | "identities" | "passkeys" | "proof"))
            | (Some("desk"), Some("admin"), Some("schedules")) => Self::Settings,
            (Some("desk"), Some("admin"), Some(part)) if is_rendered_once(part) => Self::Settings,
            (Some("desk"), Some("admin" | "account"), _) => Self::Administration,
            (Some("desk"), ..) => Self::Workspace,
            (Some("links"), None, None) => Self::LostLink,
            (Some("my"), ..) => Self::CustomerAccount,
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
                <OfProvider/>
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

/// The provider's accent, what the browser draws of the provider, and the number formats if the desk has set any. In the head, where nothing is hydrated.
#[component]
pub(crate) fn OfProvider() -> impl IntoView {
    let formats = formats();
    let formats = (!formats.are_standing()).then(|| formats.written());
    let serials = serial_formats();
    let serials = (!serials.are_standing()).then(|| serials.written());
    let sheet = accent_sheet().map(|sheet| view! { <link rel="stylesheet" href=sheet.address/> });
    view! {
        {sheet}
        <meta name=META content=provider().written()/>
        {formats.map(|content| view! { <meta name=FORMATS content=content/> })}
        {serials.map(|content| view! { <meta name=SERIALS content=content/> })}
    }
    .into_any()
}

/// Watches, until hydration, whether a translator or an extension changes the server's HTML. Of children of the body only the
/// first counts: scripts are appended at its end. Keeps the button that was pressed last and does nothing by itself, for ten
/// seconds, and unless the reader does something else meanwhile.
const WATCH: &str = "(()=>{const page=document.body,first=page.firstChild;let changed=false,pressed=null,when=0;\
    const press=event=>{pressed=event.target.closest('button[type=button]');when=performance.now()};\
    const drop=()=>{pressed=null};\
    page.addEventListener('click',press);page.addEventListener('input',drop);addEventListener('pagehide',drop);\
    window.vigiaPressed=()=>{page.removeEventListener('click',press);page.removeEventListener('input',drop);\
    return performance.now()-when<1e4?pressed:null};\
    const look=all=>{for(const one of all){const at=one.target,of=at.nodeType===1?at:at.parentElement;\
    if(of===null||of===page||of.closest('script'))continue;changed=true}};\
    const seen=new MutationObserver(look);seen.observe(page,{childList:true,characterData:true,subtree:true});\
    window.vigiaChanged=()=>{look(seen.takeRecords());seen.disconnect();return changed||page.firstChild!==first}})()";

/// The notice for staff without a script. It stands after the page, where hydration does not look; the style shows it first.
#[component]
fn NeedsScript() -> impl IntoView {
    let path = with_context(|parts: &Parts| parts.uri.path().to_owned()).unwrap_or_default();
    let case = path.strip_prefix("/desk/cases/").filter(|number| !number.is_empty() && !number.contains('/'));
    let resolve = case.map(|number| {
        let address = format!("/desk/cases/{number}/resolve");
        view! { " " <a href=address>{t!(language(), "staff.resolve.title")}</a> }
    });
    view! {
        <noscript>
            <p class="notice" data-tone="care">{t!(language(), "staff.needs_script")} {resolve}</p>
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
                <title inner_html=title(&t!(language, "wall.title", name = provider().name))></title>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=assets.wall_css/>
                <OfProvider/>
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

/// The document of the page that verifies proofs, which draws itself.
pub fn verify_shell(assets: Assets) -> impl IntoView {
    let language = language();
    let (key, address) = proof_key();
    let start = start(&assets.verify);
    view! {
        <!DOCTYPE html>
        <html lang=language.code()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title inner_html=title(&format!("{} · {}", t!(language, "verify.title"), provider().name))></title>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=assets.verify_css/>
                <OfProvider/>
                <meta name=KEY_META content=key/>
                <meta name=DESK_META content=address/>
                <Preload bundle=assets.verify/>
            </head>
            <body>
                <noscript>{t!(language, "verify.needs_script")}</noscript>
                <script type="module" nonce=use_nonce()>{start}</script>
            </body>
        </html>
    }
    .into_any()
}

/// What a screen shows that waits to become a display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitingScreen {
    /// Its code, in two groups.
    Code(String),
    /// That too many screens wait.
    Crowded,
}

/// Asks every other second whether the page is to be loaded again. A server that does not answer is asked once more. Before
/// the page is loaded again it stops asking: a second reload would break off the first one, however slow that is. A browser
/// that keeps no cookie (404) is never paired; it takes another code no more often than one that does.
const WAIT: &str = "const waits=setInterval(async()=>{try{const {status}=await fetch('/pair/state',{cache:'no-store'});\
    if(status===200||status===404&&performance.now()>6e5){clearInterval(waits);location.reload()}}catch{}},2000)";

/// The document of a screen that waits to become a display.
pub fn waiting_shell(assets: Assets, screen: WaitingScreen) -> impl IntoView {
    let language = language();
    let provider = provider();
    let (code, is_crowded) = match screen {
        WaitingScreen::Code(code) => (code, false),
        WaitingScreen::Crowded => (String::new(), true),
    };
    // A screen without a script loads the page again twice a minute; one that found no room tries again after a minute.
    let script = (!is_crowded).then(|| view! { <script nonce=use_nonce()>{WAIT}</script> });
    let later = if is_crowded {
        view! { <meta http-equiv="refresh" content="60"/> }.into_any()
    } else {
        view! { <noscript><meta http-equiv="refresh" content="30"/></noscript> }.into_any()
    };
    let spoken = code.chars().filter(|letter| *letter != ' ').map(String::from).collect::<Vec<_>>().join(" ");
    let shown = if is_crowded {
        view! { <p class="pair__lead">{t!(language, "pair.crowded")}</p> }.into_any()
    } else {
        view! {
            <p class="pair__lead" id="pair-lead">{t!(language, "pair.lead")}</p>
            <p class="pair__code" aria-describedby="pair-lead">
                <span aria-hidden="true">{code}</span>
                <span class="sr">{spoken}</span>
            </p>
            <p class="pair__note">{t!(language, "pair.note")}</p>
        }
        .into_any()
    };
    view! {
        <!DOCTYPE html>
        <html lang=language.code() data-theme="dark">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="dark"/>
                <meta name="robots" content="noindex"/>
                <title inner_html=title(&t!(language, "pair.title", name = provider.name))></title>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=assets.wall_css/>
                <OfProvider/>
                {later}
            </head>
            <body class="pairing" translate="no">
                <main>
                    <span class="site__logo"><Logo/></span>
                    <h1>{t!(language, "pair.heading")}</h1>
                    {shown}
                </main>
                {script}
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
    let parts = bundle.parts.as_ref().map(early_parts).unwrap_or_default();
    let early = format!("window.vigia=[fetch('{words}').then(r=>r.text()),fetch('{}')]{parts}", bundle.wasm);
    view! {
        <link rel="modulepreload" href=bundle.js.clone()/>
        <script nonce=use_nonce()>{early}</script>
    }
    .into_any()
}

/// Tells the bundle where the words of its parts are, and fetches what the page needs of them.
fn early_parts(parts: &crate::request::Parts) -> String {
    let words = parts.message(language());
    let told = format!(";window.vigiaWords='{words}'");
    let path = with_context(|parts: &Parts| parts.uri.path().to_owned()).unwrap_or_default();
    match parts.of_page(&path) {
        [] => told,
        files => {
            let files = files.iter().map(String::as_str).chain([words]).collect::<Vec<_>>().join("','");
            // Whoever needs a file asks again: what fails here is told there.
            told + ";for(const file of['" + &files + "'])fetch(file).catch(()=>{})"
        }
    }
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

/// The words of a title as HTML. As a child they would end with a marker of the renderer, which a title shows as text.
pub(crate) fn title(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;")
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
            ("/desk/account/passkeys", PageBundle::Settings),
            ("/desk/account/identities", PageBundle::Settings),
            ("/desk/admin/sign-in/7", PageBundle::Settings),
            ("/desk/admin", PageBundle::Administration),
            ("/desk/admin/people/7", PageBundle::Administration),
            ("/desk/admin/sessions", PageBundle::Settings),
            ("/desk/admin/roles", PageBundle::Settings),
            ("/desk/admin/roles/new", PageBundle::Settings),
            ("/desk/admin/plans/7", PageBundle::Settings),
            ("/desk/admin/provider", PageBundle::Settings),
            ("/desk/admin/causes", PageBundle::Settings),
            ("/desk/reports/causes", PageBundle::Settings),
            ("/desk/triage", PageBundle::Settings),
            ("/desk/triage/7", PageBundle::Settings),
            ("/desk/reports/pauses", PageBundle::Workspace),
            ("/desk/admin/formats", PageBundle::Settings),
            ("/desk/admin/integrations", PageBundle::Settings),
            ("/desk/admin/webhooks/7", PageBundle::Settings),
            ("/desk/admin/serial-formats", PageBundle::Settings),
            ("/desk/admin/register/sites/7", PageBundle::Settings),
            ("/desk/administrators", PageBundle::Workspace),
            ("/desk/cases/VE1/follow", PageBundle::Workspace),
            ("/desk/cases/VE1/resolve", PageBundle::Settings),
            ("/desktop", PageBundle::Reporting),
        ] {
            assert_eq!(PageBundle::of(path), face, "{path}");
        }
    }
}
