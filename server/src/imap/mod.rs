//! Mails from mailboxes by IMAP (RFC 3501, 9051): each is in the desk once, or still in its mailbox (docs/decisions/0055).
//!
//! The protocol is spoken here, as far as the desk needs it. A server is not trusted: [`wire`] bounds what it can make the desk
//! hold, [`session`] how long it can make the desk wait.

mod error;
mod folder;
mod oauth;
mod pace;
mod response;
mod session;
mod settings;
mod standing;
mod tls;
mod wire;
mod work;

use std::sync::Arc;

use desk::inbound::delivery::OwnMailbox;
use desk::{Desk, Ports};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use settings::{Mailbox, OAuthClient, Proof, Secret, Taken, TokenEndpoint};
pub use standing::{Board, REACHED, REFUSED, Reach, TAKEN, WAITING};
pub use tls::Authorities;

use error::ImapError;
use oauth::Tokens;
use session::{Access, Session};
use work::Work;

/// Mails that the desk takes in at once: each is held in memory several times.
const TURNS: usize = 2;

/// Works at all mailboxes until `stop`. Each has its board, in the same order.
pub async fn serve(
    mailboxes: Vec<(Mailbox, Arc<Board>)>,
    desk: Desk,
    own: OwnMailbox,
    ports: Ports,
    stop: CancellationToken,
) {
    let turns = Arc::new(Semaphore::new(TURNS));
    let mut works = JoinSet::new();
    for (mailbox, board) in mailboxes {
        let work = Work {
            mailbox,
            desk: desk.clone(),
            own: own.clone(),
            board,
            ports: ports.clone(),
            turns: Arc::clone(&turns),
        };
        works.spawn(work.run(stop.clone()));
    }
    while works.join_next().await.is_some() {}
}

/// Signs in and looks at the folder, without changing anything; how many mails are in it.
///
/// # Errors
/// In words for the operator, without secrets.
pub async fn try_out(mailbox: &Mailbox) -> Result<u32, String> {
    let trying = async {
        let mut session = Session::open(mailbox, &mut Tokens::default()).await?;
        session.open_folder(&mailbox.folder, Access::Look).await?;
        let mails = session.exists();
        session.close().await;
        Ok(mails)
    };
    trying.await.map_err(|error: ImapError| mailbox.without_secrets(&error.to_string()))
}
