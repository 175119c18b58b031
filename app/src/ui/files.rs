//! Files of visits and messages: name, size, and a thumbnail of pictures.

use domain::attachment::{Attachment, Shown, size_in_words};
use leptos::prelude::*;

use super::Icon;
use crate::language::use_language;

/// Files, one by one; nothing when there are none.
#[component]
pub fn FileList(
    /// The files of a visit, in the order in which they were added.
    files: Vec<Attachment>,
    /// The address that their ids are added to.
    base: String,
) -> impl IntoView {
    (!files.is_empty()).then(|| {
        let lines = files.into_iter().map(|file| view! { <FileLine file base=base.clone()/> });
        view! { <ul class="files">{lines.collect_view()}</ul> }
    })
}

/// One file with its actions.
#[component]
pub fn FileLine(
    /// The file that the line shows.
    file: Attachment,
    /// The address that its id is added to.
    base: String,
    /// Its actions.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let language = use_language();
    let address = format!("{base}/{}", file.id.as_str());
    let picture = match file.kind.shown() {
        // The original, drawn small.
        Shown::InPlace => {
            view! { <img src=address.clone() alt="" width="96" height="96" loading="lazy" decoding="async"/> }
                .into_any()
        }
        Shown::AsDownload => view! { <Icon name="contract"/> }.into_any(),
    };
    view! {
        <li class="file">
            <span class="file__picture">{picture}</span>
            <span class="file__name">
                <a href=address rel="external" target="_blank">{file.name.as_str().to_owned()}</a>
                " "
                <span class="note">{size_in_words(language, file.bytes)}</span>
            </span>
            {children.map(|children| children())}
        </li>
    }
    .into_any()
}

/// The files of one message, in the thread. Each is a download; pictures have a thumbnail of the server's.
#[component]
pub(super) fn ThreadFiles(
    /// The files of the message, in their order.
    files: Vec<Attachment>,
    /// The address that their ids are added to.
    base: String,
) -> impl IntoView {
    let language = use_language();
    let line = move |file: Attachment| {
        let address = format!("{base}/{}", file.id.as_str());
        let has_picture = file.kind.shown() == Shown::InPlace && file.bytes > 0;
        let picture = if has_picture {
            let source = format!("{address}/thumbnail");
            view! { <img src=source alt="" width="240" height="180" loading="lazy" decoding="async"/> }
                .into_any()
        } else {
            view! { <Icon name="contract"/> }.into_any()
        };
        let about = format!("{} · {}", file.kind.label(), size_in_words(language, file.bytes));
        view! {
            <li class="file">
                <span class="file__picture" class=("file__picture--large", has_picture)>{picture}</span>
                <span class="file__name">
                    <a href=address rel="external">{file.name.as_str().to_owned()}</a>
                    " "
                    <span class="note">{about}</span>
                </span>
            </li>
        }
    };
    view! { <ul class="files">{files.into_iter().map(line).collect_view()}</ul> }.into_any()
}
