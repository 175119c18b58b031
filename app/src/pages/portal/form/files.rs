//! The files of the form: made ready and kept when they are chosen, and sent with it.

use domain::attachment::FileProblem;
use domain::i18n::Language;
use domain::intake::KEY;
use domain::t;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::FormError;
use super::send::{Sending, Sent};
use super::state::FormState;
use crate::language::use_language;
use crate::ui::Icon;
use crate::upload::waiting::{Room, WaitingFile, all_removed, brought_back, made_ready, removed, send_form};
use crate::upload::{FilesField, FilesOf, chosen_in, forget};

/// The id of the input.
const ID: &str = "form-files";
/// Pauses before the form is sent again by itself, in milliseconds. Its key makes that safe.
const PAUSES_MS: [u32; 2] = [2_000, 6_000];
/// Time between two looks at files that are being made ready, in milliseconds.
const LOOK_MS: u32 = 50;

/// The files of one form.
#[derive(Clone, Copy)]
pub(super) struct FormFiles {
    /// Those that were chosen, in their order.
    pub(super) chosen: RwSignal<Vec<WaitingFile>>,
    /// What was wrong with others.
    wrong: RwSignal<Option<String>>,
    /// How many choices are being made ready or brought back.
    preparing: RwSignal<u32>,
    /// How many per cent were sent.
    share: RwSignal<Option<u8>>,
    /// The name of their store. The staff has none: the next agent at the same browser must not find a customer's files.
    store: StoredValue<Option<String>>,
}

impl FormFiles {
    pub(super) fn new(store: Option<String>) -> Self {
        Self {
            chosen: RwSignal::new(Vec::new()),
            wrong: RwSignal::new(None),
            preparing: RwSignal::new(0),
            share: RwSignal::new(None),
            store: StoredValue::new(store),
        }
    }

    /// The name of their store.
    pub(super) fn store(self) -> Option<String> {
        self.store.get_value()
    }

    /// Takes the files out of the input, and makes them ready: when they are chosen, and after hydration those from before.
    pub(super) fn take(self, language: Language) {
        let files = chosen_in(ID);
        if files.is_empty() {
            return;
        }
        // They wait in the list, and may be chosen again after they were removed.
        forget(ID);
        let (store, room) = (self.store(), self.chosen.with_untracked(|chosen| Room::beside(chosen)));
        self.wrong.set(None);
        self.preparing.update(|count| *count += 1);
        spawn_local(async move {
            let (ready, wrong) = made_ready(language, store.as_deref(), files, room).await;
            // The page may be gone by now.
            self.chosen.try_update(|chosen| chosen.extend(ready));
            self.wrong.try_set((!wrong.is_empty()).then(|| wrong.join("\n")));
            self.preparing.try_update(|count| *count -= 1);
        });
    }

    /// Brings back the files of a draft, as far as the browser still has them.
    pub(super) fn bring_back(self, language: Language, files: Vec<WaitingFile>) {
        if files.is_empty() {
            return;
        }
        let store = self.store();
        self.chosen.set(files.clone());
        self.preparing.update(|count| *count += 1);
        spawn_local(async move {
            let found = brought_back(store.as_deref(), files.clone()).await;
            let mut lost = Vec::new();
            self.chosen.try_update(|chosen| {
                chosen.retain(|file| {
                    let is_here = !files.contains(file) || found.contains(file);
                    if !is_here {
                        lost.push(file.name.clone());
                    }
                    is_here
                });
            });
            if !lost.is_empty() {
                self.wrong.try_set(Some(t!(language, "file.choose_again", names = lost.join(", "))));
            }
            self.preparing.try_update(|count| *count -= 1);
        });
    }

    /// Takes one file away.
    fn remove(self, file: WaitingFile) {
        self.wrong.set(None);
        self.chosen.update(|chosen| chosen.retain(|other| *other != file));
        removed(self.store(), file);
    }

    /// Takes all files away.
    pub(super) fn clear(self) {
        self.wrong.set(None);
        all_removed(self.store(), &self.chosen.get_untracked());
        self.chosen.set(Vec::new());
    }

    /// The files to send, once all are ready; none where the page is gone.
    pub(super) async fn settled(self) -> Vec<WaitingFile> {
        while self.preparing.try_get_untracked().is_some_and(|count| count > 0) {
            TimeoutFuture::new(LOOK_MS).await;
        }
        self.chosen.try_get_untracked().unwrap_or_default()
    }

    /// Sends the form with files, again where the network failed. Gives the name of the opened case.
    pub(super) async fn send(
        self,
        filling: FormState,
        key: &str,
        follows: &str,
        files: &[WaitingFile],
    ) -> Result<String, FormError> {
        let address = filling.who.action(follows);
        let mut pauses = PAUSES_MS.into_iter();
        loop {
            let answer = send_form(ID, &address, (KEY, key), files, self.share).await;
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
}

/// The field of the files, and those that were chosen.
#[component]
pub(super) fn CaseFiles(sending: Sending) -> impl IntoView {
    let language = use_language();
    let files = sending.files();
    let refused = move || {
        sending.sent.with(|sent| match sent {
            Sent::Failed(FormError::Files(words)) => Some(words.clone()),
            _ => None,
        })
    };
    let problem = Signal::derive(move || files.wrong.get().or_else(refused));
    let changed = Callback::new(move |()| {
        sending.forget_refused_files();
        files.take(language);
    });
    let line = move |file: WaitingFile| {
        let remove = t!(language, "file.remove", name = file.name);
        let name = file.name.clone();
        view! {
            <li class="file">
                <span class="file__picture"><Icon name="contract"/></span>
                <span class="file__name">{name}</span>
                <button class="button" type="button" aria-label=remove
                    on:click=move |_| { sending.forget_refused_files(); files.remove(file.clone()) }>
                    <Icon name="close"/>
                </button>
            </li>
        }
    };
    view! {
        <div class="stack stack--tight">
            <FilesField id=ID problem share=files.share of=FilesOf::Opening changed/>
            <output class="note">
                {move || (files.preparing.get() > 0).then(|| t!(language, "file.preparing").into_owned())}
            </output>
            {move || {
                let chosen = files.chosen.get();
                (!chosen.is_empty()).then(|| {
                    view! {
                        <ul class="files" aria-label=t!(language, "file.chosen")>
                            {chosen.into_iter().map(line).collect_view()}
                        </ul>
                    }
                })
            }}
        </div>
    }
    .into_any()
}
