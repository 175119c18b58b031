//! The part of the provider that pages show.

use super::{Hotline, Hotlines, STANDING_NAME};
use crate::country::Country;

/// What the pages of a desk say about its provider. The server writes it into the page as one short text; the browser reads
/// it there, so that both draw the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderView {
    /// The name.
    pub name: String,
    /// The address of the logo on this server; `None` for a provider without one.
    pub logo: Option<String>,
    /// The telephone lines.
    pub hotlines: Hotlines,
}

impl Default for ProviderView {
    /// A provider of which nothing is known: the name of the software, and no line.
    fn default() -> Self {
        Self { name: STANDING_NAME.to_owned(), logo: None, hotlines: Hotlines::default() }
    }
}

impl ProviderView {
    /// The text that [`Self::read`] reads: name and logo, then each line with country, words and digits. Tabs and line feeds
    /// divide them, which none of them has.
    #[must_use]
    pub fn written(&self) -> String {
        let mut text = format!("{}\t{}", self.name, self.logo.as_deref().unwrap_or_default());
        for line in self.hotlines.as_slice() {
            text.push('\n');
            text.push_str(&[line.country().code(), line.words(), line.digits()].join("\t"));
        }
        text
    }

    /// Reads what [`Self::written`] wrote. Of any other text it takes what it understands.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut lines = text.split('\n');
        let (name, logo) = lines.next().and_then(|line| line.split_once('\t')).unwrap_or_default();
        let hotlines = lines.filter_map(|line| {
            let mut parts = line.split('\t');
            let country = Country::from_code(parts.next()?)?;
            Some(Hotline::checked_before(country, parts.next()?, parts.next()?))
        });
        Self {
            name: name.to_owned(),
            logo: Some(logo).filter(|logo| !logo.is_empty()).map(str::to_owned),
            hotlines: Hotlines::checked_before(hotlines.collect()),
        }
    }

    /// Whether the provider has neither a name nor a logo of its own.
    #[must_use]
    pub fn is_standing(&self) -> bool {
        self.logo.is_none() && self.name == STANDING_NAME
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn view_is_read_as_it_is_written() {
        let plain = ProviderView { hotlines: Hotlines::standing(), ..ProviderView::default() };
        let own = ProviderView {
            name: "Andina <TI>".to_owned(),
            logo: Some("/brand/a.png".to_owned()),
            ..plain.clone()
        };
        for view in [plain, own, ProviderView::default()] {
            assert_eq!(ProviderView::read(&view.written()), view);
        }
    }

    #[test]
    fn another_text_is_no_fault_of_the_page() {
        for text in ["", "\n\n", "a", "a\tb\nZZ\t1\t2\nVE\t1"] {
            assert!(ProviderView::read(text).hotlines.as_slice().is_empty(), "{text:?}");
        }
    }
}
