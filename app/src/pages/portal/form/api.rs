//! What the case form asks the server. Thin: who asks, parse, one call of the desk.

use domain::actor::PersonId;
use domain::case_number::CaseNumber;
use domain::entitlement::EntitlementPreview;
use domain::intake::IntakeForm;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::reply::FormReply;
use super::{FormError, FormFor};
use crate::AppError;
use crate::wire::Wire;

/// The case that a new one takes up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PreviousCaseForm {
    /// Number of the earlier case.
    pub(super) number: CaseNumber,
    /// What it knows.
    pub(super) form: IntakeForm,
}

/// What a form starts with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FormStart {
    /// Tells this submission from every other.
    pub(super) key: String,
    /// The standing promise of the desk.
    pub(super) offer: EntitlementPreview,
    /// The case that the new one takes up.
    pub(super) earlier: Option<PreviousCaseForm>,
    /// What is filled in already.
    #[serde(default)]
    pub(super) filled: Option<IntakeForm>,
    /// The member of the staff who fills it in: whose draft it is.
    pub(super) writer: Option<PersonId>,
}

/// What a form is filled in with, for the staff.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// With what the register has of this serial; empty for none.
    pub serial: String,
    /// With the contact and everything else of this case but its fault; empty for none.
    pub like: String,
}

/// What a form starts with: a fresh submission key, the standing promise, and what the case knows that the new one takes
/// up, if `follows` names one; for the staff, what `fill` names.
///
/// # Errors
/// [`AppError::NotFound`] when the asker does not hold that case, [`AppError::Refused`] while it has not ended.
#[server(prefix = "/api", endpoint = "start_form", protocol = Wire)]
pub(in crate::pages) async fn start_form(
    who: FormFor,
    follows: String,
    #[server(default)] fill: Fill,
) -> Result<FormStart, AppError> {
    use desk::cases::open::SubmissionKey;
    use domain::actor::Actor;

    let asked = crate::request::request_context()?;
    let offer = server::offer(&asked, &desk::contracts::entitlement::Question::default()).await?;
    let earlier = match PreviousCase::read(&asked, who, &follows)? {
        Some(follow) => {
            let page = follow.page(&asked).await?;
            // A form that comes back is drawn whatever became of that case meanwhile: what comes back says it.
            if FormReply::of_page().is_none() {
                server::can_be_followed(&page)?;
            }
            let form = IntakeForm::following(&page.opening.report);
            Some(PreviousCaseForm { number: page.number, form })
        }
        None => None,
    };
    let filled = match who {
        FormFor::Staff => server::filled(&asked, &fill).await?,
        FormFor::Customer => None,
    };
    let writer = match (who, &asked.actor) {
        (FormFor::Staff, Actor::Staff(staff)) => Some(staff.id),
        _ => None,
    };
    Ok(FormStart {
        key: SubmissionKey::fresh(&asked.desk).as_str().to_owned(),
        offer,
        earlier,
        filled,
        writer,
    })
}

/// Whether a contract covers a serial, and what would be promised. Parts that are not right are left out.
///
/// # Errors
/// When asked too often, or the server fails.
#[server(prefix = "/api", endpoint = "offer", protocol = Wire)]
pub(super) async fn ask_offer(
    contract: String,
    serial: String,
    country: String,
) -> Result<EntitlementPreview, FormError> {
    server::offer_for(&contract, &serial, &country).await.map_err(server::told)
}

/// Opens a case and tells what names it: a customer the last part of its link, the staff its number. The same content under the
/// same key gives the same case; other content is asked about.
///
/// # Errors
/// Every field that is wrong, in the reader's language; or that the server failed, and nothing was kept.
#[server(prefix = "/api", endpoint = "open_case", protocol = Wire)]
pub(super) async fn open_case(
    key: String,
    form: IntakeForm,
    who: FormFor,
    follows: String,
) -> Result<String, FormError> {
    server::open(&key, &form, who, &follows).await.map_err(server::told)
}

#[cfg(feature = "ssr")]
pub(super) use server::told;
#[cfg(feature = "ssr")]
pub use server::{PreviousCase, submit};

#[cfg(feature = "ssr")]
mod server {
    use desk::cases::open::{OpenCase, OpenCaseError, SubmissionKey, open_case};
    use desk::cases::read::read_case;
    use desk::contracts::entitlement::{Question, check_entitlement};
    use domain::actor::Actor;
    use domain::case::End;
    use domain::case_number::CaseNumber;
    use domain::contract_number::{ContractNumber, default_formats};
    use domain::country::Country;
    use domain::entitlement::EntitlementPreview;
    use domain::intake::IntakeForm;
    use domain::serial::Serial;
    use domain::view::CasePage;

    use super::{Fill, FormError, FormFor};
    use crate::AppError;
    use crate::request::{RequestContext, answer_with, language, request_context};

    /// What the form's server functions answer, with the status of the error that it was.
    pub fn told(error: AppError) -> FormError {
        answer_with(error.status());
        FormError::of(error, language())
    }

    pub(super) async fn offer_for(
        contract: &str,
        serial: &str,
        country: &str,
    ) -> Result<EntitlementPreview, AppError> {
        let asked = request_context()?;
        asked.unhurried()?;
        let question = Question {
            contract: ContractNumber::parse(contract, default_formats()).ok(),
            serial: Serial::parse(serial).ok(),
            country: Country::from_typed(country),
        };
        offer(&asked, &question).await
    }

    pub(super) async fn open(
        key: &str,
        form: &IntakeForm,
        who: FormFor,
        follows: &str,
    ) -> Result<String, AppError> {
        let asked = request_context()?;
        let follow = PreviousCase::read(&asked, who, follows)?;
        submit(&asked, key, form, who, follow).await
    }

    pub(super) async fn offer(
        asked: &RequestContext,
        question: &Question,
    ) -> Result<EntitlementPreview, AppError> {
        Ok(check_entitlement(&asked.desk, &asked.actor, question).await?)
    }

    /// The case that a new one takes up, and who says so.
    #[derive(Debug)]
    pub struct PreviousCase {
        number: CaseNumber,
        actor: Actor,
    }

    impl PreviousCase {
        /// Reads what names the case: for the staff its number, for a customer the last part of its link; nothing when
        /// no case is taken up.
        ///
        /// # Errors
        /// [`AppError::NotFound`] for a link that leads nowhere.
        pub fn read(asked: &RequestContext, who: FormFor, follows: &str) -> Result<Option<Self>, AppError> {
            if follows.is_empty() {
                return Ok(None);
            }
            let read = match who {
                FormFor::Staff => {
                    CaseNumber::parse(follows).ok().map(|number| Self { number, actor: asked.actor.clone() })
                }
                FormFor::Customer => {
                    let number = asked.desk.tokens().case(follows);
                    number.map(|number| Self { number, actor: Actor::Customer(number) })
                }
            };
            read.map(Some).ok_or(AppError::NotFound)
        }

        /// The case itself.
        pub(super) async fn page(&self, asked: &RequestContext) -> Result<CasePage, AppError> {
            Ok(read_case(&asked.desk, &self.actor, self.number).await?)
        }
    }

    /// A form with what a case and the register know; `None` when nothing is wanted, or nothing known.
    pub(super) async fn filled(asked: &RequestContext, fill: &Fill) -> Result<Option<IntakeForm>, AppError> {
        let mut form = match CaseNumber::parse(&fill.like) {
            Ok(number) => {
                let page = read_case(&asked.desk, &asked.actor, number).await?;
                Some(IntakeForm::following(&page.opening.report))
            }
            Err(_) => None,
        };
        if let Ok(serial) = Serial::parse(&fill.serial) {
            let question = Question { serial: Some(serial.clone()), ..Question::default() };
            if let Some(registered) = offer(asked, &question).await?.registered {
                let form = form.get_or_insert_default();
                form.fill_with(&serial, &registered);
            }
        }
        Ok(form)
    }

    /// Whether a new case can take this one up.
    pub(super) fn can_be_followed(page: &CasePage) -> Result<(), AppError> {
        End::permits_follow_up(page.report.as_ref().map(|report| &report.end), page.now)
            .map_err(|refusal| AppError::Refused(refusal.into()))
    }

    /// Opens a case from a form as it was typed: for the page's script and for the plain form post alike. Gives what names it to
    /// the one who filled the form in: the last part of a customer's link is nothing for the staff.
    ///
    /// # Errors
    /// [`AppError::Fields`] with every field that is wrong; [`AppError::Refused`] for a case to be taken up that has not
    /// ended; [`AppError::Crowded`] when strangers open too many; [`AppError::Unavailable`] when nothing was kept.
    pub async fn submit(
        asked: &RequestContext,
        key: &str,
        form: &IntakeForm,
        who: FormFor,
        follow: Option<PreviousCase>,
    ) -> Result<String, AppError> {
        // The page of the form asked as well: what is posted past it is asked again.
        if let Some(follow) = &follow {
            can_be_followed(&follow.page(asked).await?)?;
        }
        // Without a script nobody fills the country in for the customer whose contract names it.
        let mut form = form.clone();
        if let (true, Some(home)) = (form.country.is_empty(), form.home()) {
            home.code().clone_into(&mut form.country);
        }
        let report = form.report().map_err(|problems| {
            let told = problems.iter().map(|(field, problem)| (*field, problem.message(asked.language)));
            AppError::Fields(told.collect())
        })?;
        asked.may_open()?;
        // A key that no form of ours made is no reason to lose what a customer wrote.
        let key = SubmissionKey::parse(key).unwrap_or_else(|| SubmissionKey::fresh(&asked.desk));
        let follows = follow.as_ref().map(|follow| follow.number);
        let actor = follow.map_or_else(|| asked.actor.clone(), |follow| follow.actor);
        let (language, source) = (asked.language, Some(asked.source));
        let origin = who.origin();
        let wish = OpenCase { key, report, language, origin, previous_case: follows, source };
        match open_case(&asked.desk, &actor, wish).await {
            Ok(opened) => Ok(match who {
                FormFor::Customer => opened.tracking,
                FormFor::Staff => opened.number.as_compact(),
            }),
            Err(OpenCaseError::NotPermitted(_)) => Err(AppError::NotPermitted),
            Err(OpenCaseError::SentBefore(number)) => {
                let key = SubmissionKey::fresh(&asked.desk).as_str().to_owned();
                // Who fills the customers' form in now may be somebody else, at the same browser.
                let case = (who == FormFor::Staff).then_some(number);
                Err(AppError::SentBefore { key, case })
            }
            Err(OpenCaseError::TooOften(_)) => Err(AppError::Crowded),
            Err(OpenCaseError::Store(error)) => Err(error.into()),
            Err(error @ OpenCaseError::NumbersExhausted(_)) => Err(AppError::internal(error)),
        }
    }
}
