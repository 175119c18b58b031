//! One mail: its outcome, its HTML, and its plain text.

use domain::calendar::{MomentStyle, ZoneView};
use domain::i18n::Language;
use domain::t;
use domain::time::Instant;
use domain::view::{MailState, MailView};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::api::{MailDetail, read_mail};
use crate::address::case_address;
use crate::language::use_language;
use crate::pages::staff::frame::{Failed, Here, StaffFrame};
use crate::ui::{Icon, Notice, Tone};

/// An instant at the site of a mail's case, with the city: the list has mails of all sites.
pub(super) fn moment(language: Language, zone: &ZoneView, at: Instant) -> String {
    let moment = zone.format(at, language, MomentStyle::Short);
    t!(language, "mails.at", moment = moment, place = zone.city(language))
}

/// The outcome of a mail: shape, word and colour.
pub(super) fn state(language: Language, mail: &MailView) -> impl IntoView + use<> {
    let (look, icon, name) = match (mail.state, mail.hold) {
        (MailState::Queued | MailState::Dead, Some(_)) => ("paused", "paused", "mails.held"),
        (MailState::Queued, None) => ("running", "running", mail.state.name_key()),
        (MailState::Sent, _) => ("met", "check", mail.state.name_key()),
        (MailState::Dead, None) => ("breached", "alert", mail.state.name_key()),
    };
    view! {
        <span class="state" data-state=look><Icon name=icon/> " " {t!(language, name)}</span>
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
fn One(mail: MailDetail) -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let retried = query.with_untracked(|query| query.get("done").as_deref() == Some("retried"));
    let line = mail.line;
    let address = format!("/desk/mails/{}", line.id);
    let facts = [
        ("mails.recipient", format!("{} <{}>", mail.recipient_name, line.seen.recipient).trim().to_owned()),
        ("mails.created", moment(language, &line.zone, line.seen.created_at)),
        ("mails.attempts", line.attempts.to_string()),
        ("mails.message_id", mail.message_id),
    ];
    let sent = line.seen.sent_at.map(|at| ("mails.sent_at", moment(language, &line.zone, at)));
    let next = (line.seen.state == MailState::Queued)
        .then(|| ("mails.next", moment(language, &line.zone, line.next_attempt_at)));
    let trouble = line.trouble.map(|words| ("mails.trouble", words));
    let hold = line.seen.hold.map(|hold| ("mails.hold", t!(language, hold.name_key()).into_owned()));
    let facts = facts.into_iter().chain(hold).chain(sent).chain(next).chain(trouble);
    let facts = facts.map(|(name, value)| view! { <div><dt>{t!(language, name)}</dt><dd>{value}</dd></div> });
    let by_hand = match line.seen.hold {
        Some(_) => Some("mails.send_now"),
        None => (line.seen.state == MailState::Dead).then_some("mails.retry"),
    };
    let retry = by_hand.map(|words| {
        view! {
            <form method="post" action=address.clone()>
                <button class="button button--main" type="submit">{t!(language, words)}</button>
            </form>
        }
    });
    view! {
        <p><a href="/desk/mails">{t!(language, "mails.title")}</a></p>
        <div class="casehead">
            <h1>{line.seen.subject.clone()}</h1>
            <p class="row">
                {state(language, &line.seen)}
                {line.case.map(|case| view! { <a class="number" href=case_address(case)>{case.grouped()}</a> })}
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

/// Both forms of a mail. The HTML stands in a sandbox under a policy of its own: text that was typed into a case can do
/// nothing here.
#[component]
pub(super) fn Preview(
    /// The address of the HTML.
    body: String,
    /// The plain text.
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
