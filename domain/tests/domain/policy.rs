//! The whole policy as one table: every action by every kind of actor. A changed cell shows in review.
//!
//! Actions, roles and kinds of actor are listed by matches without wildcards, so that a new one does not compile until
//! it is here.

use std::collections::BTreeSet;
use std::fmt::Write;

use domain::actor::{
    Action, Actor, BrowserOf, ComposedRole, DisplayId, Grant, Integration, IntegrationId, ParticipantId,
    ParticipantOf, Permit, PersonId, Role, RoleId, RoleName, RoleScope, RoleTemplate, Scope, Staff, Subject,
    may,
};
use domain::case_number::CaseNumber;
use domain::country::Country;
use domain::mail_address::MailAddress;
use domain::text::PersonName;

/// Lists every variant of an enum without fields; one that is left out fails to compile.
macro_rules! every {
    ($type:ident { $($variant:ident),+ $(,)? }) => {{
        const fn is_listed(value: $type) {
            match value {
                $($type::$variant => {}),+
            }
        }
        let all = [$($type::$variant),+];
        all.into_iter().for_each(is_listed);
        all
    }};
}

fn actions() -> impl IntoIterator<Item = Action> {
    every!(Action {
        CheckEntitlement,
        SeeCustomer,
        OpenCase,
        OpenCaseOnBehalf,
        ReadCase,
        ReadCaseFile,
        WorkCase,
        ClaimCase,
        AssignCase,
        CorrectCase,
        AmendReport,
        AmendPlace,
        WriteToDesk,
        Verify,
        AnswerVisit,
        ReadAgenda,
        Reopen,
        CancelCase,
        CancelOwnCase,
        RenewTracking,
        RenewOwnTracking,
        KeepParticipants,
        LeaveCase,
        FollowCase,
        LinkCases,
        ChangePriority,
        Survey,
        AnswerSurvey,
        ReadOwnAccount,
        ManageColleagues,
        KeepProfile,
        FollowUp,
        ReadReports,
        ReportCalls,
        TakeCalls,
        RunScheduler,
        ReadQueue,
        Search,
        ReadWall,
        TriageMail,
        ReadMail,
        ReadPeople,
        ScheduleStaff,
        Administer,
        ManageDisplays,
        ManageIntegrations,
        ReportAlerts,
        ManageWebhooks,
        ReadAudit,
        ReadRegister,
        Import,
        ManageCompanies,
        EraseData,
        KeepOwnAccount,
        ReadSettings,
        ChangeSettings,
    })
}

fn actors() -> Vec<Actor> {
    let browser = BrowserOf { id: PersonId(7), name: "Luis".into() };
    let staff = every!(Role { Agent, Technician, Supervisor, Administrator })
        .map(|role| Actor::Staff(Staff { id: PersonId(7), name: "Luis".into(), role, composed: None }));
    let mut actors =
        vec![Actor::Anonymous, Actor::Customer(own()), Actor::CustomerBeside { number: own(), browser }];
    let name = PersonName::parse("Eva Díaz").unwrap();
    actors.push(Actor::Participant(ParticipantOf { number: own(), id: ParticipantId(1), name }));
    actors.push(Actor::Contact(MailAddress::parse("ana@cumbre.example").unwrap()));
    actors.extend(staff);
    let here = RoleScope { countries: BTreeSet::from([Country::Ve]), ..RoleScope::default() };
    actors.push(composed(Permit::ALL.into(), RoleScope::default()));
    actors.push(composed(RoleTemplate::Agency.permits(), here));
    for country in [None, Some(Country::Ve)] {
        actors.push(Actor::Display { id: DisplayId(1), scope: Scope { country } });
    }
    for country in [None, Some(Country::Ve)] {
        actors.push(integration(&Grant::ALL, country));
    }
    actors.push(integration(&[], None));
    actors.push(Actor::System);
    actors
}

/// The holder of a composed role.
fn composed(permits: BTreeSet<Permit>, scope: RoleScope) -> Actor {
    let name = RoleName::parse("Agencia Norte").unwrap();
    let role = ComposedRole { id: RoleId(1), version: 1, name, permits, scope };
    Actor::Staff(Staff {
        id: PersonId(7),
        name: "Luis".into(),
        role: Role::Agent,
        composed: Some(Box::new(role)),
    })
}

fn integration(grants: &[Grant], country: Option<Country>) -> Actor {
    let grants = grants.iter().copied().collect();
    Actor::Integration(Integration {
        id: IntegrationId(1),
        name: "ERP".into(),
        grants,
        scope: Scope { country },
    })
}

/// Title of an actor's column. A new kind of actor does not compile until it has one.
fn column(actor: &Actor) -> &'static str {
    match actor {
        Actor::Anonymous => "anonymous",
        Actor::Customer(_) => "customer",
        Actor::CustomerBeside { .. } => "customer_beside",
        Actor::Participant(_) => "participant",
        Actor::Contact(_) => "contact",
        Actor::Staff(Staff { composed: Some(role), .. }) if role.scope.is_narrow() => "agency_ve",
        Actor::Staff(Staff { composed: Some(_), .. }) => "composed",
        Actor::Staff(staff) => staff.role.code(),
        Actor::Display { scope: Scope { country: None }, .. } => "display",
        Actor::Display { scope: Scope { country: Some(_) }, .. } => "display_ve",
        Actor::Integration(integration) if integration.grants.is_empty() => "integration_0",
        Actor::Integration(Integration { scope: Scope { country: None }, .. }) => "integration",
        Actor::Integration(Integration { scope: Scope { country: Some(_) }, .. }) => "integration_ve",
        Actor::System => "system",
    }
}

fn own() -> CaseNumber {
    CaseNumber::new(Country::Ve, 2026, 1).unwrap()
}

/// The subjects of an action, each with its letter in a cell.
fn subjects() -> [(char, Subject); 4] {
    let another = |country| CaseNumber::new(country, 2026, 2).unwrap();
    [
        ('D', Subject::Desk),
        ('O', Subject::Case { number: own(), country: Country::Ve }),
        ('C', Subject::Case { number: another(Country::Ve), country: Country::Ve }),
        ('F', Subject::Case { number: another(Country::Co), country: Country::Co }),
    ]
}

fn cell(actor: &Actor, action: Action) -> String {
    let may_on = |(letter, subject)| if may(actor, action, subject).is_ok() { letter } else { '.' };
    subjects().map(may_on).into_iter().collect()
}

#[test]
fn policy_is_the_table_that_was_reviewed() {
    let actors = actors();
    let mut table = String::from(
        "D: the desk. O: the customer's own case, in VE. C: another case in VE. F: a case in CO. A dot: not permitted.\n\n",
    );
    write!(table, "{:<18}", "").unwrap();
    for actor in &actors {
        write!(table, " {:>15}", column(actor)).unwrap();
    }
    table.push('\n');
    for action in actions() {
        write!(table, "{:<18}", format!("{action:?}")).unwrap();
        for actor in &actors {
            write!(table, " {:>15}", cell(actor, action)).unwrap();
        }
        table.push('\n');
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("policy", table);
    });
}

/// Whether somebody may do an action to any of the subjects.
fn may_at_all(actor: &Actor, action: Action) -> bool {
    subjects().into_iter().any(|(_, subject)| may(actor, action, subject).is_ok())
}

#[test]
fn administrator_holds_every_permit_and_each_standing_role_holds_it_wholly_or_not_at_all() {
    let standing = |role| Actor::Staff(Staff { id: PersonId(7), name: "Luis".into(), role, composed: None });
    for permit in Permit::ALL {
        let of_permit: Vec<Action> =
            actions().into_iter().filter(|action| action.permit() == Some(permit)).collect();
        assert!(!of_permit.is_empty(), "{permit:?} permits nothing");
        for role in Role::ALL {
            let held: Vec<bool> =
                of_permit.iter().map(|action| may_at_all(&standing(role), *action)).collect();
            assert!(held.iter().all(|is| *is == held[0]), "{role:?} {permit:?}");
            assert!(held[0] || role != Role::Administrator, "no one could give {permit:?}");
        }
    }
}

#[test]
fn composed_role_holds_no_administration() {
    let every = composed(Permit::ALL.into(), RoleScope::default());
    for action in [
        Action::Administer,
        Action::ManageIntegrations,
        Action::ManageWebhooks,
        Action::ReadAudit,
        Action::Import,
        Action::ManageCompanies,
        Action::EraseData,
        Action::ChangeSettings,
        Action::RunScheduler,
        Action::Verify,
    ] {
        assert!(!may_at_all(&every, action), "{action:?}");
    }
}

proptest::proptest! {
    #[test]
    fn composed_role_may_what_it_holds_and_no_more(
        chosen in proptest::collection::btree_set(0..Permit::ALL.len(), 0..Permit::ALL.len()),
        removed in 0..Permit::ALL.len(),
        is_narrow in proptest::bool::ANY,
    ) {
        let permits: BTreeSet<Permit> = chosen.iter().map(|place| Permit::ALL[*place]).collect();
        let mut fewer = permits.clone();
        fewer.remove(&Permit::ALL[removed]);
        let mut scope = RoleScope::default();
        if is_narrow {
            scope.countries.insert(Country::Ve);
        }
        let role = composed(permits.clone(), scope.clone());
        let less = composed(fewer, scope);
        let narrower = RoleScope { countries: BTreeSet::from([Country::Ve]), ..RoleScope::default() };
        let within = composed(permits.clone(), narrower);
        for action in actions() {
            for (_, subject) in subjects() {
                let is_permitted = may(&role, action, subject).is_ok();
                if let Some(permit) = action.permit() {
                    proptest::prop_assert!(!is_permitted || permits.contains(&permit), "{:?}", action);
                }
                // Fewer permits and a narrower scope permit nothing that was not.
                for other in [&less, &within] {
                    proptest::prop_assert!(is_permitted || may(other, action, subject).is_err(), "{:?}", action);
                }
            }
        }
    }
}
