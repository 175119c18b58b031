//! `vigia deliver`: one mail from the standard input, for a pipe of the mail server.

use std::io::Read;

use desk::Desk;
use desk::inbound::delivery::{self, DeliveryError, MAX_BYTES, Taken};
use domain::i18n::Language;
use domain::t;

use super::{Failure, Report};
use crate::config::Config;

/// Takes the mail in. A mail that is in the desk is reported as taken, however often it comes.
pub(super) async fn deliver(config: &Config, desk: &Desk, language: Language) -> Result<Report, Failure> {
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let read = std::io::stdin().take(most).read_to_end(&mut bytes);
    read.map_err(|error| Failure::Postponed(Failure::Input(error).to_string()))?;
    match delivery::deliver(desk, &bytes, &config.mailbox()).await {
        Ok(taken) => Ok(Report::fine(format!("{}\n", told(taken, language)))),
        Err(DeliveryError::TooLarge) => Err(Failure::Unacceptable(DeliveryError::TooLarge.to_string())),
        Err(DeliveryError::Store(error)) => Err(Failure::Postponed(error.to_string())),
    }
}

/// What became of the mail. Nothing of its content: the line is for a log.
fn told(taken: Taken, language: Language) -> String {
    match taken {
        Taken::Before => t!(language, "inbound.taken_before").into_owned(),
        Taken::Now { state, .. } => {
            t!(language, "inbound.taken", state = t!(language, state.name_key()))
        }
    }
}
