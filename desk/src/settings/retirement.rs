//! The contracts on a plan, which are seen before it is retired.

use domain::actor::{Action, Actor, Subject as Of, may};
use domain::sla_plan::PlanStatus;
use sqlx::{AnyConnection, Row};

use super::apply::Drafts;
use super::plan_changes::PlanDraft;
use super::report::RetiredPlan;
use crate::store::{StoreError, row};
use crate::{Desk, DeskError};

/// The most contracts of a plan that are listed.
const LISTED: i64 = 1000;

/// The contracts on a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct PlanContracts {
    /// Number of all of them.
    pub total: usize,
    /// The first of them, by number.
    pub first: Vec<PlanContract>,
}

/// A contract on a plan.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PlanContract {
    /// Its number, for the address of its page in the register.
    pub number: String,
    /// The organisation that it is of.
    pub organisation: String,
}

row! {
    struct ContractRow {
        number: String,
        organisation: String,
    }
}

/// The contracts on a plan: those that keep it when it is retired.
///
/// # Errors
/// See [`DeskError`].
pub async fn plan_contracts(desk: &Desk, actor: &Actor, plan: i64) -> Result<PlanContracts, DeskError> {
    may(actor, Action::ReadSettings, Of::Desk)?;
    let mut reader = desk.store().reader().await?;
    let found = contracts(&mut reader, plan).await?;
    reader.done();
    Ok(found)
}

async fn contracts(connection: &mut AnyConnection, plan: i64) -> Result<PlanContracts, StoreError> {
    let rows: Vec<ContractRow> = sqlx::query_as(
        "SELECT c.number, o.name AS organisation FROM contracts c JOIN organisations o ON o.id = c.organisation_id
         WHERE c.plan_id = $1 ORDER BY c.number LIMIT $2",
    )
    .bind(plan)
    .bind(LISTED)
    .fetch_all(&mut *connection)
    .await?;
    let count = sqlx::query("SELECT COUNT(*) FROM contracts WHERE plan_id = $1").bind(plan);
    let total: i64 = count.fetch_one(connection).await?.try_get(0)?;
    let total = usize::try_from(total).unwrap_or_default();
    let first =
        rows.into_iter().map(|ContractRow { number, organisation }| PlanContract { number, organisation });
    Ok(PlanContracts { total, first: first.collect() })
}

/// The plans that a change retires, with the contracts that keep them.
pub(super) async fn retired(
    connection: &mut AnyConnection,
    drafts: &Drafts<'_>,
) -> Result<Vec<RetiredPlan>, StoreError> {
    let mut retired = Vec::new();
    for PlanDraft { id, name, status, .. } in drafts.plans {
        let before = drafts.base.plans.iter().find(|version| Some(version.id) == *id);
        if let (Some(before), PlanStatus::Retired) = (before, status)
            && before.content.status == PlanStatus::Active
        {
            let contracts = contracts(connection, before.id).await?;
            retired.push(RetiredPlan { name: name.clone(), contracts });
        }
    }
    Ok(retired)
}
