//! Why a session at a mailbox's server failed.

use std::fmt;
use std::io;

use thiserror::Error;

use super::oauth::TokenError;
use super::wire::WireError;

/// What a server was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Greeting,
    Tls,
    Capabilities,
    SignIn,
    Folder,
    Search,
    Sizes,
    Mail,
    PutAway,
    Idle,
    SignOfLife,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Greeting => "to greet",
            Self::Tls => "to begin TLS",
            Self::Capabilities => "to name its capabilities",
            Self::SignIn => "to sign in",
            Self::Folder => "to open the folder",
            Self::Search => "to search the folder",
            Self::Sizes => "to name the sizes of mails",
            Self::Mail => "to hand a mail over",
            Self::PutAway => "to put a mail away",
            Self::Idle => "to wait for mails",
            Self::SignOfLife => "to answer a sign of life",
        })
    }
}

/// Why a session ended, or did not begin. No variant has a secret in its words.
#[derive(Debug, Error)]
pub(super) enum ImapError {
    /// The connection failed, or was misused.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The server cannot be reached.
    #[error("no connection: {0}")]
    Connect(io::Error),
    /// TLS did not come about.
    #[error("no TLS: {0}")]
    Tls(io::Error),
    /// The server offers no TLS.
    #[error("the server offers no STARTTLS")]
    NoTls,
    /// The server took too long.
    #[error("the server took too long {0}")]
    Slow(Step),
    /// The server ended the session.
    #[error("the server ended the session: {0}")]
    Bye(String),
    /// The server does not speak IMAP, or not as it is written.
    #[error("the server cannot be understood, asked {0}")]
    Confused(Step),
    /// The server refused a command.
    #[error("the server refused {0}: {1}")]
    Refused(Step, String),
    /// The account was refused.
    #[error("the server refused the account: {0}")]
    SignIn(String),
    /// No access token was issued.
    #[error("no access token: {0}")]
    Token(#[from] TokenError),
    /// Nothing can be moved out of the folder, or marked in it.
    #[error("the account may only read the folder")]
    ReadOnly,
    /// The folder was numbered anew.
    #[error("the folder has new numbers")]
    Renumbered,
    /// The desk takes no mails in.
    #[error("the desk could not take mails in: its database does not answer")]
    Desk,
}
