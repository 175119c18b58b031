//! The entry points of the bundles: one function for each crate in `app/faces/`.

use crate::Administration;
use crate::Tracking;
use crate::Workspace;
use crate::pages::portal::take_form_over;
use crate::takeover::take_over;
use crate::wall;
use leptos::mount::mount_to_body;
use leptos::prelude::document;
use wasm_bindgen::JsError;

/// Hydrates the case form, and nothing else of its page.
///
/// # Errors
/// When `words` are not what the build writes (`tools/words`).
pub fn form(words: &str) -> Result<(), JsError> {
    prepare(words)?;
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

/// Hydrates a page of the staff's workspace.
///
/// # Errors
/// When `words` are not what the build writes (`tools/words`).
pub fn workspace(words: &str) -> Result<(), JsError> {
    prepare(words)?;
    take_page_over(Workspace);
    Ok(())
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

fn take_page_over<N: leptos::IntoView + 'static>(page: fn() -> N) {
    if let Some(body) = document().body() {
        take_over(body, page);
    }
}

fn prepare(words: &str) -> Result<(), JsError> {
    console_error_panic_hook::set_once();
    crate::press::watch();
    #[cfg(target_arch = "wasm32")]
    domain::i18n::load(words)?;
    #[cfg(not(target_arch = "wasm32"))]
    let _ = words;
    Ok(())
}
