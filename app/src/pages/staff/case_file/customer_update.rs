//! Updates for the customer, unanswered messages, and the reminder to answer before a case ends.

use domain::case::{
    Audience, Author, Channel, Command, Event, MessageCommand, MessageEvent, Origin, Recorded,
};
use domain::i18n::Language;
use domain::t;
use domain::text::{Note, first_words};
use domain::time::Instant;
use domain::view::CasePage;
use leptos::prelude::*;

use super::elements::{DialogActions, DialogFrame, Room, TextField};
use super::files::{MessageFiles, UPDATE, WHAT};
use super::moment::MomentField;
use super::replies::CannedReplies;
use super::state::{CaseState, Dialog, close, focus};
use crate::language::use_language;
use crate::ui::site_time;
use crate::ui::{Notice, Tone, relative_time};

/// The optional time of the next update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// As the plan says.
    AsPlanned,
    /// At the latest at this instant.
    By(Instant),
    /// The typed text is no future time.
    Wrong,
}

/// Reads the time of the next update, as the browser's field writes it.
pub(super) fn read_next(case: CaseState, typed: &str) -> Next {
    if typed.trim().is_empty() {
        return Next::AsPlanned;
    }
    let at = case.hours.with_value(|hours| site_time::instant(&hours.zone, typed));
    at.filter(|at| *at > case.time.now_untracked()).map_or(Next::Wrong, Next::By)
}

/// Sends an update to the customer, by mail and on the case's page.
#[component]
pub(super) fn UpdateDialog(dialog: Dialog, text: RwSignal<String>) -> impl IntoView {
    let language = use_language();
    let case = dialog.case;
    let next = RwSignal::new(String::new());
    let files = MessageFiles::new(dialog, "news-files");
    let (problem, no_next) = (RwSignal::new(None::<String>), RwSignal::new(None::<String>));
    let run = move || {
        let parsed = text.with_untracked(|text| Note::parse(text));
        let by = next.with_untracked(|next| read_next(case, next));
        problem.set(parsed.as_ref().err().map(|wrong| wrong.message(language)));
        no_next.set((by == Next::Wrong).then(|| t!(language, "refusal.news_in_the_past").into_owned()));
        let (note, next_meant) = match (parsed, by) {
            (Err(_), _) => return focus("news-text"),
            (Ok(_), Next::Wrong) => return focus("news-next"),
            (Ok(note), Next::AsPlanned) => (note, None),
            (Ok(note), Next::By(at)) => (note, Some(at)),
        };
        let done = move || case.done(language, "staff.news.done");
        let clear = move || {
            text.set(String::new());
            next.set(String::new());
            files.clear();
        };
        let chosen = files.chosen();
        if chosen.is_empty() {
            let command = Command::Message(MessageCommand::SendUpdate { text: note, next: next_meant });
            return dialog.send(command, done, clear);
        }
        let until = next_meant.map(|at| at.0.to_string()).unwrap_or_default();
        let fields = vec![(WHAT, UPDATE.to_owned()), ("next", until), ("text", note.to_string())];
        files.send(language, (fields, chosen), problem, done, clear);
    };
    let hint = Signal::stored("staff.news.hint");
    view! {
        <DialogFrame dialog title=t!(language, "staff.news.title")>
            <CannedReplies case text problem/>
            <TextField id="news-text" label="staff.news.text" value=text problem room=Room::Long hint/>
            <MomentField case id="news-next" label="staff.news.next" value=next problem=no_next/>
            {files.field()}
            <DialogActions dialog act="staff.news.send" run/>
        </DialogFrame>
    }
    .into_any()
}

/// The notice that the customer wrote and has no answer, and since when.
#[component]
pub(super) fn Unanswered(case: CaseState) -> impl IntoView {
    let language = use_language();
    let since = Memo::new(move |_| case.page.with(|page| page.mark.unanswered));
    move || {
        since.get().map(|since| {
            let now = case.time.now_untracked();
            let at = case.hours.with_value(|hours| relative_time(language, &hours.zone, since, now));
            view! {
                <Notice tone=Tone::Care icon="mail"><p>{t!(language, "staff.unanswered", at = at)}</p></Notice>
            }
        })
    }
}

/// The latest message between customer and staff, either way.
#[component]
pub(super) fn Latest(case: CaseState) -> impl IntoView {
    let language = use_language();
    let latest = Memo::new(move |_| case.page.with(|page| latest_of(language, &page.history)));
    move || {
        latest.get().map(|(at, who, text)| {
            let now = case.time.now_untracked();
            let at = case.hours.with_value(|hours| relative_time(language, &hours.zone, at, now));
            let words = first_words(&text, LATEST_WORDS);
            view! {
                <div class="latest">
                    <p class="note">{t!(language, "staff.latest", who = who, at = at)}</p>
                    <p>{words}</p>
                </div>
            }
        })
    }
}

/// Characters of the latest message above the rest.
const LATEST_WORDS: usize = 320;

/// Its time, its author, and its text.
fn latest_of(language: Language, history: &[Recorded]) -> Option<(Instant, String, String)> {
    history.iter().rev().find_map(|entry| {
        let (Event::Message(MessageEvent::CustomerWrote { text } | MessageEvent::UpdateSent { text })
        | Event::Noted { audience: Audience::Public, text }) = &entry.event
        else {
            return None;
        };
        let who = match &entry.by {
            Author::Staff { name, .. } | Author::Integration { name, .. } => name.clone(),
            Author::Customer | Author::CustomerBeside(_) | Author::Participant { .. } | Author::System => {
                t!(language, "staff.latest.customer").into_owned()
            }
        };
        let who = match entry.origin {
            Origin::WhatsApp => format!("{who} · {}", t!(language, Channel::WhatsApp.name_key())),
            _ => who,
        };
        Some((entry.at, who, text.to_string()))
    })
}

/// Characters of an unanswered message in a dialog that ends the case.
const FIRST_WORDS: usize = 140;

/// In a dialog that ends the case: the unanswered message, with a button to answer it first. The agent may go on all the
/// same.
#[component]
pub(super) fn AnswerFirst(
    /// The dialog that this stands in; what is typed there stays.
    dialog: Dialog,
    /// The id for `aria-describedby`: see [`DialogFrame`].
    id: &'static str,
    /// The dialog of the answer.
    answer: Dialog,
) -> impl IntoView {
    let language = use_language();
    let case = dialog.case;
    let unanswered_messages = Memo::new(move |_| case.page.with(CasePage::unanswered_messages));
    let begin = move |_| {
        close(dialog.id);
        answer.begin();
    };
    let notice = move || {
        unanswered_messages.get().map(|unanswered_messages| {
            let title = match unanswered_messages.count {
                1 => t!(language, "staff.unheard.one").into_owned(),
                count => t!(language, "staff.unheard.many", count = count),
            };
            let now = case.time.now_untracked();
            let at = case
                .hours
                .with_value(|hours| relative_time(language, &hours.zone, unanswered_messages.at, now));
            let words = first_words(unanswered_messages.newest.as_str(), FIRST_WORDS);
            view! {
                <Notice tone=Tone::Care icon="mail">
                    <p class="notice__title">{title}</p>
                    <p>{t!(language, "staff.unheard.newest", at = at, words = words)}</p>
                    <p>
                        <button class="textlink" type="button" on:click=begin>
                            {t!(language, "staff.unheard.answer")}
                        </button>
                    </p>
                </Notice>
            }
        })
    };
    view! { <div id=id>{notice}</div> }.into_any()
}
