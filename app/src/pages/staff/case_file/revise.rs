//! Revisions of severity and urgency, contract and serial. The customer's own values stay, and are shown.

use domain::case::{Command, ContractRef, PriorityInputs, RevisionCommand};
use domain::contract_number::ContractNumberProblem;
use domain::i18n::Language;
use domain::priority::{Severity, Urgency};
use domain::serial::Serial;
use domain::t;
use domain::text::Reason;
use domain::view::CasePage;
use leptos::prelude::*;

use super::elements::{Chips, DialogActions, DialogFrame, Room, TextField};
use super::state::{Dialog, focus};
use crate::formats::use_formats;
use crate::language::use_language;

/// A severity and an urgency in words.
pub(super) fn inputs_words(language: Language, inputs: PriorityInputs) -> String {
    let urgency = t!(language, inputs.urgency.name_key());
    t!(language, "weight.both", severity = t!(language, inputs.severity.name_key()), urgency = urgency)
}

/// The customer's severity and urgency.
pub(super) fn stated(page: &CasePage) -> PriorityInputs {
    let report = &page.opening.report;
    PriorityInputs { severity: report.severity, urgency: report.urgency }
}

/// Revises severity or urgency. The customer is told by mail.
#[component]
pub(super) fn ReprioritizeDialog(dialog: Dialog, text: RwSignal<String>) -> impl IntoView {
    let language = use_language();
    let case = dialog.case;
    let now = case.page.with_untracked(|page| page.priority_inputs);
    let (severity, urgency) = (RwSignal::new(Some(now.severity)), RwSignal::new(Some(now.urgency)));
    let none = || RwSignal::new(None::<String>);
    let (no_severity, no_urgency, wrong_text) = (none(), none(), none());
    let run = move || {
        let (Some(severity), Some(urgency)) = (severity.get_untracked(), urgency.get_untracked()) else {
            return;
        };
        match text.with_untracked(|text| Reason::parse(text)) {
            Ok(reason) => {
                let to = PriorityInputs { severity, urgency };
                let done = move || t!(language, "staff.weigh.done").into_owned();
                let command = Command::Revision(RevisionCommand::Reprioritize { to, reason });
                dialog.send(command, done, move || text.set(String::new()));
            }
            Err(wrong) => {
                wrong_text.set(Some(wrong.message(language)));
                focus("weigh-reason");
            }
        }
    };
    let follows = move || {
        let inputs = severity.get().zip(urgency.get());
        case.page.with(|page| {
            let matrix = page.opening.terms.matrix();
            inputs.map(|(severity, urgency)| {
                t!(language, "staff.weigh.follows", priority = matrix.priority(severity, urgency).code())
            })
        })
    };
    let original = case.page.with_untracked(|page| inputs_words(language, stated(page)));
    let severities = Severity::ALL.map(|level| (level, t!(language, level.name_key()).into_owned())).to_vec();
    let urgencies = Urgency::ALL.map(|level| (level, t!(language, level.name_key()).into_owned())).to_vec();
    view! {
        <DialogFrame dialog title=t!(language, "staff.weigh.title")>
            <p class="note">{t!(language, "staff.weigh.stated", weight = original)} " " {t!(language, "staff.weigh.hint")}</p>
            <Chips name="weigh-severity" question=t!(language, "letter.report.severity") choices=severities
                chosen=severity problem=no_severity/>
            <Chips name="weigh-urgency" question=t!(language, "letter.report.urgency") choices=urgencies
                chosen=urgency problem=no_urgency/>
            <p>{follows}</p>
            <TextField id="weigh-reason" label="staff.priority.reason" value=text problem=wrong_text room=Room::Line/>
            <DialogActions dialog act="staff.weigh.act" run/>
        </DialogFrame>
    }
    .into_any()
}

/// Revises a wrong contract or serial. The case is counted again under it.
#[component]
pub(super) fn CorrectDialog(dialog: Dialog, text: RwSignal<String>) -> impl IntoView {
    let language = use_language();
    let case = dialog.case;
    let report = case.page.with_untracked(|page| page.opening.report.clone());
    // Without a typed number, the register's is suggested.
    let registered =
        case.page.with_untracked(|page| page.registered.as_ref().map(|found| found.contract.clone()));
    let first = report.contract.as_ref().map(ToString::to_string).or(registered);
    let contract = RwSignal::new(first.unwrap_or_default());
    let serial = RwSignal::new(report.serial.to_string());
    let none = || RwSignal::new(None::<String>);
    let (wrong_contract, wrong_serial, wrong_text) = (none(), none(), none());
    let kept = report.contract.clone();
    let formats = use_formats();
    let run = move || {
        let number = contract.with_untracked(|typed| {
            // A number that was accepted as typed stays confirmed until another one is typed.
            if kept.as_ref().is_some_and(|kept| kept.as_str() == typed.trim()) {
                return kept.clone().ok_or(ContractNumberProblem::Empty);
            }
            formats.parse(typed)
        });
        let read = serial.with_untracked(|typed| Serial::parse(typed));
        let reason = text.with_untracked(|text| Reason::parse(text));
        wrong_contract.set(number.as_ref().err().map(|wrong| wrong.message(language)));
        wrong_serial.set(read.as_ref().err().map(|wrong| wrong.message(language)));
        wrong_text.set(reason.as_ref().err().map(|wrong| wrong.message(language)));
        let (contract, serial, reason) = match (number, read, reason) {
            (Ok(contract), Ok(serial), Ok(reason)) => (contract, serial, reason),
            (Err(_), ..) => return focus("correct-contract"),
            (_, Err(_), _) => return focus("correct-serial"),
            (_, _, Err(_)) => return focus("correct-reason"),
        };
        let to = ContractRef { contract: Some(contract), serial };
        let command = Command::Revision(RevisionCommand::Correct { to, reason, resolved: None });
        let done = move || t!(language, "staff.correct.done").into_owned();
        dialog.send(command, done, move || text.set(String::new()));
    };
    view! {
        <DialogFrame dialog title=t!(language, "staff.correct.title")>
            <p class="note">{t!(language, "staff.correct.hint")}</p>
            <TextField id="correct-contract" label="staff.facts.contract" value=contract problem=wrong_contract
                room=Room::Line/>
            <TextField id="correct-serial" label="staff.facts.serial" value=serial problem=wrong_serial
                room=Room::Line/>
            <TextField id="correct-reason" label="staff.priority.reason" value=text problem=wrong_text room=Room::Line/>
            <DialogActions dialog act="staff.correct.act" run/>
        </DialogFrame>
    }
    .into_any()
}
