//! What comes back to a form that was sent without a script: everything that was typed, and what is wrong with it.

use domain::intake::{Field, IntakeForm};
use serde::{Deserialize, Serialize};

use crate::AppError;

/// The id of the element that carries the reply into the browser.
pub(super) const REPLY_ID: &str = "form-reply";

/// A form that could not be taken. The server puts it into the page's context; the page carries it into the browser, so
/// that nothing typed is lost with or without script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormReply {
    /// What was typed.
    pub form: IntakeForm,
    /// The key of this submission: sent again with the next try.
    pub key: String,
    /// What is wrong, field by field, in the reader's language.
    pub problems: Vec<(Field, String)>,
    /// Why it could not be taken when no field is wrong.
    pub failure: Option<AppError>,
}

impl FormReply {
    /// The reply to the form of this page, if it is one.
    #[cfg(feature = "ssr")]
    pub(super) fn of_page() -> Option<Self> {
        leptos::prelude::use_context()
    }

    /// The reply to the form of this page, if it is one.
    #[cfg(not(feature = "ssr"))]
    pub(super) fn of_page() -> Option<Self> {
        let carrier = leptos::prelude::document().get_element_by_id(REPLY_ID)?;
        serde_json::from_str(&carrier.text_content()?).ok()
    }

    /// The reply as the content of a `<script type="application/json">`: nothing in it can end the element.
    pub(super) fn embedded(&self) -> String {
        serde_json::to_string(self).unwrap_or_default().replace('<', "\\u003c")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_cannot_leave_its_element() {
        let form =
            IntakeForm { fault: "</script><script>alert(1)</script><!--".into(), ..IntakeForm::default() };
        let reply =
            FormReply { form, key: "k".into(), problems: Vec::new(), failure: Some(AppError::Internal) };
        let embedded = reply.embedded();
        assert!(!embedded.contains('<'), "{embedded}");
        assert_eq!(serde_json::from_str::<FormReply>(&embedded).ok(), Some(reply));
    }
}
