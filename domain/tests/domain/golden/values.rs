//! Numbers, names, codes and texts of other shapes; actors, and forms as typed.

use domain::actor::{
    Actor, BrowserOf, CaseReach, ComposedRole, Composition, DisplayId, Grant, Integration, IntegrationId,
    OrganisationReach, ParticipantId, ParticipantOf, Permit, PermitSubject, PersonId, Role, RoleId, RoleName,
    RoleScope, RoleTemplate, Scope, Staff,
};
use domain::attachment::{Attachment, ContentHash, FileId, FileKind, FileName};
use domain::case::{
    AmendForm, Answered, AskedBy, AttemptOutcome, Audience, Category, Channel, CloseReason, ErasureReason,
    LinkKind, PauseReason, ReopenCause, ResumeCause, Status, Verdict,
};
use domain::case_number::CaseNumber;
use domain::company::{CameBy, Standing};
use domain::contract_number::{ContractFormat, ContractNumber, default_formats};
use domain::country::Country;
use domain::customer_profile::OptionalMail;
use domain::i18n::Language;
use domain::intake::{Field, IntakeForm};
use domain::mail_address::MailAddress;
use domain::mail_allowance::Hold;
use domain::monitoring::{AlertProblem, AlertState};
use domain::person_change::PersonChange;
use domain::phone::{Extension, Phone, PhoneKind};
use domain::priority::{Matrix, Platform, Priority, Severity, Urgency};
use domain::register::{ImportKind, ImportState, RegisterChange, RegisterField, RegisterKind};
use domain::serial::{Serial, SerialFormat, SerialFormats, WrittenSerialFormat};
use domain::site::{Site, SiteId, Travel, Whereabouts};
use domain::text::{Company, FaultDescription, Location, Note, PersonName, Reason};
use domain::time::{Instant, Span};
use domain::webhook::{DeliveryFailure, DeliveryState, WebhookEvent, WebhookFormat, WebhookSetting};
use domain::whatsapp::{
    SentForm, SentState, Template, Templates, UnsentReason, UnsupportedKind, WhatsAppSetting,
};

use super::samples::*;
use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    let groups =
        [identifiers(), texts(), weights(), choices(), people(), register(), places(), files(), forms()];
    groups.into_iter().flatten().collect()
}

fn identifiers() -> Vec<Golden> {
    vec![
        golden!("case_number", CaseNumber, [number(), other_number()]),
        golden!("contract_number", ContractNumber, [contract()]),
        golden!(
            "contract_format",
            ContractFormat,
            [default_formats()[0].clone(), default_formats()[3].clone()]
        ),
        golden!("serial", Serial, [serial()]),
        golden!(
            "written_serial_format",
            WrittenSerialFormat,
            [own_format(), WrittenSerialFormat { check: None, ..own_format() }]
        ),
        golden!("serial_format", SerialFormat, [SerialFormat::parse(own_format()).unwrap()]),
        golden!(
            "serial_formats",
            SerialFormats,
            [
                SerialFormats::default(),
                SerialFormats::new(
                    vec![SerialFormat::parse(own_format()).unwrap()],
                    vec!["cisco".to_owned()]
                ),
            ]
        ),
        golden!("person_id", PersonId, [PersonId(7)]),
        golden!("display_id", DisplayId, [DisplayId(1)]),
        golden!("participant_id", ParticipantId, [ParticipantId(2)]),
        golden!("integration_id", IntegrationId, [IntegrationId(3)]),
        golden!("site_id", SiteId, [SiteId(5)]),
        golden!("instant", Instant, [at(0), Instant::FAR]),
        golden!("span", Span, [span(0, 60)]),
        golden!("mail_address", MailAddress, [mail()]),
        golden!("phone", Phone, [phone(), phone_with_extension()]),
        golden!("phone_extension", Extension, [Extension::try_from("12".to_owned()).unwrap()]),
        golden!(
            "phone_kind",
            PhoneKind {
                TollFree,
                UniversalAccess,
                Fixed,
                Mobile,
                FixedOrMobile,
                Premium,
                SharedCost,
                Personal,
                Foreign,
            }
        ),
    ]
}

fn own_format() -> WrittenSerialFormat {
    let some = |text: &str| Some(text.to_owned());
    WrittenSerialFormat {
        code: "acme".to_owned(),
        manufacturer: "Acme".to_owned(),
        mask: "'AC'<yy:9{2}><m:X><site:A>-9{4}X".to_owned(),
        check: some("luhn-36"),
        platform: some("network"),
        year_from: Some(1990),
        months: some("123456789XYZ"),
    }
}

fn texts() -> Vec<Golden> {
    vec![
        golden!("person_name", PersonName, [person()]),
        golden!("company", Company, [Company::parse("Banco del Sur").unwrap()]),
        golden!("location", Location, [location()]),
        golden!("fault_description", FaultDescription, [fault()]),
        golden!("note", Note, [note("Dos líneas,\nla segunda con «ñ».")]),
        golden!("reason", Reason, [reason("Era otro.")]),
    ]
}

fn weights() -> Vec<Golden> {
    vec![
        golden!("severity", Severity { Critical, High, Medium, Low }),
        golden!("urgency", Urgency { Critical, High, Medium, Low }),
        golden!("priority", Priority { P1, P2, P3, P4 }),
        golden!("matrix", Matrix, [matrix()]),
        golden!("platform", Platform { Network, Servers, Software, DataCentre, Computing, Printing }),
    ]
}

fn choices() -> Vec<Golden> {
    vec![
        golden!("channel", Channel in ALL),
        golden!("attempt_outcome", AttemptOutcome { NoAnswer, Busy, WrongNumber, Voicemail }),
        golden!("audience", Audience { Internal, Public }),
        golden!("pause_reason", PauseReason { Customer, SparePart, ThirdParty, AgreedDate }),
        golden!("category", Category { Configuration, Hardware, Software, ThirdParty, Guidance, NoFault }),
        golden!("verdict", Verdict { Works, StillFails }),
        golden!("close_reason", CloseReason { Confirmed, Unconfirmed }),
        golden!("reopen_cause", ReopenCause { StillFails, CameBack }),
        golden!("erasure_reason", ErasureReason { Retention, Request }),
        golden!("resume_cause", ResumeCause { ByStaff, EndCame, CustomerAnswered }),
        golden!("asked_by", AskedBy { Customer, Desk }),
        golden!("link_kind", LinkKind { Follows, FollowedBy, DuplicateOf, HasDuplicate, Related }),
        golden!("answered", Answered { Message, Contact, Visit }),
        golden!("status", Status { New, InProgress, OnHold, Resolved, Closed, Cancelled, Duplicate }),
        golden!("language", Language in ALL),
        golden!("mail_hold", Hold { Mailbox, Sender }),
        golden!(
            "webhook_event",
            WebhookEvent {
                Opened,
                Contacted,
                Assigned,
                PriorityChanged,
                CustomerWrote,
                VisitAgreed,
                TargetWarned,
                TargetBreached,
                Resolved,
                Reopened,
                Closed,
                Cancelled,
                CallRequested,
            }
        ),
        golden!("webhook_format", WebhookFormat in ALL),
        golden!("webhook_setting", WebhookSetting in ALL),
        golden!("whatsapp_sent", SentState in ALL),
        golden!("whatsapp_form", SentForm in ALL),
        golden!("whatsapp_unsent", UnsentReason in ALL),
        golden!("whatsapp_setting", WhatsAppSetting in ALL),
        golden!("whatsapp_kind", UnsupportedKind in ALL),
        golden!("whatsapp_template", Template, [template()]),
        golden!("whatsapp_templates", Templates, [Templates::new(vec![template()])]),
        golden!("alert_state", AlertState in ALL),
        golden!("alert_problem", AlertProblem in ALL),
        golden!("company_standing", Standing in ALL),
        golden!("came_by", CameBy in ALL),
        golden!("delivery_state", DeliveryState { Queued, Delivered, Dead }),
        golden!(
            "delivery_failure",
            DeliveryFailure {
                NameUnknown,
                AddressRefused,
                Unreachable,
                Tls,
                TimedOut,
                Broken,
                Redirected,
                Refused,
                CaseUnread,
                Paused,
                TooLate,
                Unheard,
                NoTemplate,
            }
        ),
    ]
}

fn template() -> Template {
    Template::parse(Language::Pt, "aviso_de_chamado", "pt_BR").unwrap().unwrap()
}

fn person_changes() -> Golden {
    let day = |text: &str| text.parse().unwrap();
    let changes = vec![
        PersonChange::Added { role: Role::Agent },
        PersonChange::Invited { role: Role::Agent },
        PersonChange::InvitedAgain,
        PersonChange::InvitationWithdrawn,
        PersonChange::Joined,
        PersonChange::Renamed { from: "Ana".into(), to: "Ana Rivas".into() },
        PersonChange::MailChanged { from: "ana@a.example".into(), to: "ana@b.example".into() },
        PersonChange::RoleChanged { from: Role::Agent, to: Role::Supervisor },
        PersonChange::Deactivated,
        PersonChange::Reactivated,
        PersonChange::PasswordChanged,
        PersonChange::PasswordReset,
        PersonChange::SecondFactorSet,
        PersonChange::SecondFactorRemoved,
        PersonChange::RecoveryCodesMade,
        PersonChange::PasskeyAdded { name: "Teléfono".into() },
        PersonChange::PasskeyRemoved { name: "Teléfono".into() },
        PersonChange::PasskeysRemoved { count: 2 },
        PersonChange::IdentityLinked { provider: "Directorio".into() },
        PersonChange::IdentityUnlinked { provider: "Directorio".into() },
        PersonChange::JoinedByGroup { provider: "Directorio".into(), role: Role::Agent },
        PersonChange::RoleByGroup { provider: "Directorio".into(), from: Role::Agent, to: Role::Supervisor },
        PersonChange::WorkingHoursChanged,
        PersonChange::ExtensionChanged { from: None, to: Some("204".into()) },
        PersonChange::ExtensionChanged { from: Some("204".into()), to: None },
        PersonChange::AbsenceEntered { from: day("2026-12-21"), to: day("2026-12-31") },
        PersonChange::AbsenceRemoved { from: day("2026-12-21"), to: day("2026-12-31") },
        PersonChange::ComposedRoleGiven { name: "Agencia Norte".into() },
        PersonChange::ComposedRoleTaken { name: "Agencia Norte".into() },
    ];
    golden!(
        "person_change",
        PersonChange {
            Added,
            Invited,
            InvitedAgain,
            InvitationWithdrawn,
            Joined,
            Renamed,
            MailChanged,
            RoleChanged,
            Deactivated,
            Reactivated,
            PasswordChanged,
            PasswordReset,
            SecondFactorSet,
            SecondFactorRemoved,
            RecoveryCodesMade,
            PasskeyAdded,
            PasskeyRemoved,
            PasskeysRemoved,
            IdentityLinked,
            IdentityUnlinked,
            JoinedByGroup,
            RoleByGroup,
            WorkingHoursChanged,
            ExtensionChanged,
            AbsenceEntered,
            AbsenceRemoved,
            ComposedRoleGiven,
            ComposedRoleTaken,
        },
        changes
    )
}

fn people() -> Vec<Golden> {
    let browser = || BrowserOf { id: PersonId(7), name: "Luis".into() };
    let staff = || Staff { id: PersonId(7), name: "Luis".into(), role: Role::Agent, composed: None };
    let integration = || Integration {
        id: IntegrationId(3),
        name: "Zabbix".into(),
        grants: [Grant::OpenCases, Grant::ReadCases].into(),
        scope: Scope { country: Some(Country::Mx) },
    };
    let scopes = [Scope { country: None }, Scope { country: Some(Country::Mx) }];
    let actors = vec![
        Actor::Anonymous,
        Actor::Customer(number()),
        Actor::CustomerBeside { number: number(), browser: browser() },
        Actor::Participant(participant_of()),
        Actor::Contact(MailAddress::parse("ana@cumbre.example").unwrap()),
        Actor::Staff(staff()),
        Actor::Display { id: DisplayId(1), scope: scopes[1] },
        Actor::Integration(integration()),
        Actor::System,
    ];
    let composition = || Composition {
        name: RoleName::parse("Agencia Norte").unwrap(),
        like: Role::Agent,
        permits: [Permit::ReadCases, Permit::WorkCases].into(),
        scope: RoleScope {
            countries: [Country::Co].into(),
            organisations: OrganisationReach::Listed,
            cases: CaseReach::Own,
        },
        organisations: [4, 9].into(),
    };
    let composed = || composition().held_as(RoleId(3), 2);
    let member = || Staff { composed: Some(Box::new(composed())), ..staff() };
    vec![
        golden!("role", Role { Agent, Technician, Supervisor, Administrator }),
        golden!("staff", Staff, [staff(), member()]),
        golden!("browser_of", BrowserOf, [browser()]),
        golden!("optional_mail", OptionalMail in ALL),
        golden!("participant_of", ParticipantOf, [participant_of()]),
        golden!("scope", Scope, scopes),
        golden!(
            "grant",
            Grant {
                OpenCases,
                ReadCases,
                WorkCases,
                SteerCases,
                ReadRegister,
                ReadReports,
                ReadPeople,
                ReadSettings,
                ReportCalls,
                ReportAlerts,
                ReadAudit,
            }
        ),
        golden!("integration", Integration, [integration()]),
        golden!("permit", Permit in ALL),
        golden!("permit_subject", PermitSubject in ALL),
        golden!("organisation_reach", OrganisationReach in ALL),
        golden!("case_reach", CaseReach in ALL),
        golden!("role_template", RoleTemplate in ALL),
        golden!("role_id", RoleId, [RoleId(3)]),
        golden!("role_name", RoleName, [composition().name]),
        golden!("role_scope", RoleScope, [composition().scope, RoleScope::default()]),
        golden!("composed_role", ComposedRole, [composed()]),
        golden!("composition", Composition, [composition()]),
        person_changes(),
        golden!(
            "actor",
            Actor {
                Anonymous,
                Customer,
                CustomerBeside,
                Participant,
                Contact,
                Staff,
                Display,
                Integration,
                System,
            },
            actors
        ),
    ]
}

fn participant_of() -> ParticipantOf {
    ParticipantOf { number: number(), id: ParticipantId(2), name: person() }
}

fn register() -> Vec<Golden> {
    let field =
        RegisterField { field: "valid_to".into(), from: "2026-12-31".into(), to: "2027-12-31".into() };
    let changes = vec![
        RegisterChange::Added,
        RegisterChange::Edited { fields: vec![field.clone()] },
        RegisterChange::Removed,
        RegisterChange::MergedFrom { name: "Banco Cumbre C.A.".into() },
        RegisterChange::MergedInto { name: "Banco Cumbre".into() },
    ];
    vec![
        golden!("register_kind", RegisterKind { Organisation, Contract, Site, Equipment }),
        golden!("register_field", RegisterField, [field]),
        golden!("import_kind", ImportKind { Contracts, Equipment, Travel }),
        golden!("import_state", ImportState { Shown, Written, Undone }),
        golden!(
            "register_change",
            RegisterChange { Added, Edited, Removed, MergedFrom, MergedInto },
            changes
        ),
    ]
}

fn places() -> Vec<Golden> {
    let known = Whereabouts { site: Some(SiteId(5)), city: Some("Caracas".into()) };
    let pairs = vec![(SiteId(5), SiteId(6), 45)];
    vec![
        golden!("country", Country in ALL),
        golden!("site", Site, [site()]),
        golden!("whereabouts", Whereabouts, [known, Whereabouts { site: None, city: None }]),
        golden!("travel", Travel, [Travel { same_city_min: 30, other_city_min: 180, pairs }]),
    ]
}

fn files() -> Vec<Golden> {
    let Attachment { id, name, hash, .. } = attachment();
    vec![
        golden!("file_kind", FileKind { Jpeg, Png, Webp, Pdf, Text }),
        golden!("file_id", FileId, [id]),
        golden!("content_hash", ContentHash, [hash]),
        golden!("file_name", FileName, [name]),
        golden!("attachment", Attachment, [attachment()]),
    ]
}

fn forms() -> Vec<Golden> {
    let amend_form = AmendForm {
        name: "Ana Rivas".into(),
        phone: "0412 555 0142".into(),
        second: "0212 555 1234".into(),
        mail: "m.rojas@example.com".into(),
        location: "Torre Humboldt".into(),
        fault: "No hay red.".into(),
        reason: "Era otro.".into(),
    };
    vec![
        golden!("intake_form", IntakeForm, [intake_form()]),
        golden!("amend_form", AmendForm, [amend_form]),
        golden!(
            "intake_field",
            Field {
                Reporter,
                Contract,
                Company,
                Serial,
                Platform,
                Country,
                Location,
                ContactName,
                ContactPhone,
                ContactMail,
                Fault,
                Severity,
                Urgency,
            }
        ),
    ]
}

fn intake_form() -> IntakeForm {
    IntakeForm {
        reporter: "Ana Rivas".into(),
        contract: "CT-0012-0007".into(),
        contract_meant: "yes".into(),
        no_contract: "yes".into(),
        company: "Banco del Sur".into(),
        serial: "FOC0913A1B2".into(),
        platform: "network".into(),
        country: "VE".into(),
        abroad: "yes".into(),
        location: "Torre Humboldt, piso 7".into(),
        contact_same: "yes".into(),
        contact_name: "Ana Rivas".into(),
        contact_phone: "0412 555 0142".into(),
        contact_mail: "m.rojas@example.com".into(),
        fault: "No hay red.".into(),
        severity: "high".into(),
        urgency: "medium".into(),
    }
}
