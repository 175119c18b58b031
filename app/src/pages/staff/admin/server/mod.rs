//! How the installation stands, for administrators: `/desk/admin/server`. The same as `vigia doctor` says, outgoing mail,
//! the outbox, and the integrity check.

mod integrity;
mod mail;
mod outbox;

use desk::diagnosis::IntegrityState;
use desk::outbox::{Counts, Trouble};
use domain::actor::{Action, Subject, may};
use domain::calendar::MomentStyle;
use domain::i18n::Language;
use domain::t;
use domain::time::{Instant, Span};
use http::StatusCode;
use leptos::prelude::*;

use self::integrity::IntegritySection;
use self::mail::MailSection;
use self::outbox::OutboxSection;
use super::settings::centre_zone;
use super::{AdminFrame, Section};
use crate::AppError;
use crate::language::use_language;
use crate::operations::{Finding, Verdict};
use crate::pages::Typed;
use crate::pages::staff::frame::Failed;
use crate::pages::staff::session::staff_context;
use crate::request::RequestContext;
use crate::ui::Icon;

pub(super) use mail::Outcome as TestOutcomeNotice;
pub use mail::TestReply;

const PAGE: &str = "/desk/admin/server";
/// The field that says what is to be done.
const ACT: &str = "act";
/// Its value for a test mail.
const TEST_MAIL: &str = "test_mail";
/// Its value for the integrity check.
const CHECK: &str = "check";

/// What became of a form of the page.
#[derive(Debug)]
pub enum ServerPosted {
    /// Done; the browser goes on there.
    Done(String),
    /// The page again, with what a mail server said.
    Tested(StatusCode, TestReply),
    /// There is no page to show it on.
    Failed(AppError),
}

/// Takes a form of the page.
pub async fn post_server(asked: &RequestContext, typed: &Typed) -> ServerPosted {
    match typed.get(ACT).map(String::as_str) {
        Some(TEST_MAIL) => mail::post_test(asked).await,
        Some(CHECK) => integrity::post_check(asked).await,
        _ => ServerPosted::Failed(AppError::Malformed),
    }
}

/// What the page shows.
struct Standing {
    asked: RequestContext,
    findings: Vec<Finding>,
    counts: Counts,
    trouble: Trouble,
    integrity: IntegrityState,
}

async fn read() -> Result<Standing, AppError> {
    let asked = staff_context()?;
    may(&asked.actor, Action::Administer, Subject::Desk).map_err(|_| AppError::NotPermitted)?;
    let findings = asked.operations.examine(asked.language).await;
    let counts = desk::outbox::counts(&asked.desk).await.map_err(desk::DeskError::from)?;
    let trouble = desk::outbox::trouble(&asked.desk, &asked.actor).await?;
    let integrity = desk::diagnosis::integrity(&asked.desk, &asked.actor).await?;
    Ok(Standing { asked, findings, counts, trouble, integrity })
}

/// The page of the server.
#[component]
pub fn ServerPage() -> impl IntoView {
    view! {
        <AdminFrame title="admin.server.title" section=Section::Server>
            {Suspend::new(async move {
                match read().await {
                    Ok(standing) => view! { <Parts standing/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </AdminFrame>
    }
    .into_any()
}

#[component]
fn Parts(standing: Standing) -> impl IntoView {
    let Standing { asked, findings, counts, trouble, integrity } = standing;
    view! {
        <Findings findings/>
        <MailSection asked/>
        <OutboxSection counts trouble/>
        <IntegritySection integrity/>
    }
    .into_any()
}

/// What `vigia doctor` says, the worst first.
#[component]
fn Findings(findings: Vec<Finding>) -> impl IntoView {
    let language = use_language();
    let grave = |wanted: Verdict| findings.iter().filter(|finding| finding.verdict == wanted).count();
    let (wrong, notices) = (grave(Verdict::Wrong), grave(Verdict::Notice));
    let summary = match (wrong, notices) {
        (0, 0) => t!(language, "server.all_well").into_owned(),
        (0, notices) => t!(language, "server.notices", count = notices),
        (wrong, _) => t!(language, "server.wrong", count = wrong),
    };
    let mut findings = findings;
    findings.sort_by_key(|finding| match finding.verdict {
        Verdict::Wrong => 0,
        Verdict::Notice => 1,
        Verdict::Fine => 2,
    });
    let lines = findings.into_iter().map(|Finding { verdict, text }| {
        let (icon, look, word) = match verdict {
            Verdict::Fine => ("check", "met", "server.verdict.fine"),
            Verdict::Notice => ("warning", "warning", "server.verdict.notice"),
            Verdict::Wrong => ("breached", "breached", "server.verdict.wrong"),
        };
        view! {
            <li class="line finding-line">
                <span class="state" data-state=look><Icon name=icon/> " " {t!(language, word)}</span>
                <p>{text}</p>
            </li>
        }
    });
    view! {
        <section class="card stack" aria-labelledby="h-findings">
            <div class="row row--apart">
                <h2 id="h-findings">{summary}</h2>
                <a class="button button--quiet" href=PAGE rel="external">{t!(language, "server.again")}</a>
            </div>
            <ul class="lines">{lines.collect_view()}</ul>
            <p class="note">{t!(language, "server.doctor_hint")}</p>
        </section>
    }
    .into_any()
}

/// A moment in the zone of the contact centre.
pub(in crate::pages::staff) fn moment(language: Language, at: Instant) -> String {
    let zone = centre_zone().map(|zone| zone.view(Span::new(at, at.plus(1))));
    zone.map(|zone| zone.format(at, language, MomentStyle::Short)).unwrap_or_default()
}
