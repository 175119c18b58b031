//! The dialogs of contacts, attempts and notes, and the undo of a contact.

use domain::calendar::MomentStyle;
use domain::case::{AttemptOutcome, Audience, Channel, Command, MessageCommand, RevisionCommand};
use domain::i18n::Language;
use domain::t;
use domain::text::{Note, optional};
use leptos::prelude::*;

use super::customer_update::{Next, read_next};
use super::elements::{Chips, DialogActions, DialogFrame, Room, TextField};
use super::files::{MessageFiles, WHAT};
use super::moment::MomentField;
use super::state::{CaseState, Dialog, focus};
use crate::language::use_language;
use crate::ui::{Notice, Tone};

/// The outcome of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The agent spoke with the customer.
    Contacted,
    /// The agent did not reach the customer.
    Attempted(AttemptOutcome),
}

/// The fields of the dialog.
#[derive(Clone, Copy)]
struct CallLog {
    dialog: Dialog,
    channel: RwSignal<Option<Channel>>,
    note: RwSignal<String>,
    note_problem: RwSignal<Option<String>>,
    /// The time of the next update, as typed: a local time of the site, or empty.
    next: RwSignal<String>,
    next_problem: RwSignal<Option<String>>,
    /// Whether the agent claims the case with the contact. Only a case without an assignee asks.
    claims: RwSignal<bool>,
}

impl CallLog {
    fn new(dialog: Dialog, note: RwSignal<String>) -> Self {
        Self {
            dialog,
            channel: RwSignal::new(Some(Channel::Phone)),
            note,
            note_problem: RwSignal::new(None),
            next: RwSignal::new(String::new()),
            next_problem: RwSignal::new(None),
            claims: RwSignal::new(true),
        }
    }

    fn clear(self) {
        self.note.set(String::new());
        self.next.set(String::new());
        self.channel.set(Some(Channel::Phone));
        self.claims.set(true);
    }

    /// Sends the command of the fields, or shows their errors.
    fn send(self, language: Language, outcome: Outcome) {
        let done = match outcome {
            Outcome::Contacted => "staff.contact.done",
            Outcome::Attempted(_) => "staff.contact.tried",
        };
        let Some(command) = self.command(language, outcome) else { return };
        let said = move || self.dialog.case.done(language, done);
        self.dialog.send(command, said, move || self.clear());
    }

    /// The command of the fields. `None` when one of them is wrong: it shows its error, and has the cursor.
    fn command(self, language: Language, outcome: Outcome) -> Option<Command> {
        let note = match self.note.with_untracked(|text| optional(text, Note::parse)) {
            Ok(note) => note,
            Err(wrong) => {
                self.note_problem.set(Some(wrong.message(language)));
                focus("contact-note");
                return None;
            }
        };
        let channel = self.channel.get_untracked().unwrap_or(Channel::Phone);
        let Outcome::Attempted(outcome) = outcome else { return self.contact(language, channel, note) };
        Some(Command::LogAttempt { channel, outcome, note })
    }

    fn contact(self, language: Language, channel: Channel, note: Option<Note>) -> Option<Command> {
        let next = match self.next.with_untracked(|next| read_next(self.dialog.case, next)) {
            Next::AsPlanned => None,
            Next::By(next) => Some(next),
            Next::Wrong => {
                self.next_problem.set(Some(t!(language, "refusal.news_in_the_past").into_owned()));
                focus("contact-next");
                return None;
            }
        };
        Some(match (self.claims.get_untracked(), next) {
            (true, next) => Command::ContactAndClaim { channel, note, next },
            (false, None) => Command::LogContact { channel, note },
            (false, Some(next)) => Command::Message(MessageCommand::Contact { channel, note, next }),
        })
    }
}

/// Logs a contact or an attempt: one tap on its outcome sends it.
#[component]
pub(super) fn ContactDialog(dialog: Dialog, text: RwSignal<String>) -> impl IntoView {
    let language = use_language();
    let call = CallLog::new(dialog, text);
    let CallLog { channel, note_problem, next, next_problem, claims, .. } = call;
    let no_problem = RwSignal::new(None::<String>);
    let attempts = AttemptOutcome::ALL.into_iter().map(move |outcome| {
        view! {
            <button
                class="button"
                type="button"
                aria-disabled=dialog.busy()
                on:click=move |_| call.send(language, Outcome::Attempted(outcome))
            >
                {t!(language, outcome.name_key())}
            </button>
        }
    });
    let channels =
        Channel::ALL.map(|channel| (channel, t!(language, channel.name_key()).into_owned())).to_vec();
    view! {
        <DialogFrame dialog title=t!(language, "staff.contact.question") below=move || whom(dialog.case)>
            <div class="outcomes">
                <button
                    class="button button--main"
                    type="button"
                    aria-disabled=dialog.busy()
                    on:click=move |_| call.send(language, Outcome::Contacted)
                >
                    {t!(language, "staff.contact.contacted")}
                    {move || {
                        (!dialog.case.was_contacted())
                            .then(|| view! { " " <small>{t!(language, "staff.contact.stops")}</small> })
                    }}
                </button>
                {attempts.collect_view()}
            </div>
            <Claims case=dialog.case claims/>
            <TextField id="contact-note" label="staff.contact.note" value=text problem=note_problem room=Room::Short/>
            <Chips name="contact-channel" question=t!(language, "staff.contact.channel") choices=channels
                chosen=channel problem=no_problem/>
            <details>
                <summary>{t!(language, "staff.news.more")}</summary>
                <MomentField case=dialog.case id="contact-next" label="clock.update" value=next problem=next_problem/>
            </details>
        </DialogFrame>
    }
    .into_any()
}

/// Asks whether the agent claims the case with the contact, while it has no assignee.
#[component]
fn Claims(case: CaseState, claims: RwSignal<bool>) -> impl IntoView {
    let language = use_language();
    let is_free =
        Memo::new(move |_| case.page.with(|page| page.mark.assignee.is_none() && page.status.is_open()));
    move || {
        is_free.get().then(|| {
            view! {
                <label class="check">
                    <input type="checkbox" id="contact-takes" prop:checked=move || claims.get()
                        on:change=move |event| claims.set(event_target_checked(&event))/>
                    {t!(language, "staff.contact.takes")}
                </label>
            }
        })
    }
}

/// The contact with telephone numbers.
fn whom(case: CaseState) -> impl IntoView {
    // Follows the case: the agent always sees the present number.
    let contact = Memo::new(move |_| case.page.with(|page| page.opening.report.contact.clone()));
    move || {
        let contact = contact.get();
        view! {
            <p class="note">
                {contact.name.to_string()} " · "
                <a class="nowrap" href=contact.phone.tel_uri()>{contact.phone.national()}</a>
                {contact.second.map(|phone| {
                    view! { " · " <a class="nowrap" href=phone.tel_uri()>{phone.national()}</a> }
                })}
            </p>
        }
    }
}

/// While a contact can be undone: until when, and the button.
#[component]
pub(super) fn UndoNotice(
    /// Has no `<dialog>`: one tap sends the command.
    dialog: Dialog,
) -> impl IntoView {
    let language = use_language();
    let case = dialog.case;
    let undoable_contact = Memo::new(move |_| {
        let now = case.time.now();
        case.page.with(|page| page.undoable_contact).filter(|undoable_contact| now < undoable_contact.until())
    });
    move || {
        undoable_contact.get().map(|undoable_contact| {
            let take_back = move |_| {
                dialog.begin();
                let command =
                    Command::Revision(RevisionCommand::UndoContact { contact: undoable_contact.contact });
                dialog.send(command, move || case.done(language, "staff.take_back.done"), || ());
            };
            let (at, until) = case.hours.with_value(|hours| {
                let time = |at| hours.zone.format(at, language, MomentStyle::Time);
                (time(undoable_contact.at), time(undoable_contact.until()))
            });
            view! {
                <Notice tone=Tone::Calm icon="phone">
                    <div class="notice__acts">
                        <span>{t!(language, "staff.take_back.offer", at = at, until = until)}</span>
                        <button
                            class="button"
                            type="button"
                            aria-disabled=dialog.busy()
                            on:click=take_back
                        >
                            {t!(language, "staff.take_back.act")}
                        </button>
                    </div>
                </Notice>
            }
        })
    }
}

/// Adds a note, for the staff alone or for the customer too.
#[component]
pub(super) fn NoteDialog(dialog: Dialog, text: RwSignal<String>) -> impl IntoView {
    let language = use_language();
    let audience = RwSignal::new(Some(Audience::Internal));
    let problem = RwSignal::new(None::<String>);
    let no_problem = RwSignal::new(None::<String>);
    let files = MessageFiles::new(dialog, "note-files");
    let hint = Signal::derive(move || match audience.get() {
        Some(Audience::Public) => "staff.note.hint_public",
        _ => "staff.note.hint_internal",
    });
    let run = move || {
        let parsed = text.with_untracked(|text| Note::parse(text));
        let Ok(note) = parsed.map_err(|wrong| problem.set(Some(wrong.message(language)))) else {
            return focus("note-text");
        };
        let audience_meant = audience.get_untracked().unwrap_or(Audience::Internal);
        let said = move || dialog.case.done(language, "staff.note.done");
        let clear = move || {
            text.set(String::new());
            audience.set(Some(Audience::Internal));
            files.clear();
        };
        let chosen = files.chosen();
        if chosen.is_empty() {
            let command = Command::AddNote { audience: audience_meant, text: note };
            return dialog.send(command, said, clear);
        }
        let fields = vec![(WHAT, audience_meant.code().to_owned()), ("text", note.to_string())];
        files.send(language, (fields, chosen), problem, said, clear);
    };
    let audiences =
        Audience::ALL.map(|audience| (audience, t!(language, audience.name_key()).into_owned())).to_vec();
    view! {
        <DialogFrame dialog title=t!(language, "staff.note.title")>
            <TextField id="note-text" label="staff.note.text" value=text problem room=Room::Long hint/>
            <Chips name="note-audience" question=t!(language, "staff.note.audience") choices=audiences
                chosen=audience problem=no_problem/>
            {files.field()}
            <DialogActions dialog act="staff.note.save" run/>
        </DialogFrame>
    }
    .into_any()
}
