//! Entries of server functions, which pages call. Each is sent arguments that it can read: the refusal is not one of the format.

use domain::actor::Action;

use super::entry::{Door, Entry, Of, call};
use crate::support::client::form;

pub(crate) fn entries() -> Vec<Entry> {
    [of_customers(), of_the_staff(), on_cases(), of_calls(), of_reports()].into_iter().flatten().collect()
}

fn of_customers() -> Vec<Entry> {
    let on_link =
        |name: &str, action, arguments: &str| call(name, Door::Link(action), arguments).of(Of::Tracking);
    let form = form();
    vec![
        call(
            "offer",
            Door::Public,
            r#"{"contract":"CPS-VE-004213-58","serial":"FOC2614A1B2","country":"VE"}"#,
        ),
        on_link("start_form", Action::FollowCase, r#"{"who":"customer","follows":"{tracking}"}"#)
            .looks_further(),
        on_link(
            "open_case",
            Action::FollowCase,
            &format!(
                r#"{{"key":"0123456789abcdef0709","form":{form},"who":"customer","follows":"{{tracking}}"}}"#
            ),
        )
        .looks_further(),
        on_link("tracked_case", Action::ReadCase, r#"{"tracking":"{tracking}"}"#),
        on_link("answer_case", Action::Verify, r#"{"tracking":"{tracking}","answer":"works","said":""}"#)
            .looks_further(),
        on_link("write_to_desk", Action::WriteToDesk, r#"{"tracking":"{tracking}","text":"Sigue igual"}"#)
            .ends(),
        on_link(
            "cancel_case",
            Action::CancelOwnCase,
            r#"{"tracking":"{tracking}","confirmed":"yes","reason":""}"#,
        )
        .ends(),
        on_link(
            "amend_case",
            Action::AmendReport,
            r#"{"tracking":"{tracking}","typed":{"seen":1,"reason":"Falta"}}"#,
        )
        .looks_further(),
        call("survey_form", Door::Link(Action::ReadCase), r#"{"token":"{token}"}"#).of(Of::SurveyLink),
        call("visit_by_link", Door::Link(Action::ReadCase), r#"{"link":"{link}"}"#).of(Of::VisitLink),
    ]
}

fn of_the_staff() -> Vec<Entry> {
    let staff = Door::May(Action::KeepOwnAccount);
    let queue = Door::May(Action::ReadQueue);
    vec![
        call("signed_in", staff, "{}"),
        call("hands", staff, "{}"),
        call("frame", staff, "{}"),
        call("urgent", Door::May(Action::ReadQueue), "{}"),
        call("account", staff, "{}"),
        call("tell_presence", staff, r#"{"tab":"t","doing":"reading"}"#),
        call("people", Door::May(Action::ReadPeople), "{}"),
        call("person", Door::May(Action::ReadPeople), r#"{"id":"{id}"}"#).of(Of::Person),
        call("invite", Door::May(Action::Administer), "{}"),
        call("queue_page", queue, r#"{"state":"open","country":null,"whose":"anybodys","page":1}"#),
        call("offered_causes", queue, "{}"),
        call("offered_waits", queue, "{}"),
        call("agenda", Door::May(Action::ReadAgenda), r#"{"days_ahead":0}"#),
        call("technicians", Door::May(Action::ReadAgenda), "{}"),
        call("find_cases", Door::May(Action::Search), r#"{"text":"apaga"}"#),
        call("read_customer", Door::May(Action::Search), r#"{"id":{id}}"#).of(Of::Organisation),
        call("mails", Door::May(Action::ReadMail), r#"{"state":null,"page":1}"#),
        call("mail", Door::May(Action::ReadMail), r#"{"id":"{id}"}"#).of(Of::Mail),
        call("mail_kinds", Door::May(Action::ReadMail), r#"{"language":"es"}"#),
    ]
}

fn on_cases() -> Vec<Entry> {
    let on_case = |name: &str, action| call(name, Door::May(action), r#"{"number":"{number}"}"#).of(Of::Case);
    vec![
        on_case("case_file", Action::ReadCaseFile),
        on_case("candidates", Action::ClaimCase),
        on_case("replies", Action::WorkCase),
        // It shows the agenda, whichever case is planned.
        on_case("booked", Action::ReadAgenda).looks_further(),
        on_case("resend_mails", Action::WorkCase).looks_further(),
        call(
            "work_case",
            Door::May(Action::WorkCase),
            r#"{"number":"{number}","seen":1,"command":{"add_note":{"audience":"internal","text":"Revisado"}}}"#,
        )
        .of(Of::Case),
        on_case("survey_call", Action::Survey).looks_further(),
    ]
}

/// The desk has no exchange: every call is absent.
fn of_calls() -> Vec<Entry> {
    let calls = Door::May(Action::TakeCalls);
    vec![
        call("dial", calls, r#"{"number":"+582125550142","case":null}"#).looks_further(),
        call("read_caller", calls, r#"{"call":{call}}"#).of(Of::Call),
        call("log_call", calls, r#"{"call":{call},"number":"VE2600421392"}"#).of(Of::Call),
        call("tie_number", calls, r#"{"call":{call},"number":"VE2600421392"}"#).of(Of::Call),
        call("untie_number", calls, r#"{"call":{call}}"#).of(Of::Call),
        call("dismiss_call", calls, r#"{"call":{call}}"#).of(Of::Call).looks_further(),
    ]
}

fn of_reports() -> Vec<Entry> {
    let reports = Door::May(Action::ReadReports);
    let wanted = r#"{"days":null,"country":null,"priority":null,"contract":null}"#;
    vec![
        call("survey_queue", Door::May(Action::Survey), r#"{"page":1}"#),
        call("follow_ups", Door::May(Action::FollowUp), r#"{"done":"","page":1}"#),
        call("survey_results", reports, r#"{"period":null}"#),
        call("pauses_report", reports, r#"{"period":null,"reason":null,"page":1}"#),
        call("promises_report", reports, &format!(r#"{{"wanted":{wanted}}}"#)),
        call("promises_missed", reports, &format!(r#"{{"wanted":{wanted},"kind":"on_site","page":1}}"#)),
    ]
}
