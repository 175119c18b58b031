//! What pages of the administration ask of the process that serves them: its configuration is none of the desk's.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use desk::outbox::Transport;
use domain::i18n::Language;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Fine,
    /// It works, and will not do for long, or not for everybody.
    Notice,
    /// It does not work.
    Wrong,
}

/// What was found of one part of the installation, in plain words with what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How grave it is.
    pub verdict: Verdict,
    /// In the reader's language.
    pub text: String,
}

impl Finding {
    /// All is well.
    #[must_use]
    pub fn fine(text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fine, text: text.into() }
    }

    /// It works, and will not do for long, or not for everybody.
    #[must_use]
    pub fn notice(text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Notice, text: text.into() }
    }

    /// It does not work.
    #[must_use]
    pub fn wrong(text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Wrong, text: text.into() }
    }
}

/// Findings that are being made.
pub type Examination<'a> = Pin<Box<dyn Future<Output = Vec<Finding>> + Send + 'a>>;

/// The process that serves the desk, as its operator configured it.
pub trait Operations: Debug + Send + Sync {
    /// The way out for mails.
    fn transport(&self) -> &Transport;

    /// Looks at the whole installation, as `vigia doctor` does.
    fn examine(&self, language: Language) -> Examination<'_>;
}
