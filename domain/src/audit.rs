//! The audit log: who signed in, who read whose data, who changed what of the desk itself.
//!
//! What happens to a case is in its history. The histories of accounts, register and settings say what a value was before;
//! an entry here says who did it, when, and to what.

use serde::{Deserialize, Serialize};

use crate::actor::{Actor, DisplayId, IntegrationId, PersonId, Role};
use crate::case::ErasureReason;
use crate::case_number::CaseNumber;
use crate::country::Country;
use crate::i18n::Language;
use crate::t;
use crate::time::Instant;

choices! {
    /// Kind of an entry.
    #[derive(PartialOrd, Ord)]
    pub enum AuditKind: "audit.kind" {
        /// A member of the staff signed in.
        SignedIn = "signed_in",
        /// A sign-in was refused.
        SignInRefused = "sign_in_refused",
        /// Sessions were ended.
        SessionsEnded = "sessions_ended",
        /// A customer signed in.
        CustomerSignedIn = "customer_signed_in",
        /// The policy refused a request.
        Forbidden = "forbidden",
        /// Customers' data were searched.
        Searched = "searched",
        /// Customers' data were listed by another system.
        Listed = "listed",
        /// Customers' data left as a file.
        Exported = "exported",
        /// An account was changed.
        PersonChanged = "person_changed",
        /// A setting was changed.
        SettingChanged = "setting_changed",
        /// The register was changed.
        RegisterChanged = "register_changed",
        /// A system, a display, a browser or a customer's company was given access.
        AccessGiven = "access_given",
        /// The access of a system or a display was ended.
        AccessEnded = "access_ended",
        /// The settings of a system with access were changed.
        AccessChanged = "access_changed",
        /// Personal data of a case were erased.
        CaseErased = "case_erased",
        /// The demonstration was taken out.
        CasesRemoved = "cases_removed",
        /// The desk was written into a file.
        BackedUp = "backed_up",
        /// The desk was filled from a file.
        Restored = "restored",
        /// What was kept long enough was taken out.
        RetentionRan = "retention_ran",
        /// The log begins.
        Begun = "begun",
        /// Entries of histories were sealed.
        Sealed = "sealed",
        /// Entries were not written down.
        Lost = "lost",
    }
}

choices! {
    /// How a sign-in was proven.
    pub enum SignInProof: "audit.proof" {
        /// By the password alone.
        Password = "password",
        /// By the password and a code.
        Code = "code",
        /// By a passkey alone.
        Passkey = "passkey",
        /// By the password and a passkey.
        PasswordAndPasskey = "password_and_passkey",
        /// By an identity provider.
        Provider = "provider",
        /// By an identity provider and a second factor of the desk.
        ProviderAndFactor = "provider_and_factor",
    }
}

choices! {
    /// Why a sign-in was refused.
    pub enum SignInRefusal: "audit.refusal" {
        /// Wrong mail address or password.
        Wrong = "wrong",
        /// A wrong code.
        Code = "code",
        /// A passkey that is not known, that the answer does not prove, or that may have been copied.
        Passkey = "passkey",
        /// The token of an integration that is none, or was revoked.
        Token = "token",
        /// An answer of an identity provider that proves nothing, or names a person who may not come in.
        Provider = "provider",
        /// The password or passkey was right, and the person's identity provider alone lets them in.
        ProviderOnly = "provider_only",
        /// Too many tries.
        TooMany = "too_many",
    }
}

choices! {
    /// Data that were read.
    pub enum AuditData: "audit.data" {
        /// Cases.
        Cases = "cases",
        /// Organisations, contracts, sites and equipment.
        Register = "register",
        /// Labels of equipment.
        Labels = "labels",
        /// Everything that is known of one person.
        Person = "person",
        /// The closing report of a case.
        ClosingReport = "closing_report",
        /// SLA compliance.
        SlaReport = "sla_report",
        /// Missed SLA targets, case by case.
        Breaches = "breaches",
        /// Waits that ran on, case by case.
        Overlaps = "overlaps",
        /// Causes of faults.
        Causes = "causes",
        /// The proof of a case.
        Proof = "proof",
        /// The audit log itself.
        Audit = "audit",
    }
}

choices! {
    /// What has access to the desk.
    pub enum AuditAccess: "audit.access" {
        /// Another system with a token.
        Integration = "integration",
        /// Another system that hears of events.
        Webhook = "webhook",
        /// A wall display.
        Display = "display",
        /// One of a company's people. The company is identified, and the person is not.
        CompanyMember = "company_member",
        /// One of a company's people who administers it.
        CompanyAdministrator = "company_administrator",
        /// A mail domain of a company.
        CompanyDomain = "company_domain",
        /// A browser that is asked for no second factor. Its owner is identified.
        TrustedDevice = "trusted_device",
        /// A number of WhatsApp Business.
        WhatsApp = "whatsapp",
    }
}

choices! {
    /// What was changed of something that has access.
    pub enum AccessChange: "audit.access_change" {
        /// Settings of a webhook or of a number of WhatsApp. Its history has the values before.
        Settings = "settings",
        /// The secret of a webhook, or a secret of a number of WhatsApp.
        Secret = "secret",
        /// A webhook was paused, or a number of WhatsApp switched off.
        Paused = "paused",
        /// The pause of a webhook was ended, or a number of WhatsApp switched on.
        Resumed = "resumed",
        /// The contact and the tables for the alerts of an integration.
        Alerts = "alerts",
    }
}

/// Author of an entry, by the name they had then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditAuthor {
    /// A person or program that did not say who it is, or said so wrongly.
    Unknown,
    /// A customer. The log has no customer's name or address.
    Customer,
    /// A member of the staff.
    Staff {
        /// Identifies the member of the staff.
        id: PersonId,
        /// Their name then.
        name: String,
    },
    /// Another system with its token.
    Integration {
        /// Identifies the integration.
        id: IntegrationId,
        /// Its name then.
        name: String,
    },
    /// A wall display.
    Display {
        /// Identifies the display.
        id: DisplayId,
    },
    /// The operator at the command line, or the desk itself.
    System,
}

impl From<&Actor> for AuditAuthor {
    fn from(actor: &Actor) -> Self {
        match actor {
            Actor::Anonymous => Self::Unknown,
            Actor::Customer(_) | Actor::CustomerBeside { .. } | Actor::Participant(_) | Actor::Contact(_) => {
                Self::Customer
            }
            Actor::Staff(staff) => Self::Staff { id: staff.id, name: staff.name.clone() },
            Actor::Display { id, .. } => Self::Display { id: *id },
            Actor::Integration(integration) => {
                Self::Integration { id: integration.id, name: integration.name.clone() }
            }
            Actor::System => Self::System,
        }
    }
}

impl AuditAuthor {
    /// The author as it is shown.
    #[must_use]
    pub fn told(&self, language: Language) -> String {
        match self {
            Self::Unknown => t!(language, "audit.by.unknown").into_owned(),
            Self::Customer => t!(language, "audit.by.customer").into_owned(),
            Self::Staff { name, .. } | Self::Integration { name, .. } => name.clone(),
            Self::Display { id } => t!(language, "audit.by.display", id = id.0),
            Self::System => t!(language, "audit.by.system").into_owned(),
        }
    }

    /// The author's name; `None` where it has none.
    fn name(&self) -> Option<&str> {
        match self {
            Self::Staff { name, .. } | Self::Integration { name, .. } => Some(name),
            Self::Unknown | Self::Customer | Self::Display { .. } | Self::System => None,
        }
    }
}

/// What was done. Stored as JSON: names of variants and fields stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditEvent {
    /// A member of the staff signed in, and is the author.
    SignedIn {
        /// How it was proven.
        proof: SignInProof,
    },
    /// A sign-in was refused. The author is the owner of the account, or unknown: what was typed may be a password.
    SignInRefused {
        /// The reason.
        reason: SignInRefusal,
    },
    /// Sessions of the author were ended, by the author.
    SessionsEnded {
        /// How many.
        sessions: u64,
    },
    /// Sessions of a member of the staff were ended by the identity provider that began them.
    SessionsEndedByProvider {
        /// The member of the staff.
        person: PersonId,
        /// Their name.
        name: String,
        /// The name of the provider.
        provider: String,
        /// How many.
        sessions: u64,
    },
    /// A customer signed in.
    CustomerSignedIn,
    /// The policy refused a request.
    Forbidden {
        /// Method and pattern of the address, such as `GET /desk/admin/audit`.
        request: String,
    },
    /// Data were searched. The words are not kept: they are names, addresses and numbers of customers.
    Searched {
        /// What was searched.
        data: AuditData,
        /// How many results were shown.
        results: u64,
    },
    /// Data were listed by another system.
    Listed {
        /// What was listed.
        data: AuditData,
        /// How many results it was given.
        results: u64,
    },
    /// Data left as a file.
    Exported {
        /// What the file has.
        data: AuditData,
        /// How many cases, entries or lines it has.
        results: u64,
    },
    /// An account was changed. Its history has the values before.
    PersonChanged {
        /// The account.
        person: PersonId,
        /// The name of its owner.
        name: String,
        /// What was changed: the tag of the change in the account's history.
        what: String,
        /// The role since then, where it was given one.
        role: Option<Role>,
    },
    /// A setting was changed. Its history has the values before.
    SettingChanged {
        /// Its subject: a code.
        subject: String,
        /// The name of the entry; empty where the subject has one entry.
        name: String,
    },
    /// Entries of the register were changed. Their history has the values before.
    RegisterChanged {
        /// How many changes.
        changes: u64,
        /// The import that made or undid them; `None` when they were made by hand.
        import: Option<i64>,
    },
    /// A system, a display, a browser or a customer's company was given access.
    AccessGiven {
        /// What it is.
        access: AuditAccess,
        /// Identifies it.
        id: i64,
        /// Its name; empty where it has none, or where it would name a customer.
        name: String,
    },
    /// Such an access was ended.
    AccessEnded {
        /// What it is.
        access: AuditAccess,
        /// Identifies it.
        id: i64,
    },
    /// The settings of a system with access were changed.
    AccessChanged {
        /// What it is.
        access: AuditAccess,
        /// Identifies it.
        id: i64,
        /// Its name since then.
        name: String,
        /// What was changed.
        what: AccessChange,
    },
    /// Personal data of a case were erased.
    CaseErased {
        /// The case.
        case: CaseNumber,
        /// The reason.
        reason: ErasureReason,
        /// How many entries of its history were rewritten, from the first one on.
        entries: u32,
        /// Digest of these entries as they stand since then.
        digest: String,
    },
    /// Whole cases were taken out, as the demonstration is.
    CasesRemoved {
        /// How many cases.
        cases: u64,
        /// How many entries of histories.
        entries: u64,
        /// Digest of what is kept of these entries: number, case, version and digest.
        digest: String,
    },
    /// The desk was written into a file.
    BackedUp,
    /// The desk was filled from a file.
    Restored,
    /// What was kept long enough was taken out.
    RetentionRan {
        /// Cases that were erased.
        cases: u64,
        /// Mails that lost their content.
        mails: u64,
        /// Sessions, links and the like.
        ended: u64,
    },
    /// The log begins.
    Begun {
        /// Entries of histories that were there before it, and were taken as they were found.
        older: u64,
    },
    /// Entries of histories were sealed: none can be taken out or changed unnoticed.
    Sealed {
        /// The seal covers entries with higher numbers than this.
        after: i64,
        /// The last number that it covers.
        last: i64,
        /// How many entries.
        entries: u64,
        /// Their digest.
        digest: String,
    },
    /// Entries were not written down: the database had no time, or too many came at once.
    Lost {
        /// How many.
        entries: u64,
    },
}

impl AuditEvent {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> AuditKind {
        match self {
            Self::SignedIn { .. } => AuditKind::SignedIn,
            Self::SignInRefused { .. } => AuditKind::SignInRefused,
            Self::SessionsEnded { .. } | Self::SessionsEndedByProvider { .. } => AuditKind::SessionsEnded,
            Self::CustomerSignedIn => AuditKind::CustomerSignedIn,
            Self::Forbidden { .. } => AuditKind::Forbidden,
            Self::Searched { .. } => AuditKind::Searched,
            Self::Listed { .. } => AuditKind::Listed,
            Self::Exported { .. } => AuditKind::Exported,
            Self::PersonChanged { .. } => AuditKind::PersonChanged,
            Self::SettingChanged { .. } => AuditKind::SettingChanged,
            Self::RegisterChanged { .. } => AuditKind::RegisterChanged,
            Self::AccessGiven { .. } => AuditKind::AccessGiven,
            Self::AccessEnded { .. } => AuditKind::AccessEnded,
            Self::AccessChanged { .. } => AuditKind::AccessChanged,
            Self::CaseErased { .. } => AuditKind::CaseErased,
            Self::CasesRemoved { .. } => AuditKind::CasesRemoved,
            Self::BackedUp => AuditKind::BackedUp,
            Self::Restored => AuditKind::Restored,
            Self::RetentionRan { .. } => AuditKind::RetentionRan,
            Self::Begun { .. } => AuditKind::Begun,
            Self::Sealed { .. } => AuditKind::Sealed,
            Self::Lost { .. } => AuditKind::Lost,
        }
    }

    /// The particulars, as they are shown beside the name of the kind; empty when there are none.
    #[must_use]
    pub fn told(&self, language: Language) -> String {
        let word = |key| t!(language, key);
        match self {
            Self::SignedIn { proof } => word(proof.name_key()).into_owned(),
            Self::SignInRefused { reason } => word(reason.name_key()).into_owned(),
            Self::SessionsEnded { sessions } => t!(language, "audit.told.sessions", count = sessions),
            Self::SessionsEndedByProvider { name, provider, sessions, .. } => {
                let told = t!(language, "audit.told.sessions", count = sessions);
                format!("{name}: {told} · {provider}")
            }
            Self::Forbidden { request } => request.clone(),
            Self::Searched { data, results }
            | Self::Listed { data, results }
            | Self::Exported { data, results } => {
                t!(language, "audit.told.results", data = word(data.name_key()), count = results)
            }
            Self::PersonChanged { name, what, role, .. } => {
                let role = role.map(|role| format!(" · {}", word(role.name_key()))).unwrap_or_default();
                format!("{name}: {}{role}", word(person_change_key(what)))
            }
            Self::SettingChanged { subject, name } => {
                let subject = word(setting_key(subject));
                if name.is_empty() { subject.into_owned() } else { format!("{subject}: {name}") }
            }
            Self::RegisterChanged { changes, import: None } => {
                t!(language, "audit.told.changes", count = changes)
            }
            Self::RegisterChanged { changes, import: Some(id) } => {
                t!(language, "audit.told.import", count = changes, id = id)
            }
            Self::AccessGiven { access, name, .. } if !name.is_empty() => {
                format!("{}: {name}", word(access.name_key()))
            }
            Self::AccessGiven { access, id, .. } | Self::AccessEnded { access, id } => {
                format!("{}: {id}", word(access.name_key()))
            }
            Self::AccessChanged { access, name, what, .. } => {
                format!("{}: {name} · {}", word(access.name_key()), word(what.name_key()))
            }
            Self::CaseErased { case, .. } => case.grouped(),
            Self::CasesRemoved { cases, .. } => t!(language, "audit.told.cases", count = cases),
            Self::RetentionRan { cases, mails, ended } => {
                t!(language, "audit.told.retention", cases = cases, mails = mails, ended = ended)
            }
            Self::Begun { older } => t!(language, "audit.told.older", count = older),
            Self::Sealed { entries, last, .. } => {
                t!(language, "audit.told.sealed", count = entries, last = last)
            }
            Self::Lost { entries } => t!(language, "audit.told.lost", count = entries),
            Self::CustomerSignedIn | Self::BackedUp | Self::Restored => String::new(),
        }
    }

    /// Names that it has beside its author's.
    fn names(&self) -> Option<String> {
        match self {
            Self::PersonChanged { name, .. }
            | Self::SessionsEndedByProvider { name, .. }
            | Self::SettingChanged { name, .. }
            | Self::AccessGiven { name, .. }
            | Self::AccessChanged { name, .. } => Some(name.clone()),
            Self::CaseErased { case, .. } => Some(case.as_compact()),
            Self::Forbidden { request } => Some(request.clone()),
            _ => None,
        }
    }
}

/// The key of the words for a change of an account.
fn person_change_key(what: &str) -> &'static str {
    match what {
        "added" => "audit.person.added",
        "invited" => "audit.person.invited",
        "invited_again" => "audit.person.invited_again",
        "invitation_withdrawn" => "audit.person.invitation_withdrawn",
        "joined" => "audit.person.joined",
        "renamed" => "audit.person.renamed",
        "mail_changed" => "audit.person.mail_changed",
        "role_changed" => "audit.person.role_changed",
        "composed_role_given" => "audit.person.composed_role_given",
        "composed_role_taken" => "audit.person.composed_role_taken",
        "deactivated" => "audit.person.deactivated",
        "reactivated" => "audit.person.reactivated",
        "password_changed" => "audit.person.password_changed",
        "password_reset" => "audit.person.password_reset",
        "second_factor_set" => "audit.person.second_factor_set",
        "second_factor_removed" => "audit.person.second_factor_removed",
        "recovery_codes_made" => "audit.person.recovery_codes_made",
        "working_hours_changed" => "audit.person.working_hours_changed",
        "absence_entered" => "audit.person.absence_entered",
        "absence_removed" => "audit.person.absence_removed",
        "passkey_added" => "audit.person.passkey_added",
        "passkey_removed" => "audit.person.passkey_removed",
        "passkeys_removed" => "audit.person.passkeys_removed",
        "identity_linked" => "audit.person.identity_linked",
        "identity_unlinked" => "audit.person.identity_unlinked",
        "joined_by_group" => "audit.person.joined_by_group",
        "role_by_group" => "audit.person.role_by_group",
        "extension_changed" => "audit.person.extension_changed",
        // A change that a later version makes.
        _ => "audit.person.changed",
    }
}

/// The key of the words for a subject of the settings.
fn setting_key(subject: &str) -> &'static str {
    match subject {
        "calendars" => "audit.setting.calendars",
        "plans" => "audit.setting.plans",
        "provider" => "audit.setting.provider",
        "questionnaires" => "audit.setting.questionnaires",
        "causes" => "audit.setting.causes",
        "waiting" => "audit.setting.waiting",
        "canned_replies" => "audit.setting.replies",
        "mail_texts" => "audit.setting.mail_texts",
        "formats" => "audit.setting.formats",
        "serial_formats" => "audit.setting.serial_formats",
        "teams" => "audit.setting.teams",
        "second_factor" => "audit.setting.second_factor",
        "session_limits" => "audit.setting.session_limits",
        "identity_provider" => "audit.setting.identity_provider",
        "retention" => "audit.setting.retention",
        "composed_roles" => "audit.setting.composed_roles",
        _ => "audit.setting.other",
    }
}

/// Author and event of an entry, as they are stored together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Who did it.
    pub by: AuditAuthor,
    /// What was done.
    pub event: AuditEvent,
}

impl AuditRecord {
    /// The names in it, in small letters and on one line: what a search finds it by.
    #[must_use]
    pub fn words(&self) -> String {
        let names = [self.by.name().map(str::to_owned), self.event.names()];
        let names = names.into_iter().flatten().collect::<Vec<_>>().join(" ").to_lowercase();
        names.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number. The numbers have no gaps.
    pub id: i64,
    /// When it was done.
    pub at: Instant,
    /// Author and event.
    pub record: AuditRecord,
    /// The network that the request came from; `None` when it is unknown, or was kept long enough.
    pub network: Option<String>,
    /// The country that it is about; `None` for the desk as a whole.
    pub country: Option<Country>,
    /// Its digest, which covers every entry before it.
    pub digest: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_change_has_words_in_every_language() {
        let changes = ["added", "role_changed", "second_factor_set", "of a later version"];
        for language in Language::ALL {
            for kind in AuditKind::ALL {
                assert_ne!(t!(language, kind.name_key()), kind.name_key());
            }
            for what in changes {
                assert_ne!(t!(language, person_change_key(what)), person_change_key(what), "{what}");
            }
        }
    }

    #[test]
    fn search_finds_an_entry_by_author_and_subject() {
        let record = AuditRecord {
            by: AuditAuthor::Staff { id: PersonId(7), name: "Marta  Salas".into() },
            event: AuditEvent::PersonChanged {
                person: PersonId(8),
                name: "Luis\nMora".into(),
                what: "deactivated".into(),
                role: None,
            },
        };
        assert_eq!(record.words(), "marta salas luis mora");
        let nameless = AuditRecord { by: AuditAuthor::System, event: AuditEvent::BackedUp };
        assert_eq!(nameless.words(), "");
    }

    #[test]
    fn no_entry_names_a_customer() {
        let number = CaseNumber::new(Country::Ve, 2026, 1).unwrap();
        assert_eq!(AuditAuthor::from(&Actor::Customer(number)), AuditAuthor::Customer);
        let mail = crate::mail_address::MailAddress::parse("ana@cumbre.example").unwrap();
        assert_eq!(AuditAuthor::from(&Actor::Contact(mail)), AuditAuthor::Customer);
    }
}
