//! Use-case: the entitlement check of contract and serial, with the targets and an open case.

use domain::actor::{Action, Actor, Scope, Subject, may, scope_of};
use domain::case_number::CaseNumber;
use domain::contract_number::ContractNumber;
use domain::country::Country;
use domain::entitlement::{CustomerView, Entitlement, EntitlementPreview, EntitlementView, OpenCaseView};
use domain::serial::Serial;
use domain::sla_plan::SlaPlan;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use crate::Desk;
use crate::DeskError;
use crate::contracts::register::{RegisterMatch, RegisterQuery, SPELLINGS, registered, resolve_contract};
use crate::reach::Reach;
use crate::store::StoreError;

/// The input of a check. Parts that are missing or not valid are left out.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// Number of the contract, if valid.
    pub contract: Option<ContractNumber>,
    /// Serial of the equipment, if valid.
    pub serial: Option<Serial>,
    /// Country of the location.
    pub country: Option<Country>,
}

/// A check with the whole plan that applies, for readers who show more of it than the form does.
#[derive(Debug, Clone, PartialEq)]
pub struct EntitlementTerms {
    /// What the form shows.
    pub preview: EntitlementPreview,
    /// Name of the plan in force: the contract's, or the default plan of the country.
    pub plan: String,
    /// Its terms.
    pub terms: SlaPlan,
}

/// Checks an entitlement, as far as the actor may know it. The staff sees everything. A stranger without both numbers
/// of one contract learns nothing from the answer.
///
/// # Errors
/// See [`DeskError`].
pub async fn check_entitlement(
    desk: &Desk,
    actor: &Actor,
    question: &Question,
) -> Result<EntitlementPreview, DeskError> {
    may(actor, Action::CheckEntitlement, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let found = resolve(desk, &mut reader, actor, question).await?;
    preview(desk, &mut reader, actor, question, &found).await
}

/// The same with the whole plan.
///
/// # Errors
/// See [`DeskError`].
pub async fn entitlement_terms(
    desk: &Desk,
    actor: &Actor,
    question: &Question,
) -> Result<EntitlementTerms, DeskError> {
    may(actor, Action::CheckEntitlement, Subject::Desk)?;
    let mut reader = desk.store().reader().await?;
    let found = resolve(desk, &mut reader, actor, question).await?;
    let preview = preview(desk, &mut reader, actor, question, &found).await?;
    let name = sqlx::query(
        "SELECT name FROM plans WHERE id = $1 AND effective_from_utc_s <= $2 ORDER BY version DESC LIMIT 1",
    )
    .bind(found.plan)
    .bind(preview.now.0)
    .fetch_one(&mut *reader)
    .await
    .map_err(StoreError::from)?;
    reader.done();
    let plan = name.try_get(0).map_err(StoreError::from)?;
    Ok(EntitlementTerms { preview, plan, terms: found.terms })
}

/// Looks up what the question names. Equipment and contracts of another scope are none.
async fn resolve(
    desk: &Desk,
    reader: &mut AnyConnection,
    actor: &Actor,
    question: &Question,
) -> Result<RegisterMatch, StoreError> {
    let country = question
        .country
        .or_else(|| desk.formats().country_of(question.contract.as_ref()?))
        .unwrap_or(Country::HOME);
    let (contract, serial, at) = (question.contract.as_ref(), question.serial.as_ref(), desk.now());
    let scope = scope_of(actor);
    resolve_contract(reader, RegisterQuery { contract, serial, country, at, scope }).await
}

/// What the actor may know of a match.
async fn preview(
    desk: &Desk,
    reader: &mut AnyConnection,
    actor: &Actor,
    question: &Question,
    found: &RegisterMatch,
) -> Result<EntitlementPreview, DeskError> {
    let insider = may(actor, Action::SeeCustomer, Subject::Desk).is_ok();
    let serial = question.serial.as_ref();
    let open = match serial {
        Some(serial) => open_case(reader, serial, scope_of(actor)).await?,
        None => None,
    };
    let open = match open {
        None => OpenCaseView::No,
        Some(number) => {
            let is_theirs = Reach::of(actor).holds(reader, number).await?;
            // A reader of some cases learns of another one what a stranger does.
            if is_theirs { open_case_of(actor, number) } else { OpenCaseView::Yes }
        }
    };
    let registered = match serial {
        Some(serial) if insider => registered(reader, serial).await?,
        _ => None,
    };
    let seen = match question {
        Question { contract: Some(_), serial: Some(_), .. } => seen(found, open, insider),
        Question { contract: Some(_), serial: None, .. }
        | Question { contract: None, serial: Some(_), .. }
            if insider =>
        {
            seen(found, open, insider)
        }
        _ => EntitlementView::NotAsked,
    };
    let hours = desk.hours_with(reader, &found.hours).await?;
    let (terms, hours) = ((&found.terms).into(), desk.hours_for_display(&hours));
    Ok(EntitlementPreview { seen, terms, hours, registered, now: desk.now() })
}

/// An open case as its reader may know it: its number is for those who may read it.
fn open_case_of(actor: &Actor, number: CaseNumber) -> OpenCaseView {
    let case = Subject::Case { number, country: number.country() };
    if may(actor, Action::ReadCaseFile, case).is_ok() {
        OpenCaseView::Number(number)
    } else {
        OpenCaseView::Yes
    }
}

fn seen(found: &RegisterMatch, open_case: OpenCaseView, insider: bool) -> EntitlementView {
    let customer = found.contract.as_ref().filter(|_| insider).map(|contract| CustomerView {
        organisation: contract.organisation.clone(),
        site: found.equipment.as_ref().map(|equipment| equipment.site.name.clone()),
        model: found.equipment.as_ref().map(|equipment| equipment.label.clone()),
    });
    let country = found.equipment.as_ref().map(|equipment| equipment.country);
    match found.coverage {
        Entitlement::Covered => EntitlementView::Covered { open_case, customer, country },
        Entitlement::NeedsValidation(doubt) if insider => {
            EntitlementView::Doubtful { doubt, customer, open_case }
        }
        Entitlement::NeedsValidation(_) => EntitlementView::NeedsValidation,
    }
}

/// The first open case of a serial in a scope.
async fn open_case(
    connection: &mut AnyConnection,
    serial: &Serial,
    scope: Scope,
) -> Result<Option<CaseNumber>, StoreError> {
    let row = sqlx::query(AssertSqlSafe(format!(
        "SELECT number FROM cases WHERE serial IN ({SPELLINGS}) AND is_open = 1 AND ($2 = '' OR country = $2)
         ORDER BY number LIMIT 1"
    )))
    .bind(serial.as_str())
    .bind(scope.country.map_or("", Country::code))
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let number: String = row.try_get(0)?;
    CaseNumber::parse(&number).map(Some).map_err(|error| StoreError::inconsistent("cases", error))
}
