//! Photographs and files of a visit under way. With a script each is sent as soon as it is chosen; without one the form is
//! posted.

use domain::attachment::{Attachment, FileProblem, MOST_BYTES, MOST_FILES};
use domain::case::visit::VisitCommand;
use domain::i18n::Language;
use domain::t;
use domain::view::AgendaEntry;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FormData, HtmlFormElement, HtmlInputElement, RequestInit, Response};

use super::entry::VisitAction;
use super::upload::{UploadReply, refused, summary};
use crate::effect::effect;
use crate::language::use_language;
use crate::ui::{FileLine, Icon};
use crate::upload::{ACCEPTED, Chosen, PICTURES, chosen, photo};

/// The files of a visit, with their actions while the technician is on site.
#[component]
pub(super) fn Files(entry: Memo<AgendaEntry>, tap: VisitAction) -> impl IntoView {
    let language = use_language();
    let compact = tap.number.as_compact();
    let open = Memo::new(move |_| entry.with(|entry| entry.visit.is_under_way()));
    let shown = Memo::new(move |_| open.get() || entry.with(|entry| !entry.visit.files.is_empty()));
    let heading = format!("h-files-{compact}");
    let labelled_by = heading.clone();
    let base = StoredValue::new(format!("/desk/cases/{compact}/files"));
    view! {
        <div class="stack stack--tight" hidden=move || !shown.get() role="group" aria-labelledby=labelled_by id=format!("files-{compact}")>
            <h3 id=heading>{t!(language, "file.title")}</h3>
            <ul class="files">
                <For each=move || entry.with(|entry| entry.visit.files.clone()) key=|file| file.id.clone() let:file>
                    <FileLine file=file.clone() base=base.get_value()>
                        <Remove file open tap base/>
                    </FileLine>
                </For>
            </ul>
            {move || open.get().then(|| view! { <Add tap base/> })}
        </div>
    }
    .into_any()
}

/// Removes a file.
#[component]
fn Remove(file: Attachment, open: Memo<bool>, tap: VisitAction, base: StoredValue<String>) -> impl IntoView {
    let language = use_language();
    let action = format!("{}/{}/remove", base.get_value(), file.id.as_str());
    let name = t!(language, "file.remove", name = file.name.as_str());
    let run = move |event: ev::MouseEvent| {
        event.prevent_default();
        tap.send(VisitCommand::Detach { id: file.id.clone() });
    };
    view! {
        <form method="post" action=action hidden=move || !open.get()>
            <input type="hidden" name="in" value=tap.held.ahead/>
            <button class="button button--quiet button--icon" type="submit" aria-label=name on:click=run aria-disabled=tap.busy()>
                <Icon name="close"/>
            </button>
        </form>
    }
    .into_any()
}

/// The upload of files of one visit.
#[derive(Clone, Copy)]
struct Uploading {
    tap: VisitAction,
    /// The address that files are posted to.
    address: StoredValue<String>,
    /// The name of the file that is being sent.
    sending: RwSignal<Option<String>>,
    /// The errors of the last files, in the reader's language.
    problem: RwSignal<Option<String>>,
}

impl Uploading {
    /// Sends the files that were chosen in a form, one after another.
    fn send(self, language: Language, form: HtmlFormElement) {
        let files = chosen(&form, "file");
        if files.is_empty() || self.sending.get_untracked().is_some() {
            return;
        }
        self.problem.set(None);
        spawn_local(async move {
            let address = self.address.get_value();
            let (mut stored, mut problems) = (0, Vec::new());
            for file in files {
                self.sending.try_set(Some(file.name.clone()));
                match upload(language, &address, &file).await {
                    Ok(()) => stored += 1,
                    Err(problem) => problems.push(problem),
                }
            }
            // The same file may be chosen again.
            form.reset();
            // The page may be gone by now; the files are stored all the same.
            if self.sending.try_set(None).is_none() {
                self.problem.set((!problems.is_empty()).then(|| summary(language, stored, problems)));
                self.tap.held.read_again().await;
            }
        });
    }
}

/// Adds files: from the camera, or from the device.
#[component]
fn Add(tap: VisitAction, base: StoredValue<String>) -> impl IntoView {
    let language = use_language();
    let compact = tap.number.as_compact();
    let came_back = use_query_map().with_untracked(|query| UploadReply::of_address(query, &compact));
    let problem = RwSignal::new(came_back.map(|reply| reply.message(language)));
    let uploading = Uploading { tap, address: base, sending: RwSignal::new(None), problem };
    // With a script, files are sent as soon as they are chosen: the button is hidden.
    let live = RwSignal::new(false);
    effect(move || live.set(true));
    let (photo, any) = (format!("photo-{compact}"), format!("file-{compact}"));
    let hint = format!("{any}-hint");
    let error_id = format!("{any}-error");
    let described = StoredValue::new(format!("{hint} {error_id}"));
    view! {
        <form class="stack stack--tight" method="post" enctype="multipart/form-data" action=base.get_value()
            data-look=move || problem.with(Option::is_some).then_some("error")>
            <input type="hidden" name="in" value=tap.held.ahead/>
            <div class="files__add">
                <FileInput uploading id=photo label="file.photo" accept=PICTURES capture=Some("environment") described/>
                <FileInput uploading id=any label="file.add" accept=ACCEPTED capture=None described/>
            </div>
            <p class="field__hint" id=hint>{t!(language, "file.hint", size = MOST_BYTES / 1024 / 1024, most = MOST_FILES)}</p>
            {move || {
                let id = error_id.clone();
                problem.get().map(|words| view! { <p class="field__error files__wrong" role="alert" id=id>{words}</p> })
            }}
            <output class="note">
                {move || uploading.sending.get().map(|name| t!(language, "file.sending", name = name))}
            </output>
            <div class="row" hidden=move || live.get()>
                <button class="button" type="submit">{t!(language, "file.send")}</button>
            </div>
        </form>
    }
    .into_any()
}

/// A file input.
#[component]
fn FileInput(
    uploading: Uploading,
    id: String,
    /// The key of its label.
    label: &'static str,
    /// Media types, as the attribute `accept` lists them.
    accept: &'static str,
    /// The camera to open; without one, several files may be chosen.
    capture: Option<&'static str>,
    /// The ids of hint and error.
    described: StoredValue<String>,
) -> impl IntoView {
    let language = use_language();
    let Uploading { sending, problem, .. } = uploading;
    let change = move |event: ev::Event| {
        let input: HtmlInputElement = event_target(&event);
        if let Some(form) = input.form() {
            uploading.send(language, form);
        }
    };
    view! {
        <div class="field">
            <label class="field__label" for=id.clone()>{t!(language, label)}</label>
            <input
                class="files__choose"
                id=id
                type="file"
                name="file"
                accept=accept
                capture=capture
                multiple=capture.is_none()
                disabled=move || sending.with(Option::is_some)
                aria-invalid=move || problem.with(Option::is_some).then_some("true")
                aria-describedby=described.get_value()
                on:change=change
            />
        </div>
    }
    .into_any()
}

/// Sends one file. The error holds its name, in the reader's language.
async fn upload(language: Language, address: &str, file: &Chosen) -> Result<(), String> {
    let because = |problem: FileProblem| refused(language, &file.name, &problem.message(language));
    let content = photo::prepared(&file.name, &file.content).await.map_err(because)?;
    // The server's limit, checked before the upload.
    if content.size() > f64::from(u32::try_from(MOST_BYTES).unwrap_or(u32::MAX)) {
        return Err(because(FileProblem::TooLarge));
    }
    let failed = |_: JsValue| refused(language, &file.name, &t!(language, "file.problem.failed"));
    let form = FormData::new().map_err(failed)?;
    form.append_with_blob_and_filename("file", &content, &file.name).map_err(failed)?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(&form);
    let answer = JsFuture::from(window().fetch_with_str_and_init(address, &request)).await.map_err(failed)?;
    let answer: Response = answer.dyn_into().map_err(failed)?;
    if answer.ok() {
        return Ok(());
    }
    let words = JsFuture::from(answer.text().map_err(failed)?).await.map_err(failed)?;
    Err(words.as_string().filter(|words| !words.is_empty()).unwrap_or_else(|| failed(JsValue::NULL)))
}
