//! Parts of many samples. Every value is explicit, so that a changed default leaves the goldens alone.

pub(super) use crate::case::{note, reason};

use domain::actor::{ParticipantId, PersonId};
use domain::attachment::{Attachment, ContentHash, FileId, FileKind, FileName};
use domain::calendar::week::CalendarId;
use domain::calendar::{NamedClosure, ServiceHours, Spans, ZoneView};
use domain::case::visit::{
    Appointment, Clash, ClashKind, Conformity, CustomerStatement, Held, Meeting, Part, Signature, Technician,
    VisitDone, Windows, WorkReport,
};
use domain::case::{
    Assignee, Breach, Channel, Contact, ContractRef, Opening, Participant, PriorityInputs, Report,
    ResolvedContract, ServiceHoursRef, SlaClock, StoodUnder, TimerState,
};
use domain::case_number::CaseNumber;
use domain::causes::{CauseCode, CauseLabel, Classification};
use domain::contract_number::ContractNumber;
use domain::country::Country;
use domain::entitlement::{Entitlement, RegisteredView};
use domain::i18n::Language;
use domain::mail_address::MailAddress;
use domain::page::Paging;
use domain::phone::Phone;
use domain::priority::{Matrix, Platform, Priority, Severity, Urgency};
use domain::serial::Serial;
use domain::site::{Site, SiteId};
use domain::sla_plan::{
    ClosingRules, LowScore, NoShowRule, ReopenBudget, SlaMetric, SlaPlan, SlaTargets, SurveyRules,
    WaitingRules,
};
use domain::survey::{Answers, Kind, Need, Question, QuestionKey, Questionnaire, QuestionnaireId, Texts};
use domain::text::{Company, FaultDescription, Location, PersonName};
use domain::time::{Instant, Span};

/// Minutes after 2026-11-23T12:00:00Z.
pub(super) const fn at(minutes: i64) -> Instant {
    Instant(1_795_435_200 + minutes * 60)
}

pub(super) const fn span(from: i64, to: i64) -> Span {
    Span::new(at(from), at(to))
}

pub(super) const fn one_page() -> Paging {
    Paging { total: 1, page: 1, pages: 1 }
}

pub(super) fn number() -> CaseNumber {
    CaseNumber::new(Country::Ve, 2026, 4213).unwrap()
}

pub(super) fn other_number() -> CaseNumber {
    CaseNumber::new(Country::Co, 2025, 77).unwrap()
}

pub(super) fn person() -> PersonName {
    PersonName::parse("Ana Rivas").unwrap()
}

pub(super) fn contract() -> ContractNumber {
    ContractNumber::as_printed("CT-0012-0007").unwrap()
}

pub(super) fn serial() -> Serial {
    Serial::parse("FOC0913A1B2").unwrap()
}

pub(super) fn mail() -> MailAddress {
    MailAddress::parse("m.rojas@example.com").unwrap()
}

pub(super) fn phone() -> Phone {
    Phone::parse(Country::Ve, "0412 555 0142").unwrap()
}

pub(super) fn phone_with_extension() -> Phone {
    Phone::parse_with_extension(Country::Ve, "0212 555 1234 ext. 12").unwrap()
}

pub(super) fn location() -> Location {
    Location::parse("Torre Humboldt, piso 7").unwrap()
}

pub(super) fn fault() -> FaultDescription {
    FaultDescription::parse("No hay red en todo el piso desde las 13:05.").unwrap()
}

pub(super) fn contact() -> Contact {
    Contact { name: person(), phone: phone(), second: None, mail: mail() }
}

pub(super) fn contact_with_second_phone() -> Contact {
    Contact { second: Some(phone_with_extension()), ..contact() }
}

/// A report with a contract.
pub(super) fn report() -> Report {
    Report {
        reporter: person(),
        contract: Some(contract()),
        company: None,
        serial: serial(),
        platform: Platform::Network,
        country: Country::Ve,
        location: location(),
        contact: contact_with_second_phone(),
        fault: fault(),
        severity: Severity::High,
        urgency: Urgency::Medium,
    }
}

/// A report without a contract number.
pub(super) fn report_without_contract() -> Report {
    let company = Some(Company::parse("Banco del Sur").unwrap());
    Report { contract: None, company, contact: contact(), ..report() }
}

pub(super) fn question(key: &str, kind: Kind, need: Need) -> Question {
    let texts = Texts::new(|language| {
        let wrapped = [(Language::Es, ("¿", "?")), (Language::Pt, ("", ", não?"))];
        let found = wrapped.iter().find(|(of, _)| *of == language);
        let (before, after) = found.map_or(("", "?"), |(_, around)| *around);
        format!("{before}{key}{after}")
    });
    Question { key: QuestionKey::parse(key).unwrap(), kind, need, texts }
}

pub(super) fn questionnaire() -> Questionnaire {
    let questions = vec![
        question("overall", Kind::Scale, Need::Required),
        question("recommend", Kind::Nps, Need::Optional),
        question("in_time", Kind::YesNo, Need::Required),
        question("comment", Kind::Text, Need::Optional),
    ];
    Questionnaire::new(3, questions).unwrap()
}

pub(super) fn classification() -> Classification {
    let label = |code: &str, name: &str| {
        CauseLabel::new(CauseCode::parse(code).unwrap(), |language| format!("{name} ({})", language.code()))
            .unwrap()
    };
    Classification { category: label("networks", "Redes"), cause: label("network_cabling", "Cableado") }
}

pub(super) fn answers() -> Answers {
    let typed = [("overall", "4"), ("recommend", "9"), ("in_time", "yes"), ("comment", "Todo bien.")];
    questionnaire().parse(&typed.map(|(key, text)| (key.to_owned(), text.to_owned())).into()).unwrap()
}

pub(super) fn matrix() -> Matrix {
    use Priority::{P1, P2, P3, P4};
    Matrix { version: 1, rows: [[P1, P1, P2, P3], [P1, P2, P3, P3], [P2, P3, P3, P4], [P3, P3, P4, P4]] }
}

pub(super) fn targets() -> SlaTargets {
    SlaTargets { first_response_s: 900, update_s: 3600, resolution_s: 28_800 }
}

pub(super) fn closing_rules() -> ClosingRules {
    ClosingRules {
        reminder_days: vec![1, 3],
        decision_days: 5,
        reopen_days: 6,
        reopen_budget: ReopenBudget::Remaining,
    }
}

/// Survey rules with `questionnaire`, or with the default questions.
pub(super) fn survey_rules(questionnaire: Option<Questionnaire>) -> SurveyRules {
    let low = LowScore { scale_at_most: 2, recommend_at_most: questionnaire.as_ref().map(|_| 4) };
    let asks = questionnaire.as_ref().map(|_| QuestionnaireId(4));
    SurveyRules { due_days: 2, open_days: 15, retry_s: 14_400, low, questionnaire, asks }
}

/// Terms with the default rules.
pub(super) fn terms() -> SlaPlan {
    SlaPlan::new(1, [targets(); 4], vec![50, 75, 90, 100], matrix())
        .and_then(|terms| terms.with_closing(closing_rules()))
        .map(|terms| terms.with_waiting(WaitingRules { max_total_days: 90 }))
        .and_then(|terms| terms.with_survey(survey_rules(None)))
        .unwrap()
}

/// Terms with their own survey and no-show rule.
pub(super) fn terms_with_everything() -> SlaPlan {
    let terms = terms().with_no_show(NoShowRule::CustomersFault { wait_s: 1200 });
    terms.with_survey(survey_rules(Some(questionnaire()))).unwrap()
}

pub(super) fn hours_kept() -> ServiceHoursRef {
    ServiceHoursRef { calendar: CalendarId(1), version: 2, zone: "America/Caracas".into() }
}

pub(super) fn zone_view() -> ZoneView {
    ZoneView { name: "America/Bogota".into(), offset_s: -18_000, changes: vec![(at(600), -14_400)] }
}

pub(super) fn spans() -> Spans {
    let feast = NamedClosure { span: span(1440, 2880), name: "Día local".into() };
    Spans::new(span(0, 10_080), [span(0, 540), span(2880, 3420)], vec![feast]).unwrap()
}

pub(super) fn hours() -> ServiceHours {
    ServiceHours { spans: spans(), zone: zone_view() }
}

pub(super) fn opening() -> Opening {
    Opening {
        number: number(),
        report: report(),
        coverage: Entitlement::Covered,
        priority: Priority::P2,
        terms: terms(),
        hours: hours_kept(),
        language: Language::Es,
        previous_case: Some(other_number()),
    }
}

pub(super) fn assignee() -> Assignee {
    Assignee { id: PersonId(7), name: "Luis".into() }
}

/// Another person on a case.
pub(super) fn participant() -> Participant {
    Participant { id: ParticipantId(2), name: person(), mail: mail(), language: Language::Pt }
}

pub(super) fn other_holder() -> Assignee {
    Assignee { id: PersonId(8), name: "Marta".into() }
}

pub(super) fn priority_inputs() -> PriorityInputs {
    PriorityInputs { severity: Severity::Critical, urgency: Urgency::Low }
}

pub(super) fn cover() -> ContractRef {
    ContractRef { contract: Some(contract()), serial: serial() }
}

pub(super) fn cover_without_contract() -> ContractRef {
    ContractRef { contract: None, serial: serial() }
}

pub(super) fn resolved() -> ResolvedContract {
    ResolvedContract {
        coverage: Entitlement::Covered,
        terms: terms(),
        hours: hours_kept(),
        customer: "Banco del Sur".into(),
        equipment: "Cisco Catalyst 9300".into(),
    }
}

pub(super) fn breach() -> Breach {
    Breach { at: at(16), target_s: 900, due: None }
}

/// The breach of a committed time.
pub(super) fn breach_of_date() -> Breach {
    Breach { at: at(61), target_s: 3600, due: Some(at(60)) }
}

pub(super) fn clock() -> SlaClock {
    SlaClock {
        kind: SlaMetric::FirstResponse,
        cycle: 1,
        target_s: 900,
        used_s: 960,
        as_of: at(16),
        run: TimerState::Running,
        used_up: Some(at(15)),
        breach: Some(breach()),
    }
}

pub(super) fn stood_under() -> StoodUnder {
    StoodUnder { contract: Some(contract()), hours: hours_kept(), calendar: Some("Oficina".into()) }
}

pub(super) fn attachment() -> Attachment {
    Attachment {
        id: FileId::parse(&"a1".repeat(16)).unwrap(),
        name: FileName::of("foto del rack.jpg", FileKind::Jpeg),
        kind: FileKind::Jpeg,
        bytes: 2048,
        hash: ContentHash::parse(&"0b".repeat(32)).unwrap(),
    }
}

pub(super) fn windows() -> Windows {
    Windows::new(vec![span(1440, 1560), span(2880, 3000)]).unwrap()
}

pub(super) fn technician() -> Technician {
    Technician { id: PersonId(9), name: "Pedro".into() }
}

pub(super) fn other_technician() -> Technician {
    Technician { id: PersonId(10), name: "Sol".into() }
}

pub(super) fn word() -> CustomerStatement {
    CustomerStatement { who: person(), channel: Channel::Phone }
}

pub(super) fn meeting() -> Meeting {
    Meeting { window: span(1440, 1560), technician: technician() }
}

pub(super) fn appointment() -> Appointment {
    Appointment { window: span(1440, 1560), agreed_at: at(30), word: Some(word()) }
}

pub(super) fn appointment_by_link() -> Appointment {
    Appointment { word: None, ..appointment() }
}

pub(super) fn part() -> Part {
    Part { quantity: 2_u16.try_into().unwrap(), name: reason("Fuente de poder") }
}

pub(super) fn work_report() -> WorkReport {
    WorkReport::new(note("Se cambió la fuente."), vec![part()]).unwrap()
}

pub(super) fn signature() -> Signature {
    Signature::new(vec![vec![(10, 20), (30, 40)], vec![(50, 60), (70, 80)]]).unwrap()
}

pub(super) fn signed() -> Conformity {
    Conformity::Signed { name: person(), signature: signature() }
}

pub(super) fn visit_done() -> VisitDone {
    VisitDone {
        appointment: appointment(),
        arrived_at: at(1445),
        started_at: at(1450),
        ended_at: at(1500),
        report: work_report(),
        conformity: signed(),
    }
}

pub(super) fn clash() -> Clash {
    Clash { number: other_number(), window: span(1500, 1600), held: Held::Agreed, kind: ClashKind::Overlap }
}

pub(super) fn site() -> Site {
    Site { id: SiteId(5), name: "Sede Centro".into(), address: "Av. Bolívar 12, Caracas".into() }
}

pub(super) fn registered() -> RegisteredView {
    RegisteredView {
        organisation: "Banco del Sur".into(),
        organisation_id: 3,
        contract: "CT-0012-0007".into(),
        model: "Cisco Catalyst 9300".into(),
        platform: Platform::Network,
        site: "Sede Centro".into(),
        address: "Av. Bolívar 12, Caracas".into(),
        country: Country::Ve,
    }
}
