//! What pages show of the provider. The server writes it into the head of the page, outside of what is hydrated. The browser
//! reads it there, so that both draw the same (docs/decisions/0040).

use domain::provider::ProviderView;

/// The name of the element in the head with the provider, as [`ProviderView::written`].
#[cfg(feature = "ssr")]
pub(crate) const META: &str = "provider";

/// The provider of the page.
#[cfg(feature = "ssr")]
#[must_use]
pub fn use_provider() -> ProviderView {
    crate::request::provider()
}

/// The provider of the page.
#[cfg(not(feature = "ssr"))]
#[must_use]
pub fn use_provider() -> ProviderView {
    let meta = leptos::prelude::document().query_selector("meta[name=provider]").ok().flatten();
    let written = meta.and_then(|meta| meta.get_attribute("content"));
    written.map_or_else(ProviderView::default, |written| ProviderView::read(&written))
}

#[cfg(feature = "ssr")]
pub use served::{AccentSheet, logo_address, view_of};

#[cfg(feature = "ssr")]
mod served {
    use std::hash::{DefaultHasher, Hash, Hasher};

    use desk::provider::Brand;
    use domain::attachment::ContentHash;
    use domain::provider::{Accent, ProviderView};

    /// The part of a brand that pages show.
    #[must_use]
    pub fn view_of(brand: &Brand) -> ProviderView {
        let provider = &brand.provider;
        ProviderView {
            name: provider.name.as_str().to_owned(),
            logo: provider.logo.as_ref().map(logo_address),
            hotlines: provider.hotlines.clone(),
        }
    }

    /// The address of a logo. Its content never changes.
    #[must_use]
    pub fn logo_address(hash: &ContentHash) -> String {
        format!("/brand/{}.png", hash.as_str())
    }

    /// The style sheet of an accent.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AccentSheet {
        /// Its address, which differs when the content does.
        pub address: String,
        /// The rules.
        pub css: String,
    }

    impl AccentSheet {
        /// The sheet of an accent: the colours of `style/tokens.css` that are of the brand.
        #[must_use]
        pub fn of(accent: Accent) -> Self {
            let day =
                format!("--brand:{};--on-brand:#fff;--brand-soft:{}", accent.by_day(), accent.soft_by_day());
            let night = format!(
                "--brand:{};--on-brand:{};--brand-soft:{}",
                accent.by_night(),
                accent.on_it_by_night(),
                accent.soft_by_night()
            );
            let css = format!(
                ":root{{{day}}}@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{night}}}}}\
                 :root[data-theme=dark]{{{night}}}"
            );
            let mut hasher = DefaultHasher::new();
            css.hash(&mut hasher);
            let colour = accent.by_day().to_string();
            let address = format!("/brand/{}-{:016x}.css", colour.trim_start_matches('#'), hasher.finish());
            Self { address, css }
        }

        /// The sheet of an address, as [`Self::address`] has it after `/brand/`.
        #[must_use]
        pub fn at(name: &str) -> Option<Self> {
            let (colour, _) = name.split_once('-')?;
            let sheet = Self::of(Accent::parse(&format!("#{colour}")).ok()?);
            (sheet.address.strip_prefix("/brand/") == Some(name)).then_some(sheet)
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn sheet_is_found_at_its_own_address_alone() {
            let sheet = AccentSheet::of(Accent::parse("#7a1f5c").unwrap());
            let name = sheet.address.strip_prefix("/brand/").unwrap();
            assert_eq!(AccentSheet::at(name), Some(sheet.clone()));
            assert!(sheet.css.contains("--brand:#7a1f5c"), "{}", sheet.css);
            for other in ["7a1f5c-0000000000000000.css", "ffffff-0000000000000000.css", "7a1f5c.css", ""] {
                assert_eq!(AccentSheet::at(other), None, "{other}");
            }
        }
    }
}
