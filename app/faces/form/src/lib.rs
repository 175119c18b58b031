//! The bundle of the case form, and its part: code that is loaded when the form is hydrated and the browser is idle.
//!
//! Built for browsers alone, with `app`'s feature `hydrate` named on the command line (`tools/bundle.sh`). `tools/bindgen`
//! cuts the part off.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unnecessary_wraps, reason = "wasm_split asks it of functions whose part may not arrive")]

use app::pages::portal::FormPart;
use app::parts::{Awaited, NotLoaded};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

/// Hydrates the rendered page. `words` are those of the page's language, as `tools/words` writes them.
///
/// # Errors
/// When the words are not what the build writes.
#[wasm_bindgen]
pub fn hydrate(words: &str) -> Result<(), wasm_bindgen::JsError> {
    app::browser::form(words, load)
}

#[wasm_split(form_part, fallible)]
fn form_part() -> Result<FormPart, SplitLoaderError> {
    Ok(FormPart::whole())
}

fn load() -> Awaited<FormPart> {
    Box::pin(async { form_part().await.map_err(|_| NotLoaded) })
}
