//! The mail server of the simulation: it is down for a while, refuses some for good, and remembers every mail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use domain::mail_address::MailAddress;
use sha2::{Digest, Sha256};

use super::SimulationError;
use super::node::Trap;
use crate::access::tokens::hex;
use crate::lab::integrity_check::MailKept;
use crate::outbox::{Delivery, MailSink, Sender, Transport};

/// What the server has done so far.
#[derive(Debug, Default)]
struct Book {
    is_down: bool,
    /// Digest of the bytes each time that a mail was taken.
    taken: BTreeMap<String, Vec<String>>,
    /// Mails that were handed over by a process that did not live to write it down.
    interrupted: BTreeSet<String>,
    /// Taken since the present process began to hand over.
    fresh: Vec<String>,
    put_off: u64,
}

/// The mail server of the simulation.
#[derive(Debug, Clone, Default)]
pub(super) struct MailServer(Arc<Mutex<Book>>);

/// The server as one process meets it.
#[derive(Debug)]
struct Counter {
    post: MailServer,
    /// Set when the process is killed with its first mail in the server's hands.
    trap: Option<Arc<Trap>>,
}

impl MailServer {
    fn book<T>(&self, read: impl FnOnce(&mut Book) -> T) -> T {
        read(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn set_down(&self, is_down: bool) {
        self.book(|book| book.is_down = is_down);
    }

    /// The way to the server for one delivery; with a `trap`, the process does not live to hear the server's word.
    pub(super) fn transport(&self, trap: Option<Arc<Trap>>) -> Result<Transport, SimulationError> {
        self.book(|book| book.fresh.clear());
        let address = MailAddress::parse("soporte@vigia.example").map_err(SimulationError::data)?;
        let sender = Sender { name: "Vigía".to_owned(), address };
        Ok(Transport::Sink { sink: Arc::new(Counter { post: self.clone(), trap }), sender })
    }

    /// The process that was handing mails over was killed: all that it had handed over may come again.
    pub(super) fn interrupt(&self) -> usize {
        self.book(|book| {
            let fresh = std::mem::take(&mut book.fresh);
            let count = fresh.len();
            book.interrupted.extend(fresh);
            count
        })
    }

    /// Mails that were put off, and mails that were taken more than once.
    pub(super) fn counts(&self) -> (u64, u64) {
        self.book(|book| {
            let again = book.taken.values().filter(|times| times.len() > 1).count();
            (book.put_off, u64::try_from(again).unwrap_or(u64::MAX))
        })
    }

    /// Holds what the server took against what the outbox says: what is wrong.
    pub(super) fn audit(&self, outbox: &[MailKept]) -> Vec<String> {
        self.book(|book| {
            let known: BTreeSet<&str> = outbox.iter().map(|mail| mail.message_id.as_str()).collect();
            let unknown = book.taken.keys().filter(|id| !known.contains(id.as_str()));
            let strangers = unknown.map(|id| format!("{id}: was sent, and no mail is queued by that name"));
            strangers.chain(outbox.iter().filter_map(|mail| book.judge(mail))).collect()
        })
    }
}

impl Book {
    fn judge(&self, mail: &MailKept) -> Option<String> {
        let id = &mail.message_id;
        let taken = self.taken.get(id).map_or(&[][..], Vec::as_slice);
        let wrong = |what: String| Some(format!("{id} of {}: {what}", mail.case));
        match (mail.state.as_str(), taken) {
            ("sent", []) => wrong("is called sent, and no server has it".to_owned()),
            ("sent", [_]) | ("dead", []) => None,
            ("sent", [first, rest @ ..]) if rest.iter().any(|again| again != first) => {
                wrong("was sent again with other bytes".to_owned())
            }
            ("sent", times) if !self.interrupted.contains(id) => {
                wrong(format!("was sent {} times, and nobody was killed over it", times.len()))
            }
            ("sent", _) => None,
            (state, times) => wrong(format!("is {state} in the end, and was sent {} times", times.len())),
        }
    }
}

impl MailSink for Counter {
    fn take(&self, message_id: &str, bytes: &[u8]) -> Delivery {
        self.post.book(|book| {
            if book.is_down {
                book.put_off += 1;
                return Delivery::Later;
            }
            let mail = String::from_utf8_lossy(bytes);
            if mail.contains(REFUSED) {
                return Delivery::Refused;
            }
            book.taken.entry(message_id.to_owned()).or_default().push(hex(&Sha256::digest(bytes)));
            book.fresh.push(message_id.to_owned());
            match &self.trap {
                Some(trap) => {
                    trap.spring();
                    Delivery::InSilence
                }
                None => Delivery::Yes,
            }
        })
    }
}

/// Whoever has an address at this host gets no mail.
pub(super) const REFUSED: &str = "@nowhere.example";
