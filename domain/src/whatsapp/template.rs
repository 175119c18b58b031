//! Templates: what WhatsApp takes outside of the window. The provider has them approved, and the desk fills in two variables.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::i18n::Language;
use crate::text::first_words;

/// The most characters of a template's name.
const NAME_CHARS_MAX: usize = 512;
/// The most characters of a variable.
const VARIABLE_CHARS_MAX: usize = 120;

/// A template for one language of the desk. Its first variable is the case's number, its second one the subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The language of the customers who get it.
    language: Language,
    /// Its name at WhatsApp.
    name: String,
    /// Its language as WhatsApp codes it: `es_MX`.
    code: String,
}

/// Why a template cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TemplateProblem {
    /// Names have lower-case letters, digits and underscores.
    #[error("a template's name has lower-case letters, digits and underscores")]
    Name,
    /// Codes are as `es` or `es_MX`.
    #[error("a language's code is as es or es_MX")]
    Code,
}

impl Template {
    /// Parses a template; `None` for an empty name. Without a code it is the language's own.
    ///
    /// # Errors
    /// See [`TemplateProblem`].
    pub fn parse(language: Language, name: &str, code: &str) -> Result<Option<Self>, TemplateProblem> {
        let (name, code) = (name.trim(), code.trim());
        if name.is_empty() {
            return Ok(None);
        }
        let of_names = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.len() > NAME_CHARS_MAX || !name.chars().all(of_names) {
            return Err(TemplateProblem::Name);
        }
        let code = if code.is_empty() { language.code() } else { code };
        let is_code = match code.split_once('_') {
            None => is_lower(code),
            Some((of, region)) => {
                is_lower(of) && region.len() == 2 && region.bytes().all(|b| b.is_ascii_uppercase())
            }
        };
        if !is_code {
            return Err(TemplateProblem::Code);
        }
        Ok(Some(Self { language, name: name.to_owned(), code: code.to_owned() }))
    }

    /// The language of the customers who get it.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language
    }

    /// Its name at WhatsApp.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its language as WhatsApp codes it.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }
}

fn is_lower(code: &str) -> bool {
    (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// The templates of a number, one for each language at most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Templates(Vec<Template>);

impl Templates {
    /// Templates in the order of the languages.
    #[must_use]
    pub fn new(mut templates: Vec<Template>) -> Self {
        templates.sort_by_key(|template| template.language);
        templates.dedup_by_key(|template| template.language);
        Self(templates)
    }

    /// The template of a language.
    #[must_use]
    pub fn of(&self, language: Language) -> Option<&Template> {
        self.0.iter().find(|template| template.language == language)
    }

    /// The template for a customer who reads a language: any other rather than none.
    #[must_use]
    pub fn for_reader(&self, language: Language) -> Option<&Template> {
        self.of(language).or_else(|| self.0.first())
    }

    /// The names, as a history shows them.
    #[must_use]
    pub fn names(&self) -> String {
        let named = self.0.iter().map(|template| format!("{} ({})", template.name, template.code));
        named.collect::<Vec<_>>().join(", ")
    }
}

/// A text as a variable takes it: on one line, and not empty.
#[must_use]
pub fn variable(text: &str) -> String {
    let words = first_words(text, VARIABLE_CHARS_MAX);
    if words.is_empty() { "-".to_owned() } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(language: Language, name: &str, code: &str) -> Template {
        Template::parse(language, name, code).unwrap().unwrap()
    }

    #[test]
    fn template_has_a_name_and_a_code_as_whatsapp_has_them() {
        assert_eq!(Template::parse(Language::Es, "  ", "es"), Ok(None));
        assert_eq!(template(Language::Es, "aviso_de_caso", "").code(), "es");
        assert_eq!(template(Language::Pt, "aviso", "pt_BR").code(), "pt_BR");
        assert_eq!(Template::parse(Language::Es, "Aviso", ""), Err(TemplateProblem::Name));
        for wrong in ["ES", "es-MX", "es_mx", "español", "es_"] {
            assert_eq!(Template::parse(Language::Es, "aviso", wrong), Err(TemplateProblem::Code), "{wrong}");
        }
    }

    #[test]
    fn reader_gets_another_language_rather_than_nothing() {
        let all = Templates::new(vec![
            template(Language::En, "notice", "en"),
            template(Language::Es, "aviso", "es"),
        ]);
        assert_eq!(all.for_reader(Language::En).unwrap().name(), "notice");
        assert_eq!(all.for_reader(Language::Pt).unwrap().name(), "aviso");
        assert_eq!(Templates::default().for_reader(Language::Es), None);
        assert_eq!(all.names(), "aviso (es), notice (en)");
    }

    #[test]
    fn variable_is_one_line_and_never_empty() {
        assert_eq!(variable("sin\n red\t en   piso 7"), "sin red en piso 7");
        assert_eq!(variable(" \n "), "-");
        assert!(variable(&"a ".repeat(500)).chars().count() <= VARIABLE_CHARS_MAX + 1);
    }
}
