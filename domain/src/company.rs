//! Who belongs to a customer's company, and the mail domains by which its people do.

use thiserror::Error;

use crate::i18n::Language;
use crate::mail_address::{MailAddress, MailAddressProblem};
use crate::t;

mod public_domains;

choices! {
    /// How an address stands to a company.
    pub enum Standing: "company.standing" {
        /// Sees what is the company's, invites and removes colleagues.
        Administrator = "administrator",
        /// Sees what is the company's.
        Member = "member",
        /// Sees nothing of the company, whatever its domains and contracts say.
        Removed = "removed",
    }
}

choices! {
    /// The way by which an address came to a company.
    pub enum CameBy: "company.came_by" {
        /// The provider's staff named it.
        Provider = "provider",
        /// An administrator of the company invited it.
        Colleague = "colleague",
        /// Its mail domain is the company's.
        Domain = "domain",
        /// It is the contact of a contract.
        Contract = "contract",
    }
}

/// A mail domain that may be a company's own, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MailDomain(String);

/// Why a domain is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MailDomainProblem {
    /// It is no domain of a mail address.
    #[error("malformed: {0}")]
    Malformed(MailAddressProblem),
    /// Anybody can have a mailbox there.
    #[error("mailboxes there are anybody's")]
    Public,
}

impl MailDomainProblem {
    /// What is wrong and what to do, for the person who typed it.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Malformed(problem) => problem.message(language),
            Self::Public => t!(language, "company.domain.public").into_owned(),
        }
    }
}

impl MailDomain {
    /// Checks what was typed: a domain, with or without the `@`, or an address at it.
    ///
    /// # Errors
    /// See [`MailDomainProblem`].
    ///
    /// ```
    /// use domain::company::{MailDomain, MailDomainProblem};
    ///
    /// assert_eq!(MailDomain::parse(" @Cumbre.example ").unwrap().as_str(), "cumbre.example");
    /// assert_eq!(MailDomain::parse("yahoo.com.mx"), Err(MailDomainProblem::Public));
    /// ```
    pub fn parse(input: &str) -> Result<Self, MailDomainProblem> {
        let typed = input.trim();
        if typed.is_empty() {
            return Err(MailDomainProblem::Malformed(MailAddressProblem::Empty));
        }
        let domain = typed.rsplit_once('@').map_or(typed, |(_, domain)| domain);
        // The rules of an address's domain, by an address that has it.
        let address = MailAddress::parse(&format!("a@{domain}")).map_err(MailDomainProblem::Malformed)?;
        let domain = Self::of(&address);
        if public_domains::is_public(&domain.0) { Err(MailDomainProblem::Public) } else { Ok(domain) }
    }

    /// The domain of an address, whoever has mailboxes there.
    #[must_use]
    pub fn of(address: &MailAddress) -> Self {
        let domain = address.as_str().rsplit_once('@').map_or("", |(_, domain)| domain);
        Self(domain.to_lowercase())
    }

    /// The domain in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for MailDomain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_is_read_from_what_people_type() {
        for typed in ["cumbre.example", "@cumbre.example", "ana@Cumbre.example", "  CUMBRE.example\t"] {
            assert_eq!(
                MailDomain::parse(typed).map(|domain| domain.to_string()).as_deref(),
                Ok("cumbre.example")
            );
        }
        for wrong in ["", "@", "cumbre", "cum bre.example", "-cumbre.example", "1.2.3.4", "a@b@", "%"] {
            let problem = MailDomain::parse(wrong).unwrap_err();
            assert!(matches!(problem, MailDomainProblem::Malformed(_)), "{wrong}: {problem}");
        }
    }

    #[test]
    fn domain_where_anybody_has_a_mailbox_is_refused_in_every_spelling() {
        for public in [
            "gmail.com",
            "GMAIL.com",
            "googlemail.com",
            "outlook.com",
            "outlook.es",
            "hotmail.com",
            "hotmail.com.mx",
            "live.com",
            "yahoo.com",
            "yahoo.com.ve",
            "ymail.com",
            "icloud.com",
            "proton.me",
            "uol.com.br",
            "cantv.net",
            "terra.com.mx",
            "hotmail.co.uk",
            "ana@gmail.com",
        ] {
            assert_eq!(MailDomain::parse(public), Err(MailDomainProblem::Public), "{public}");
        }
        for own in [
            "gmail.example",
            "mygmail.com",
            "yahoos.com",
            "outlook-cumbre.com",
            "mail.cumbre.com",
            "live.cumbre.com",
            "outlook.cumbre.com.mx",
        ] {
            assert!(MailDomain::parse(own).is_ok(), "{own}");
        }
        for language in Language::ALL {
            assert!(MailDomainProblem::Public.message(language).contains(' '));
        }
    }
}
