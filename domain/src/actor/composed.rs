//! Roles that an administrator composes: what their holders may do, and the cases that exist for them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::identity::Role;
use crate::country::Country;
use crate::text::legible;

/// The most characters of a composed role's name.
pub const ROLE_NAME_CHARS_MAX: usize = 40;

/// Id of a composed role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoleId(pub i64);

choices! {
    /// What an administrator puts into a role. The policy says which actions belong to each. Administration has none: it is
    /// the standing administrator's alone, because its pages ask for a fresh sign-in and its holders can give permissions.
    #[derive(PartialOrd, Ord)]
    pub enum Permit: "permit" {
        /// Read the queue and the case files. Every composed role has it: the queue is the first page of the workspace.
        ReadCases = "read_cases",
        /// Search cases.
        SearchCases = "search_cases",
        /// Open cases on a customer's behalf, and see the customer behind a contract.
        OpenCases = "open_cases",
        /// Log contacts and notes; pause, resume, resolve; plan and report visits.
        WorkCases = "work_cases",
        /// Claim, release and transfer one's own cases.
        ClaimCases = "claim_cases",
        /// Assign any case.
        AssignCases = "assign_cases",
        /// Amend contact, fault description and location.
        AmendCases = "amend_cases",
        /// Correct contract and serial.
        CorrectCases = "correct_cases",
        /// Change priorities.
        SetPriority = "set_priority",
        /// Cancel cases, or close them as duplicates.
        CancelCases = "cancel_cases",
        /// Reopen closed cases.
        ReopenCases = "reopen_cases",
        /// Link cases.
        LinkCases = "link_cases",
        /// Read the agenda of visits.
        ReadAgenda = "read_agenda",
        /// Take the calls of one's own extension.
        TakeCalls = "take_calls",
        /// Call customers for the survey.
        Survey = "survey",
        /// Decide on mails that came in.
        TriageMail = "triage_mail",
        /// Follow up low scores.
        FollowUp = "follow_up",
        /// Read organisations, contracts, sites and equipment.
        ReadRegister = "read_register",
        /// Read reports.
        ReadReports = "read_reports",
        /// Read mails that were sent, and those that were not.
        ReadMail = "read_mail",
        /// See the staff.
        ReadPeople = "read_people",
        /// Set working hours and absences of others.
        ScheduleStaff = "schedule_staff",
        /// Read settings.
        ReadSettings = "read_settings",
        /// Keep wall displays.
        ManageDisplays = "manage_displays",
    }
}

choices! {
    /// The subject of permits that are shown together.
    pub enum PermitSubject: "permit_subject" {
        /// Reading and working on cases.
        Cases = "cases",
        /// Decisions about cases.
        Decisions = "decisions",
        /// Telephone, survey and mail.
        Contact = "contact",
        /// The desk as a whole.
        Desk = "desk",
    }
}

impl Permit {
    /// The subject under which it is offered.
    #[must_use]
    pub const fn subject(self) -> PermitSubject {
        match self {
            Self::ReadCases
            | Self::SearchCases
            | Self::OpenCases
            | Self::WorkCases
            | Self::ClaimCases
            | Self::AmendCases
            | Self::LinkCases
            | Self::ReadAgenda => PermitSubject::Cases,
            Self::AssignCases
            | Self::CorrectCases
            | Self::SetPriority
            | Self::CancelCases
            | Self::ReopenCases => PermitSubject::Decisions,
            Self::TakeCalls | Self::Survey | Self::TriageMail | Self::FollowUp | Self::ReadMail => {
                PermitSubject::Contact
            }
            Self::ReadRegister
            | Self::ReadReports
            | Self::ReadPeople
            | Self::ScheduleStaff
            | Self::ReadSettings
            | Self::ManageDisplays => PermitSubject::Desk,
        }
    }

    /// Whether every page and use-case of it shows the cases of a scope alone. What knows no scope is given to roles of the
    /// whole desk only. A new permit does not compile until it says so.
    #[must_use]
    pub const fn knows_scope(self) -> bool {
        match self {
            Self::ReadCases
            | Self::SearchCases
            | Self::WorkCases
            | Self::ClaimCases
            | Self::AssignCases
            | Self::AmendCases
            | Self::SetPriority
            | Self::CancelCases
            | Self::ReopenCases
            | Self::LinkCases
            | Self::ReadAgenda => true,
            Self::OpenCases
            | Self::CorrectCases
            | Self::TakeCalls
            | Self::Survey
            | Self::TriageMail
            | Self::FollowUp
            | Self::ReadRegister
            | Self::ReadReports
            | Self::ReadMail
            | Self::ReadPeople
            | Self::ScheduleStaff
            | Self::ReadSettings
            | Self::ManageDisplays => false,
        }
    }
}

choices! {
    /// Whose cases exist for the holders of a role.
    #[derive(Default, PartialOrd, Ord)]
    pub enum OrganisationReach: "role_organisations" {
        /// Those of every organisation, and cases of none.
        #[default]
        All = "all",
        /// Covered cases of the organisations that the role lists. A case to be validated has a stranger's word alone for
        /// its contract.
        Listed = "listed",
    }
}

choices! {
    /// Which cases of these exist for a holder of a role.
    #[derive(Default, PartialOrd, Ord)]
    pub enum CaseReach: "role_cases" {
        /// Each of them.
        #[default]
        All = "all",
        /// Those that are assigned to the holder, and those with a visit of theirs.
        Own = "own",
    }
}

/// The cases that exist for the holders of a role. The organisations themselves stand in the database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleScope {
    /// Countries of the sites; empty for all.
    #[serde(default)]
    pub countries: BTreeSet<Country>,
    /// Whose cases.
    #[serde(default)]
    pub organisations: OrganisationReach,
    /// Which of these.
    #[serde(default)]
    pub cases: CaseReach,
}

impl RoleScope {
    /// Whether any case is left out.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        !self.countries.is_empty()
            || self.organisations == OrganisationReach::Listed
            || self.cases == CaseReach::Own
    }

    /// Whether cases of a country can be in it.
    #[must_use]
    pub fn holds(&self, country: Country) -> bool {
        self.countries.is_empty() || self.countries.contains(&country)
    }
}

/// A composed role as its holder has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComposedRole {
    /// Id of the role.
    pub id: RoleId,
    /// Counts the changes of the role: a page that was opened under another version ends.
    pub version: u32,
    /// Its name.
    pub name: RoleName,
    /// What its holders may do.
    pub permits: BTreeSet<Permit>,
    /// The cases that exist for them.
    pub scope: RoleScope,
}

impl ComposedRole {
    /// Whether its holders have a permit. One that knows no scope is never held within one, whatever was stored.
    #[must_use]
    pub fn has(&self, permit: Permit) -> bool {
        self.permits.contains(&permit) && (permit.knows_scope() || !self.scope.is_narrow())
    }
}

/// The name of a composed role on one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoleName(String);

/// The name is empty, or longer than [`ROLE_NAME_CHARS_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a role's name has from 1 to {ROLE_NAME_CHARS_MAX} characters")]
pub struct RoleNameLength;

impl RoleName {
    /// Normalises the name: on one line, words separated by single spaces.
    ///
    /// # Errors
    /// [`RoleNameLength`].
    pub fn parse(typed: &str) -> Result<Self, RoleNameLength> {
        let name = legible(typed).split_whitespace().collect::<Vec<_>>().join(" ");
        let fits = (1..=ROLE_NAME_CHARS_MAX).contains(&name.chars().count());
        if fits { Ok(Self(name)) } else { Err(RoleNameLength) }
    }

    /// The name as accepted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RoleName {
    type Error = RoleNameLength;

    fn try_from(text: String) -> Result<Self, RoleNameLength> {
        Self::parse(&text)
    }
}

impl From<RoleName> for String {
    fn from(name: RoleName) -> Self {
        name.0
    }
}

/// What an administrator composes: a role before it has an id. Stored as JSON: names of fields stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composition {
    /// Its name.
    pub name: RoleName,
    /// The standing role as which its holders count where permissions do not matter: sessions, the second factor, visits.
    pub like: Role,
    /// What its holders may do.
    pub permits: BTreeSet<Permit>,
    /// The cases that exist for them.
    pub scope: RoleScope,
    /// Ids of the organisations, where the scope lists them.
    #[serde(default)]
    pub organisations: BTreeSet<i64>,
}

/// Why a composition is no role.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CompositionProblem {
    /// Its holders would count as a role that gets the desk's warnings, or administers.
    #[error("no composed role is like this one")]
    Like,
    /// Permits that know no scope, in a role with one.
    #[error("{} permits know no scope", .0.len())]
    KnowNoScope(Vec<Permit>),
    /// The scope lists organisations, and none is named.
    #[error("no organisation is named")]
    NoOrganisation,
}

impl Role {
    /// Whether holders of a composed role can count as this one. Supervisors and administrators cannot be meant: the
    /// desk mails them warnings of any case, whatever their scope.
    #[must_use]
    pub const fn is_composable(self) -> bool {
        match self {
            Self::Agent | Self::Technician => true,
            Self::Supervisor | Self::Administrator => false,
        }
    }
}

impl Composition {
    /// The same as it is stored, if it is a role. Every one reads cases, and those that take calls search them.
    /// Organisations are named only where the scope lists them.
    ///
    /// # Errors
    /// See [`CompositionProblem`].
    pub fn checked(mut self) -> Result<Self, CompositionProblem> {
        if !self.like.is_composable() {
            return Err(CompositionProblem::Like);
        }
        self.permits.insert(Permit::ReadCases);
        // Who calls is found by search.
        if self.permits.contains(&Permit::TakeCalls) {
            self.permits.insert(Permit::SearchCases);
        }
        if self.scope.is_narrow() {
            let wrong: Vec<Permit> =
                self.permits.iter().copied().filter(|permit| !permit.knows_scope()).collect();
            if !wrong.is_empty() {
                return Err(CompositionProblem::KnowNoScope(wrong));
            }
        }
        match self.scope.organisations {
            OrganisationReach::All => self.organisations.clear(),
            OrganisationReach::Listed if self.organisations.is_empty() => {
                return Err(CompositionProblem::NoOrganisation);
            }
            OrganisationReach::Listed => {}
        }
        Ok(self)
    }

    /// The role as its holders have it.
    #[must_use]
    pub fn held_as(self, id: RoleId, version: u32) -> ComposedRole {
        let Self { name, permits, scope, .. } = self;
        ComposedRole { id, version, name, permits, scope }
    }
}

choices! {
    /// A composition to begin with.
    pub enum RoleTemplate: "role_template" {
        /// Agents of an agency, who see its customers alone.
        Agency = "agency",
        /// Technicians who see their visits, and the cases that they are on.
        FieldTechnician = "field_technician",
    }
}

impl RoleTemplate {
    /// The standing role that it is like.
    #[must_use]
    pub const fn like(self) -> Role {
        match self {
            Self::Agency => Role::Agent,
            Self::FieldTechnician => Role::Technician,
        }
    }

    /// Its permits.
    #[must_use]
    pub fn permits(self) -> BTreeSet<Permit> {
        let permits: &[Permit] = match self {
            Self::Agency => &[
                Permit::ReadCases,
                Permit::SearchCases,
                Permit::WorkCases,
                Permit::ClaimCases,
                Permit::AmendCases,
                Permit::ReopenCases,
                Permit::ReadAgenda,
            ],
            Self::FieldTechnician => {
                &[Permit::ReadCases, Permit::WorkCases, Permit::AmendCases, Permit::ReadAgenda]
            }
        };
        permits.iter().copied().collect()
    }

    /// Its scope.
    #[must_use]
    pub fn scope(self) -> RoleScope {
        match self {
            Self::Agency => RoleScope { organisations: OrganisationReach::Listed, ..RoleScope::default() },
            Self::FieldTechnician => RoleScope { cases: CaseReach::Own, ..RoleScope::default() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(template: RoleTemplate) -> Composition {
        Composition {
            name: RoleName::parse("Agencia Norte").unwrap(),
            like: template.like(),
            permits: template.permits(),
            scope: template.scope(),
            organisations: BTreeSet::from([7]),
        }
    }

    #[test]
    fn templates_are_roles() {
        for template in RoleTemplate::ALL {
            assert!(of(template).checked().is_ok(), "{template:?}");
        }
    }

    #[test]
    fn permit_that_knows_no_scope_is_refused_within_one() {
        let mut wide = of(RoleTemplate::Agency);
        wide.permits.insert(Permit::ReadReports);
        let refused = CompositionProblem::KnowNoScope(vec![Permit::ReadReports]);
        assert_eq!(wide.clone().checked(), Err(refused));
        wide.scope = RoleScope::default();
        assert!(wide.clone().checked().unwrap().organisations.is_empty());
        wide.scope.countries.insert(Country::Co);
        // Stored by another version, it is not held.
        assert!(!wide.held_as(RoleId(1), 1).has(Permit::ReadReports));
    }

    #[test]
    fn listed_organisations_are_named_and_every_role_reads_cases() {
        let mut none = of(RoleTemplate::Agency);
        none.organisations.clear();
        assert_eq!(none.checked(), Err(CompositionProblem::NoOrganisation));
        let mut empty = of(RoleTemplate::FieldTechnician);
        empty.permits.clear();
        assert_eq!(empty.checked().unwrap().permits, BTreeSet::from([Permit::ReadCases]));
    }

    #[test]
    fn composed_role_is_like_no_role_that_hears_of_all_cases() {
        for role in Role::ALL {
            let composition = Composition { like: role, ..of(RoleTemplate::Agency) };
            assert_eq!(composition.checked().is_ok(), role.escalation().is_none(), "{role:?}");
        }
    }

    #[test]
    fn name_of_a_role_is_one_line() {
        assert_eq!(RoleName::parse("  Agencia \n Norte ").unwrap().as_str(), "Agencia Norte");
        assert!(RoleName::parse(" \t ").is_err());
        assert!(RoleName::parse(&"x".repeat(ROLE_NAME_CHARS_MAX + 1)).is_err());
    }
}
