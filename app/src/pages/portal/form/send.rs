//! Sending the form: checked here, opened by the server, with nothing lost on a failure.

use domain::intake::Field;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::FormError;
use super::api::open_case;
use super::draft::{Draft, slot};
use super::elements::focus;
use super::files::FormFiles;
use super::state::{FormState, id};
use crate::effect::effect;
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
        let (kept, files) = (slot(filling), self.draft.files);
        let kept_files = files.store();
        spawn_local(async move {
            let form = filling.form.get_untracked();
            let follows = filling.follows.get_value();
            let chosen = files.settled().await;
            let answer = if chosen.is_empty() {
                open_case(key, form, filling.who, follows).await
            } else {
                files.send(filling, &key, &follows, &chosen).await
            };
            // A reader who has left stays where they are; the draft of an opened case is removed all the same.
            if self.sent.try_with_untracked(|_| ()).is_none() {
                if answer.is_ok() {
                    kept.forget();
                    all_removed(kept_files, &chosen);
                }
                return;
            }
            match answer {
                Ok(opened) => {
                    self.draft.done();
                    self.sent.set(Sent::Taken);
                    self.leave.run(filling.who.opened(&opened));
                }
                Err(FormError::Fields(wrong)) => {
                    self.draft.answered();
                    self.sent.set(Sent::No);
                    focus_first(&wrong);
                    filling.found_wrong.set(wrong);
                }
                Err(error @ FormError::Files(_)) => {
                    self.draft.answered();
                    self.sent.set(Sent::Failed(error));
                }
                Err(error) => self.sent.set(Sent::Failed(error)),
            }
        });
    }
}

fn focus_first(wrong: &[(Field, String)]) {
    if let Some((field, _)) = wrong.first() {
        focus(id(*field));
    }
}
