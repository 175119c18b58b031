//! Forms that came when the sign-in was no longer fresh. After the new one their page is drawn with what was typed, as after a
//! refusal: nothing was saved yet.

use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;

use super::displays::DisplaysReply;
use super::integrations::IntegrationsReply;
use super::settings::SettingsReply;
use super::webhooks::WebhooksReply;
use super::whatsapp::WhatsAppReply;
use crate::pages::{PostReply, Typed};
use crate::ui::{Notice, Tone};

/// Says on a page that its form was kept.
#[derive(Debug, Clone)]
struct KeptWords(String);

/// Puts what was typed on the page at `path` into its context, for whichever of its forms it was.
pub fn provide_kept(path: &str, pairs: &[(String, String)], language: Language) {
    let words = t!(language, "entry.kept").into_owned();
    let typed: Typed = pairs.iter().cloned().collect();
    provide_context(KeptWords(words.clone()));
    provide_context(DisplaysReply::kept(typed.clone()));
    provide_context(IntegrationsReply::kept(typed.clone()));
    provide_context(WebhooksReply::kept(typed.clone()));
    provide_context(WhatsAppReply::kept(typed.clone()));
    provide_context(SettingsReply::kept(path, pairs.to_vec(), words.clone()));
    provide_context(PostReply { typed, problems: Vec::new(), failure: Some(words) });
}

/// That the form is as it was typed, on pages that do not say it as a failure.
pub(super) fn kept_notice() -> AnyView {
    use_context::<KeptWords>()
        .map(|KeptWords(words)| view! { <Notice tone=Tone::Care icon="info"><p>{words}</p></Notice> })
        .into_any()
}
