//! The field of a telephone extension: on the own account, and on the administrators' page of a person.

use domain::t;
use leptos::prelude::*;

use crate::language::use_language;
use crate::pages::PostReply;
use crate::ui::{FieldKind, TextField};

#[cfg(feature = "ssr")]
pub(super) use ssr::keep_extension;

/// The name of the field.
const FIELD: &str = "extension";

/// The field. What was typed last comes back with its problem.
#[component]
pub(super) fn ExtensionField(
    /// The extension in digits; empty for none.
    extension: String,
    /// What came back to the form.
    reply: PostReply,
) -> impl IntoView {
    let language = use_language();
    let value = if reply.typed.contains_key(FIELD) { reply.text(FIELD) } else { extension };
    view! {
        <TextField
            name=FIELD
            kind=FieldKind::Extension
            label=t!(language, "admin.extension.field")
            hint=t!(language, "admin.extension.hint").into_owned()
            value=value
            problem=reply.problem(FIELD)
        />
    }
    .into_any()
}

#[cfg(feature = "ssr")]
mod ssr {
    use desk::access::extension::{ExtensionError, set_extension};
    use domain::actor::PersonId;
    use domain::phone::Extension;
    use domain::t;

    use super::FIELD;
    use crate::AppError;
    use crate::request::RequestContext;

    /// Sets the extension that was typed; an empty one is none.
    pub(in crate::pages::staff) async fn keep_extension(
        asked: &RequestContext,
        id: PersonId,
        typed: &str,
    ) -> Result<(), AppError> {
        let language = asked.language;
        let typed = typed.trim();
        let extension = match (typed.is_empty(), Extension::try_from(typed.to_owned())) {
            (true, _) => None,
            (false, Ok(extension)) => Some(extension),
            (false, Err(_)) => {
                let words = t!(language, "admin.extension.problem", most = Extension::MAX);
                return Err(AppError::wrong(FIELD, words));
            }
        };
        set_extension(&asked.desk, &asked.actor, id, extension).await.map_err(|error| match error {
            ExtensionError::Taken => {
                AppError::wrong(FIELD, t!(language, "admin.extension.taken").into_owned())
            }
            ExtensionError::Desk(error) => error.into(),
        })
    }
}
