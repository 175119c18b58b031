//! Who of the staff has a case open right now, and who is writing: for colleagues to see, never a lock.
//!
//! Kept in memory. A page is here from the moment its event stream opens until the stream ends or no sign of life comes
//! any more. With several nodes over one PostgreSQL each sign is told to the others on a channel beside the feed's; a node
//! that hears none forgets by the same time-out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::actor::{PersonId, Staff};
use domain::case_number::CaseNumber;
use domain::time::Instant;
use domain::view::{Doing, Present};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};

use crate::Desk;
use crate::store::Engine;

/// A page that has given no sign of life for longer is gone: pages give one every ten seconds.
pub const GONE_AFTER_S: i64 = 30;
/// Pages that one node knows of at most; further ones are simply not shown.
const PAGES: usize = 10_000;
/// Signs that wait to be told to other nodes at most. One that is lost comes again with the next sign of life.
const WAITING: usize = 1_024;

/// A sign of life, or of leaving, as nodes tell each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sign {
    Here { tab: String, page: Page },
    Gone { tab: String },
}

/// A page that somebody has open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Page {
    number: CaseNumber,
    id: PersonId,
    name: String,
    doing: Doing,
}

/// Who is here. One per process.
#[derive(Debug)]
pub struct Presence {
    /// Each open page by its own secret, and when it last gave a sign.
    pages: Mutex<HashMap<String, (Page, Instant)>>,
    changes: watch::Sender<u64>,
    /// To other nodes, when there can be any.
    signs: Option<mpsc::Sender<Sign>>,
    waiting: Mutex<Option<mpsc::Receiver<Sign>>>,
}

/// Holds a page among those that are open; it leaves when this is dropped.
#[derive(Debug)]
pub struct Here {
    presence: Arc<Presence>,
    tab: String,
}

impl Here {
    /// What the page names itself by.
    #[must_use]
    pub fn tab(&self) -> &str {
        &self.tab
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        self.presence.forget(&self.tab);
        self.presence.send(Sign::Gone { tab: self.tab.clone() });
    }
}

impl Presence {
    pub(crate) fn new(engine: Engine) -> Self {
        let (signs, waiting) = mpsc::channel(WAITING);
        let (signs, waiting) = match engine {
            Engine::Postgres => (Some(signs), Some(waiting)),
            // One process has the file to itself: there is nobody else to tell.
            Engine::Sqlite => (None, None),
        };
        let (changes, _) = watch::channel(0);
        Self { pages: Mutex::default(), changes, signs, waiting: Mutex::new(waiting) }
    }

    /// Changes whenever somebody comes, goes, or begins or stops to write.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Who else has a case open at `now`: by name, each person once however many pages they have.
    #[must_use]
    pub fn others(&self, number: CaseNumber, me: PersonId, now: Instant) -> Vec<Present> {
        let mut others: Vec<Present> = Vec::new();
        for (page, seen) in self.lock().values() {
            if page.number != number || page.id == me || now.since(*seen) > GONE_AFTER_S {
                continue;
            }
            match others.iter_mut().find(|present| present.id == page.id) {
                Some(present) => present.doing = present.doing.max(page.doing),
                None => others.push(Present { id: page.id, name: page.name.clone(), doing: page.doing }),
            }
        }
        others.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
        others
    }

    /// Takes what another node, or this one, told on the channel. What is no sign is let be.
    pub(crate) fn hear(&self, told: &str, now: Instant) {
        match serde_json::from_str(told) {
            Ok(Sign::Here { tab, page }) => self.keep(tab, &page, now),
            Ok(Sign::Gone { tab }) => self.forget(&tab),
            Err(error) => tracing::warn!(%error, "a sign of presence could not be read"),
        }
    }

    /// What is to be told to other nodes: JSON, one sign at a time. The second call gets nothing.
    pub(crate) fn take_signs(&self) -> Option<Signs> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.take().map(Signs)
    }

    fn keep(&self, tab: String, page: &Page, now: Instant) {
        let mut pages = self.lock();
        if pages.len() >= PAGES && !pages.contains_key(&tab) {
            pages.retain(|_, (_, seen)| now.since(*seen) <= GONE_AFTER_S);
            if pages.len() >= PAGES {
                return;
            }
        }
        let before = pages.insert(tab, (page.clone(), now));
        drop(pages);
        let is_news = before.is_none_or(|(held, seen)| held != *page || now.since(seen) > GONE_AFTER_S);
        if is_news {
            self.changed();
        }
    }

    fn forget(&self, tab: &str) {
        if self.lock().remove(tab).is_some() {
            self.changed();
        }
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    fn send(&self, sign: Sign) {
        if let Some(signs) = &self.signs {
            // A full channel loses this one; the next comes soon.
            let _ = signs.try_send(sign);
        }
    }

    /// Nothing is ever left half done under the lock, so a panic elsewhere spoils nothing.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Page, Instant)>> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Signs that wait to be told to other nodes.
#[derive(Debug)]
pub(crate) struct Signs(mpsc::Receiver<Sign>);

impl Signs {
    /// The next one as JSON; `None` once there will be none.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            if let Ok(json) = serde_json::to_string(&self.0.recv().await?) {
                return Some(json);
            }
        }
    }
}

/// A page of a case opens: it is here, reading, until what is given is dropped.
#[must_use]
pub fn enter(desk: &Desk, number: CaseNumber, who: &Staff) -> Here {
    let tab = crate::access::tokens::fresh(desk.ports());
    let page = Page { number, id: who.id, name: who.name.clone(), doing: Doing::Reading };
    let presence = Arc::clone(desk.presence());
    presence.keep(tab.clone(), &page, desk.now());
    presence.send(Sign::Here { tab: tab.clone(), page });
    Here { presence, tab }
}

/// A page says what is done on it: a sign of life. One that nobody opened here, or that is another's, is let be.
pub fn tell(desk: &Desk, who: &Staff, tab: &str, doing: Doing) {
    let presence = desk.presence();
    let known = presence.lock().get(tab).map(|(page, _)| page.clone());
    let Some(page) = known.filter(|page| page.id == who.id) else { return };
    let page = Page { doing, ..page };
    presence.keep(tab.to_owned(), &page, desk.now());
    presence.send(Sign::Here { tab: tab.to_owned(), page });
}
