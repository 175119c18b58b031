//! The forms on a case's page. They are plain HTML that works without a script. Nothing typed is lost, and each error shows
//! at its field.

use domain::i18n::Language;
use domain::t;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use web_sys::HtmlFormElement;

use super::live_case::LiveCase;
use crate::AppError;
use crate::language::use_language;
use crate::pages::{PostReply, Typed};
use crate::ui::{FieldError, Icon, Notice, Tone, inputs, refocus};

/// A form on a case's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackForm {
    /// Whether the solution works.
    Answer,
    /// An amendment of the report.
    Amend,
    /// A cancellation.
    Cancel,
    /// An invitation to another person.
    Invite,
    /// A message to the desk.
    Message,
    /// An answer to a visit.
    Visit,
}

impl TrackForm {
    /// The address that it is posted to.
    pub(super) fn action(self, tracking: &str) -> String {
        match self {
            Self::Answer => format!("/track/{tracking}"),
            Self::Amend => format!("/track/{tracking}/amend"),
            Self::Cancel => format!("/track/{tracking}/cancel"),
            Self::Invite => format!("/track/{tracking}/participants"),
            Self::Message => format!("/track/{tracking}/message"),
            Self::Visit => format!("/track/{tracking}/visit"),
        }
    }

    /// The name of its one long text. The case may have moved on, and the page has no field for the text any more.
    pub(super) const fn text(self) -> Option<&'static str> {
        match self {
            Self::Answer => Some("said"),
            Self::Cancel => Some("reason"),
            Self::Message => Some("text"),
            Self::Visit => Some("note"),
            Self::Amend | Self::Invite => None,
        }
    }
}

/// The reply to one of the forms of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackReply {
    /// The form that was posted.
    pub form: TrackForm,
    /// The values that were typed, and what is wrong with them.
    pub reply: PostReply,
}

impl TrackReply {
    /// The reply of this page; `None` when nothing was posted to it.
    #[cfg(feature = "ssr")]
    pub(super) fn of_page() -> Option<Self> {
        use_context()
    }
}

/// The state of a form that is sent by the script.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Post {
    Writing,
    Sending,
    Done,
    Failed(AppError),
}

/// A form of a page. The values of its fields are in the browser's elements alone, without signals: what was typed before
/// hydration stays.
#[derive(Clone, Copy)]
pub(super) struct Posting {
    live: LiveCase,
    form: TrackForm,
    language: Language,
    post: RwSignal<Post>,
    /// The values that were posted as a plain form.
    came_back: StoredValue<Option<Typed>>,
    problems: RwSignal<Vec<(String, String)>>,
}

impl Posting {
    pub(super) fn new(live: LiveCase, form: TrackForm) -> Self {
        let (typed, problems) = live.reply_to(form).map(|reply| (reply.typed, reply.problems)).unzip();
        Self {
            live,
            form,
            language: use_language(),
            post: RwSignal::new(Post::Writing),
            came_back: StoredValue::new(typed),
            problems: RwSignal::new(problems.unwrap_or_default()),
        }
    }

    pub(super) fn action(self) -> String {
        self.live.tracking.with_value(|tracking| self.form.action(tracking))
    }

    /// Whether the page is the reply to this form.
    pub(super) fn is_back(self) -> bool {
        self.came_back.with_value(Option::is_some)
    }

    /// The values that were posted.
    pub(super) fn came_back(self) -> Option<Typed> {
        self.came_back.get_value()
    }

    /// Replaces the posted values before the form is drawn.
    pub(super) fn come_back_with(self, typed: Typed) {
        self.came_back.set_value(Some(typed));
    }

    /// The first value of a field.
    pub(super) fn begins_with(self, name: &str, first: String) -> String {
        let came_back = |typed: &Typed| typed.get(name).cloned().unwrap_or_default();
        self.came_back.with_value(|typed| typed.as_ref().map(came_back)).unwrap_or(first)
    }

    pub(super) fn problem(self, name: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.problems.with(|all| all.iter().find(|(of, _)| of == name).map(|(_, words)| words.clone()))
        })
    }

    /// Removes the error of the field that is being typed in.
    pub(super) fn clear_problem(self, event: &web_sys::Event) {
        let Some(name) = inputs::event_name(event) else { return };
        if self.problems.with_untracked(|all| all.iter().any(|(of, _)| *of == name)) {
            self.problems.update(|all| all.retain(|(of, _)| *of != name));
        }
    }

    /// Whether it is being sent.
    fn is_sending(self) -> bool {
        self.post.with(|post| *post == Post::Sending)
    }

    /// The same, as the attribute of a button: a disabled one would lose the focus.
    pub(super) fn busy(self) -> Option<&'static str> {
        self.is_sending().then_some("true")
    }

    /// Sends an event's form by `ask`, in place of the browser; `done` is called on success.
    pub(super) fn send<F>(
        self,
        event: &web_sys::Event,
        ask: impl FnOnce(String, Typed) -> F + 'static,
        done: impl FnOnce(&HtmlFormElement) + 'static,
    ) where
        F: Future<Output = Result<(), AppError>> + 'static,
    {
        self.send_or(event, ask, done, |_, _| ());
    }

    /// The same; `refused` gets the error, after the case was read again.
    pub(super) fn send_or<F>(
        self,
        event: &web_sys::Event,
        ask: impl FnOnce(String, Typed) -> F + 'static,
        done: impl FnOnce(&HtmlFormElement) + 'static,
        refused: impl FnOnce(&HtmlFormElement, &AppError) + 'static,
    ) where
        F: Future<Output = Result<(), AppError>> + 'static,
    {
        event.prevent_default();
        let Some(form) = inputs::form_of(event) else { return };
        if self.post.with_untracked(|post| *post == Post::Sending) {
            return;
        }
        self.post.set(Post::Sending);
        self.problems.set(Vec::new());
        spawn_local(async move {
            let typed: Typed = inputs::typed(&form).into_iter().collect();
            match ask(self.live.tracking.get_value(), typed.clone()).await {
                Ok(()) => {
                    self.live.read_again().await;
                    // The page may be gone by now; the form was sent all the same.
                    if self.live.forget_reply().is_some() {
                        done(&form);
                        self.post.try_set(Post::Done);
                    }
                }
                Err(error) => {
                    self.failed(typed, &error).await;
                    if self.post.try_get_untracked().is_some() {
                        refused(&form, &error);
                    }
                }
            }
        });
    }

    /// Shows the errors at once. When the form has disappeared because its case was closed, the page shows what was typed.
    async fn failed(self, typed: Typed, error: &AppError) {
        let (problems, post) = match error {
            AppError::Wrong(problems) => (problems.clone(), Post::Writing),
            error => (Vec::new(), Post::Failed(error.clone())),
        };
        self.problems.try_set(problems);
        self.post.try_set(post);
        self.live.read_again().await;
        if self.post.try_get_untracked().is_none() {
            let failure = Some(whole(error, self.language));
            let reply = PostReply { typed, problems: Vec::new(), failure };
            self.live.reply.try_set(Some(TrackReply { form: self.form, reply }));
            refocus(&format!("#{NOT_TAKEN}")).await;
        }
    }
}

/// The id of the notice above a page whose form was refused.
pub(super) const NOT_TAKEN: &str = "not-taken";

/// The errors of a form whose fields have disappeared.
fn whole(error: &AppError, language: Language) -> String {
    match error {
        AppError::Wrong(problems) => {
            problems.iter().map(|(_, words)| words.as_str()).collect::<Vec<_>>().join(" ")
        }
        error => error.message(language),
    }
}

/// The outcome of the last try.
#[component]
pub(super) fn Outcome(
    posting: Posting,
    /// The key of the message of success; `None` where the page shows it.
    #[prop(optional)]
    done: Option<&'static str>,
    /// Further content of the outcome.
    #[prop(optional, into)]
    beside: ViewFn,
) -> impl IntoView {
    let language = use_language();
    let told = move || match posting.post.get() {
        Post::Writing | Post::Sending => None,
        Post::Done => done
            .map(|key| view! { <p class="note"><Icon name="check"/> " " {t!(language, key)}</p> }.into_any()),
        Post::Failed(error) => {
            let words = error.message(language);
            Some(view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> }.into_any())
        }
    };
    view! { <div class="stack stack--tight" role="status">{told} {move || beside.run()}</div> }.into_any()
}

/// A text field of a form, with its error.
#[component]
pub(super) fn PostField(
    posting: Posting,
    name: &'static str,
    id: &'static str,
    /// The key of its label.
    label: &'static str,
    /// The most characters.
    most: u16,
    /// The number of lines; `None` for an input of one line.
    #[prop(optional)]
    rows: Option<u8>,
    #[prop(optional)] required: bool,
    /// Its first value.
    #[prop(optional)]
    first: String,
    /// The id of a hint elsewhere.
    #[prop(optional)]
    hint: Option<&'static str>,
) -> impl IntoView {
    let language = use_language();
    let first = posting.begins_with(name, first);
    let problem = posting.problem(name);
    let wrong = move || problem.with(Option::is_some).then_some("true");
    let described = move || {
        let error = problem.with(Option::is_some).then(|| format!("{id}-error"));
        let all: Vec<String> = hint.map(str::to_owned).into_iter().chain(error).collect();
        (!all.is_empty()).then(|| all.join(" "))
    };
    let input = match rows {
        None => view! {
            <input class="field__input" id=id name=name maxlength=most required=required value=first
                readonly=move || posting.is_sending() aria-invalid=wrong aria-describedby=described/>
        }
        .into_any(),
        Some(rows) => view! {
            <textarea class="field__input" class=("field__input--short", rows < 4) id=id name=name rows=rows
                maxlength=most required=required readonly=move || posting.is_sending() aria-invalid=wrong
                aria-describedby=described inner_html=inputs::area_text(&first)></textarea>
        }
        .into_any(),
    };
    view! {
        <div class="field" data-look=move || problem.with(Option::is_some).then_some("error")>
            <label class="field__label" for=id>{t!(language, label)}</label>
            <div class="field__box">{input}</div>
            <FieldError id error=problem/>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_wrong_with_fields_that_are_gone_is_told_in_one() {
        let wrong = |name: &str, words: &str| (name.to_owned(), words.to_owned());
        let error = AppError::Wrong(vec![wrong("text", "Es muy largo."), wrong("confirmed", "Confirme.")]);
        assert_eq!(whole(&error, Language::Es), "Es muy largo. Confirme.");
        assert_eq!(whole(&AppError::TooOften, Language::En), AppError::TooOften.message(Language::En));
    }
}
