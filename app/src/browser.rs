//! The entry points of the bundles: one function for each crate in `app/faces/`.

use crate::Administration;
use crate::Tracking;
#[cfg(not(feature = "ssr"))]
use crate::Workspace;
#[cfg(not(feature = "ssr"))]
use crate::pages::portal::{FormLoader, provide_form_loader, take_form_over};
#[cfg(not(feature = "ssr"))]
use crate::parts::{self, Loader, NotLoaded, Part, provide_loader};
use crate::takeover::take_over;
use crate::verify;
use crate::wall;
use gloo_timers::future::TimeoutFuture;
use leptos::mount::mount_to_body;
use leptos::prelude::{document, window};
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsError, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Hydrates the case form, and nothing else of its page. `part` loads what is not in the bundle itself.
///
/// # Errors
/// When `words` are not what the build writes (`tools/words`).
#[cfg(not(feature = "ssr"))]
pub fn form(words: &str, part: FormLoader) -> Result<(), JsError> {
    prepare(words)?;
    provide_form_loader(part);
    take_form_over();
    Ok(())
}

/// Hydrates a page of a customer's case.
///
/// # Errors
/// When `words` are not what the build writes (`tools/words`).
pub fn track(words: &str) -> Result<(), JsError> {
    prepare(words)?;
    take_page_over(Tracking);
    Ok(())
}

/// Hydrates a page of the staff's workspace, and loads the bundle's other parts while the browser is idle.
///
/// # Errors
/// When `words` are not what the build writes (`tools/words`), or the page's own part was not loaded.
#[cfg(not(feature = "ssr"))]
pub async fn workspace(words: String, loader: Loader) -> Result<(), JsError> {
    prepare(&words)?;
    provide_loader(loader);
    // Hydration waits for nothing: what it draws has to be there.
    if let Some(part) = window().location().pathname().ok().and_then(|path| Part::of(&path)) {
        persistently(|| parts::load(part))
            .await
            .map_err(|NotLoaded| JsError::new("the page's code was not loaded"))?;
    }
    take_page_over(Workspace);
    spawn_local(load_parts());
    Ok(())
}

/// Loads what a page needs. Without it the page does nothing and does not say so: a lost request is repeated.
#[cfg(not(feature = "ssr"))]
pub(crate) async fn persistently<T, F>(load: impl Fn() -> F) -> Result<T, NotLoaded>
where
    F: Future<Output = Result<T, NotLoaded>>,
{
    const PAUSES_MS: [u32; 4] = [500, 2_000, 8_000, 30_000];
    for pause_ms in PAUSES_MS {
        if let Ok(loaded) = load().await {
            return Ok(loaded);
        }
        TimeoutFuture::new(pause_ms).await;
    }
    load().await
}

/// Loads every part, one after the other. What fails is loaded when its page is opened.
#[cfg(not(feature = "ssr"))]
async fn load_parts() {
    for part in Part::ALL {
        idle().await;
        let _ = parts::load(part).await;
    }
}

/// Waits until the browser has nothing to do. `WebKit` does not tell: there it waits for a while.
#[cfg(not(feature = "ssr"))]
pub(crate) async fn idle() {
    const WHILE_MS: u32 = 1000;
    let ask = js_sys::Reflect::get(&window(), &JsValue::from_str("requestIdleCallback"));
    let Some(ask) = ask.ok().and_then(|ask| ask.dyn_into::<js_sys::Function>().ok()) else {
        return TimeoutFuture::new(WHILE_MS).await;
    };
    let told = js_sys::Promise::new(&mut |tell, _| {
        let _ = ask.call1(&JsValue::UNDEFINED, &tell);
    });
    let _ = JsFuture::from(told).await;
}

/// Hydrates a page of the administration or of the own account.
///
/// # Errors
/// When `words` are not what the build writes (`tools/words`).
pub fn admin(words: &str) -> Result<(), JsError> {
    prepare(words)?;
    take_page_over(Administration);
    Ok(())
}

/// Draws the wall.
///
/// # Errors
/// When `words` are not what the build writes (`tools/words`).
pub fn wall(words: &str) -> Result<(), JsError> {
    prepare(words)?;
    mount_to_body(wall::Wall);
    Ok(())
}

/// Draws the page that verifies proofs.
///
/// # Errors
/// When `words` are not what the build writes (`tools/words`).
pub fn verify(words: &str) -> Result<(), JsError> {
    prepare(words)?;
    mount_to_body(verify::Verify);
    Ok(())
}

fn take_page_over<N: leptos::IntoView + 'static>(page: fn() -> N) {
    if let Some(body) = document().body() {
        take_over(body, page);
    }
}

fn prepare(words: &str) -> Result<(), JsError> {
    // A release has no words for it (tools/bindgen).
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    crate::press::watch();
    #[cfg(target_arch = "wasm32")]
    domain::i18n::load(words)?;
    #[cfg(not(target_arch = "wasm32"))]
    let _ = words;
    Ok(())
}
