//! The actions of the policy, and how routes ask for each. A new action does not compile until it is here.

use domain::actor::Action;

/// How an action is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// An entry names it.
    Route,
    /// Use-cases ask for it within a route of another action: the customer behind an entitlement, the link of a command on a
    /// case. Or they ask without a route, as the scheduler does.
    Within,
}

macro_rules! actions {
    ($($action:ident => $asked:ident,)+) => {
        const ALL: [Action; [$(Asked::$asked),+].len()] = [$(Action::$action),+];

        const fn asked(action: Action) -> Asked {
            match action {
                $(Action::$action => Asked::$asked),+
            }
        }
    };
}

actions! {
    CheckEntitlement => Route,
    SeeCustomer => Within,
    OpenCase => Route,
    OpenCaseOnBehalf => Route,
    ReadCase => Route,
    ReadCaseFile => Route,
    WorkCase => Route,
    ClaimCase => Route,
    AssignCase => Route,
    CorrectCase => Route,
    AmendReport => Route,
    AmendPlace => Route,
    WriteToDesk => Route,
    Verify => Route,
    AnswerVisit => Route,
    ReadAgenda => Route,
    Reopen => Route,
    CancelCase => Route,
    CancelOwnCase => Route,
    RenewTracking => Within,
    RenewOwnTracking => Route,
    KeepParticipants => Route,
    LeaveCase => Within,
    KeepProfile => Route,
    FollowCase => Route,
    LinkCases => Within,
    ChangePriority => Route,
    Survey => Route,
    AnswerSurvey => Route,
    ReadOwnAccount => Route,
    ManageColleagues => Route,
    FollowUp => Route,
    ReadReports => Route,
    ReportCalls => Route,
    TakeCalls => Route,
    RunScheduler => Within,
    ReadQueue => Route,
    Search => Route,
    ReadWall => Route,
    TriageMail => Route,
    ReadMail => Route,
    ReadPeople => Route,
    ScheduleStaff => Route,
    Administer => Route,
    ManageDisplays => Route,
    ManageIntegrations => Route,
    ReportAlerts => Route,
    ManageWebhooks => Route,
    ReadAudit => Route,
    ReadRegister => Route,
    Import => Route,
    ManageCompanies => Route,
    EraseData => Route,
    KeepOwnAccount => Route,
    ReadSettings => Route,
    ChangeSettings => Route,
}

/// The actions that entries have to name.
pub(crate) fn of_routes() -> impl Iterator<Item = Action> {
    ALL.into_iter().filter(|action| asked(*action) == Asked::Route)
}
