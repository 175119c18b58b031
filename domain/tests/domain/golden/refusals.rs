//! Refusals and problems, as browsers get them.

use domain::actor::NotPermitted;
use domain::attachment::FileProblem;
use domain::case::visit::{VisitRefusal, WindowsProblem};
use domain::case::{
    AssignmentRefusal, LinkRefusal, MessageRefusal, ParticipantRefusal, Refusal, RevisionRefusal,
    TrackingRefusal,
};
use domain::causes::CauseRefusal;
use domain::survey::SurveyRefusal;

use super::samples::*;
use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    let mut goldens = vec![
        golden!("not_permitted", NotPermitted, [NotPermitted]),
        golden!(
            "refusal",
            Refusal {
                NotPermitted,
                AlreadyResolved,
                AlreadyPaused,
                NotPaused,
                PauseEndsInThePast,
                PauseTooLong,
                SamePriority,
                ContactFirst,
                PauseNotOver,
                NothingToVerify,
                NotClosed,
                ReopenWindowOver,
                Visit,
                DoneAlready,
                WaitedTooLong,
                Assignment,
                Message,
                Revision,
                Survey,
                Terminated,
                Link,
                Tracking,
                Participant,
                Cause,
                Erased,
                NotEnded,
            },
            refusals()
        ),
    ];
    goldens.extend(of_parts());
    goldens.push(of_visits());
    goldens
}

fn refusals() -> Vec<Refusal> {
    vec![
        Refusal::NotPermitted(NotPermitted),
        Refusal::AlreadyResolved,
        Refusal::AlreadyPaused,
        Refusal::NotPaused,
        Refusal::PauseEndsInThePast,
        Refusal::PauseTooLong,
        Refusal::SamePriority,
        Refusal::ContactFirst,
        Refusal::PauseNotOver,
        Refusal::NothingToVerify,
        Refusal::NotClosed,
        Refusal::ReopenWindowOver,
        Refusal::Visit(VisitRefusal::NoVisit),
        Refusal::DoneAlready,
        Refusal::WaitedTooLong { days: 90 },
        Refusal::Assignment(AssignmentRefusal::SamePerson),
        Refusal::Message(MessageRefusal::Closed),
        Refusal::Revision(RevisionRefusal::SamePriorityInputs),
        Refusal::Survey(SurveyRefusal::NotDue),
        Refusal::Terminated,
        Refusal::Link(LinkRefusal::Itself),
        Refusal::Tracking(TrackingRefusal::Unreachable),
        Refusal::Participant(ParticipantRefusal::NotHere),
        Refusal::Cause(CauseRefusal::Required),
        Refusal::Erased,
        Refusal::NotEnded,
    ]
}

fn of_parts() -> Vec<Golden> {
    let holding = [
        AssignmentRefusal::AssignedTo("Marta".into()),
        AssignmentRefusal::Unassigned,
        AssignmentRefusal::SamePerson,
        AssignmentRefusal::UnknownPerson,
    ];
    vec![
        golden!(
            "holding_refusal",
            AssignmentRefusal { AssignedTo, Unassigned, SamePerson, UnknownPerson },
            holding
        ),
        golden!("talk_refusal", MessageRefusal { UpdateInThePast, UpdateTooFar, TooManyMessages, Closed }),
        golden!(
            "revision_refusal",
            RevisionRefusal {
                SamePriorityInputs,
                SameContractRef,
                NotLookedUp,
                NothingToUndo,
                SameReport,
                ReportChanged,
                TooManyAmendments,
            }
        ),
        golden!(
            "survey_refusal",
            SurveyRefusal { NotDue, Over, WorkedOnIt, CallOutOfTime, AnswersDoNotFit, NoFollowUp }
        ),
        golden!(
            "link_refusal",
            LinkRefusal {
                NoSuchCase,
                Itself,
                AnotherOrganisation,
                UnknownOrganisation,
                HasEnded,
                CarriesDuplicates,
                AlreadyLinked,
                NotLinked,
                StillOpen,
                NotLookedUp,
            }
        ),
        golden!(
            "participant_refusal",
            ParticipantRefusal { Ended, Unverified, TooMany, TooOften, AlreadyHere, NotHere }
        ),
        golden!("tracking_refusal", TrackingRefusal { Unreachable, Unverified }),
        golden!(
            "file_problem",
            FileProblem {
                Empty,
                TooLarge,
                UnknownKind,
                Heic,
                Unreadable,
                TooMany,
                TooManyAtOpening,
                TooLargeWithOpening,
                EnoughToday
            }
        ),
        golden!("windows_problem", WindowsProblem { Empty, TooMany, TooShort, TooLong, Overlap }),
    ]
}

fn of_visits() -> Golden {
    golden!(
        "visit_refusal",
        VisitRefusal {
            NoVisit,
            NotCurrent,
            NothingOffered,
            NotNamed,
            InThePast,
            TooFarAhead,
            AlreadyAgreed,
            NotAgreed,
            OnSite,
            NotArrived,
            NotStarted,
            WindowNotBegun,
            WindowNotOver,
            OtherTechnician,
            NoSuchTechnician,
            Window,
            SameTechnician,
            TooManyFiles,
            SameFile,
            NoSuchFile,
            UnderWay,
            ContactFirst,
            Booked,
            Absent,
            NoMissToUndo,
            NothingToUndo,
        },
        visit_refusals()
    )
}

fn visit_refusals() -> Vec<VisitRefusal> {
    vec![
        VisitRefusal::NoVisit,
        VisitRefusal::NotCurrent,
        VisitRefusal::NothingOffered,
        VisitRefusal::NotNamed,
        VisitRefusal::InThePast,
        VisitRefusal::TooFarAhead,
        VisitRefusal::AlreadyAgreed,
        VisitRefusal::NotAgreed,
        VisitRefusal::OnSite,
        VisitRefusal::NotArrived,
        VisitRefusal::NotStarted,
        VisitRefusal::WindowNotBegun,
        VisitRefusal::WindowNotOver,
        VisitRefusal::OtherTechnician,
        VisitRefusal::NoSuchTechnician,
        VisitRefusal::Window(WindowsProblem::Overlap),
        VisitRefusal::SameTechnician,
        VisitRefusal::TooManyFiles,
        VisitRefusal::SameFile,
        VisitRefusal::NoSuchFile,
        VisitRefusal::UnderWay,
        VisitRefusal::ContactFirst,
        VisitRefusal::Booked(clash()),
        VisitRefusal::Absent,
        VisitRefusal::NoMissToUndo,
        VisitRefusal::NothingToUndo,
    ]
}
