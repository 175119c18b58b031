//! A case that its page refreshes: each event of the server makes it read the case again.

use domain::calendar::ServiceHours;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_params_map;

use super::api::{CustomersCase, Reader, tracked_case};
use super::page::CustomersPage;
use super::posting::{TrackForm, TrackReply};
use crate::AppError;
use crate::effect::effect;
use crate::live::{Link, follow, provide_time};
use crate::pages::PostReply;
use crate::press;

/// A case as last read, its hours, and the state of the connection.
#[derive(Clone, Copy)]
pub(super) struct LiveCase {
    pub(super) page: ReadSignal<CustomersPage>,
    pub(super) hours: StoredValue<ServiceHours>,
    pub(super) link: ReadSignal<Link>,
    /// The last part of the customer's link.
    pub(super) tracking: StoredValue<String>,
    /// The reader. The contact alone says what only the contact may.
    pub(super) seen_by: Reader,
    /// The reply to a plain form of the page.
    pub(super) reply: RwSignal<Option<TrackReply>>,
    set_page: WriteSignal<CustomersPage>,
    /// Whether a plain form of the page was sent, so that its answer replaces the page.
    is_left: StoredValue<bool>,
}

impl LiveCase {
    /// The reply to this form.
    pub(super) fn reply_to(self, form: TrackForm) -> Option<PostReply> {
        let is_its = |reply: &&TrackReply| reply.form == form;
        self.reply.with_untracked(|reply| reply.as_ref().filter(is_its).map(|reply| reply.reply.clone()))
    }

    /// Removes the reply, after a form was taken. `None` when the page is gone.
    pub(super) fn forget_reply(self) -> Option<()> {
        self.reply.try_update(|reply| *reply = None)
    }

    /// Reads the case again; an answer older than what is held is thrown away.
    pub(super) async fn read_again(self) {
        // A failure shows as a lost connection; the next event reads again.
        let Some(tracking) = self.tracking.try_get_value() else { return };
        let read = match tracked_case(tracking).await {
            Ok(CustomersCase { page, .. }) => page,
            // The link has ended: what it showed goes off the screen, and the server says why. Where the reader's own form
            // ended it, that form's answer says more, and loading the page would cancel it.
            Err(AppError::NotFound | AppError::LinkExpired) => {
                if self.is_left.try_get_value() == Some(false) {
                    drop(window().location().reload());
                }
                return;
            }
            Err(_) => return,
        };
        press::released().await;
        // Answers can overtake each other, and the page may be gone by now.
        if self.page.try_with_untracked(|page| page.version < read.version) == Some(true) {
            self.hours.set_value(read.hours.clone());
            self.set_page.set(read);
        }
    }
}

/// Refreshes a case while the component lives, and starts the time of the page.
pub(super) fn keep(
    page: CustomersPage,
    tracking: String,
    seen_by: Reader,
    reply: Option<TrackReply>,
) -> LiveCase {
    provide_time(page.now);
    let hours = StoredValue::new(page.hours.clone());
    let (page, set_page) = signal(page);
    let address = format!("/events/case/{tracking}");
    let (tracking, reply) = (StoredValue::new(tracking), RwSignal::new(reply));
    // The link signal exists only after `follow`, which needs a case to refresh: this one shares all else.
    let (never, _) = signal(Link::Connecting);
    let is_left = StoredValue::new(false);
    effect(move || {
        let submitted = window_event_listener(ev::submit, move |event| {
            if !event.default_prevented() {
                let _ = is_left.try_set_value(true);
            }
        });
        on_cleanup(move || submitted.remove());
    });
    let live = LiveCase { page, hours, link: never, tracking, seen_by, reply, set_page, is_left };
    let link = follow(address, move |_| spawn_local(live.read_again()));
    // Changes during a lost connection may have had no event of their own.
    effect(move |before: Option<Link>| {
        let now = link.get();
        if now == Link::Live && matches!(before, Some(Link::Cut(_))) {
            spawn_local(live.read_again());
        }
        now
    });
    LiveCase { link, ..live }
}

/// The last part of the customer's link, from the page's address.
pub(super) fn tracking_of_page() -> Memo<String> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("tracking").unwrap_or_default()))
}
