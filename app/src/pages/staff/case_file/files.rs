//! Files with the agent's updates and notes.

use domain::i18n::Language;
use leptos::prelude::*;

use super::state::Dialog;
use crate::AppError;
use crate::address::case_address;
use crate::upload::{Chosen, FILES, FilesField, chosen_in, forget, send};

/// The field that says what a message is: the code of a note's readers, or [`UPDATE`].
pub(super) const WHAT: &str = "what";
/// The value of that field for an update.
pub(super) const UPDATE: &str = "update";

/// The files of a dialog's message.
#[derive(Clone, Copy)]
pub(super) struct MessageFiles {
    dialog: Dialog,
    /// The id of the input.
    id: &'static str,
    problem: RwSignal<Option<String>>,
    /// How many per cent were sent.
    share: RwSignal<Option<u8>>,
}

impl MessageFiles {
    pub(super) fn new(dialog: Dialog, id: &'static str) -> Self {
        Self { dialog, id, problem: RwSignal::new(None), share: RwSignal::new(None) }
    }

    /// The files that were chosen.
    pub(super) fn chosen(self) -> Vec<Chosen> {
        chosen_in(self.id)
    }

    /// Empties the field, after the message was taken.
    pub(super) fn clear(self) {
        forget(self.id);
        self.problem.set(None);
    }

    /// Sends a message with its files. Errors of fields are shown there, and everything stays.
    pub(super) fn send(
        self,
        language: Language,
        message: (Vec<(&'static str, String)>, Vec<Chosen>),
        text_problem: RwSignal<Option<String>>,
        done: impl FnOnce() -> String + 'static,
        clear: impl FnOnce() + 'static,
    ) {
        let (fields, files) = message;
        self.problem.set(None);
        let address = format!("{}/messages", case_address(self.dialog.case.number));
        let sending = send(language, address, fields, files, self.share);
        let at_field = move |error: AppError| match error {
            AppError::Wrong(problems) => {
                for (field, words) in problems {
                    let problem = if field == FILES { self.problem } else { text_problem };
                    problem.set(Some(words));
                }
                None
            }
            error => Some(error),
        };
        self.dialog.run(sending, done, clear, at_field);
    }

    /// The field.
    pub(super) fn field(self) -> impl IntoView {
        let problem = self.problem;
        let changed = Callback::new(move |()| problem.set(None));
        view! { <FilesField id=self.id problem=problem.into() share=self.share changed/> }
    }
}
