//! Use-case: the entitlement check of contract and serial, with the targets and an open case.

use domain::actor::{Action, Actor, Subject, may};
use domain::case_number::CaseNumber;
use domain::contract_number::ContractNumber;
use domain::country::Country;
use domain::entitlement::{CustomerView, Entitlement, EntitlementPreview, EntitlementView, OpenCaseView};
use domain::serial::Serial;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use crate::Desk;
use crate::DeskError;
use crate::contracts::register::{RegisterMatch, RegisterQuery, SPELLINGS, registered, resolve_contract};
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
    let insider = may(actor, Action::SeeCustomer, Subject::Desk).is_ok();
    let now = desk.now();
    let country = question
        .country
        .or_else(|| desk.formats().country_of(question.contract.as_ref()?))
        .unwrap_or(Country::HOME);
    let mut reader = desk.store().reader().await?;
    let (contract, serial) = (question.contract.as_ref(), question.serial.as_ref());
    let found = resolve_contract(&mut reader, RegisterQuery { contract, serial, country, at: now }).await?;
    let open = match serial {
        Some(serial) => open_case(&mut reader, serial).await?,
        None => None,
    };
    let registered = match serial {
        Some(serial) if insider => registered(&mut reader, serial).await?,
        _ => None,
    };
    let seen = match question {
        Question { contract: Some(_), serial: Some(_), .. } => seen(&found, open, insider),
        Question { contract: Some(_), serial: None, .. }
        | Question { contract: None, serial: Some(_), .. }
            if insider =>
        {
            seen(&found, open, insider)
        }
        _ => EntitlementView::NotAsked,
    };
    let hours = desk.hours_with(&mut reader, &found.hours).await?;
    let (terms, hours) = ((&found.terms).into(), desk.hours_for_display(&hours));
    Ok(EntitlementPreview { seen, terms, hours, registered, now })
}

fn seen(found: &RegisterMatch, open: Option<CaseNumber>, insider: bool) -> EntitlementView {
    let open_case = match open {
        Some(number) if insider => OpenCaseView::Number(number),
        Some(_) => OpenCaseView::Yes,
        None => OpenCaseView::No,
    };
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

async fn open_case(
    connection: &mut AnyConnection,
    serial: &Serial,
) -> Result<Option<CaseNumber>, StoreError> {
    let row = sqlx::query(AssertSqlSafe(format!(
        "SELECT number FROM cases WHERE serial IN ({SPELLINGS}) AND is_open = 1 ORDER BY number LIMIT 1"
    )))
    .bind(serial.as_str())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let number: String = row.try_get(0)?;
    CaseNumber::parse(&number).map(Some).map_err(|error| StoreError::inconsistent("cases", error))
}
