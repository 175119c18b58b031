//! The files of the form: their field, and what is known of them. What is done with them is in the form's part
//! ([`super::ready_files`]).

use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;

use super::FormError;
use super::part::{Piece, WholeForm, drawn, settle_files, take_files};
use super::send::Sent;
use crate::language::use_language;
use crate::upload::waiting::WaitingFile;
use crate::upload::{FilesField, FilesOf};

/// The id of the input.
pub(super) const ID: &str = "form-files";

/// What waits for the part to be done.
#[derive(Default)]
pub(super) struct Undone {
    /// Files that were taken away with their whole store, if it was so.
    pub(super) dropped: Option<Vec<WaitingFile>>,
    /// Files of a draft, whose contents are to be found.
    pub(super) kept: Vec<WaitingFile>,
}

/// The files of one form.
#[derive(Clone, Copy)]
pub(super) struct FormFiles {
    pub(super) language: Language,
    /// Those that were chosen, in their order.
    pub(super) chosen: RwSignal<Vec<WaitingFile>>,
    /// What was wrong with others.
    pub(super) wrong: RwSignal<Option<String>>,
    /// How many choices are being made ready or brought back.
    pub(super) preparing: RwSignal<u32>,
    /// How many per cent were sent.
    pub(super) share: RwSignal<Option<u8>>,
    /// The name of their store. The staff has none: the next agent at the same browser must not find a customer's files.
    store: StoredValue<Option<String>>,
    undone: StoredValue<Undone>,
}

impl FormFiles {
    pub(super) fn new(store: Option<String>, language: Language) -> Self {
        Self {
            language,
            chosen: RwSignal::new(Vec::new()),
            wrong: RwSignal::new(None),
            preparing: RwSignal::new(0),
            share: RwSignal::new(None),
            store: StoredValue::new(store),
            undone: StoredValue::new(Undone::default()),
        }
    }

    /// The name of their store.
    pub(super) fn store(self) -> Option<String> {
        self.store.get_value()
    }

    /// What was not done so far. The caller does it.
    pub(super) fn undone(self) -> Undone {
        self.undone.try_update_value(std::mem::take).unwrap_or_default()
    }

    /// Takes the files out of the input, and makes them ready.
    pub(super) fn take(self) {
        take_files(self);
    }

    /// Brings back the files of a draft, as far as the browser still has them.
    pub(super) fn bring_back(self, files: Vec<WaitingFile>) {
        if files.is_empty() {
            return;
        }
        self.chosen.set(files.clone());
        self.undone.update_value(|undone| undone.kept = files);
        settle_files(self);
    }

    /// Takes all files away.
    pub(super) fn clear(self) {
        self.wrong.set(None);
        let dropped = self.chosen.get_untracked();
        self.chosen.set(Vec::new());
        self.undone.update_value(|undone| {
            undone.kept.clear();
            undone.dropped.get_or_insert_default().extend(dropped);
        });
        settle_files(self);
    }
}

/// The field of the files, and those that were chosen.
#[component]
pub(super) fn CaseFiles(form: WholeForm) -> impl IntoView {
    let language = use_language();
    let sending = form.sending;
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
        files.take();
    });
    view! {
        <div class="stack stack--tight">
            <FilesField id=ID problem share=files.share of=FilesOf::Opening changed/>
            <output class="note">
                {move || (files.preparing.get() > 0).then(|| t!(language, "file.preparing").into_owned())}
            </output>
            {move || (!files.chosen.with(Vec::is_empty)).then(|| drawn(Piece::Files, form)).flatten()}
        </div>
    }
    .into_any()
}
