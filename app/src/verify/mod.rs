//! The page that verifies the proof of a case (`domain::proof`), in the browser alone: nothing of the file is sent anywhere.
//!
//! It is served at `/verify`, and as one file that readers keep. That file has everything in it and needs no server.

#[cfg(feature = "ssr")]
mod kept;
mod mark;
mod of_desk;
mod result;

use domain::proof::{Flaw, PROOF_BYTES_MAX, PublicKey, Verdict, verify};
use domain::t;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::language::{provide_language, use_language};
use crate::provider::use_provider;
use crate::ui::{LanguageSwitch, Logo};
use crate::upload::{Chosen, FILES, chosen_in};
#[cfg(feature = "ssr")]
pub use kept::kept_page;
use of_desk::OfDesk;
#[cfg(feature = "ssr")]
pub(crate) use of_desk::{DESK_META, KEY_META};
use result::{details, headline};

/// The address of the page as one file.
const KEPT_PAGE: &str = "/verify/offline.html";
/// The id of the field of the file.
const FIELD: &str = "proof-file";

/// What became of a file that was chosen.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    /// The desk signed it.
    Verified(Box<Verdict>),
    /// Nothing of it can be believed.
    Flawed(Flaw),
    /// The browser could not read it.
    Unreadable,
}

/// A file that was chosen, with its outcome.
#[derive(Debug, Clone, PartialEq)]
struct Tried {
    /// Its name on the device.
    name: String,
    /// What became of it.
    outcome: Outcome,
}

/// The whole page, drawn in the browser only.
#[component]
pub fn Verify() -> impl IntoView {
    provide_language();
    let language = use_language();
    let desk = StoredValue::new(OfDesk::read());
    let tried = RwSignal::new(None::<Tried>);
    let choose = move |_| {
        let Some(file) = chosen_in(FIELD).into_iter().next() else { return };
        spawn_local(async move {
            let outcome = outcome_of(&file, desk).await;
            tried.set(Some(Tried { name: file.name, outcome }));
        });
    };
    view! {
        <Head desk/>
        <main id="main" class="wrap verify page stack stack--wide">
            <div class="page__head">
                <h1>{t!(language, "verify.title")}</h1>
                <p class="lead">{t!(language, "verify.lead")}</p>
            </div>
            <form class="card stack" on:submit=|event| event.prevent_default()>
                <label class="field__label" for=FIELD>{t!(language, "verify.file")}</label>
                <p class="field__hint" id="proof-file-hint">{t!(language, "verify.file_hint")}</p>
                <input class="verify__file" id=FIELD type="file" name=FILES
                    accept="application/json,.json" aria-describedby="proof-file-hint" on:change=choose/>
            </form>
            <div class="stack stack--wide" id="verdict">
                // The result is read aloud; the tables below it are not.
                <div aria-live="polite">
                    {move || tried.with(|tried| tried.as_ref().map(|tried| headline(language, tried)))}
                </div>
                {move || tried.with(|tried| tried.as_ref().and_then(|tried| details(language, tried)))}
            </div>
            <Key desk/>
        </main>
    }
    .into_any()
}

/// What becomes of a file. One that is larger than any proof is not read.
async fn outcome_of(file: &Chosen, desk: StoredValue<OfDesk>) -> Outcome {
    if file.content.size() > f64::from(u32::try_from(PROOF_BYTES_MAX).unwrap_or(u32::MAX)) {
        return Outcome::Flawed(Flaw::TooLarge);
    }
    let Some(content) = bytes_of(&file.content).await else { return Outcome::Unreadable };
    match desk.with_value(|desk| verify(&content, &desk.keys)) {
        Ok(verdict) => Outcome::Verified(Box::new(verdict)),
        Err(flaw) => Outcome::Flawed(flaw),
    }
}

async fn bytes_of(file: &Blob) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    Some(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// The header. The kept page has neither pictures nor other languages: these are at the desk.
#[component]
fn Head(desk: StoredValue<OfDesk>) -> impl IntoView {
    let language = use_language();
    let provider = use_provider();
    let (is_kept, address) = desk.with_value(|desk| (desk.is_kept, desk.address.clone()));
    let switch = (!is_kept).then(|| view! { <LanguageSwitch/> });
    let logo = if is_kept {
        view! { <b class="site__word">{provider.name.clone()}</b> }.into_any()
    } else {
        view! { <Logo/> }.into_any()
    };
    let home = if is_kept { address } else { "/".to_owned() };
    view! {
        <a class="skip" href="#main">{t!(language, "frame.skip")}</a>
        <header class="site">
            <div class="wrap site__bar">
                <a class="site__logo" href=home aria-label=t!(language, "frame.home", name = provider.name)>{logo}</a>
                {switch}
            </div>
        </header>
    }
    .into_any()
}

/// The key that the page believes, and how the reader makes sure of it.
#[component]
fn Key(desk: StoredValue<OfDesk>) -> impl IntoView {
    let language = use_language();
    let (is_kept, address, prints) = desk.with_value(|desk| {
        (desk.is_kept, desk.address.clone(), desk.keys.iter().map(PublicKey::fingerprint).collect::<Vec<_>>())
    });
    let prints =
        prints.into_iter().map(|print| view! { <p class="number number--any verify__key">{print}</p> });
    let keep = (!is_kept).then(|| {
        view! {
            <p>{t!(language, "verify.keep_hint")}</p>
            <p><a class="button" href=KEPT_PAGE download="" rel="external">{t!(language, "verify.keep")}</a></p>
        }
    });
    view! {
        <section class="card stack" aria-labelledby="h-key">
            <h2 id="h-key">{t!(language, "verify.key")}</h2>
            {prints.collect_view()}
            <p>{t!(language, "verify.key_hint", address = address)}</p>
            {keep}
        </section>
    }
    .into_any()
}
