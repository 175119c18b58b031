//! Closures of a calendar as an iCalendar file: the way out, the way in, and what of a file cannot be a closure.

use chrono::{DateTime, Datelike};
use desk::DeskError;
use desk::settings::{self, IcsProblem, Subject};
use domain::actor::{Action, Subject as Of, may};
use domain::i18n::Language;
use domain::t;
use http::StatusCode;
use leptos::prelude::*;

use super::{ACTION, Access, Form, NEW, SettingsPosted, Typed, answer};
use crate::language::use_language;
use crate::request::RequestContext;
use crate::ui::{Notice, Tone};

/// The name of the field with a file of closures.
pub const CLOSURES_FILE: &str = "closures_file";

/// What was read of a file of closures.
#[derive(Debug, Clone)]
pub(super) struct ClosuresFile {
    /// Closures in the file.
    found: usize,
    /// Rows of the form that are new or changed.
    added: usize,
    problems: Vec<IcsProblem>,
}

/// Takes the form of a calendar with a file of closures. They become rows of the form, and the change is shown.
pub async fn post_closures(
    asked: &RequestContext,
    id: &str,
    pairs: Vec<(String, String)>,
    file: &[u8],
) -> SettingsPosted {
    if let Err(refused) = may(&asked.actor, Action::ChangeSettings, Of::Desk) {
        return SettingsPosted::Failed(DeskError::from(refused).into());
    }
    let this_year = DateTime::from_timestamp(asked.desk.now().0, 0).map_or(1970, |now| now.year());
    let read = settings::read_closures(file, this_year);
    let mut typed = Typed::of_entry(id, pairs);
    typed.fields = settings::tidy(typed.fields);
    let added = settings::add_closures(&mut typed.fields, &read.closures);
    let file = ClosuresFile { found: read.closures.len(), added, problems: read.problems };
    let mut posted = answer(asked, Subject::Calendars, typed, None).await;
    if let SettingsPosted::Again(status, reply) = &mut posted {
        if file.found == 0 {
            *status = StatusCode::UNPROCESSABLE_ENTITY;
        }
        reply.file = Some(file);
    }
    posted
}

/// Above the form: what was read of a file.
pub(super) fn report(form: &Form) -> AnyView {
    let language = use_language();
    let Some(file) = form.reply.as_ref().and_then(|reply| reply.file.clone()) else {
        return ().into_any();
    };
    let tone = match (file.found, file.problems.is_empty()) {
        (0, _) => Tone::Bad,
        (_, false) => Tone::Care,
        (_, true) => Tone::Calm,
    };
    let icon = if tone == Tone::Calm { "info" } else { "alert" };
    let counts = t!(language, "settings.ics.counts", found = file.found, added = file.added);
    view! { <Notice tone icon><p>{counts}</p>{problems(language, &file.problems)}</Notice> }.into_any()
}

fn problems(language: Language, problems: &[IcsProblem]) -> Option<AnyView> {
    let lines = problems.iter().map(|problem| view! { <li>{problem.message(language)}</li> });
    (!problems.is_empty()).then(|| {
        view! {
            <p>{t!(language, "settings.ics.problems", count = problems.len())}</p>
            <ul>{lines.collect_view()}</ul>
        }
        .into_any()
    })
}

/// The way out and the way in. The button sends the whole form with the file, so nothing that was typed is lost.
pub(super) fn files(form: &Form) -> AnyView {
    let language = use_language();
    let export = (form.id != NEW).then(|| {
        let address = format!("/desk/admin/calendars/{}/closures.ics", form.id);
        view! {
            <p><a class="button button--quiet" href=address rel="external" download="">{t!(language, "settings.ics.export")}</a></p>
        }
    });
    let import = (form.access == Access::Change).then(|| {
        view! {
            <div class="field">
                <label class="field__label" for=CLOSURES_FILE>{t!(language, "settings.ics.file")}</label>
                <input class="files__choose" id=CLOSURES_FILE name=CLOSURES_FILE type="file"
                    accept=".ics,text/calendar" aria-describedby="closures-file-hint"/>
                <p class="field__hint" id="closures-file-hint">{t!(language, "settings.ics.hint")}</p>
            </div>
            <div class="row">
                <button class="button" type="submit" name=ACTION value="file" formenctype="multipart/form-data">
                    {t!(language, "settings.ics.import")}
                </button>
            </div>
        }
    });
    view! {
        <section class="card stack" aria-labelledby="h-closures-file">
            <h2 id="h-closures-file">{t!(language, "settings.ics.title")}</h2>
            {export}
            {import}
        </section>
    }
    .into_any()
}
