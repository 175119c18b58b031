//! Other people on the case: who they are, the dialog to invite one, and the button to remove each.

use domain::actor::{Action, ParticipantId};
use domain::case::{Command, Participant, ParticipantCommand, ParticipantRefusal, Refusal};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::t;
use domain::text::PersonName;
use leptos::prelude::*;

use super::elements::{Chips, DialogActions, DialogFrame, FailedNotice, Room, TextField};
use super::state::{CaseState, Dialog, focus};
use crate::AppError;
use crate::language::use_language;

/// The people, and the button to invite one while the case is open.
#[component]
pub(super) fn Participants(case: CaseState, invite: Dialog, remove: Dialog) -> impl IntoView {
    let language = use_language();
    let here = Memo::new(move |_| case.page.with(|page| page.participants.clone()));
    let is_open = Memo::new(move |_| case.page.with(|page| !page.status.is_end()));
    let may_keep = case.may(Action::KeepParticipants);
    view! {
        <section class="card stack" aria-labelledby="h-participants">
            <h2 id="h-participants">{t!(language, "staff.people.title")}</h2>
            {move || {
                let people = here.get();
                if people.is_empty() {
                    return view! { <p class="note">{t!(language, "staff.people.none")}</p> }.into_any();
                }
                let rows = people.into_iter().map(|person| view! { <OnCase person remove may_keep/> });
                view! { <ul class="facts">{rows.collect_view()}</ul> }.into_any()
            }}
            <FailedNotice dialog=remove/>
            {move || {
                (may_keep && is_open.get()).then(|| {
                    view! {
                        <p>
                            <button class="textlink" type="button" on:click=move |_| invite.begin()>
                                {t!(language, "staff.people.invite")}
                            </button>
                        </p>
                    }
                })
            }}
        </section>
    }
    .into_any()
}

#[component]
fn OnCase(person: Participant, remove: Dialog, may_keep: bool) -> impl IntoView {
    let language = use_language();
    let Participant { id, name, mail, .. } = person;
    let end = move |_| {
        remove.begin();
        let participant: ParticipantId = id;
        let command = Command::Participant(ParticipantCommand::Remove { participant });
        let done = move || t!(language, "staff.people.removed").into_owned();
        remove.send(command, done, || ());
    };
    let words = t!(language, "staff.people.remove", name = name);
    view! {
        <li class="stack stack--tight">
            <span>{name.to_string()} " " <span class="note">{mail.to_string()}</span></span>
            {may_keep.then(|| {
                view! {
                    <button class="textlink" type="button" aria-disabled=remove.busy() on:click=end>{words}</button>
                }
            })}
        </li>
    }
    .into_any()
}

/// Invites a person to the case.
#[component]
pub(super) fn InviteDialog(dialog: Dialog) -> impl IntoView {
    let language = use_language();
    let (name, mail) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (no_name, no_mail) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let of_case = dialog.case.page.with_untracked(|page| page.opening.language);
    let (chosen, not_chosen) = (RwSignal::new(Some(of_case)), RwSignal::new(None::<String>));
    let run = move || {
        let typed_name = name.with_untracked(|name| PersonName::parse(name));
        let typed_mail = mail.with_untracked(|mail| MailAddress::parse(mail));
        no_name.set(typed_name.as_ref().err().map(|wrong| wrong.message(language)));
        no_mail.set(typed_mail.as_ref().err().map(|wrong| wrong.message(language)));
        let (typed_name, typed_mail) = match (typed_name, typed_mail) {
            (Ok(typed_name), Ok(typed_mail)) => (typed_name, typed_mail),
            (Err(_), _) => return focus("invite-name"),
            (Ok(_), Err(_)) => return focus("invite-mail"),
        };
        let language_of_mails = chosen.get_untracked().unwrap_or(of_case);
        let command = Command::Participant(ParticipantCommand::Invite {
            name: typed_name,
            mail: typed_mail,
            language: language_of_mails,
        });
        let done = move || dialog.case.done(language, "staff.people.invited");
        let clear = move || {
            name.set(String::new());
            mail.set(String::new());
        };
        let at_field = move |error: AppError| {
            if let AppError::Refused(refused) = &error
                && let Some(Refusal::Participant(ParticipantRefusal::AlreadyHere)) = refused.refusal()
            {
                no_mail.set(Some(ParticipantRefusal::AlreadyHere.message(language)));
                focus("invite-mail");
                return None;
            }
            Some(error)
        };
        dialog.send_or(command, done, clear, at_field);
    };
    let languages = Language::ALL.map(|choice| (choice, choice.own_name().to_owned())).to_vec();
    view! {
        <DialogFrame dialog title=t!(language, "staff.people.invite")>
            <p class="note">{t!(language, "staff.people.hint")}</p>
            <TextField id="invite-name" label="track.people.name" value=name problem=no_name room=Room::Line/>
            <TextField id="invite-mail" label="track.people.mail" value=mail problem=no_mail room=Room::Line/>
            <Chips name="invite-language" question=t!(language, "track.people.language") choices=languages chosen=chosen
                problem=not_chosen/>
            <DialogActions dialog act="staff.people.act" run/>
        </DialogFrame>
    }
    .into_any()
}
