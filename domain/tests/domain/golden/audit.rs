//! The audit log.

use domain::actor::{DisplayId, IntegrationId, PersonId, Role};
use domain::audit::{
    AccessChange, AuditAccess, AuditAuthor, AuditData, AuditEvent, AuditKind, AuditRecord, SignInProof,
    SignInRefusal,
};
use domain::case::ErasureReason;

use super::samples::number;
use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    let record = AuditRecord { by: AuditAuthor::System, event: AuditEvent::BackedUp };
    vec![
        golden!("audit_kind", AuditKind in ALL),
        golden!("sign_in_proof", SignInProof in ALL),
        golden!("sign_in_refusal", SignInRefusal in ALL),
        golden!("audit_data", AuditData in ALL),
        golden!("audit_access", AuditAccess in ALL),
        golden!("access_change", AccessChange in ALL),
        golden!(
            "audit_author",
            AuditAuthor { Unknown, Customer, Staff, Integration, Display, System },
            [
                AuditAuthor::Unknown,
                AuditAuthor::Customer,
                AuditAuthor::Staff { id: PersonId(7), name: "Luis".into() },
                AuditAuthor::Integration { id: IntegrationId(3), name: "Zabbix".into() },
                AuditAuthor::Display { id: DisplayId(1) },
                AuditAuthor::System,
            ]
        ),
        events(),
        golden!("audit_record", AuditRecord, [record]),
    ]
}

fn events() -> Golden {
    let digest = || "00ff".to_owned();
    golden!(
        "audit_event",
        AuditEvent {
            SignedIn,
            SignInRefused,
            SessionsEnded,
            SessionsEndedByProvider,
            CustomerSignedIn,
            Forbidden,
            Searched,
            Listed,
            Exported,
            PersonChanged,
            SettingChanged,
            RegisterChanged,
            AccessGiven,
            AccessEnded,
            AccessChanged,
            CaseErased,
            CasesRemoved,
            BackedUp,
            Restored,
            RetentionRan,
            Begun,
            Sealed,
            Lost,
        },
        [
            AuditEvent::SignedIn { proof: SignInProof::Code },
            AuditEvent::SignInRefused { reason: SignInRefusal::Wrong },
            AuditEvent::SessionsEnded { sessions: 2 },
            AuditEvent::SessionsEndedByProvider {
                person: PersonId(8),
                name: "Ana".into(),
                provider: "Directorio".into(),
                sessions: 2,
            },
            AuditEvent::CustomerSignedIn,
            AuditEvent::Forbidden { request: "GET /desk/admin/audit".into() },
            AuditEvent::Searched { data: AuditData::Cases, results: 3 },
            AuditEvent::Listed { data: AuditData::Register, results: 50 },
            AuditEvent::Exported { data: AuditData::Person, results: 1 },
            AuditEvent::PersonChanged {
                person: PersonId(8),
                name: "Ana".into(),
                what: "role_changed".into(),
                role: Some(Role::Supervisor),
            },
            AuditEvent::SettingChanged { subject: "plans".into(), name: "24x7".into() },
            AuditEvent::RegisterChanged { changes: 12, import: Some(4) },
            AuditEvent::AccessGiven { access: AuditAccess::Webhook, id: 2, name: "ERP".into() },
            AuditEvent::AccessEnded { access: AuditAccess::Display, id: 1 },
            AuditEvent::AccessChanged {
                access: AuditAccess::Webhook,
                id: 2,
                name: "ERP".into(),
                what: AccessChange::Settings,
            },
            AuditEvent::CaseErased {
                case: number(),
                reason: ErasureReason::Request,
                entries: 9,
                digest: digest(),
            },
            AuditEvent::CasesRemoved { cases: 16, entries: 120, digest: digest() },
            AuditEvent::BackedUp,
            AuditEvent::Restored,
            AuditEvent::RetentionRan { cases: 1, mails: 2, ended: 3 },
            AuditEvent::Begun { older: 5 },
            AuditEvent::Sealed { after: 5, last: 9, entries: 4, digest: digest() },
            AuditEvent::Lost { entries: 6 },
        ]
    )
}
