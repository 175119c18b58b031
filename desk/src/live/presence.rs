//! Presence: which member of the staff has a case open or writes on it. It is shown to colleagues and locks nothing.
//!
//! It is held in memory. A page is present from the opening of its event stream until the stream ends or its signs of
//! life stop. Nodes over one PostgreSQL send each other these signs on a channel beside the feed's. A node that hears
//! none forgets by the same time-out.

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

/// A page without a sign of life for this long is gone, in seconds. Pages send one every ten seconds.
pub const GONE_AFTER_S: i64 = 30;
/// The most pages known to one node; further ones are not shown.
const PAGES: usize = 10_000;
/// The most signs that wait for other nodes. A lost one is repeated with the next sign of life.
const WAITING: usize = 1_024;

/// A sign between nodes: of life, or of leaving.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sign {
    Here { tab: String, page: Page },
    Gone { tab: String },
}

/// An open page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Page {
    number: CaseNumber,
    id: PersonId,
    name: String,
    doing: Doing,
}

/// The open pages. One per process.
#[derive(Debug)]
pub struct Presence {
    /// Each open page by its secret id, with the time of its last sign.
    pages: Mutex<HashMap<String, (Page, Instant)>>,
    changes: watch::Sender<u64>,
    /// To other nodes, if there can be any.
    signs: Option<mpsc::Sender<Sign>>,
    waiting: Mutex<Option<mpsc::Receiver<Sign>>>,
}

/// The presence of a page, which ends when this is dropped.
#[derive(Debug)]
pub struct Here {
    presence: Arc<Presence>,
    tab: String,
}

impl Here {
    /// Id of the page.
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
            // On SQLite there is no other node.
            Engine::Sqlite => (None, None),
        };
        let (changes, _) = watch::channel(0);
        Self { pages: Mutex::default(), changes, signs, waiting: Mutex::new(waiting) }
    }

    /// Changes whenever a page comes, goes, or begins or stops writing.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Colleagues who have a case open at `now`: by name, each once, however many pages they have.
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

    /// Accepts a sign from the channel. Anything else is ignored.
    pub(crate) fn hear(&self, told: &str, now: Instant) {
        match serde_json::from_str(told) {
            Ok(Sign::Here { tab, page }) => self.keep(tab, &page, now),
            Ok(Sign::Gone { tab }) => self.forget(&tab),
            Err(error) => tracing::warn!(%error, "a sign of presence could not be read"),
        }
    }

    /// Signs for other nodes, as JSON. A second call gets nothing.
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
            // A full channel drops this sign; the next comes soon.
            let _ = signs.try_send(sign);
        }
    }

    /// No change is left half done under the lock, so a panic elsewhere does no harm.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Page, Instant)>> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Signs that wait for other nodes.
#[derive(Debug)]
pub(crate) struct Signs(mpsc::Receiver<Sign>);

impl Signs {
    /// The next sign as JSON; `None` after the last.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            if let Ok(json) = serde_json::to_string(&self.0.recv().await?) {
                return Some(json);
            }
        }
    }
}

/// Opens a page of a case. It is present, reading, until the result is dropped.
#[must_use]
pub fn enter(desk: &Desk, number: CaseNumber, who: &Staff) -> Here {
    let tab = crate::access::tokens::fresh(desk.ports());
    let page = Page { number, id: who.id, name: who.name.clone(), doing: Doing::Reading };
    let presence = Arc::clone(desk.presence());
    presence.keep(tab.clone(), &page, desk.now());
    presence.send(Sign::Here { tab: tab.clone(), page });
    Here { presence, tab }
}

/// Accepts a page's sign of life. An unknown page, or one of another person, is ignored.
pub fn tell(desk: &Desk, who: &Staff, tab: &str, doing: Doing) {
    let presence = desk.presence();
    let known = presence.lock().get(tab).map(|(page, _)| page.clone());
    let Some(page) = known.filter(|page| page.id == who.id) else { return };
    let page = Page { doing, ..page };
    presence.keep(tab.to_owned(), &page, desk.now());
    presence.send(Sign::Here { tab: tab.to_owned(), page });
}
