//! Sending the form: checked here, opened by the server, with nothing lost on a failure.

use domain::intake::Field;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::FormError;
use super::api::open_case;
use super::draft::{Draft, slot};
use super::elements::focus;
use super::files::FormFiles;
#[cfg(not(feature = "ssr"))]
use super::part;
use super::ready_files::{send_with_files, settle, settled};
use super::state::{FormState, id};
use crate::effect::effect;
#[cfg(not(feature = "ssr"))]
use crate::parts::NotLoaded;
use crate::upload::waiting::all_removed;

/// The state of sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sent {
    /// Nothing was sent so far.
    No,
    /// The form was sent, and no answer has arrived.
    OnItsWay,
    /// The case is open, and the browser is leaving for its page.
    Taken,
    /// The form did not arrive, or was refused for a reason that no field has.
    Failed(FormError),
}

impl Sent {
    /// Whether the form is being sent or was taken.
    pub(super) const fn is_busy(&self) -> bool {
        matches!(self, Self::OnItsWay | Self::Taken)
    }
}

/// The sending of one form.
#[derive(Clone, Copy)]
pub(super) struct Sending {
    draft: Draft,
    leave: Callback<String>,
    pub(super) sent: RwSignal<Sent>,
}

impl Sending {
    pub(super) fn new(draft: Draft, leave: Callback<String>, failure: Option<FormError>) -> Self {
        Self { draft, leave, sent: RwSignal::new(failure.map_or(Sent::No, Sent::Failed)) }
    }

    /// The form's draft.
    pub(super) const fn draft(self) -> Draft {
        self.draft
    }

    pub(super) const fn filling(self) -> FormState {
        self.draft.filling
    }

    /// The form's files.
    pub(super) const fn files(self) -> FormFiles {
        self.draft.files
    }

    /// Other files are chosen: what was wrong with the former ones is no news.
    pub(super) fn forget_refused_files(self) {
        if self.sent.with_untracked(|sent| matches!(sent, Sent::Failed(FormError::Files(_)))) {
            self.sent.set(Sent::No);
        }
    }

    /// Starts the page afresh when the browser shows it again after its form was taken.
    pub(super) fn start_afresh_when_back(self) {
        effect(move |_| {
            let shown = window_event_listener_untyped("pageshow", move |_| {
                if self.sent.with_untracked(|sent| *sent == Sent::Taken) {
                    let _ = window().location().reload();
                }
            });
            on_cleanup(move || shown.remove());
        });
    }

    /// Sends the form as another case than the one that it opened before.
    pub(super) fn send_as_another(self, key: String) {
        self.draft.renew(key);
        self.send();
    }

    /// Sends the form: called when it is submitted.
    pub(super) fn send(self) {
        if self.sent.with_untracked(Sent::is_busy) {
            return;
        }
        let filling = self.draft.filling;
        let wrong = filling.check_all();
        if !wrong.is_empty() {
            self.sent.set(Sent::No);
            return focus_first(&wrong);
        }
        self.sent.set(Sent::OnItsWay);
        let key = self.draft.sending();
        spawn_sending(self, key);
    }
}

/// Hands the form to the part, which is loaded first where it is not there.
#[cfg(feature = "ssr")]
fn spawn_sending(sending: Sending, key: String) {
    // Only browsers send it so.
    let _ = (sending, key);
}

/// Hands the form to the part, which is loaded first where it is not there.
#[cfg(not(feature = "ssr"))]
fn spawn_sending(sending: Sending, key: String) {
    spawn_local(async move {
        match part::load().await {
            Ok(part) => (part.send)(sending, key),
            // Nothing was sent: the next press tries both again.
            Err(NotLoaded) => drop(sending.sent.try_set(Sent::Failed(FormError::Transport))),
        }
    });
}

/// Opens the case, with nothing lost on a failure. Code of the form's part.
pub(super) fn open(sending: Sending, key: String) {
    let (filling, files) = (sending.draft.filling, sending.draft.files);
    settle(files);
    let (kept, kept_files) = (slot(filling), files.store());
    spawn_local(async move {
        let form = filling.form.get_untracked();
        let follows = filling.follows.get_value();
        let chosen = settled(files).await;
        let answer = if chosen.is_empty() {
            open_case(key, form, filling.who, follows).await
        } else {
            send_with_files(files, filling, &key, &follows, &chosen).await
        };
        // A reader who has left stays where they are; the draft of an opened case is removed all the same.
        if sending.sent.try_with_untracked(|_| ()).is_none() {
            if answer.is_ok() {
                kept.forget();
                all_removed(kept_files, &chosen);
            }
            return;
        }
        match answer {
            Ok(opened) => {
                sending.draft.done();
                sending.sent.set(Sent::Taken);
                sending.leave.run(filling.who.opened(&opened));
            }
            Err(FormError::Fields(wrong)) => {
                sending.draft.answered();
                sending.sent.set(Sent::No);
                focus_first(&wrong);
                filling.found_wrong.set(wrong);
            }
            // There is a case: nothing is left to send.
            Err(FormError::LinkRenewed) => {
                sending.draft.done();
                sending.sent.set(Sent::Failed(FormError::LinkRenewed));
            }
            Err(error @ FormError::Files(_)) => {
                sending.draft.answered();
                sending.sent.set(Sent::Failed(error));
            }
            Err(error) => sending.sent.set(Sent::Failed(error)),
        }
    });
}

fn focus_first(wrong: &[(Field, String)]) {
    if let Some((field, _)) = wrong.first() {
        focus(id(*field));
    }
}
