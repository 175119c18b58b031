//! What the variables of a text stand for.

use domain::case::Case;
use domain::i18n::Language;
use domain::t;
use domain::text::first_words;
use domain::wording::Variable;

use crate::contracts::labels::Labels;

/// The most characters of each part of a subject, because lists of mails show no more.
const MATTER_PART: usize = 40;

/// The values of a case.
pub(crate) struct Values<'a> {
    /// The case.
    pub(crate) case: &'a Case,
    /// Its labels.
    pub(crate) labels: &'a Labels,
    /// The language of the text.
    pub(crate) language: Language,
    /// Time of the opening, as the text shows it.
    pub(crate) opened: String,
    /// The agent who writes; empty where the desk does.
    pub(crate) agent: &'a str,
    /// The provider's name.
    pub(crate) provider: &'a str,
}

impl Values<'_> {
    /// The value of a variable.
    pub(crate) fn of(&self, variable: Variable) -> String {
        let report = &self.case.opening.report;
        match variable {
            Variable::Number => self.case.opening.number.to_string(),
            Variable::Name => report.contact.name.to_string(),
            Variable::Priority => self.case.priority().code().to_owned(),
            Variable::About => self.about(),
            Variable::Platform => t!(self.language, report.platform.name_key()).into_owned(),
            Variable::Country => t!(self.language, report.country.name_key()).into_owned(),
            Variable::Location => report.location.to_string(),
            Variable::Serial => report.serial.as_str().to_owned(),
            Variable::Opened => self.opened.clone(),
            Variable::Agent => self.agent.to_owned(),
            Variable::Provider => self.provider.to_owned(),
        }
    }

    /// The subject matter: equipment and site as registered, else platform and country. It contains no typed text, and
    /// tells a stranger nothing of the register.
    pub(crate) fn about(&self) -> String {
        match &self.labels.site {
            Some(site) if !self.case.is_unverified() => matter(&self.labels.equipment, &site.label()),
            _ => matter(&self.of(Variable::Platform), &self.of(Variable::Country)),
        }
    }
}

/// A subject matter and its place, each of them cut; empty without either.
pub(crate) fn matter(what: &str, place: &str) -> String {
    let parts = [what, place].map(|part| first_words(part, MATTER_PART));
    let told: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    told.join(", ")
}
