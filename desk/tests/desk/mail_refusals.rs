//! Refusals of a mail server that concern the desk: mails are held, reported once, and sent again.

use std::time::Duration;

use crate::outbox::{deliver, open_for, over_smtp, state, usual};
use crate::support::smtp::{Manner, Server};
use crate::support::{TestDesk, a_case, both_engines, nth_mail, staff};
use desk::DeskError;
use desk::outbox::{Settings, deliver_due, list, read, retry_all, trouble};
use desk::store::Engine;
use domain::actor::{Actor, Role};
use domain::view::MailState;

both_engines! {
    daily_limit_of_the_mail_server_holds_every_mail_until_it_ends,
    wrong_mail_password_keeps_mails_queued_for_five_days,
    unknown_mailboxes_are_dead_letters_and_hold_no_other_mail,
    same_refusal_for_three_recipients_holds_mails_and_revives_dead_letters,
    same_refusal_holds_no_mail_while_other_recipients_are_served,
    retry_all_sends_refused_mails_within_the_mailbox_allowance,
    mail_server_that_never_confirms_the_content_times_out,
}

/// Numbers of dead letters and held mails.
async fn troubles(at: &TestDesk) -> (i64, i64) {
    let trouble = trouble(&at.desk, &staff(Role::Supervisor)).await.unwrap();
    (trouble.dead, trouble.held)
}

async fn daily_limit_of_the_mail_server_holds_every_mail_until_it_ends(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let limit = Manner::Says("550 5.4.5 Daily user sending limit exceeded.\r\n");
    let mut server = Server::start([limit]).await;
    let transport = over_smtp(&server);
    for (key, mail) in [("one", "uno@example.com"), ("two", "dos@example.com")] {
        open_for(&at.desk, key, mail).await;
    }
    assert_eq!(deliver(&at.desk, &transport).await, 2);
    assert_eq!(state(&at.desk, 1).await, (MailState::Queued, 1));
    assert_eq!(troubles(&at).await, (0, 2));
    // Longer than the attempts of an ordinary refusal.
    for _ in 0..40 {
        at.clock.advance(3600);
        deliver(&at.desk, &transport).await;
    }
    assert_eq!((state(&at.desk, 1).await.0, troubles(&at).await), (MailState::Queued, (0, 2)));
    server.behave(Manner::Takes);
    at.clock.advance(6 * 3600);
    assert_eq!(deliver(&at.desk, &transport).await, 2);
    server.next().await;
    server.next().await;
    assert_eq!((state(&at.desk, 1).await.0, troubles(&at).await), (MailState::Sent, (0, 0)));
}

async fn wrong_mail_password_keeps_mails_queued_for_five_days(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let server = Server::start([Manner::WantsSignIn]).await;
    let transport = over_smtp(&server);
    a_case(&at.desk).await;
    while state(&at.desk, 1).await.0 == MailState::Queued {
        deliver(&at.desk, &transport).await;
        at.clock.advance(3600);
    }
    let lasted = at.clock.now().since(crate::support::START);
    assert!((5 * 86_400..6 * 86_400).contains(&lasted), "{lasted}");
    assert_eq!(troubles(&at).await, (1, 0));
}

async fn unknown_mailboxes_are_dead_letters_and_hold_no_other_mail(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let server = Server::start([Manner::Refuses]).await;
    for number in 0..5 {
        open_for(&at.desk, &number.to_string(), &format!("a{number}@example.com")).await;
    }
    assert_eq!(deliver(&at.desk, &over_smtp(&server)).await, 5);
    assert_eq!(troubles(&at).await, (5, 0));
}

async fn same_refusal_for_three_recipients_holds_mails_and_revives_dead_letters(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    // OpenSMTPD's answer without permission to relay: no enhanced code, and no word about the sender.
    let mut server = Server::start([Manner::SaysOfRecipient("550 Invalid recipient\r\n")]).await;
    let transport = over_smtp(&server);
    for number in 0..2 {
        open_for(&at.desk, &number.to_string(), &format!("a{number}@example.com")).await;
    }
    assert_eq!(deliver(&at.desk, &transport).await, 2);
    assert_eq!(troubles(&at).await, (2, 0), "two may well be wrong addresses");
    at.clock.advance(60);
    open_for(&at.desk, "third", "a3@example.com").await;
    assert_eq!(deliver(&at.desk, &transport).await, 1);
    assert_eq!(troubles(&at).await, (0, 3));

    server.behave(Manner::Takes);
    let agent = retry_all(&at.desk, &staff(Role::Agent)).await;
    assert!(matches!(agent, Err(DeskError::NotPermitted(_))));
    assert_eq!(retry_all(&at.desk, &staff(Role::Supervisor)).await.unwrap(), 3);
    assert_eq!(deliver(&at.desk, &transport).await, 3);
    for _ in 0..3 {
        server.next().await;
    }
    assert_eq!(troubles(&at).await, (0, 0));
}

async fn same_refusal_holds_no_mail_while_other_recipients_are_served(engine: Engine) {
    let at = TestDesk::with_register(engine).await;
    let no = Manner::SaysOfRecipient("550 no such user\r\n");
    let server = Server::start([no]).await;
    let transport = over_smtp(&server);
    for number in 0..6 {
        server.behave(if number % 2 == 0 { Manner::Takes } else { no });
        open_for(&at.desk, &number.to_string(), &format!("a{number}@example.com")).await;
        assert_eq!(deliver(&at.desk, &transport).await, 1);
        at.clock.advance(1);
    }
    assert_eq!(troubles(&at).await, (3, 0));
}

async fn retry_all_sends_refused_mails_within_the_mailbox_allowance(engine: Engine) {
    // Without a register every case is unverified.
    let at = TestDesk::open(engine).await;
    let mut server = Server::start([Manner::Refuses]).await;
    let transport = over_smtp(&server);
    for number in 0..80 {
        open_for(&at.desk, &number.to_string(), "victim@example.com").await;
    }
    deliver(&at.desk, &transport).await;
    let dead = list(&at.desk, &Actor::System, Some(MailState::Dead), 1).await.unwrap().paging.total;
    server.behave(Manner::Takes);
    let again = retry_all(&at.desk, &staff(Role::Supervisor)).await.unwrap();
    assert!(again > 0 && i64::try_from(again).unwrap() < dead, "{again} of {dead}");
    deliver(&at.desk, &transport).await;
    assert_eq!(u64::try_from(server.left().len()).unwrap(), again);
}

async fn mail_server_that_never_confirms_the_content_times_out(engine: Engine) {
    assert!(usual().word_within >= Duration::from_mins(10), "RFC 5321, 4.5.3.2.6");
    let at = TestDesk::with_register(engine).await;
    let mut server = Server::start([Manner::TakesInSilence]).await;
    a_case(&at.desk).await;
    let impatient = Settings { word_within: Duration::from_millis(100), ..usual() };
    assert_eq!(deliver_due(&at.desk, &over_smtp(&server), &impatient).await.unwrap(), 1);
    server.next().await;
    let trouble =
        read(&at.desk, &Actor::System, nth_mail(&at.desk, 1).await).await.unwrap().line.trouble.unwrap();
    assert!(trouble.contains("handing over the content"), "{trouble}");
}
