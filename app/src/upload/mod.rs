//! Files that are sent with a form: chosen, made ready, and posted with their progress.

mod field;
pub(crate) mod photo;
pub(crate) mod waiting;

use domain::attachment::{FileProblem, MOST_BYTES, MOST_BYTES_TOGETHER};
use domain::i18n::Language;
use domain::t;
use js_sys::Promise;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FormData, HtmlFormElement, HtmlInputElement, ProgressEvent, XmlHttpRequest};

pub(crate) use field::{FilesField, FilesOf};

use crate::AppError;

/// Media types of pictures: telephones convert other formats to these.
pub(crate) const PICTURES: &str = "image/jpeg,image/png,image/webp";
/// Media types of all files that a visit takes.
pub(crate) const ACCEPTED: &str = "image/jpeg,image/png,image/webp,application/pdf";
/// The same of a message or an opening, with logs. Systems that know no media type of logs go by the ending.
pub(crate) const WITH_MESSAGE: &str = "image/jpeg,image/png,image/webp,application/pdf,text/plain,.log,.txt";
/// The name of the field of a message's files.
pub(crate) const FILES: &str = "files";

/// A file that was chosen.
pub(crate) struct Chosen {
    /// Its name on the device.
    pub(crate) name: String,
    /// Its content.
    pub(crate) content: Blob,
}

/// The files that were chosen in a field of a form.
pub(crate) fn chosen(form: &HtmlFormElement, field: &str) -> Vec<Chosen> {
    let Ok(filled) = FormData::new_with_form(form) else { return Vec::new() };
    let read = |value: JsValue| {
        let name = js_sys::Reflect::get(&value, &"name".into()).ok()?.as_string()?;
        // An input without a chosen file gives a file without a name.
        (!name.is_empty()).then_some(Chosen { name, content: value.dyn_into().ok()? })
    };
    filled.get_all(field).iter().filter_map(read).collect()
}

/// The files that were chosen in the input of an id.
pub(crate) fn chosen_in(id: &str) -> Vec<Chosen> {
    let form = input(id).and_then(|input| input.form());
    form.map(|form| chosen(&form, FILES)).unwrap_or_default()
}

/// Takes the files out of the input of an id.
pub(crate) fn forget(id: &str) {
    if let Some(input) = input(id) {
        input.set_value("");
    }
}

fn input(id: &str) -> Option<HtmlInputElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Posts the fields of a message with its files. `share` gets how many per cent were sent. A refused file is an error of the
/// field [`FILES`].
pub(crate) async fn send(
    language: Language,
    address: String,
    fields: Vec<(&'static str, String)>,
    files: Vec<Chosen>,
    share: RwSignal<Option<u8>>,
) -> Result<(), AppError> {
    share.try_set(Some(0));
    let outcome = match filled(language, fields, files).await {
        Ok(form) => {
            let tell = move |part| {
                share.try_set(Some(part));
            };
            answer(language, posted(&address, &form, "text/plain", tell).await)
        }
        Err(error) => Err(error),
    };
    share.try_set(None);
    outcome
}

/// The form with its files made ready.
async fn filled(
    language: Language,
    fields: Vec<(&'static str, String)>,
    files: Vec<Chosen>,
) -> Result<FormData, AppError> {
    let failed = |_: JsValue| AppError::Transport;
    let form = FormData::new().map_err(failed)?;
    for (name, value) in &fields {
        form.append_with_str(name, value).map_err(failed)?;
    }
    let (mut wrong, mut bytes) = (Vec::new(), 0.0);
    for file in files {
        match ready(&file).await {
            Ok(content) => {
                bytes += content.size();
                form.append_with_blob_and_filename(FILES, &content, &file.name).map_err(failed)?;
            }
            Err(problem) => {
                let problem = problem.message(language);
                wrong.push(t!(language, "file.wrong", name = file.name, problem = problem));
            }
        }
    }
    if wrong.is_empty() && are_too_large(bytes) {
        wrong.push(too_large_together(language));
    }
    if wrong.is_empty() { Ok(form) } else { Err(AppError::Wrong(vec![(FILES.to_owned(), wrong.join("\n"))])) }
}

/// Whether files of so many bytes together are more than the server takes.
fn are_too_large(bytes: f64) -> bool {
    bytes > f64::from(u32::try_from(MOST_BYTES_TOGETHER).unwrap_or(u32::MAX))
}

fn too_large_together(language: Language) -> String {
    t!(language, "file.problem.too_large_together", most = MOST_BYTES_TOGETHER / 1024 / 1024)
}

/// A file as it is sent, within the server's limit.
async fn ready(file: &Chosen) -> Result<Blob, FileProblem> {
    let content = photo::prepared(&file.name, &file.content).await?;
    let most = f64::from(u32::try_from(MOST_BYTES).unwrap_or(u32::MAX));
    if content.size() > most { Err(FileProblem::TooLarge) } else { Ok(content) }
}

/// The answer to a post in a media type: status and text. `fetch` tells nothing of the progress. `None` if the server was not
/// reached.
async fn posted(
    address: &str,
    form: &FormData,
    accept: &str,
    share: impl Fn(u8) + 'static,
) -> Option<(u16, String)> {
    let request = XmlHttpRequest::new().ok()?;
    request.open_with_async("POST", address, true).ok()?;
    request.set_request_header("Accept", accept).ok()?;
    let progress = Closure::<dyn FnMut(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.length_computable() {
            share(percent(event.loaded(), event.total()));
        }
    });
    request.upload().ok()?.set_onprogress(Some(progress.as_ref().unchecked_ref()));
    let ended = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    request.send_with_opt_form_data(Some(form)).ok()?;
    JsFuture::from(ended).await.ok()?;
    drop(progress);
    let status = request.status().ok().filter(|status| *status > 0)?;
    Some((status, request.response_text().ok().flatten().unwrap_or_default()))
}

/// The share of a whole in per cent.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 100")]
fn percent(part: f64, whole: f64) -> u8 {
    if whole > 0.0 { (part / whole * 100.0).clamp(0.0, 100.0) as u8 } else { 0 }
}

/// What the server answered. An error of a field is its name and its words, a line each.
fn answer(language: Language, answer: Option<(u16, String)>) -> Result<(), AppError> {
    let Some((status, words)) = answer else { return Err(AppError::Transport) };
    match (status, words.split_once('\n')) {
        (200..=299, _) => Ok(()),
        (401, _) => Err(AppError::SignInFirst),
        (422, Some((field, words))) => Err(AppError::Wrong(vec![(field.to_owned(), words.to_owned())])),
        // Of a proxy as well, whose page is no text for people.
        (413, _) => Err(AppError::Wrong(vec![(FILES.to_owned(), too_large_together(language))])),
        _ if words.is_empty() => Err(AppError::Transport),
        _ => Err(AppError::Text(words)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_is_told_at_its_field() {
        let wrong =
            |field: &str, words: &str| Err(AppError::Wrong(vec![(field.to_owned(), words.to_owned())]));
        assert_eq!(answer(Language::Es, Some((201, String::new()))), Ok(()));
        assert_eq!(
            answer(Language::Es, Some((422, "files\na.svg: no\nb.svg: no".into()))),
            wrong("files", "a.svg: no\nb.svg: no")
        );
        assert_eq!(
            answer(Language::Es, Some((429, "Espere.".into()))),
            Err(AppError::Text("Espere.".into()))
        );
        assert_eq!(answer(Language::Es, Some((502, String::new()))), Err(AppError::Transport));
        assert_eq!(answer(Language::Es, None), Err(AppError::Transport));
        let told = answer(Language::Es, Some((413, "<html>".into())));
        assert!(
            matches!(told, Err(AppError::Wrong(problems)) if problems[0].0 == FILES && problems[0].1.contains("32"))
        );
    }

    #[test]
    fn files_fit_together_up_to_the_server_s_limit() {
        let most = f64::from(u32::try_from(MOST_BYTES_TOGETHER).unwrap());
        assert!(!are_too_large(most) && are_too_large(most + 1.0));
    }

    #[test]
    fn share_is_between_nothing_and_all() {
        assert_eq!([percent(0.0, 0.0), percent(1.0, 3.0), percent(5.0, 5.0)], [0, 33, 100]);
    }
}
