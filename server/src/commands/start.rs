//! The first start of an empty desk: the link by which its administrator comes.

use std::io::Write as _;

use desk::Desk;
use desk::access::demonstration::Opens;
use desk::setup::renew_link;
use desk::store::StoreError;
use domain::t;

use super::terminal_language;

/// Writes a link into the log and on the standard output, where the desk has no administrator. A desk that the demonstration's
/// password opens has one: it is for trying out, and gets no link.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn tell_of_link(desk: &Desk, opens: Opens) -> Result<(), StoreError> {
    if matches!(opens, Opens::TheDesk(_)) {
        return Ok(());
    }
    if let Some(link) = renew_link(desk).await? {
        // Good once and until the next start: whoever reads this log runs the server.
        tracing::warn!(%link, "this desk has no administrator: open this link to create one");
        let text = format!("{}\n    {link}\n", t!(terminal_language(), "cli.start.link"));
        // The desk serves even when its output cannot be written.
        let _ = std::io::stdout().write_all(text.as_bytes());
    }
    Ok(())
}
