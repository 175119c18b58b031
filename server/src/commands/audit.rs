//! `vigia audit`: the chain of the audit log and of the histories.

use desk::audit::{self, Verified};
use desk::proof::public_key_at;
use domain::i18n::Language;
use domain::t;

use super::{Failure, Outcome, Report};
use crate::cli::AuditCommand;
use crate::config::Config;

/// Executes a command of the audit log. It changes nothing.
pub(super) async fn audit(
    config: &Config,
    what: AuditCommand,
    language: Language,
) -> Result<Report, Failure> {
    match what {
        AuditCommand::Head => {
            let head = audit::head_at(&config.database).await?;
            let text = match head {
                Some((id, digest)) => t!(language, "audit.cli.head", digest = digest, id = id),
                None => t!(language, "audit.cli.none").into_owned(),
            };
            let key = public_key_at(&config.database).await?;
            let key = key.map(|key| t!(language, "audit.cli.proof_key", key = key.fingerprint()) + "\n");
            Ok(Report::fine(format!("{text}\n{}", key.unwrap_or_default())))
        }
        AuditCommand::Verify { head } => {
            let head = head.map(|head| head.trim().to_lowercase());
            Ok(told(&audit::verify(&config.database, head.as_deref()).await?, language))
        }
    }
}

fn told(verified: &Verified, language: Language) -> Report {
    let mut text = String::new();
    let mut line = |said: String| {
        text.push_str(&said);
        text.push('\n');
    };
    if let Some(id) = verified.anchored {
        line(t!(language, "audit.cli.anchored", id = id));
    }
    if verified.pending > 0 {
        line(t!(language, "audit.cli.pending", count = verified.pending));
    }
    for finding in &verified.findings {
        line(finding.message(language));
    }
    if verified.more > 0 {
        line(t!(language, "audit.cli.more", count = verified.more));
    }
    if !verified.is_whole() {
        let count = u64::try_from(verified.findings.len()).unwrap_or(u64::MAX).saturating_add(verified.more);
        line(t!(language, "audit.cli.broken", count = count));
        return Report { text, outcome: Outcome::Wrong };
    }
    let Verified { entries, events, sealed_to, .. } = verified;
    let digest = verified.head.as_ref().map_or("-", |(_, digest)| digest.as_str());
    line(t!(
        language,
        "audit.cli.whole",
        entries = entries,
        events = events,
        sealed = sealed_to,
        digest = digest
    ));
    Report::fine(text)
}
