//! The dialogs of verification, closing and reopening.

use domain::case::{Channel, Command, Verdict};
use domain::t;
use domain::text::{Note, PersonName, Reason, optional};
use leptos::prelude::*;

use super::customer_update::AnswerFirst;
use super::elements::{Chips, DialogActions, DialogFrame, Room, TextField};
use super::state::{Dialog, focus};
use crate::language::use_language;

/// Records the customer's verification: who gave it, how, and in which words.
#[component]
pub(super) fn VerifyDialog(dialog: Dialog, text: RwSignal<String>) -> impl IntoView {
    let language = use_language();
    let case = dialog.case;
    let verdict = RwSignal::new(None::<Verdict>);
    let channel = RwSignal::new(Some(Channel::Phone));
    let who = RwSignal::new(case.page.with_untracked(|page| page.opening.report.contact.name.to_string()));
    let (no_verdict, no_who, wrong_text, no_channel) = (
        RwSignal::new(None::<String>),
        RwSignal::new(None::<String>),
        RwSignal::new(None::<String>),
        RwSignal::new(None::<String>),
    );
    let run = move || {
        let name = who.with_untracked(|who| PersonName::parse(who));
        let said = text.with_untracked(|text| optional(text, Note::parse));
        let missing = verdict.get_untracked().is_none();
        no_verdict.set(missing.then(|| t!(language, "problem.not_chosen").into_owned()));
        no_who.set(name.as_ref().err().map(|wrong| wrong.message(language)));
        wrong_text.set(said.as_ref().err().map(|wrong| wrong.message(language)));
        let (Some(meant), Ok(name), Ok(said)) = (verdict.get_untracked(), name, said) else {
            return focus("verify-who");
        };
        let channel = Some(channel.get_untracked().unwrap_or(Channel::Phone));
        let command = Command::Verify { verdict: meant, channel, who: Some(name), said };
        dialog.send(
            command,
            move || case.done(language, "staff.verify.done"),
            move || {
                text.set(String::new());
                verdict.set(None);
            },
        );
    };
    let verdicts = Verdict::ALL.map(|choice| (choice, t!(language, choice.name_key()).into_owned())).to_vec();
    let channels = Channel::ALL.map(|choice| (choice, t!(language, choice.name_key()).into_owned())).to_vec();
    view! {
        <DialogFrame dialog title=t!(language, "staff.verify.title")>
            <Chips name="verify-verdict" question=t!(language, "staff.verify.question") choices=verdicts chosen=verdict
                problem=no_verdict/>
            <TextField id="verify-who" label="staff.verify.who" value=who problem=no_who room=Room::Line/>
            <Chips name="verify-channel" question=t!(language, "staff.contact.channel") choices=channels chosen=channel
                problem=no_channel/>
            <TextField id="verify-said" label="staff.verify.said" value=text problem=wrong_text room=Room::Short/>
            <DialogActions dialog act="staff.verify.act" run/>
        </DialogFrame>
    }
    .into_any()
}

/// Closes a case without the customer's verification, with a reason.
#[component]
pub(super) fn CloseDialog(
    dialog: Dialog,
    text: RwSignal<String>,
    /// The dialog that logs a contact instead.
    answer: Dialog,
) -> impl IntoView {
    let language = use_language();
    let case = dialog.case;
    let problem = RwSignal::new(None::<String>);
    let run = move || match text.with_untracked(|text| Reason::parse(text)) {
        Ok(reason) => {
            let said = move || case.done(language, "staff.close_case.done");
            dialog.send(Command::CloseUnconfirmed { reason }, said, move || text.set(String::new()));
        }
        Err(wrong) => {
            problem.set(Some(wrong.message(language)));
            focus("close-reason");
        }
    };
    view! {
        <DialogFrame dialog title=t!(language, "staff.close_case.title") described="close-unheard">
            <AnswerFirst dialog id="close-unheard" answer/>
            <p class="note">{t!(language, "staff.close_case.hint")}</p>
            <TextField id="close-reason" label="staff.close_case.reason" value=text problem room=Room::Line/>
            <DialogActions dialog act="staff.close_case.act" run/>
        </DialogFrame>
    }
    .into_any()
}

/// Reopens a closed case.
#[component]
pub(super) fn ReopenDialog(dialog: Dialog, text: RwSignal<String>) -> impl IntoView {
    let language = use_language();
    let case = dialog.case;
    let problem = RwSignal::new(None::<String>);
    let run = move || match text.with_untracked(|text| Note::parse(text)) {
        Ok(said) => {
            let done = move || case.done(language, "staff.reopen.done");
            dialog.send(Command::Reopen { said }, done, move || text.set(String::new()));
        }
        Err(wrong) => {
            problem.set(Some(wrong.message(language)));
            focus("reopen-said");
        }
    };
    view! {
        <DialogFrame dialog title=t!(language, "staff.reopen.title")>
            <TextField id="reopen-said" label="track.again.said" value=text problem room=Room::Short/>
            <DialogActions dialog act="staff.reopen.act" run/>
        </DialogFrame>
    }
    .into_any()
}
