//! Sending the form: checked here, opened by the server, and nothing lost on the way.

use domain::intake::Field;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::super::api::open_case;
use super::draft::Draft;
use super::elements::focus;
use super::filling::{Filling, id};
use crate::AppError;

/// Where the sending stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sent {
    /// Not yet.
    No,
    /// On its way.
    OnItsWay,
    /// It did not arrive, or was not taken, for a reason that is no field's.
    Failed(AppError),
}

/// The sending of one form.
#[derive(Clone, Copy)]
pub(super) struct Sending {
    filling: Filling,
    draft: Draft,
    pub(super) sent: RwSignal<Sent>,
}

impl Sending {
    pub(super) fn new(filling: Filling, draft: Draft, failure: Option<AppError>) -> Self {
        Self { filling, draft, sent: RwSignal::new(failure.map_or(Sent::No, Sent::Failed)) }
    }

    /// What sends the form: called when it is submitted.
    pub(super) fn sender(self) -> impl Fn() + 'static {
        let navigate = use_navigate();
        move || {
            if self.sent.with_untracked(|sent| *sent == Sent::OnItsWay) {
                return;
            }
            let wrong = self.filling.check_all();
            if !wrong.is_empty() {
                self.sent.set(Sent::No);
                return focus_first(&wrong);
            }
            self.sent.set(Sent::OnItsWay);
            self.draft.sending();
            let navigate = navigate.clone();
            spawn_local(async move {
                let form = self.filling.form.get_untracked();
                let follows = self.filling.follows.get_value();
                match open_case(self.draft.key(), form, self.filling.who, follows).await {
                    Ok(tracking) => {
                        self.draft.done();
                        navigate(&self.filling.who.opened(&tracking), NavigateOptions::default());
                    }
                    Err(AppError::Fields(wrong)) => {
                        self.sent.set(Sent::No);
                        focus_first(&wrong);
                        self.filling.found_wrong.set(wrong);
                    }
                    Err(error) => self.sent.set(Sent::Failed(error)),
                }
            });
        }
    }
}

fn focus_first(wrong: &[(Field, String)]) {
    if let Some((field, _)) = wrong.first() {
        focus(id(*field));
    }
}
