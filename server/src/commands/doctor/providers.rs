//! The identity providers: whether each says what it is.

use app::operations::Finding;
use app::pages::staff::fault_words;
use desk::oidc::check_issuer;
use desk::webhooks::Egress;
use domain::i18n::Language;
use domain::t;
use futures::future::join_all;

/// One finding for each provider, which is a name and an issuer.
pub(super) async fn findings(
    egress: &Egress,
    issuers: &[(String, String)],
    language: Language,
) -> Vec<Finding> {
    let checked = issuers.iter().map(|(name, issuer)| async move {
        match check_issuer(egress, issuer).await {
            Ok(()) => Finding::fine(t!(language, "doctor.identity", name = name)),
            Err(fault) => {
                let words = fault_words(language, &fault);
                Finding::wrong(t!(language, "doctor.identity_wrong", name = name, words = words))
            }
        }
    });
    join_all(checked).await
}
