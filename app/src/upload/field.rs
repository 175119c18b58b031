//! The field of the files of a message, or of a case that is opened. It is an input of the browser, which works without a script as well.

use domain::attachment::{MOST_BYTES, MOST_BYTES_TOGETHER, MOST_FILES, MOST_FILES_AT_OPENING};
use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;

use super::{FILES, WITH_MESSAGE};
use crate::language::use_language;
use crate::ui::FieldError;

/// What files come with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum FilesOf {
    /// A message about a case.
    #[default]
    Message,
    /// The report that opens a case.
    Opening,
}

impl FilesOf {
    fn hint(self, language: Language) -> String {
        let (size, together) = (MOST_BYTES / 1024 / 1024, MOST_BYTES_TOGETHER / 1024 / 1024);
        match self {
            Self::Message => {
                t!(language, "file.with_message_hint", size = size, together = together, most = MOST_FILES)
            }
            Self::Opening => {
                let most = MOST_FILES_AT_OPENING;
                t!(language, "file.with_case_hint", size = size, together = together, most = most)
            }
        }
    }
}

/// Chooses files, from the camera or from the device, and shows how far they are sent.
#[component]
pub(crate) fn FilesField(
    id: &'static str,
    /// Its error: a line for each refused file.
    problem: Signal<Option<String>>,
    /// How many per cent were sent; `None` while nothing is being sent.
    share: RwSignal<Option<u8>>,
    /// What the files come with.
    #[prop(optional)]
    of: FilesOf,
    /// Called when other files are chosen.
    #[prop(optional)]
    changed: Option<Callback<()>>,
) -> impl IntoView {
    let language = use_language();
    let described = move || {
        let error = if problem.with(Option::is_some) { format!(" {id}-error") } else { String::new() };
        format!("{id}-hint{error}")
    };
    let change = move |_| {
        if let Some(changed) = changed {
            changed.run(());
        }
    };
    view! {
        <div class="field" data-look=move || problem.with(Option::is_some).then_some("error")>
            <label class="field__label" for=id>{t!(language, "file.with_message")}</label>
            <p class="field__hint" id=format!("{id}-hint")>
                {of.hint(language)}
            </p>
            <input class="files__choose" id=id type="file" name=FILES accept=WITH_MESSAGE multiple=true
                aria-invalid=move || problem.with(Option::is_some).then_some("true")
                aria-describedby=described on:change=change/>
            <div class="files__wrong"><FieldError id error=problem/></div>
            {move || share.get().map(|share| {
                let words = t!(language, "file.sent_share", share = share);
                view! {
                    <p class="note">
                        <progress max="100" value=share.to_string() aria-label=words.clone()></progress>
                        " "
                        <span aria-hidden="true">{words}</span>
                    </p>
                }
            })}
        </div>
    }
    .into_any()
}
