//! Who changed which setting, when, from when on, and from what to what; an earlier state can be taken up again.

use desk::settings::{self, FieldChange, Subject, Version};
use domain::calendar::MomentStyle;
use domain::case::Author;
use domain::i18n::Language;
use domain::t;
use domain::time::{Instant, Span};
use domain::wording::MailTextKind;
use leptos::prelude::*;

use super::labels::{label, words_of};
use super::report::shown;
use super::{Access, centre_zone};
use crate::AppError;
use crate::language::use_language;
use crate::pages::staff::admin::{AdminFrame, Section};
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;

/// The history of the settings: `/desk/admin/changes`.
#[component]
pub fn ChangesPage() -> impl IntoView {
    view! {
        <AdminFrame title="settings.page.changes" section=Section::Changes>
            {Suspend::new(async move {
                match read().await {
                    Ok((versions, access)) => view! { <Changes versions access/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

async fn read() -> Result<(Vec<Version>, Access), AppError> {
    let asked = staff_context()?;
    Ok((settings::history(&asked.desk, &asked.actor).await?, Access::of(&asked.actor)))
}

#[component]
fn Changes(versions: Vec<Version>, access: Access) -> impl IntoView {
    let language = use_language();
    let lines = versions.into_iter().map(|version| line(language, version, access)).collect_view();
    view! { <ol class="card lines">{lines}</ol> }.into_any()
}

fn line(language: Language, version: Version, access: Access) -> AnyView {
    let Version { subject, id, name, effective_from, recorded, fields } = version;
    let section = Section::of(subject);
    let by = match &recorded {
        None => t!(language, "settings.desk").into_owned(),
        Some((_, Author::Staff { name, .. })) => name.clone(),
        Some(_) => t!(language, "settings.operator").into_owned(),
    };
    let at = recorded
        .map_or_else(|| t!(language, "settings.first_start").into_owned(), |(at, _)| moment(language, at));
    let from = match effective_from {
        Instant(0) => t!(language, "settings.always").into_owned(),
        from => moment(language, from),
    };
    let kind = t!(language, words_of(subject).entry);
    let changes = fields.into_iter().flatten().map(|FieldChange { key, from, to }| {
        let (before, after) = (shown(language, &key, from), shown(language, &key, to));
        view! { <li>{label(language, &key)} ": " {before} " → " <b>{after}</b></li> }
    });
    let address = match subject {
        Subject::MailTexts => format!("{}/{name}", section.address()),
        // The desk has one entry.
        _ if subject.table().is_none() => section.address().to_owned(),
        _ => format!("{}/{id}", section.address()),
    };
    let name = match MailTextKind::from_code(&name).filter(|_| subject == Subject::MailTexts) {
        Some(kind) => t!(language, kind.name_key()).into_owned(),
        None => name,
    };
    let again = (access == Access::Change).then(|| {
        view! {
            <a class="button button--quiet" href=format!("{address}?at={}", effective_from.0)>
                {t!(language, "settings.page.again")}
            </a>
        }
    });
    view! {
        <li class="line line--wide">
            <div class="stack stack--tight">
                <p><b>{name}</b> " " <span class="quiet">{kind}</span></p>
                <ul class="quiet">{changes.collect_view()}</ul>
                <p class="note">{at} " · " {by} " · " {t!(language, "settings.page.counts_from", from = from)}</p>
            </div>
            {again}
        </li>
    }
    .into_any()
}

fn moment(language: Language, at: Instant) -> String {
    let zone = centre_zone().map(|zone| zone.view(Span::new(at, at.plus(1))));
    zone.map(|zone| zone.format(at, language, MomentStyle::Short)).unwrap_or_default()
}
