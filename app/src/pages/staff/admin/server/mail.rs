//! Outgoing mail, and a test mail to oneself with the mail server's own words.

use desk::outbox::{TestMail, TestOutcome, Tls, Transport, send_test};
use desk::setup::{self, Mark, Step};
use domain::t;
use http::StatusCode;
use leptos::prelude::*;

use super::{ACT, PAGE, ServerPosted, TEST_MAIL};
use crate::language::use_language;
use crate::request::RequestContext;
use crate::ui::{Icon, Notice, Tone};

/// What came of a test mail. The server puts it into the page's context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestReply(TestMail);

/// Sends a test mail to whoever asks. A mail that a server took settles the step of the first start.
pub(super) async fn post_test(asked: &RequestContext) -> ServerPosted {
    let (desk, actor) = (&asked.desk, &asked.actor);
    let test = match send_test(desk, actor, asked.operations.transport()).await {
        Ok(test) => test,
        Err(error) => return ServerPosted::Failed(error.into()),
    };
    let status = match &test.outcome {
        TestOutcome::Accepted(_) => {
            if let Err(error) = setup::settle(desk, actor, Step::Mail, Mark::Settled).await {
                return ServerPosted::Failed(error.into());
            }
            StatusCode::OK
        }
        TestOutcome::Written => StatusCode::OK,
        TestOutcome::Refused(_) => StatusCode::BAD_GATEWAY,
    };
    ServerPosted::Tested(status, TestReply(test))
}

/// Where mails go, and the form of the test.
#[component]
pub(super) fn MailSection(asked: RequestContext) -> impl IntoView {
    let language = use_language();
    let transport = asked.operations.transport();
    let facts = match transport {
        Transport::Smtp(settings) => {
            let tls = match settings.tls {
                Tls::None => "server.mail.tls.none",
                Tls::StartTls => "server.mail.tls.starttls",
                Tls::Implicit => "server.mail.tls.implicit",
            };
            let account = match &settings.login {
                Some(login) => login.user.clone(),
                None => t!(language, "server.mail.no_account").into_owned(),
            };
            view! {
                <dl class="facts">
                    <div>
                        <dt>{t!(language, "server.mail.host")}</dt>
                        <dd>{format!("{}:{}", settings.host, settings.port)}</dd>
                    </div>
                    <div><dt>{t!(language, "server.mail.tls")}</dt> <dd>{t!(language, tls)}</dd></div>
                    <div><dt>{t!(language, "server.mail.account")}</dt> <dd>{account}</dd></div>
                    <div>
                        <dt>{t!(language, "server.mail.sender")}</dt>
                        <dd>{format!("{} <{}>", settings.sender.name, settings.sender.address)}</dd>
                    </div>
                </dl>
            }
            .into_any()
        }
        Transport::Folder { .. } | Transport::Sink { .. } => view! {
            <Notice tone=Tone::Care icon="alert">
                <p class="notice__title">{t!(language, "server.mail.none")}</p>
                <p>{t!(language, "server.mail.none_hint")}</p>
                <pre class="code"><code>"[mail]\nsmtp_host = \"smtp.example.com\"\nsmtp_user = \"desk\"\nsmtp_password_file = \"/etc/vigia/smtp\"\nfrom_address = \"desk@example.com\""</code></pre>
            </Notice>
        }
        .into_any(),
    };
    view! {
        <section class="card stack" id="mail" aria-labelledby="h-mail">
            <h2 id="h-mail">{t!(language, "server.mail.title")}</h2>
            {facts}
            {use_context::<TestReply>().map(|TestReply(test)| view! { <Outcome test/> })}
            <form class="row" method="post" action=PAGE>
                <button class="button" type="submit" name=ACT value=TEST_MAIL>
                    <Icon name="mail"/> {t!(language, "server.mail.test")}
                </button>
                <p class="note">{t!(language, "server.mail.test_hint")}</p>
            </form>
        </section>
    }
    .into_any()
}

/// What the mail server said to a test.
#[component]
pub(in crate::pages::staff::admin) fn Outcome(test: TestMail) -> impl IntoView {
    let language = use_language();
    let to = test.recipient.to_string();
    let (tone, icon, title, words) = match test.outcome {
        TestOutcome::Accepted(words) => {
            (Tone::Good, "check", t!(language, "server.mail.accepted", mail = to), Some(words))
        }
        TestOutcome::Written => (Tone::Care, "info", t!(language, "server.mail.written", mail = to), None),
        TestOutcome::Refused(words) => {
            (Tone::Bad, "alert", t!(language, "server.mail.refused", mail = to), Some(words))
        }
    };
    view! {
        <Notice tone icon>
            <p class="notice__title">{title}</p>
            {words.filter(|words| !words.is_empty()).map(|words| view! {
                <p>{t!(language, "server.mail.words")}</p>
                <pre class="code"><code>{words}</code></pre>
            })}
        </Notice>
    }
    .into_any()
}
