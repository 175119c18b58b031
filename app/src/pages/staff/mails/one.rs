//! One mail: what became of it, as its reader sees it, and its plain form.

use domain::calendar::{MomentStyle, ZoneView};
use domain::t;
use domain::time::Instant;
use domain::view::MailState;
use domain::words::Language;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::api::{Whole, read_mail};
use crate::language::use_language;
use crate::pages::staff::frame::{Failed, Here, StaffFrame, case_address};
use crate::ui::{Icon, Notice, Tone, place};

/// A moment at the site of a mail's case, and says where: mails are of all sites.
pub(super) fn moment(language: Language, zone: &ZoneView, at: Instant) -> String {
    let moment = zone.format(at, language, MomentStyle::Short);
    t!(language, "mails.at", moment = moment, place = place(&zone.name))
}

/// What became of a mail: shape, word and colour.
pub(super) fn state(language: Language, state: MailState) -> impl IntoView + use<> {
    let (look, icon) = match state {
        MailState::Queued => ("running", "running"),
        MailState::Sent => ("met", "check"),
        MailState::Dead => ("breached", "alert"),
    };
    view! {
        <span class="state" data-state=look><Icon name=icon/> " " {t!(language, state.name_key())}</span>
    }
}

/// The page of one mail.
#[component]
pub fn MailPage() -> impl IntoView {
    let language = use_language();
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let mail = Resource::new(move || id.get(), read_mail);
    view! {
        <StaffFrame title=t!(language, "mails.title").into_owned() class="stack" here=Here::Mails>
            <Suspense>
                {move || Suspend::new(async move {
                    match mail.await {
                        Ok(mail) => view! { <One mail/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Suspense>
        </StaffFrame>
    }
    .into_any()
}

#[component]
fn One(mail: Whole) -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let retried = query.with_untracked(|query| query.get("done").as_deref() == Some("retried"));
    let line = mail.line;
    let address = format!("/desk/mails/{}", line.id);
    let facts = [
        ("mails.recipient", format!("{} <{}>", mail.recipient_name, line.seen.recipient)),
        ("mails.created", moment(language, &line.zone, line.seen.created_at)),
        ("mails.attempts", line.attempts.to_string()),
        ("mails.message_id", mail.message_id),
    ];
    let sent = line.seen.sent_at.map(|at| ("mails.sent_at", moment(language, &line.zone, at)));
    let next = (line.seen.state == MailState::Queued)
        .then(|| ("mails.next", moment(language, &line.zone, line.next_attempt_at)));
    let trouble = line.trouble.map(|words| ("mails.trouble", words));
    let facts = facts.into_iter().chain(sent).chain(next).chain(trouble);
    let facts = facts.map(|(name, value)| view! { <div><dt>{t!(language, name)}</dt><dd>{value}</dd></div> });
    let retry = (line.seen.state == MailState::Dead).then(|| {
        view! {
            <form method="post" action=address.clone()>
                <button class="button button--main" type="submit">{t!(language, "mails.retry")}</button>
            </form>
        }
    });
    view! {
        <p><a href="/desk/mails">{t!(language, "mails.title")}</a></p>
        <div class="casehead">
            <h1>{line.seen.subject}</h1>
            <p class="row">
                {state(language, line.seen.state)}
                <a class="number" href=case_address(line.case)>{line.case.grouped()}</a>
            </p>
        </div>
        {retried.then(|| view! { <Notice tone=Tone::Good icon="check"><p>{t!(language, "mails.retried")}</p></Notice> })}
        {retry}
        <section class="card" aria-label=t!(language, "mails.facts")>
            <dl class="facts">{facts.collect_view()}</dl>
        </section>
        <Preview body=format!("{address}/body") text=mail.text/>
    }
    .into_any()
}

/// Both forms of a mail. The HTML form stands in a sandbox, under a policy of its own: whatever was typed into a case can
/// do nothing here.
#[component]
pub(super) fn Preview(
    /// Where the HTML form is.
    body: String,
    /// The plain form.
    text: String,
) -> impl IntoView {
    let language = use_language();
    view! {
        <iframe class="mailbody" sandbox="" src=body title=t!(language, "mails.html")></iframe>
        <details class="card">
            <summary><Icon name="chevron"/> " " {t!(language, "mails.text")}</summary>
            <pre class="mailtext" tabindex="0">{text}</pre>
        </details>
    }
    .into_any()
}
