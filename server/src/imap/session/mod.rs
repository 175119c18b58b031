//! A session at a mailbox's server: what the desk asks of it, each with a limit of time.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use desk::outbox::Tls;
use tokio::time::{Instant, timeout, timeout_at};

use super::error::{ImapError, Step};
use super::folder;
use super::oauth::Tokens;
use super::response::{Fetched, Response, Status, code};
use super::settings::{Mailbox, Proof, Secret, Taken};
use super::tls;
use super::wire::Wire;

/// How long a connection may take until the server greets.
const CONNECT: Duration = Duration::from_secs(30);
/// How long a command may take.
const COMMAND: Duration = Duration::from_mins(1);
/// How long the largest mail may take.
const FETCH: Duration = Duration::from_mins(10);
/// Most answers of one kind that are kept of a command.
const MAX_KEPT: usize = 2_000;
/// Most times that a server asks to go on within a command.
const MAX_GO_ON: usize = 4;

/// What the end of a command said, and what came before it.
struct Answer {
    status: Status,
    text: String,
    found: Vec<u32>,
    fetched: Vec<Fetched>,
}

impl Answer {
    /// The answer, if the command was carried out.
    fn done(self, step: Step) -> Result<Self, ImapError> {
        if self.status == Status::Ok { Ok(self) } else { Err(ImapError::Refused(step, self.text)) }
    }
}

/// How a folder is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// To take mails out of it.
    Work,
    /// To look at it.
    Look,
}

/// A session at the server of a mailbox.
pub(super) struct Session {
    wire: Wire,
    commands: u32,
    capabilities: Vec<String>,
    /// Mails in the folder, as the server told last.
    exists: u32,
    /// Whether mails came in since [`Session::begin_round`].
    has_news: bool,
    /// The folder's numbering.
    numbering: Option<u32>,
}

impl Session {
    /// Connects and signs in.
    pub(super) async fn open(mailbox: &Mailbox, tokens: &mut Tokens) -> Result<Self, ImapError> {
        let connecting = async {
            let plain = tls::connect(&mailbox.host, mailbox.port).await.map_err(ImapError::Connect)?;
            let stream: tls::AnyStream = Box::new(plain);
            let stream = match mailbox.tls {
                Tls::Implicit => {
                    tls::secure(stream, &mailbox.host, &mailbox.authorities).await.map_err(ImapError::Tls)?
                }
                Tls::StartTls | Tls::None => stream,
            };
            Self::greeted(Wire::new(stream)).await
        };
        let mut session = within(Step::Greeting, CONNECT, connecting).await?;
        session.learn_capabilities().await?;
        if mailbox.tls == Tls::StartTls {
            session = session.start_tls(mailbox).await?;
        }
        session.sign_in(mailbox, tokens).await?;
        session.learn_capabilities().await?;
        Ok(session)
    }

    /// A session whose server has greeted. One that is signed in already is none of ours.
    async fn greeted(mut wire: Wire) -> Result<Self, ImapError> {
        match Response::parse(wire.response().await?) {
            Response::Told(Status::Ok, _) => Ok(Self {
                wire,
                commands: 0,
                capabilities: Vec::new(),
                exists: 0,
                has_news: false,
                numbering: None,
            }),
            Response::Told(Status::Bye, text) => Err(ImapError::Bye(text)),
            _ => Err(ImapError::Confused(Step::Greeting)),
        }
    }

    /// Goes over to TLS. Nothing that was said before counts.
    async fn start_tls(mut self, mailbox: &Mailbox) -> Result<Self, ImapError> {
        if !self.can("STARTTLS") {
            return Err(ImapError::NoTls);
        }
        self.run(Step::Tls, "STARTTLS", &[]).await?.done(Step::Tls)?;
        let stream = self.wire.into_stream().ok_or(ImapError::Confused(Step::Tls))?;
        let securing =
            async { tls::secure(stream, &mailbox.host, &mailbox.authorities).await.map_err(ImapError::Tls) };
        let stream = within(Step::Tls, CONNECT, securing).await?;
        self.wire = Wire::new(stream);
        self.learn_capabilities().await?;
        Ok(self)
    }

    async fn learn_capabilities(&mut self) -> Result<(), ImapError> {
        self.capabilities.clear();
        self.run(Step::Capabilities, "CAPABILITY", &[]).await?.done(Step::Capabilities)?;
        Ok(())
    }

    async fn sign_in(&mut self, mailbox: &Mailbox, tokens: &mut Tokens) -> Result<(), ImapError> {
        let user = &mailbox.user;
        let (answer, secret) = match &mailbox.proof {
            Proof::Password(Secret(password)) if self.can("AUTH=PLAIN") => {
                let told = STANDARD.encode(format!("\0{user}\0{password}"));
                (self.run(Step::SignIn, "AUTHENTICATE PLAIN", &[told]).await?, password.clone())
            }
            Proof::Password(Secret(password)) => {
                if self.can("LOGINDISABLED") {
                    return Err(ImapError::SignIn("it takes no password here".to_owned()));
                }
                let quoted = folder::quoted(user).zip(folder::quoted(password));
                let (user, quoted) = quoted.ok_or_else(|| {
                    ImapError::SignIn("it takes names and passwords of ASCII alone".to_owned())
                })?;
                (self.run(Step::SignIn, &format!("LOGIN {user} {quoted}"), &[]).await?, password.clone())
            }
            Proof::OAuth(client) => {
                let token = tokens.access_token(client).await?;
                let told = STANDARD.encode(format!("user={user}\u{1}auth=Bearer {token}\u{1}\u{1}"));
                (self.run(Step::SignIn, "AUTHENTICATE XOAUTH2", &[told]).await?, token)
            }
        };
        let text = answer.text.replace(&secret, "…");
        match (answer.status, code(&answer.text)) {
            (Status::Ok, _) => Ok(()),
            // The account may be right.
            (_, Some((code, _))) if ["UNAVAILABLE", "INUSE", "LIMIT"].contains(&code.as_str()) => {
                Err(ImapError::Refused(Step::SignIn, text))
            }
            _ => {
                tokens.forget();
                Err(ImapError::SignIn(text))
            }
        }
    }

    /// Opens a folder.
    pub(super) async fn open_folder(&mut self, name: &str, access: Access) -> Result<(), ImapError> {
        let verb = match access {
            Access::Work => "SELECT",
            Access::Look => "EXAMINE",
        };
        (self.exists, self.numbering) = (0, None);
        let command = format!("{verb} {}", folder::named(name));
        let answer = self.run(Step::Folder, &command, &[]).await?.done(Step::Folder)?;
        let is_read_only = code(&answer.text).is_some_and(|(code, _)| code == "READ-ONLY");
        if access == Access::Work && is_read_only { Err(ImapError::ReadOnly) } else { Ok(()) }
    }

    /// Mails in the folder.
    pub(super) const fn exists(&self) -> u32 {
        self.exists
    }

    /// The folder's numbering (`UIDVALIDITY`). UIDs of another one say nothing.
    pub(super) const fn numbering(&self) -> Option<u32> {
        self.numbering
    }

    /// From now on, [`Session::has_news`] tells of mails that come in.
    pub(super) const fn begin_round(&mut self) {
        self.has_news = false;
    }

    /// Whether mails came in since the round began.
    pub(super) const fn has_news(&self) -> bool {
        self.has_news
    }

    /// Whether the server can do something.
    pub(super) fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|one| one == capability)
    }

    /// The UIDs of mails to be taken, from one place of the folder to another.
    pub(super) async fn search(
        &mut self,
        first: u32,
        last: u32,
        taken: &Taken,
    ) -> Result<Vec<u32>, ImapError> {
        let unread = match taken {
            Taken::Moved(_) => "",
            Taken::Seen => " UNSEEN",
        };
        let command = format!("UID SEARCH {first}:{last} UNDELETED{unread}");
        let mut found = self.run(Step::Search, &command, &[]).await?.done(Step::Search)?.found;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// The sizes of mails in bytes, as the server estimates them. Mails that are gone have none.
    pub(super) async fn sizes(&mut self, uids: &[u32]) -> Result<Vec<(u32, u64)>, ImapError> {
        let set: Vec<String> = uids.iter().map(u32::to_string).collect();
        let command = format!("UID FETCH {} (UID RFC822.SIZE)", set.join(","));
        let answer = self.run(Step::Sizes, &command, &[]).await?.done(Step::Sizes)?;
        Ok(answer.fetched.into_iter().filter_map(|one| one.uid.zip(one.size)).collect())
    }

    /// A mail of at most so many bytes; `None` if it is gone.
    pub(super) async fn fetch(&mut self, uid: u32, most: usize) -> Result<Option<Vec<u8>>, ImapError> {
        self.wire.expect_literal(most);
        let command = format!("UID FETCH {uid} (UID BODY.PEEK[])");
        let fetching = self.exchange(Step::Mail, &command, &[]);
        let answer = within(Step::Mail, FETCH, fetching).await?.done(Step::Mail)?;
        Ok(answer.fetched.into_iter().filter(|one| one.uid == Some(uid)).find_map(|one| one.content))
    }

    /// Moves a mail to a folder, which is made if it is missing. A mail that is gone moves without an error.
    pub(super) async fn move_to(&mut self, uid: u32, name: &str) -> Result<(), ImapError> {
        let verb = if self.can("MOVE") { "MOVE" } else { "COPY" };
        let target = folder::named(name);
        let command = format!("UID {verb} {uid} {target}");
        let mut answer = self.run(Step::PutAway, &command, &[]).await?;
        if answer.status != Status::Ok {
            // It may be there: then there is another reason, which the second try tells.
            self.run(Step::PutAway, &format!("CREATE {target}"), &[]).await?;
            answer = self.run(Step::PutAway, &command, &[]).await?;
        }
        answer.done(Step::PutAway)?;
        if verb == "MOVE" {
            return Ok(());
        }
        self.flag(uid, "\\Deleted").await?;
        // Without UIDPLUS a removal would take away what others have marked. The mail stays, marked as deleted.
        if self.can("UIDPLUS") {
            let command = format!("UID EXPUNGE {uid}");
            self.run(Step::PutAway, &command, &[]).await?.done(Step::PutAway)?;
        }
        Ok(())
    }

    /// Marks a mail as read.
    pub(super) async fn mark_seen(&mut self, uid: u32) -> Result<(), ImapError> {
        self.flag(uid, "\\Seen").await
    }

    async fn flag(&mut self, uid: u32, flag: &str) -> Result<(), ImapError> {
        let command = format!("UID STORE {uid} +FLAGS.SILENT ({flag})");
        self.run(Step::PutAway, &command, &[]).await?.done(Step::PutAway).map(|_| ())
    }

    /// Asks for news, which the server tells before its answer.
    pub(super) async fn sign_of_life(&mut self) -> Result<(), ImapError> {
        self.run(Step::SignOfLife, "NOOP", &[]).await?.done(Step::SignOfLife).map(|_| ())
    }

    /// Waits until mails come in, but no longer than `at_most` (`IDLE`, RFC 2177).
    pub(super) async fn idle(&mut self, at_most: Duration) -> Result<(), ImapError> {
        self.wire.expect_lines();
        let tag = self.send("IDLE").await?;
        let (begun, mut is_idle) = (Instant::now(), false);
        while !(is_idle && self.has_news) {
            let until = begun + if is_idle { at_most } else { COMMAND };
            match timeout_at(until, self.wire.heard()).await {
                Ok(heard) => heard?,
                Err(_) if is_idle => break,
                Err(_) => return Err(ImapError::Slow(Step::Idle)),
            }
            let response = within(Step::Idle, COMMAND, self.response()).await?;
            match response {
                Response::GoOn => is_idle = true,
                Response::Done { tag: ended, status, text } if ended == tag => {
                    return if status == Status::Ok {
                        Ok(())
                    } else {
                        Err(ImapError::Refused(Step::Idle, text))
                    };
                }
                other => self.hear(other)?,
            }
        }
        within(Step::Idle, COMMAND, async {
            self.wire.send(b"DONE").await?;
            self.answer(Step::Idle, &tag, &[]).await
        })
        .await?
        .done(Step::Idle)
        .map(|_| ())
    }

    /// Takes leave; whether the server answers does not matter.
    pub(super) async fn close(mut self) {
        let _ = timeout(Duration::from_secs(2), self.send("LOGOUT")).await;
    }

    /// Sends a command and reads what it comes to, without a mail.
    async fn run(&mut self, step: Step, command: &str, answers: &[String]) -> Result<Answer, ImapError> {
        self.wire.expect_lines();
        within(step, COMMAND, self.exchange(step, command, answers)).await
    }

    async fn exchange(&mut self, step: Step, command: &str, answers: &[String]) -> Result<Answer, ImapError> {
        let tag = self.send(command).await?;
        self.answer(step, &tag, answers).await
    }

    /// Sends a command; its tag.
    async fn send(&mut self, command: &str) -> Result<String, ImapError> {
        self.commands = self.commands.wrapping_add(1);
        let tag = format!("V{}", self.commands);
        self.wire.send(format!("{tag} {command}").as_bytes()).await?;
        Ok(tag)
    }

    async fn response(&mut self) -> Result<Response, ImapError> {
        Ok(Response::parse(self.wire.response().await?))
    }

    /// Reads up to the end of a command. The server asks for the `answers` one by one; more it gets empty ones.
    async fn answer(&mut self, step: Step, tag: &str, answers: &[String]) -> Result<Answer, ImapError> {
        let (mut found, mut fetched, mut asked) = (Vec::new(), Vec::new(), 0);
        loop {
            match self.response().await? {
                Response::Done { tag: ended, status, text } if ended == tag => {
                    return Ok(Answer { status, text, found, fetched });
                }
                Response::GoOn if asked < MAX_GO_ON => {
                    let answer = answers.get(asked).map_or("", String::as_str);
                    self.wire.send(answer.as_bytes()).await?;
                    asked += 1;
                }
                Response::GoOn => return Err(ImapError::Confused(step)),
                Response::Found(uids) => {
                    found.extend(uids);
                    found.truncate(MAX_KEPT);
                }
                Response::Fetched(mail) if fetched.len() < MAX_KEPT => fetched.push(mail),
                other => self.hear(other)?,
            }
        }
    }

    /// Takes note of what the server tells unasked.
    fn hear(&mut self, response: Response) -> Result<(), ImapError> {
        match response {
            Response::Told(Status::Bye, text) => return Err(ImapError::Bye(text)),
            Response::Told(_, text) => {
                if let Some((name, number)) = code(&text)
                    && name == "UIDVALIDITY"
                {
                    let number = number.parse().ok();
                    if self.numbering.is_some() && self.numbering != number {
                        return Err(ImapError::Renumbered);
                    }
                    self.numbering = number;
                }
            }
            Response::Capabilities(capabilities) => self.capabilities = capabilities,
            Response::Exists(count) => {
                self.has_news |= count > self.exists;
                self.exists = count;
            }
            Response::Expunged => self.exists = self.exists.saturating_sub(1),
            _ => {}
        }
        Ok(())
    }
}

/// What comes of it within a limit of time.
async fn within<T>(
    step: Step,
    limit: Duration,
    doing: impl Future<Output = Result<T, ImapError>>,
) -> Result<T, ImapError> {
    timeout(limit, doing).await.unwrap_or(Err(ImapError::Slow(step)))
}

#[cfg(test)]
mod tests;
