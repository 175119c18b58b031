//! Files that wait for their form to be sent: made ready when they are chosen, and kept in this browser over a reload.
//!
//! What is sent again is what was sent, byte for byte, so that a repeated form has the same content.

use std::cell::RefCell;
use std::collections::BTreeMap;

use domain::attachment::{FileProblem, MOST_FILES_AT_OPENING};
use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Cache, CacheStorage, FormData, Response};

use super::{Chosen, FILES, are_too_large, input, posted, ready};

thread_local! {
    /// The contents of this page's files, by their keys. A browser's objects are no values of signals.
    static CONTENTS: RefCell<BTreeMap<String, Blob>> = const { RefCell::new(BTreeMap::new()) };
}

/// A file that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WaitingFile {
    /// Its key in this browser.
    key: String,
    /// Its name on the device.
    pub(crate) name: String,
}

impl WaitingFile {
    fn content(&self) -> Option<Blob> {
        CONTENTS.with_borrow(|contents| contents.get(&self.key).cloned())
    }

    /// The address that stands for it in the browser's store. Nothing is asked of the server.
    fn address(&self) -> String {
        format!("/draft-files/{}", self.key)
    }
}

/// Room of an opening beside the files that it has already.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    /// How many files it can still have.
    files: usize,
    /// The bytes of those that it has.
    taken: f64,
}

impl Room {
    /// The room beside some files.
    pub(crate) fn beside(files: &[WaitingFile]) -> Self {
        let taken = files.iter().filter_map(WaitingFile::content).map(|content| content.size()).sum();
        Self { files: MOST_FILES_AT_OPENING.saturating_sub(files.len()), taken }
    }
}

/// Makes chosen files ready, as far as there is room, and keeps them in the store of a name. Gives what is wrong with the others,
/// a line each.
pub(crate) async fn made_ready(
    language: Language,
    store: Option<&str>,
    chosen: Vec<Chosen>,
    room: Room,
) -> (Vec<WaitingFile>, Vec<String>) {
    let (mut files, mut wrong) = (Vec::new(), Vec::new());
    let mut taken = room.taken;
    let cache = opened(store).await;
    // A whole number: the code that writes others is large.
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
    let now = js_sys::Date::now() as i64;
    for (place, chosen) in chosen.into_iter().enumerate() {
        if files.len() == room.files {
            wrong.push(FileProblem::TooManyAtOpening.message(language));
            break;
        }
        let content = match ready(&chosen).await {
            Ok(content) => content,
            Err(problem) => {
                let problem = problem.message(language);
                wrong.push(t!(language, "file.wrong", name = chosen.name, problem = problem));
                continue;
            }
        };
        if are_too_large(taken + content.size()) {
            wrong.push(FileProblem::TooLargeWithOpening.message(language));
            break;
        }
        taken += content.size();
        let file = WaitingFile { key: format!("{now}-{place}"), name: chosen.name };
        if let (Some(cache), Ok(kept)) = (&cache, Response::new_with_opt_blob(Some(&content))) {
            // A full store keeps nothing; the file is sent all the same.
            let _ = JsFuture::from(cache.put_with_str(&file.address(), &kept)).await;
        }
        CONTENTS.with_borrow_mut(|contents| contents.insert(file.key.clone(), content));
        files.push(file);
    }
    (files, wrong)
}

/// Those of some files that this page or the store of a name still holds.
pub(crate) async fn brought_back(store: Option<&str>, files: Vec<WaitingFile>) -> Vec<WaitingFile> {
    let cache = opened(store).await;
    let mut found = Vec::new();
    for file in files {
        // Its reader was on another page of the same workspace meanwhile.
        if file.content().is_some() {
            found.push(file);
            continue;
        }
        let Some(cache) = &cache else { continue };
        if let Some(content) = stored(cache, &file).await {
            CONTENTS.with_borrow_mut(|contents| contents.insert(file.key.clone(), content));
            found.push(file);
        }
    }
    found
}

async fn stored(cache: &Cache, file: &WaitingFile) -> Option<Blob> {
    let kept: Response = JsFuture::from(cache.match_with_str(&file.address())).await.ok()?.dyn_into().ok()?;
    JsFuture::from(kept.blob().ok()?).await.ok()?.dyn_into().ok()
}

/// Removes one file.
pub(crate) fn removed(store: Option<String>, file: WaitingFile) {
    CONTENTS.with_borrow_mut(|contents| contents.remove(&file.key));
    spawn_local(async move {
        if let Some(cache) = opened(store.as_deref()).await {
            let _ = JsFuture::from(cache.delete_with_str(&file.address())).await;
        }
    });
}

/// Removes the files of a form, with the store of a name.
pub(crate) fn all_removed(store: Option<String>, files: &[WaitingFile]) {
    CONTENTS.with_borrow_mut(|contents| contents.retain(|key, _| files.iter().all(|file| file.key != *key)));
    let Some(name) = store else { return };
    spawn_local(async move {
        if let Some(caches) = caches() {
            // A browser that keeps nothing has nothing to remove.
            let _ = JsFuture::from(caches.delete(&name)).await;
        }
    });
}

/// The browser's stores. Pages without TLS have none, nor have some private windows.
fn caches() -> Option<CacheStorage> {
    js_sys::Reflect::get(&window(), &"caches".into()).ok()?.dyn_into().ok()
}

async fn opened(store: Option<&str>) -> Option<Cache> {
    JsFuture::from(caches()?.open(store?)).await.ok()?.dyn_into().ok()
}

/// Posts the form around the input of an id as its page would, with one field set anew and with the files that wait. `None` if
/// the server was not reached.
pub(crate) async fn send_form(
    id: &str,
    address: &str,
    (field, value): (&str, &str),
    files: &[WaitingFile],
    share: RwSignal<Option<u8>>,
) -> Option<(u16, String)> {
    let filled = FormData::new_with_form(&input(id)?.form()?).ok()?;
    filled.set_with_str(field, value).ok()?;
    filled.delete(FILES);
    for file in files {
        if let Some(content) = file.content() {
            filled.append_with_blob_and_filename(FILES, &content, &file.name).ok()?;
        }
    }
    share.try_set(Some(0));
    let tell = move |part| {
        share.try_set(Some(part));
    };
    let answer = posted(address, &filled, "application/json", tell).await;
    share.try_set(None);
    answer
}
