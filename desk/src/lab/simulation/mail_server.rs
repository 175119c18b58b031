//! The mail server of the simulation: it has outages, refuses some recipients, and records every mail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use domain::mail_address::MailAddress;
use sha2::{Digest, Sha256};

use super::SimulationError;
use super::node::Trap;
use crate::access::tokens::hex;
use crate::lab::integrity_check::MailKept;
use crate::outbox::{Delivery, MailSink, ReplyAddresses, Sender, Transport};

/// Records of the server.
#[derive(Debug, Default)]
struct Records {
    is_down: bool,
    /// Digests of the bytes of each accepted mail, by Message-ID.
    taken: BTreeMap<String, Vec<String>>,
    /// Mails delivered by a process that was killed before it recorded them.
    interrupted: BTreeSet<String>,
    /// Mails accepted since the present process began to deliver.
    fresh: Vec<String>,
    put_off: u64,
}

/// The mail server of the simulation.
#[derive(Debug, Clone, Default)]
pub(super) struct MailServer(Arc<Mutex<Records>>);

/// The server as a sink for one process.
#[derive(Debug)]
struct Counter {
    post: MailServer,
    /// Kills the process during its first delivery.
    trap: Option<Arc<Trap>>,
}

impl MailServer {
    fn book<T>(&self, read: impl FnOnce(&mut Records) -> T) -> T {
        read(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn set_down(&self, is_down: bool) {
        self.book(|book| book.is_down = is_down);
    }

    /// The transport for one delivery. With a `trap` the process is killed before the server's answer.
    pub(super) fn transport(&self, trap: Option<Arc<Trap>>) -> Result<Transport, SimulationError> {
        self.book(|book| book.fresh.clear());
        let address = MailAddress::parse("soporte@vigia.example").map_err(SimulationError::data)?;
        let sender = Sender { name: "Vigía".to_owned(), address, replies: ReplyAddresses::Shared };
        Ok(Transport::Sink { sink: Arc::new(Counter { post: self.clone(), trap }), sender })
    }

    /// Records that the delivering process was killed: its mails may be delivered again.
    pub(super) fn interrupt(&self) -> usize {
        self.book(|book| {
            let fresh = std::mem::take(&mut book.fresh);
            let count = fresh.len();
            book.interrupted.extend(fresh);
            count
        })
    }

    /// Numbers of deferred mails and of mails accepted more than once.
    pub(super) fn counts(&self) -> (u64, u64) {
        self.book(|book| {
            let again = book.taken.values().filter(|times| times.len() > 1).count();
            (book.put_off, u64::try_from(again).unwrap_or(u64::MAX))
        })
    }

    /// Compares the server's records with the outbox. Gives the differences.
    pub(super) fn audit(&self, outbox: &[MailKept]) -> Vec<String> {
        self.book(|book| {
            let known: BTreeSet<&str> = outbox.iter().map(|mail| mail.message_id.as_str()).collect();
            let unknown = book.taken.keys().filter(|id| !known.contains(id.as_str()));
            let strangers = unknown.map(|id| format!("{id}: was sent, and no mail is queued by that name"));
            strangers.chain(outbox.iter().filter_map(|mail| book.judge(mail))).collect()
        })
    }
}

impl Records {
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

/// Host whose mailboxes the server refuses.
pub(super) const REFUSED: &str = "@nowhere.example";
