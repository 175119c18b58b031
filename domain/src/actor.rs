//! Who asks, and what each may do: the one place that decides it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::case_number::CaseNumber;
use crate::country::Country;
use crate::i18n::Language;
use crate::t;

/// Identifies a member of the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub i64);

/// Identifies a wall display.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DisplayId(pub i64);

choices! {
    /// What a member of the staff is there for.
    #[derive(PartialOrd, Ord)]
    pub enum Role: "role" {
        /// Takes calls, registers and works cases.
        Agent = "agent",
        /// Goes to where the equipment stands.
        Technician = "technician",
        /// Watches queues and breaches, approves exceptions.
        Supervisor = "supervisor",
        /// Keeps people, plans and displays.
        Administrator = "administrator",
    }
}

impl Role {
    /// Whether visits are assigned to it: then it reads its own agenda, and does no visit of another.
    #[must_use]
    pub const fn goes_on_visits(self) -> bool {
        match self {
            Self::Technician => true,
            Self::Agent | Self::Supervisor | Self::Administrator => false,
        }
    }

    /// Its place among those who are warned of the desk's cases: the first role that has people in service. `None` for those
    /// who are warned of their own cases alone.
    #[must_use]
    pub const fn escalation(self) -> Option<u8> {
        match self {
            Self::Supervisor => Some(1),
            Self::Administrator => Some(2),
            Self::Agent | Self::Technician => None,
        }
    }

    /// Whether it is granted a permission. A new permission is granted to no role; a new role does not compile until it has some.
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

/// A member of the staff who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// Who.
    pub id: PersonId,
    /// As colleagues and customers read it.
    pub name: String,
    /// What they are there for.
    pub role: Role,
}

/// The part of the desk that someone sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// One country alone; `None` for all.
    pub country: Option<Country>,
}

impl Scope {
    /// Whether a case of `country` lies inside.
    #[must_use]
    pub fn holds(self, country: Country) -> bool {
        self.country.is_none_or(|only| only == country)
    }
}

/// The member of the staff who last signed in in a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrowserOf {
    /// Who.
    pub id: PersonId,
    /// Their name then.
    pub name: String,
}

/// Who asks. Nothing is done without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// Anybody, in the portal, not signed in.
    Anonymous,
    /// The holder of a case's unguessable link.
    Customer(CaseNumber),
    /// The same, in a browser where a member of the staff has signed in before. They may do the same; whose browser it was
    /// is kept beside their word.
    CustomerBeside {
        /// The case.
        number: CaseNumber,
        /// Whose browser it is.
        browser: BrowserOf,
    },
    /// A member of the staff who is signed in.
    Staff(Staff),
    /// A wall display with its link: reads its scope, nothing else.
    Display {
        /// Which display.
        id: DisplayId,
        /// What it may see.
        scope: Scope,
    },
    /// The desk itself: alarms, pauses that end, the command line of its operator.
    System,
}

impl Actor {
    /// The holder of a case's link, in whoever's browser they hold it.
    #[must_use]
    pub fn customer(number: CaseNumber, browser: Option<&BrowserOf>) -> Self {
        match browser {
            Some(browser) => Self::CustomerBeside { number, browser: browser.clone() },
            None => Self::Customer(number),
        }
    }
}

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Ask whether a contract and serial are covered.
    CheckEntitlement,
    /// Be told whose contract it is and what else stands about it.
    SeeCustomer,
    /// Open a case for oneself.
    OpenCase,
    /// Open a case on a customer's behalf.
    OpenCaseOnBehalf,
    /// Read one case as its customer does.
    ReadCase,
    /// Read one case with everything the staff wrote.
    ReadCaseFile,
    /// Log attempts, contacts and notes; pause, resume, resolve.
    WorkCase,
    /// Take a free case, let one's own go or hand it on.
    ClaimCase,
    /// Say who is on a case, whoever is on it now.
    AssignCase,
    /// Put a wrong contract or serial right.
    CorrectCase,
    /// Put a wrong contact or description of the fault right.
    AmendReport,
    /// Put a wrong place right.
    AmendPlace,
    /// Write to the desk by the case's own link.
    WriteToDesk,
    /// Say by the case's own link whether it works.
    Verify,
    /// Answer an offer of a visit by the case's own link.
    AnswerVisit,
    /// See whose visits are when.
    ReadAgenda,
    /// Open a closed case again.
    Reopen,
    /// Write down that a case is cancelled, or close it as a duplicate.
    CancelCase,
    /// Cancel one's own case by its own link.
    CancelOwnCase,
    /// Open a case that takes up one that has ended.
    FollowCase,
    /// Link two cases as related.
    LinkCases,
    /// Overrule the priority.
    ChangePriority,
    /// Call customers after the end of their case, and write down what they say of it.
    Survey,
    /// Answer the survey by its own link.
    AnswerSurvey,
    /// Look after low scores, and see what surveys came to.
    FollowUp,
    /// See how the desk works: what supervisors are shown beyond single cases.
    ReadReports,
    /// Let time act on a case: warnings, pauses that end.
    RunScheduler,
    /// See all cases as a list.
    ReadQueue,
    /// Find cases by who their customers are and how they are reached.
    Search,
    /// See the wall.
    ReadWall,
    /// Read the mails that went out, and those that did not.
    ReadMail,
    /// See who works here.
    ReadPeople,
    /// Keep people and displays.
    Administer,
    /// Bring in contracts and equipment.
    Import,
    /// Change one's own password and language, see and end one's own sessions.
    KeepOwnAccount,
    /// See plans, calendars and their history.
    ReadSettings,
    /// Change plans and calendars.
    ChangeSettings,
}

/// What it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The desk as a whole.
    Desk,
    /// One case.
    Case {
        /// Which.
        number: CaseNumber,
        /// Where its site is.
        country: Country,
    },
}

/// Somebody asked for what they may not do. Sign in as someone who may.
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

/// Actions that are permitted together: the policy grants groups, never single actions.
#[derive(Clone, Copy)]
enum Permission {
    /// What anybody may ask of the desk.
    Portal,
    /// What customers do with their own case and the staff with every case.
    OwnCase,
    /// The customer's own word. The staff writes down who said it, and how, but never gives it.
    CustomerWord,
    /// The wall.
    Wall,
    /// Work on cases, on whatever site.
    Casework,
    /// The order of work and the survey, which are the contact centre's.
    ContactCentre,
    /// What supervisors watch and decide.
    Supervision,
    /// People, displays and the register.
    Administration,
    /// What everybody who signs in does with their own account.
    OwnAccount,
    /// What time does to a case.
    Scheduler,
}

impl Action {
    /// The group that it is permitted with. A new action does not compile until it has one.
    const fn permission(self) -> Permission {
        match self {
            Self::CheckEntitlement | Self::OpenCase => Permission::Portal,
            Self::ReadCase | Self::AmendReport | Self::Reopen | Self::FollowCase => Permission::OwnCase,
            Self::Verify
            | Self::WriteToDesk
            | Self::AnswerSurvey
            | Self::AnswerVisit
            | Self::CancelOwnCase => Permission::CustomerWord,
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
            | Self::Search => Permission::Casework,
            Self::ChangePriority | Self::CorrectCase | Self::CancelCase | Self::Survey => {
                Permission::ContactCentre
            }
            Self::ReadMail
            | Self::AssignCase
            | Self::FollowUp
            | Self::ReadReports
            | Self::ReadPeople
            | Self::ReadSettings => Permission::Supervision,
            Self::KeepOwnAccount => Permission::OwnAccount,
            Self::Administer | Self::Import | Self::ChangeSettings => Permission::Administration,
            Self::RunScheduler => Permission::Scheduler,
        }
    }
}

/// Whether `actor` may do `action` to `subject`: the whole policy of the desk. What is not named here is not permitted.
///
/// # Errors
/// [`NotPermitted`] when not.
///
/// ```
/// use domain::actor::{Action, Actor, NotPermitted, PersonId, Role, Staff, Subject, may};
/// use domain::case_number::CaseNumber;
/// use domain::country::Country;
///
/// let number = CaseNumber::new(Country::Ve, 2026, 4213).unwrap();
/// let case = Subject::Case { number, country: Country::Ve };
/// let agent = Actor::Staff(Staff { id: PersonId(7), name: "Luis".into(), role: Role::Agent });
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
        Actor::Staff(staff) => staff.role.grants(permission),
        Actor::Display { scope, .. } => match subject {
            Subject::Desk => matches!(permission, P::Wall),
            Subject::Case { country, .. } => scope.holds(country) && matches!(permission, P::Wall),
        },
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

/// The part of the desk that `actor` sees in lists and on boards.
#[must_use]
pub const fn scope_of(actor: &Actor) -> Scope {
    match actor {
        Actor::Display { scope, .. } => *scope,
        Actor::Anonymous
        | Actor::Customer(_)
        | Actor::CustomerBeside { .. }
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
        Actor::Staff(Staff { id: PersonId(1), name: "Ana".into(), role })
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
