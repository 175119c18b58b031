//! The mailboxes: whether they are reached and the accounts accepted.

use std::sync::Arc;

use app::operations::Finding;
use domain::i18n::Language;
use domain::t;
use domain::time::Instant;
use futures::future::join_all;

use super::super::backup::moment;
use super::within;
use crate::imap::{self, Board, Mailbox, Reach};

/// How the mailboxes are looked at.
#[derive(Debug, Clone, Copy)]
pub(in crate::commands) enum Mailboxes<'a> {
    /// By signing in, from the command line.
    Of(&'a [Mailbox]),
    /// By what the serving process knows of its connections.
    At(&'a [Arc<Board>]),
}

/// One finding or more for each mailbox.
pub(super) async fn findings(mailboxes: Mailboxes<'_>, language: Language) -> Vec<Finding> {
    match mailboxes {
        Mailboxes::Of(mailboxes) => join_all(mailboxes.iter().map(|one| tried(one, language))).await,
        Mailboxes::At(boards) => boards.iter().flat_map(|board| known(board, language)).collect(),
    }
}

async fn tried(mailbox: &Mailbox, language: Language) -> Finding {
    let name = &mailbox.name;
    match within(Box::pin(imap::try_out(mailbox))).await {
        Ok(count) => Finding::fine(t!(language, "doctor.mailbox", name = name, count = count)),
        Err(words) => Finding::wrong(t!(language, "doctor.mailbox_wrong", name = name, words = words)),
    }
}

fn known(board: &Board, language: Language) -> Vec<Finding> {
    let (name, standing) = (board.name(), board.standing());
    let told = |at: Instant| moment(at.0);
    let words = standing.last_error.map(|(_, words)| words);
    let mut findings = vec![match (standing.reach, words) {
        (Reach::Since(since), _) => match standing.last_mail {
            Some(last) => Finding::fine(t!(
                language,
                "doctor.mailbox_read",
                name = name,
                since = told(since),
                last = told(last)
            )),
            None => Finding::fine(t!(language, "doctor.mailbox_quiet", name = name, since = told(since))),
        },
        (Reach::NotYet, None) => Finding::notice(t!(language, "doctor.mailbox_begins", name = name)),
        (Reach::NotYet, Some(words)) => {
            Finding::wrong(t!(language, "doctor.mailbox_wrong", name = name, words = words))
        }
        (Reach::LostAt(at), words) => Finding::wrong(t!(
            language,
            "doctor.mailbox_lost",
            name = name,
            at = told(at),
            words = words.unwrap_or_default()
        )),
    }];
    let count = standing.waiting;
    findings.extend(
        (count > 0)
            .then(|| Finding::notice(t!(language, "doctor.mailbox_waiting", name = name, count = count))),
    );
    findings
}
