//! The process that serves, as pages of the administration ask it.

use app::operations::{Examination, Operations};
use desk::outbox::Transport;
use domain::i18n::Language;

use super::doctor;
use crate::config::Config;

/// A serving process with its configuration.
#[derive(Debug)]
pub(super) struct ServingProcess {
    config: Config,
    transport: Transport,
}

impl ServingProcess {
    pub(super) fn new(config: &Config) -> Self {
        Self { config: config.clone(), transport: config.transport() }
    }
}

impl Operations for ServingProcess {
    fn transport(&self) -> &Transport {
        &self.transport
    }

    fn examine(&self, language: Language) -> Examination<'_> {
        Box::pin(doctor::examine(&self.config, language))
    }
}
