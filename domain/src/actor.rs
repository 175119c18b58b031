//! Actors, and the policy: the only place that says what each may do.

mod composed;
mod identity;
mod integration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::case_number::CaseNumber;
use crate::country::Country;
use crate::i18n::Language;
use crate::t;

pub use composed::{
    CaseReach, ComposedRole, Composition, CompositionProblem, OrganisationReach, Permit, PermitSubject,
    ROLE_NAME_CHARS_MAX, RoleId, RoleName, RoleNameLength, RoleScope, RoleTemplate,
};
pub use identity::{Actor, BrowserOf, DisplayId, ParticipantId, ParticipantOf, PersonId, Role, Scope, Staff};
pub use integration::{
    Grant, INTEGRATION_NAME_CHARS_MAX, Integration, IntegrationId, IntegrationName, IntegrationNameLength,
    REQUESTS_PER_MINUTE_MAX, RequestsPerMinute,
};

/// An action that the policy permits or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Check the entitlement of a contract and serial.
    CheckEntitlement,
    /// See the customer behind a contract.
    SeeCustomer,
    /// Open a case for oneself.
    OpenCase,
    /// Open a case on a customer's behalf.
    OpenCaseOnBehalf,
    /// Read a case as its customer.
    ReadCase,
    /// Read a case with everything that the staff wrote.
    ReadCaseFile,
    /// Log attempts, contacts and notes; pause, resume, resolve.
    WorkCase,
    /// Claim an unassigned case; release or transfer one's own.
    ClaimCase,
    /// Assign any case to a person.
    AssignCase,
    /// Correct a contract or serial.
    CorrectCase,
    /// Amend a contact or fault description.
    AmendReport,
    /// Amend a location.
    AmendPlace,
    /// Write to the desk by the case's own link.
    WriteToDesk,
    /// Verify a solution by the case's own link.
    Verify,
    /// Answer an offer of a visit by the case's own link.
    AnswerVisit,
    /// See the agenda of visits.
    ReadAgenda,
    /// Reopen a closed case.
    Reopen,
    /// Record a cancellation, or close a case as a duplicate.
    CancelCase,
    /// Cancel one's own case by its own link.
    CancelOwnCase,
    /// Renew a customer's link, so that the one before leads nowhere.
    RenewTracking,
    /// Renew the link of one's own case by that link.
    RenewOwnTracking,
    /// Invite participants to a case, and remove them.
    KeepParticipants,
    /// Leave a case as its participant.
    LeaveCase,
    /// Open a case that follows one that has ended.
    FollowCase,
    /// Link two cases as related.
    LinkCases,
    /// Change the priority.
    ChangePriority,
    /// Call customers for the survey, and record their answers.
    Survey,
    /// Answer the survey by its own link.
    AnswerSurvey,
    /// List one's own cases, and the cases, contracts and equipment of one's company.
    ReadOwnAccount,
    /// See, invite and remove colleagues of a company that one administers.
    ManageColleagues,
    /// Keep the own profile as a customer who is signed in.
    KeepProfile,
    /// Follow up low scores.
    FollowUp,
    /// Read reports: figures beyond single cases, results of surveys among them.
    ReadReports,
    /// Report telephone calls, as an exchange does.
    ReportCalls,
    /// Take the calls of one's own extension: see who calls, tie numbers to contacts, ask for calls.
    TakeCalls,
    /// Run the scheduler: warnings, ends of pauses.
    RunScheduler,
    /// Read the queue.
    ReadQueue,
    /// Search cases by customer, contact and text.
    Search,
    /// Read the wall.
    ReadWall,
    /// Decide what becomes of mails that came in and belong to no case by themselves.
    TriageMail,
    /// Read the outbox: mails that were sent, and those that were not.
    ReadMail,
    /// See the staff and its history.
    ReadPeople,
    /// Set working hours and absences of the staff.
    ScheduleStaff,
    /// Manage people.
    Administer,
    /// Add wall displays, see and revoke them.
    ManageDisplays,
    /// Add integrations, see and revoke them.
    ManageIntegrations,
    /// Report alerts of a monitoring system, which open cases and write notes in them.
    ReportAlerts,
    /// Add webhooks, see what they were told, pause and remove them.
    ManageWebhooks,
    /// Read the audit log.
    ReadAudit,
    /// Read organisations, contracts, sites and equipment with their history.
    ReadRegister,
    /// Import contracts and equipment; change, add and merge entries of the register.
    Import,
    /// Name who acts for a company at the portal, and confirm its mail domains.
    ManageCompanies,
    /// Erase personal data of cases that have ended, and hand out what is known of somebody.
    EraseData,
    /// Change the own password and language, see and end the own sessions.
    KeepOwnAccount,
    /// Read plans, calendars, the provider and their history.
    ReadSettings,
    /// Change plans, calendars and the provider.
    ChangeSettings,
}

/// The subject of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The desk as a whole.
    Desk,
    /// One case.
    Case {
        /// Number of the case.
        number: CaseNumber,
        /// Country of the site.
        country: Country,
    },
}

/// The actor may not do this. Sign in as a person who may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[error("not permitted")]
pub struct NotPermitted;

impl NotPermitted {
    /// The refusal in the reader's language.
    #[must_use]
    pub fn message(self, language: Language) -> String {
        t!(language, "refusal.not_permitted").into_owned()
    }
}

/// Actions that are permitted together. The policy grants groups, never single actions, but to participants of a case.
#[derive(Clone, Copy)]
enum Permission {
    /// Actions open to anyone.
    Portal,
    /// Actions of customers on their own case, and of the staff on every case.
    OwnCase,
    /// Statements of the customer. The staff records who made one, and how, but never makes it.
    CustomerWord,
    /// What only a participant of a case does.
    Participation,
    /// What a customer who is signed in sees: lists of what is theirs.
    CustomerAccount,
    /// The wall.
    Wall,
    /// Work on cases of any site.
    Casework,
    /// Priorities, the survey and mails that came in, which belong to the contact centre.
    ContactCentre,
    /// Work of supervisors.
    Supervision,
    /// People, displays and the register.
    Administration,
    /// The own account of everyone who signs in.
    OwnAccount,
    /// Work of other systems, which no person does.
    Program,
    /// Work of the scheduler.
    Scheduler,
}

impl Role {
    /// Whether the role has a permission. A new permission is granted to no role; a new role does not compile until it
    /// has some.
    const fn grants(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Technician => {
                matches!(permission, P::Portal | P::OwnCase | P::OwnAccount | P::Wall | P::Casework)
            }
            Self::Agent => matches!(
                permission,
                P::Portal | P::OwnCase | P::OwnAccount | P::Wall | P::Casework | P::ContactCentre
            ),
            Self::Supervisor => matches!(
                permission,
                P::Portal
                    | P::OwnCase
                    | P::OwnAccount
                    | P::Wall
                    | P::Casework
                    | P::ContactCentre
                    | P::Supervision
            ),
            Self::Administrator => matches!(
                permission,
                P::Portal
                    | P::OwnCase
                    | P::OwnAccount
                    | P::Wall
                    | P::Casework
                    | P::ContactCentre
                    | P::Supervision
                    | P::Administration
            ),
        }
    }
}

impl Action {
    /// The group of the action. A new action does not compile until it has one.
    const fn permission(self) -> Permission {
        match self {
            Self::CheckEntitlement | Self::OpenCase => Permission::Portal,
            Self::ReadCase | Self::AmendReport | Self::Reopen | Self::FollowCase | Self::KeepParticipants => {
                Permission::OwnCase
            }
            Self::LeaveCase => Permission::Participation,
            Self::Verify
            | Self::WriteToDesk
            | Self::AnswerSurvey
            | Self::AnswerVisit
            | Self::CancelOwnCase
            | Self::RenewOwnTracking => Permission::CustomerWord,
            Self::ReadOwnAccount | Self::ManageColleagues | Self::KeepProfile => Permission::CustomerAccount,
            Self::ReadWall => Permission::Wall,
            Self::SeeCustomer
            | Self::OpenCaseOnBehalf
            | Self::ReadCaseFile
            | Self::WorkCase
            | Self::ClaimCase
            | Self::AmendPlace
            | Self::LinkCases
            | Self::ReadAgenda
            | Self::ReadQueue
            | Self::ReadRegister
            | Self::TakeCalls
            | Self::Search => Permission::Casework,
            Self::ChangePriority
            | Self::CorrectCase
            | Self::CancelCase
            | Self::RenewTracking
            | Self::Survey
            | Self::TriageMail => Permission::ContactCentre,
            Self::ReadMail
            | Self::AssignCase
            | Self::FollowUp
            | Self::ReadReports
            | Self::ReadPeople
            | Self::ScheduleStaff
            | Self::ReadSettings
            | Self::ManageDisplays => Permission::Supervision,
            Self::KeepOwnAccount => Permission::OwnAccount,
            Self::Administer
            | Self::ManageIntegrations
            | Self::ManageWebhooks
            | Self::ReadAudit
            | Self::Import
            | Self::ManageCompanies
            | Self::EraseData
            | Self::ReportCalls
            | Self::ChangeSettings => Permission::Administration,
            Self::RunScheduler => Permission::Scheduler,
            Self::ReportAlerts => Permission::Program,
        }
    }

    /// The permit by which the holder of a composed role may do it; `None` for what no composed role holds. A new action does
    /// not compile until it says so.
    #[must_use]
    pub const fn permit(self) -> Option<Permit> {
        match self {
            Self::ReadCase | Self::ReadCaseFile | Self::ReadQueue | Self::ReadWall => Some(Permit::ReadCases),
            Self::Search => Some(Permit::SearchCases),
            Self::OpenCaseOnBehalf | Self::SeeCustomer | Self::FollowCase => Some(Permit::OpenCases),
            Self::WorkCase | Self::KeepParticipants => Some(Permit::WorkCases),
            Self::ClaimCase => Some(Permit::ClaimCases),
            Self::AssignCase => Some(Permit::AssignCases),
            Self::AmendReport | Self::AmendPlace => Some(Permit::AmendCases),
            Self::CorrectCase | Self::RenewTracking => Some(Permit::CorrectCases),
            Self::ChangePriority => Some(Permit::SetPriority),
            Self::CancelCase => Some(Permit::CancelCases),
            Self::Reopen => Some(Permit::ReopenCases),
            Self::LinkCases => Some(Permit::LinkCases),
            Self::ReadAgenda => Some(Permit::ReadAgenda),
            Self::TakeCalls => Some(Permit::TakeCalls),
            Self::Survey => Some(Permit::Survey),
            Self::TriageMail => Some(Permit::TriageMail),
            Self::FollowUp => Some(Permit::FollowUp),
            Self::ReadRegister => Some(Permit::ReadRegister),
            Self::ReadReports => Some(Permit::ReadReports),
            Self::ReadMail => Some(Permit::ReadMail),
            Self::ReadPeople => Some(Permit::ReadPeople),
            Self::ScheduleStaff => Some(Permit::ScheduleStaff),
            Self::ReadSettings => Some(Permit::ReadSettings),
            Self::ManageDisplays => Some(Permit::ManageDisplays),
            // Everyone's, the customer's own word, administration, and work of programs.
            Self::CheckEntitlement
            | Self::OpenCase
            | Self::KeepOwnAccount
            | Self::Verify
            | Self::WriteToDesk
            | Self::AnswerVisit
            | Self::CancelOwnCase
            | Self::AnswerSurvey
            | Self::ReadOwnAccount
            | Self::ManageColleagues
            | Self::KeepProfile
            | Self::RenewOwnTracking
            | Self::LeaveCase
            | Self::Administer
            | Self::ManageIntegrations
            | Self::ManageWebhooks
            | Self::ReadAudit
            | Self::Import
            | Self::ManageCompanies
            | Self::EraseData
            | Self::ReportCalls
            | Self::ReportAlerts
            | Self::ChangeSettings
            | Self::RunScheduler => None,
        }
    }

    /// The grant by which an integration may do it; `None` for what no integration may. A new action does not compile
    /// until it says so.
    #[must_use]
    pub const fn grant(self) -> Option<Grant> {
        match self {
            Self::CheckEntitlement | Self::OpenCase | Self::OpenCaseOnBehalf => Some(Grant::OpenCases),
            Self::ReadCase | Self::ReadCaseFile | Self::ReadQueue | Self::Search | Self::ReadWall => {
                Some(Grant::ReadCases)
            }
            Self::WorkCase | Self::AmendReport | Self::AmendPlace | Self::KeepParticipants => {
                Some(Grant::WorkCases)
            }
            Self::ClaimCase
            | Self::AssignCase
            | Self::ChangePriority
            | Self::CorrectCase
            | Self::CancelCase
            | Self::Reopen => Some(Grant::SteerCases),
            Self::SeeCustomer | Self::ReadRegister => Some(Grant::ReadRegister),
            Self::ReadReports => Some(Grant::ReadReports),
            Self::ReadPeople => Some(Grant::ReadPeople),
            Self::ReadSettings => Some(Grant::ReadSettings),
            Self::ReportCalls => Some(Grant::ReportCalls),
            Self::ReportAlerts => Some(Grant::ReportAlerts),
            Self::ReadAudit => Some(Grant::ReadAudit),
            // The customer's own word, work of people, administration, and lists that know no scope.
            Self::Verify
            | Self::WriteToDesk
            | Self::AnswerVisit
            | Self::CancelOwnCase
            | Self::RenewTracking
            | Self::RenewOwnTracking
            | Self::LeaveCase
            | Self::AnswerSurvey
            | Self::ReadOwnAccount
            | Self::ManageColleagues
            | Self::KeepProfile
            | Self::Survey
            | Self::FollowUp
            | Self::FollowCase
            | Self::LinkCases
            | Self::ReadAgenda
            | Self::ReadMail
            | Self::TriageMail
            | Self::ScheduleStaff
            | Self::Administer
            | Self::ManageDisplays
            | Self::ManageIntegrations
            | Self::ManageWebhooks
            | Self::Import
            | Self::ManageCompanies
            | Self::EraseData
            | Self::KeepOwnAccount
            | Self::TakeCalls
            | Self::ChangeSettings
            | Self::RunScheduler => None,
        }
    }
}

/// Whether `actor` may do `action` to `subject`: the whole policy. What it does not name is not permitted.
///
/// # Errors
/// [`NotPermitted`] when the policy does not permit it.
///
/// ```
/// use domain::actor::{Action, Actor, NotPermitted, PersonId, Role, Staff, Subject, may};
/// use domain::case_number::CaseNumber;
/// use domain::country::Country;
///
/// let number = CaseNumber::new(Country::Ve, 2026, 4213).unwrap();
/// let case = Subject::Case { number, country: Country::Ve };
/// let agent = Actor::Staff(Staff { id: PersonId(7), name: "Luis".into(), role: Role::Agent, composed: None });
///
/// assert_eq!(may(&agent, Action::WorkCase, case), Ok(()));
/// assert_eq!(may(&agent, Action::ReadReports, Subject::Desk), Err(NotPermitted));
/// assert_eq!(may(&Actor::Customer(number), Action::WriteToDesk, case), Ok(()));
/// assert_eq!(may(&Actor::Customer(number), Action::WorkCase, case), Err(NotPermitted));
/// ```
pub fn may(actor: &Actor, action: Action, subject: Subject) -> Result<(), NotPermitted> {
    use Permission as P;
    let permission = action.permission();
    let allowed = match actor {
        Actor::Anonymous => matches!(permission, P::Portal),
        Actor::Customer(own) | Actor::CustomerBeside { number: own, .. } => match subject {
            Subject::Desk => matches!(permission, P::Portal),
            Subject::Case { number, .. } => {
                number == *own && matches!(permission, P::OwnCase | P::CustomerWord)
            }
        },
        // What a participant may: to read and to write, and nothing that only the contact may.
        Actor::Participant(own) => match subject {
            Subject::Desk => matches!(permission, P::Portal),
            Subject::Case { number, .. } => {
                number == own.number
                    && matches!(action, Action::ReadCase | Action::WriteToDesk | Action::LeaveCase)
            }
        },
        Actor::Contact(_) => match subject {
            Subject::Desk => matches!(permission, P::Portal | P::CustomerAccount),
            Subject::Case { .. } => false,
        },
        Actor::Staff(Staff { role, composed: None, .. }) => role.grants(permission),
        Actor::Staff(Staff { composed: Some(composed), .. }) => {
            let in_scope = match subject {
                Subject::Desk => true,
                Subject::Case { country, .. } => composed.scope.holds(country),
            };
            let is_everyones = matches!(permission, P::Portal | P::OwnAccount);
            in_scope && (is_everyones || action.permit().is_some_and(|permit| composed.has(permit)))
        }
        Actor::Display { scope, .. } => match subject {
            Subject::Desk => matches!(permission, P::Wall),
            Subject::Case { country, .. } => scope.holds(country) && matches!(permission, P::Wall),
        },
        Actor::Integration(integration) => action.grant().is_some_and(|grant| {
            let in_scope = match subject {
                Subject::Desk => integration.scope.country.is_none() || grant.is_of_cases(),
                Subject::Case { country, .. } => integration.scope.holds(country),
            };
            in_scope && integration.grants.contains(&grant)
        }),
        Actor::System => matches!(
            permission,
            P::Portal
                | P::OwnCase
                | P::CustomerWord
                | P::Wall
                | P::Casework
                | P::ContactCentre
                | P::Supervision
                | P::Administration
                | P::Scheduler
        ),
    };
    if allowed { Ok(()) } else { Err(NotPermitted) }
}

/// The country of the cases that `actor` sees in lists and on walls. The scope of a composed role is wider than a country: the
/// desk asks for it where it reads cases.
#[must_use]
pub const fn scope_of(actor: &Actor) -> Scope {
    match actor {
        Actor::Display { scope, .. } => *scope,
        Actor::Integration(integration) => integration.scope,
        Actor::Anonymous
        | Actor::Customer(_)
        | Actor::CustomerBeside { .. }
        | Actor::Participant(_)
        | Actor::Contact(_)
        | Actor::Staff(_)
        | Actor::System => Scope { country: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(country: Country, sequence: u32) -> (CaseNumber, Subject) {
        let number = CaseNumber::new(country, 2026, sequence).unwrap();
        (number, Subject::Case { number, country })
    }

    fn staff(role: Role) -> Actor {
        Actor::Staff(Staff { id: PersonId(1), name: "Ana".into(), role, composed: None })
    }

    #[test]
    fn customer_link_opens_its_own_case_alone() {
        let (own, subject) = case(Country::Ve, 1);
        let (_, other) = case(Country::Ve, 2);
        let customer = Actor::Customer(own);
        assert_eq!(may(&customer, Action::ReadCase, subject), Ok(()));
        assert_eq!(may(&customer, Action::ReadCase, other), Err(NotPermitted));
        for action in [
            Action::WorkCase,
            Action::ReadCaseFile,
            Action::ChangePriority,
            Action::ReadQueue,
            Action::Search,
        ] {
            assert_eq!(may(&customer, action, subject), Err(NotPermitted), "{action:?}");
        }
    }

    #[test]
    fn customer_amends_their_report_except_the_place() {
        let (own, subject) = case(Country::Ve, 1);
        let (_, other) = case(Country::Ve, 2);
        let customer = Actor::Customer(own);
        assert_eq!(may(&customer, Action::AmendReport, subject), Ok(()));
        assert_eq!(may(&customer, Action::AmendReport, other), Err(NotPermitted));
        assert_eq!(may(&customer, Action::AmendPlace, subject), Err(NotPermitted));
        for role in Role::ALL {
            assert_eq!(may(&staff(role), Action::AmendPlace, subject), Ok(()), "{role:?}");
        }
    }

    #[test]
    fn cancel_follow_up_and_link_are_permitted_by_role() {
        let (own, subject) = case(Country::Ve, 1);
        let (_, other) = case(Country::Ve, 2);
        let customer = Actor::Customer(own);
        for action in [Action::CancelOwnCase, Action::FollowCase] {
            assert_eq!(may(&customer, action, subject), Ok(()), "{action:?}");
            assert_eq!(may(&customer, action, other), Err(NotPermitted), "{action:?}");
        }
        for action in [Action::CancelCase, Action::LinkCases] {
            assert_eq!(may(&customer, action, subject), Err(NotPermitted), "{action:?}");
        }
        assert_eq!(may(&staff(Role::Agent), Action::CancelCase, subject), Ok(()));
        assert_eq!(may(&staff(Role::Technician), Action::CancelCase, subject), Err(NotPermitted));
        assert_eq!(may(&staff(Role::Technician), Action::LinkCases, subject), Ok(()));
        assert_eq!(may(&staff(Role::Agent), Action::CancelOwnCase, subject), Err(NotPermitted));
    }

    #[test]
    fn display_reads_its_scope_and_changes_nothing() {
        let display = Actor::Display { id: DisplayId(1), scope: Scope { country: Some(Country::Co) } };
        assert_eq!(may(&display, Action::ReadWall, case(Country::Co, 1).1), Ok(()));
        assert_eq!(may(&display, Action::ReadWall, case(Country::Mx, 1).1), Err(NotPermitted));
        for action in
            [Action::ReadQueue, Action::Search, Action::ReadCase, Action::WorkCase, Action::SeeCustomer]
        {
            assert_eq!(may(&display, action, Subject::Desk), Err(NotPermitted), "{action:?}");
        }
    }

    #[test]
    fn integration_does_what_it_was_granted_in_its_scope_and_no_more() {
        let granted = |grants: &[Grant], country| {
            let (grants, scope) = (grants.iter().copied().collect(), Scope { country });
            Actor::Integration(Integration { id: IntegrationId(1), name: "ERP".into(), grants, scope })
        };
        let (here, there) = (case(Country::Co, 1).1, case(Country::Mx, 1).1);
        let reader = granted(&[Grant::ReadCases, Grant::ReadReports], Some(Country::Co));
        assert_eq!(may(&reader, Action::ReadCase, here), Ok(()));
        assert_eq!(may(&reader, Action::ReadCase, there), Err(NotPermitted));
        assert_eq!(may(&reader, Action::WorkCase, here), Err(NotPermitted));
        assert_eq!(
            may(&reader, Action::ReadReports, Subject::Desk),
            Err(NotPermitted),
            "reports know no scope"
        );
        let everywhere = granted(&Grant::ALL, None);
        assert_eq!(may(&everywhere, Action::ReadReports, Subject::Desk), Ok(()));
        for action in [Action::Verify, Action::Administer, Action::ManageIntegrations, Action::ReadMail] {
            assert_eq!(may(&everywhere, action, here), Err(NotPermitted), "{action:?}");
        }
        assert_eq!(may(&granted(&[], None), Action::CheckEntitlement, Subject::Desk), Err(NotPermitted));
    }

    #[test]
    fn search_is_permitted_to_every_role_of_the_staff_alone() {
        for role in Role::ALL {
            assert_eq!(may(&staff(role), Action::Search, Subject::Desk), Ok(()), "{role:?}");
        }
        let (own, _) = case(Country::Ve, 1);
        for actor in [Actor::Anonymous, Actor::Customer(own)] {
            assert_eq!(may(&actor, Action::Search, Subject::Desk), Err(NotPermitted), "{actor:?}");
        }
    }

    #[test]
    fn reports_are_permitted_to_supervisors_and_administrators() {
        for role in Role::ALL {
            let watches = matches!(role, Role::Supervisor | Role::Administrator);
            assert_eq!(may(&staff(role), Action::ReadReports, Subject::Desk).is_ok(), watches, "{role:?}");
        }
        assert_eq!(may(&Actor::Anonymous, Action::ReadReports, Subject::Desk), Err(NotPermitted));
    }

    #[test]
    fn administration_is_permitted_to_administrators_and_scheduler_runs_to_none() {
        assert_eq!(may(&staff(Role::Administrator), Action::Administer, Subject::Desk), Ok(()));
        assert_eq!(may(&staff(Role::Supervisor), Action::Administer, Subject::Desk), Err(NotPermitted));
        assert_eq!(may(&staff(Role::Administrator), Action::RunScheduler, Subject::Desk), Err(NotPermitted));
        assert_eq!(may(&Actor::Anonymous, Action::ReadWall, Subject::Desk), Err(NotPermitted));
    }
}
