//! A plan that is retired, and the contracts that keep it. They are seen before it is.

use desk::DeskError;
use desk::settings::{Fields, PlanContracts, RetiredPlan, Subject, plan_contracts};
use domain::i18n::Language;
use domain::sla_plan::PlanStatus;
use domain::t;
use leptos::prelude::*;

use super::fields::{Width, choice};
use super::{Access, Form, NEW};
use crate::address::query_value;
use crate::language::use_language;
use crate::request::RequestContext;
use crate::ui::Icon;

/// The key of a plan's status.
pub(super) const STATUS: &str = "status";

/// What people call a status.
pub(super) const fn status_key(status: PlanStatus) -> &'static str {
    match status {
        PlanStatus::Active => "settings.plan_status.active",
        PlanStatus::Retired => "settings.plan_status.retired",
    }
}

/// The contracts that a form would leave on a retired plan. A form that was shown beside other contracts is shown again.
pub(super) async fn seen(
    asked: &RequestContext,
    subject: Subject,
    fields: &Fields,
) -> Result<PlanContracts, DeskError> {
    let is_retired = fields.get(STATUS).is_some_and(|status| status == PlanStatus::Retired.code());
    match fields.get("id").and_then(|id| id.parse().ok()) {
        Some(id) if is_retired && subject == Subject::Plans => {
            plan_contracts(&asked.desk, &asked.actor, id).await
        }
        _ => Ok(PlanContracts::default()),
    }
}

/// The choice of a plan's status.
pub(super) fn status(form: &Form) -> AnyView {
    let language = use_language();
    let chosen = form.fields.get(STATUS).cloned().unwrap_or_default();
    let options = PlanStatus::ALL
        .map(|status| (status.code().to_owned(), t!(language, status_key(status)).into_owned()));
    let name = (STATUS.to_owned(), t!(language, "settings.field.status").into_owned());
    choice(form, STATUS, name, &chosen, options.to_vec(), Width::Full)
}

/// In a preview: what it means to retire the plan, and the contracts that keep it.
pub(super) fn retired(language: Language, plans: &[RetiredPlan]) -> AnyView {
    let plans = plans.iter().map(|RetiredPlan { name, contracts }| {
        let words = t!(language, "settings.retired", name = name, count = contracts.total);
        view! { <p><Icon name="alert"/> " " {words}</p> {list(language, contracts)} }
    });
    plans.collect_view().into_any()
}

/// On the page of a plan: the contracts on it.
pub(super) fn contracts(form: &Form, contracts: &PlanContracts) -> AnyView {
    let language = use_language();
    if form.id == NEW {
        return ().into_any();
    }
    let hint = (form.access == Access::Change)
        .then(|| view! { <p class="note">{t!(language, "settings.page.retire_hint")}</p> });
    let title = t!(language, "settings.page.plan_contracts", count = contracts.total);
    view! {
        <section class="card stack" aria-labelledby="h-contracts">
            <h2 id="h-contracts">{t!(language, "settings.page.contracts")}</h2>
            {hint}
            <details><summary>{title}</summary>{list(language, contracts)}</details>
        </section>
    }
    .into_any()
}

/// Contracts with links to their pages in the register.
fn list(language: Language, contracts: &PlanContracts) -> AnyView {
    let more = contracts.total - contracts.first.len();
    let lines = contracts.first.iter().map(|contract| {
        let address = format!("/desk/admin/register/contracts/{}", query_value(&contract.number));
        view! { <li><a href=address>{contract.number.clone()}</a> " · " {contract.organisation.clone()}</li> }
    });
    let more = (more > 0).then(|| {
        view! { <p class="note">{t!(language, "settings.page.more_contracts", count = more)}</p> }
    });
    view! { <ul class="columns">{lines.collect_view()}</ul> {more} }.into_any()
}
