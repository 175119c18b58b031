//! The process that serves, as pages of the administration ask it.

use std::sync::Arc;
use std::time::Duration;

use app::operations::{Examination, Finding, Operations};
use desk::outbox::Transport;
use domain::i18n::Language;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::doctor::{self, Mailboxes};
use crate::config::Config;
use crate::imap::Board;

/// How long an examination answers whoever asks again: it opens a store and signs in at the mail server.
const ANSWERS_FOR: Duration = Duration::from_secs(5);

/// The last examination.
#[derive(Debug)]
struct Examined {
    at: Instant,
    language: Language,
    findings: Vec<Finding>,
}

/// A serving process with its configuration.
#[derive(Debug)]
pub(super) struct ServingProcess {
    config: Config,
    transport: Transport,
    /// How the mailboxes stand, in the order of the configuration.
    boards: Vec<Arc<Board>>,
    /// Locked while an examination is made: there is one at a time.
    examined: Mutex<Option<Examined>>,
}

impl ServingProcess {
    pub(super) fn new(config: &Config, boards: Vec<Arc<Board>>) -> Self {
        Self { config: config.clone(), transport: config.transport(), boards, examined: Mutex::default() }
    }
}

impl Operations for ServingProcess {
    fn transport(&self) -> &Transport {
        &self.transport
    }

    fn examine(&self, language: Language) -> Examination<'_> {
        Box::pin(async move {
            let mut examined = self.examined.lock().await;
            if let Some(last) = examined.as_ref()
                && last.language == language
                && last.at.elapsed() < ANSWERS_FOR
            {
                return last.findings.clone();
            }
            let findings = doctor::examine(&self.config, Mailboxes::At(&self.boards), language).await;
            *examined = Some(Examined { at: Instant::now(), language, findings: findings.clone() });
            findings
        })
    }
}
