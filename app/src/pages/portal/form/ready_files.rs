//! Files of the form in its part: made ready and kept when they are chosen, and sent with it.

use domain::attachment::FileProblem;
use domain::intake::KEY;
use domain::t;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::FormError;
use super::files::{FormFiles, ID, Undone};
use super::send::Sending;
use super::state::FormState;
use crate::language::use_language;
use crate::ui::Icon;
use crate::upload::waiting::{Room, WaitingFile, all_removed, brought_back, made_ready, removed, send_form};
use crate::upload::{chosen_in, forget};

/// Pauses before the form is sent again by itself, in milliseconds. Its key makes that safe.
const PAUSES_MS: [u32; 2] = [2_000, 6_000];
/// Time between two looks at files that are being made ready, in milliseconds.
const LOOK_MS: u32 = 50;

/// Does what waited for the part, and takes the files out of the input. Does nothing where the page is gone.
pub(super) fn settle(files: FormFiles) {
    let Undone { dropped, kept } = files.undone();
    if let Some(dropped) = dropped {
        all_removed(files.store(), &dropped);
    }
    if !kept.is_empty() {
        bring_back(files, kept);
    }
    take(files);
}

/// Takes the files out of the input, and makes them ready.
fn take(files: FormFiles) {
    let found = chosen_in(ID);
    if found.is_empty() {
        return;
    }
    // They wait in the list, and may be chosen again after they were removed.
    forget(ID);
    let (store, room) = (files.store(), files.chosen.with_untracked(|chosen| Room::beside(chosen)));
    files.wrong.set(None);
    files.preparing.update(|count| *count += 1);
    spawn_local(async move {
        let (ready, wrong) = made_ready(files.language, store.as_deref(), found, room).await;
        // The page may be gone by now.
        files.chosen.try_update(|chosen| chosen.extend(ready));
        files.wrong.try_set((!wrong.is_empty()).then(|| wrong.join("\n")));
        files.preparing.try_update(|count| *count -= 1);
    });
}

/// Brings back the files of a draft, as far as the browser still has them.
fn bring_back(files: FormFiles, kept: Vec<WaitingFile>) {
    let store = files.store();
    files.preparing.update(|count| *count += 1);
    spawn_local(async move {
        let found = brought_back(store.as_deref(), kept.clone()).await;
        let mut lost = Vec::new();
        files.chosen.try_update(|chosen| {
            chosen.retain(|file| {
                let is_here = !kept.contains(file) || found.contains(file);
                if !is_here {
                    lost.push(file.name.clone());
                }
                is_here
            });
        });
        if !lost.is_empty() {
            files.wrong.try_set(Some(t!(files.language, "file.choose_again", names = lost.join(", "))));
        }
        files.preparing.try_update(|count| *count -= 1);
    });
}

/// Takes one file away.
fn remove(files: FormFiles, file: WaitingFile) {
    files.wrong.set(None);
    files.chosen.update(|chosen| chosen.retain(|other| *other != file));
    removed(files.store(), file);
}

/// The files to send, once all are ready; none where the page is gone.
pub(super) async fn settled(files: FormFiles) -> Vec<WaitingFile> {
    while files.preparing.try_get_untracked().is_some_and(|count| count > 0) {
        TimeoutFuture::new(LOOK_MS).await;
    }
    files.chosen.try_get_untracked().unwrap_or_default()
}

/// Sends the form with files, again where the network failed. Gives the name of the opened case.
pub(super) async fn send_with_files(
    files: FormFiles,
    filling: FormState,
    key: &str,
    follows: &str,
    chosen: &[WaitingFile],
) -> Result<String, FormError> {
    let address = filling.who.action(follows);
    let mut pauses = PAUSES_MS.into_iter();
    loop {
        let answer = send_form(ID, &address, (KEY, key), chosen, files.share).await;
        let Some((status, words)) = answer else {
            let Some(pause) = pauses.next() else { return Err(FormError::Transport) };
            TimeoutFuture::new(pause).await;
            continue;
        };
        return match status {
            201 => Ok(words),
            401 | 403 | 404 => Err(FormError::Told(words)),
            413 => Err(FormError::Files(FileProblem::TooLargeWithOpening.message(filling.language))),
            _ => Err(serde_json::from_str(&words).unwrap_or(FormError::Transport)),
        };
    }
}

/// The files that were chosen, each with a button that takes it away.
#[component]
pub(super) fn ChosenFiles(sending: Sending) -> impl IntoView {
    let language = use_language();
    let files = sending.files();
    let line = move |file: WaitingFile| {
        let remove_words = t!(language, "file.remove", name = file.name);
        let name = file.name.clone();
        view! {
            <li class="file">
                <span class="file__picture"><Icon name="contract"/></span>
                <span class="file__name">{name}</span>
                <button class="button" type="button" aria-label=remove_words
                    on:click=move |_| { sending.forget_refused_files(); remove(files, file.clone()) }>
                    <Icon name="close"/>
                </button>
            </li>
        }
    };
    view! {
        <ul class="files" aria-label=t!(language, "file.chosen")>
            {files.chosen.get_untracked().into_iter().map(line).collect_view()}
        </ul>
    }
    .into_any()
}
