//! Data that a page embeds for its script, in elements that show nothing.

use serde::Serialize;

/// A value as the content of a `<script type="application/json">`, in which nothing can end the element.
pub(super) fn embedded(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default().replace('<', "\\u003c")
}

/// The value in the element with this id.
#[cfg(not(feature = "ssr"))]
pub(super) fn carried<T: serde::de::DeserializeOwned>(id: &str) -> Option<T> {
    let carrier = leptos::prelude::document().get_element_by_id(id)?;
    serde_json::from_str(&carrier.text_content()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_data_cannot_leave_its_element() {
        let typed = "</script><script>alert(1)</script><!--".to_owned();
        let content = embedded(&typed);
        assert!(!content.contains('<'), "{content}");
        assert_eq!(serde_json::from_str::<String>(&content).ok(), Some(typed));
    }
}
