//! Server functions of the case form. Each checks the actor, parses, and calls the desk once.

use domain::actor::PersonId;
use domain::entitlement::EntitlementPreview;
use domain::intake::IntakeForm;
use domain::time::Instant;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::reply::FormReply;
use super::{FormError, FormFor};
use crate::AppError;
use crate::later::Later;
use crate::wire::Wire;

/// The previous case of a new one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PreviousCaseForm {
    /// The number of that case, in groups.
    pub(super) number: String,
    /// The form with its data.
    pub(super) form: IntakeForm,
}

/// The start data of a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FormStart {
    /// The key of this submission.
    pub(super) key: String,
    /// The desk's default offer: plan and hours. It is read by the form's part.
    pub(super) offer: Later<EntitlementPreview>,
    /// The server's time.
    pub(super) now: Instant,
    /// The previous case that the new one follows.
    pub(super) earlier: Option<PreviousCaseForm>,
    /// Values that are filled in already.
    #[serde(default)]
    pub(super) filled: Option<IntakeForm>,
    /// The form as a label's code begins it. Nothing of it was typed.
    #[serde(default)]
    pub(super) label: Option<IntakeForm>,
    /// The member of the staff who fills it in, and owns the draft.
    pub(super) writer: Option<PersonId>,
}

/// Sources for a form of the staff.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fill {
    /// A serial to look up in the register; empty for none.
    pub serial: String,
    /// A case whose data is copied, but for its fault. Else `mail-` and the id of a mail that came in, or `call-` and the id
    /// of a call of the reader; empty for none.
    pub like: String,
}

/// The start data of a form: a fresh submission key, the default offer, and the data of the previous case that `follows`
/// names. For the staff, the data that `fill` names.
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

    let context = crate::request::request_context()?;
    let offer = server::offer(&context, &desk::contracts::entitlement::Question::default()).await?;
    let earlier = match PreviousCase::read(&context, who, &follows).await? {
        Some(follow) => {
            let page = follow.page(&context).await?;
            // A form that comes back is drawn whatever the state of that case: the reply tells of it.
            if FormReply::of_page().is_none() {
                server::can_be_followed(&page)?;
            }
            let form = IntakeForm::following(&page.opening.report, &context.desk.formats());
            Some(PreviousCaseForm { number: page.number.grouped(), form })
        }
        None => None,
    };
    let filled = match who {
        FormFor::Staff => server::filled(&context, &fill).await?,
        FormFor::Customer => None,
    };
    let writer = match (who, &context.actor) {
        (FormFor::Staff, Actor::Staff(staff)) => Some(staff.id),
        _ => None,
    };
    Ok(FormStart {
        key: SubmissionKey::fresh(&context.desk).as_str().to_owned(),
        now: offer.now,
        offer: Later::of(&offer),
        earlier,
        filled,
        label: None,
        writer,
    })
}

/// Whether a contract covers a serial, with its plan and hours. Invalid parts are ignored.
///
/// # Errors
/// Above the rate limit, or when the server fails.
#[server(prefix = "/api", endpoint = "offer", protocol = Wire)]
pub(super) async fn ask_offer(
    contract: String,
    serial: String,
    country: String,
) -> Result<EntitlementPreview, FormError> {
    server::offer_for(&contract, &serial, &country).await.map_err(server::told)
}

/// Opens a case. A customer gets the last part of its link, the staff its number. The same content under the same key gives
/// the same case; other content is asked about.
///
/// # Errors
/// Every field that is wrong, in the reader's language; or a failure of the server, with nothing written.
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
    use desk::cases::message_files::SentFile;
    use desk::cases::open::{OpenCase, OpenCaseError, SubmissionKey, open_with_files};
    use desk::cases::read::read_case;
    use desk::cases::tracking::held;
    use desk::contracts::entitlement::{Question, check_entitlement};
    use domain::actor::Actor;
    use domain::call::Caller;
    use domain::case::{Channel, End};
    use domain::case_number::CaseNumber;
    use domain::country::Country;
    use domain::entitlement::EntitlementPreview;
    use domain::intake::IntakeForm;
    use domain::serial::Serial;
    use domain::view::CasePage;

    use desk::inbound::triage::{self, InboundId, TriageMail};
    use domain::text::FaultDescription;

    use super::{Fill, FormError, FormFor};
    use crate::later::Refused;
    use crate::request::{RequestContext, answer_with, language, request_context};
    use crate::upload::FILES;
    use crate::{AppError, refused_files};

    /// The error of the form's server functions, with its status.
    pub fn told(error: AppError) -> FormError {
        answer_with(error.status());
        FormError::of(error, language())
    }

    pub(super) async fn offer_for(
        contract: &str,
        serial: &str,
        country: &str,
    ) -> Result<EntitlementPreview, AppError> {
        let context = request_context()?;
        context.unhurried()?;
        let question = Question {
            contract: context.desk.formats().parse(contract).ok(),
            serial: Serial::parse(serial).ok(),
            country: Country::from_typed(country),
        };
        offer(&context, &question).await
    }

    pub(super) async fn open(
        key: &str,
        form: &IntakeForm,
        who: FormFor,
        follows: &str,
    ) -> Result<String, AppError> {
        let context = request_context()?;
        let follow = PreviousCase::read(&context, who, follows).await?;
        submit(&context, key, form, who, follow, Vec::new()).await
    }

    pub(super) async fn offer(
        context: &RequestContext,
        question: &Question,
    ) -> Result<EntitlementPreview, AppError> {
        Ok(check_entitlement(&context.desk, &context.actor, question).await?)
    }

    /// The previous case, and the actor who names it.
    #[derive(Debug)]
    pub struct PreviousCase {
        number: CaseNumber,
        actor: Actor,
    }

    impl PreviousCase {
        /// Reads the name of the previous case: a number for the staff, the last part of a link for a customer. `None` when
        /// `follows` is empty.
        ///
        /// # Errors
        /// [`AppError::NotFound`] for a link of no case, [`AppError::LinkExpired`].
        pub async fn read(
            context: &RequestContext,
            who: FormFor,
            follows: &str,
        ) -> Result<Option<Self>, AppError> {
            if follows.is_empty() {
                return Ok(None);
            }
            let (number, actor) = match who {
                FormFor::Staff => {
                    (CaseNumber::parse(follows).map_err(|_| AppError::NotFound)?, context.actor.clone())
                }
                FormFor::Customer => {
                    let held = held(&context.desk, follows).await?;
                    // The report comes filled in: a participant reads it, and opens none in the contact's name.
                    if held.participant.is_some() {
                        return Err(AppError::NotFound);
                    }
                    (held.number, held.actor(None))
                }
            };
            Ok(Some(Self { number, actor }))
        }

        /// The case itself.
        pub(super) async fn page(&self, context: &RequestContext) -> Result<CasePage, AppError> {
            Ok(read_case(&context.desk, &self.actor, self.number).await?)
        }
    }

    /// A form with data of a case and of the register; `None` when there is none.
    pub(super) async fn filled(
        context: &RequestContext,
        fill: &Fill,
    ) -> Result<Option<IntakeForm>, AppError> {
        let mut form = match CaseNumber::parse(&fill.like) {
            Ok(number) => {
                let page = read_case(&context.desk, &context.actor, number).await?;
                Some(IntakeForm::following(&page.opening.report, &context.desk.formats()))
            }
            Err(_) => None,
        };
        let mut serial = fill.serial.clone();
        if let Some(id) = fill.like.strip_prefix("mail-") {
            let id = id.parse().map(InboundId).map_err(|_| AppError::NotFound)?;
            let mail = triage::read(&context.desk, &context.actor, id).await?;
            serial = mail.recognised.serial.clone().unwrap_or(serial);
            form = Some(of_mail(mail));
        }
        if let Some(id) = fill.like.strip_prefix("call-") {
            let id = id.parse().map_err(|_| AppError::NotFound)?;
            form =
                Some(of_call(context, desk::calls::caller(&context.desk, &context.actor, id).await?).await?);
        }
        if let Ok(serial) = Serial::parse(&serial) {
            let question = Question { serial: Some(serial.clone()), ..Question::default() };
            if let Some(registered) = offer(context, &question).await?.registered {
                let form = form.get_or_insert_default();
                form.fill_with(&serial, &registered, &context.desk.formats());
            }
        }
        Ok(form)
    }

    /// A form with what is known of a caller: contact, contract and organisation of their latest case, and the number of the call.
    /// The equipment is asked: they may call about another one.
    async fn of_call(context: &RequestContext, caller: Caller) -> Result<IntakeForm, AppError> {
        let number = caller.phone.map(|phone| phone.international()).unwrap_or_default();
        let Some(known) = caller.contact else {
            return Ok(IntakeForm { contact_phone: number, ..IntakeForm::default() });
        };
        let page = read_case(&context.desk, &context.actor, known.case).await?;
        let form = IntakeForm::following(&page.opening.report, &context.desk.formats());
        Ok(IntakeForm {
            contact_phone: if number.is_empty() { form.contact_phone } else { number },
            serial: String::new(),
            platform: String::new(),
            abroad: String::new(),
            ..form
        })
    }

    /// A form with what a mail, or a message by WhatsApp, says of its author and of the fault.
    fn of_mail(mail: TriageMail) -> IntakeForm {
        let (phone, address) = match mail.line.channel {
            Channel::WhatsApp => (mail.line.sender, String::new()),
            _ => (String::new(), mail.line.sender),
        };
        let name = mail.line.sender_name;
        // The subject of a message by WhatsApp is its beginning.
        let subject = if phone.is_empty() { mail.line.subject } else { String::new() };
        let fault = [subject, mail.own].join("\n");
        IntakeForm {
            reporter: name.clone(),
            contact_name: name,
            contact_phone: phone,
            contact_mail: address,
            contract: mail.recognised.contract.unwrap_or_default(),
            serial: mail.recognised.serial.unwrap_or_default(),
            fault: fault.trim().chars().take(FaultDescription::MAX).collect(),
            ..IntakeForm::default()
        }
    }

    /// Checks that a new case can follow this one.
    pub(super) fn can_be_followed(page: &CasePage) -> Result<(), AppError> {
        End::permits_follow_up(page.report.as_ref().map(|report| &report.end), page.now)
            .map_err(|refusal| AppError::Refused(Refused::of(&refusal.into())))
    }

    /// Opens a case from a typed form, for the page's script and for the plain form. The result names the case to its writer:
    /// a customer's link is not for the staff.
    ///
    /// # Errors
    /// [`AppError::Fields`] with every field that is wrong; [`AppError::Refused`] for a previous case that has not ended.
    /// [`AppError::LinkRenewed`] for a repetition after the link of its case was renewed.
    /// [`AppError::Crowded`] above the limit of openings; [`AppError::Wrong`] for files that are refused.
    /// [`AppError::Unavailable`] when nothing was written.
    pub async fn submit(
        context: &RequestContext,
        key: &str,
        form: &IntakeForm,
        who: FormFor,
        follow: Option<PreviousCase>,
        files: Vec<SentFile>,
    ) -> Result<String, AppError> {
        // The page of the form checks it as well; a post without the page is checked here.
        if let Some(follow) = &follow {
            can_be_followed(&follow.page(context).await?)?;
        }
        // Without a script, the country of a contract is not filled in by the page.
        let mut form = form.clone();
        let formats = context.desk.formats();
        if let (true, Some(home)) = (form.country.is_empty(), form.home(&formats)) {
            home.code().clone_into(&mut form.country);
        }
        let report = form.report_by(&formats).map_err(|problems| {
            let told = problems.iter().map(|(field, problem)| (*field, problem.message(context.language)));
            AppError::Fields(told.collect())
        })?;
        context.may_open()?;
        // An unknown key is no reason to lose what a customer wrote.
        let key = SubmissionKey::parse(key).unwrap_or_else(|| SubmissionKey::fresh(&context.desk));
        let follows = follow.as_ref().map(|follow| follow.number);
        let actor = follow.map_or_else(|| context.actor.clone(), |follow| follow.actor);
        let (language, source) = (context.language, Some(context.source));
        let origin = who.origin();
        let wish = OpenCase { key, report, language, origin, previous_case: follows, source };
        match open_with_files(&context.desk, &actor, wish, files).await {
            Ok(opened) => match who {
                FormFor::Customer if opened.is_renewed => Err(AppError::LinkRenewed),
                FormFor::Customer => Ok(opened.tracking),
                FormFor::Staff => Ok(opened.number.as_compact()),
            },
            Err(OpenCaseError::NotPermitted(_)) => Err(AppError::NotPermitted),
            Err(OpenCaseError::SentBefore(number)) => {
                let key = SubmissionKey::fresh(&context.desk).as_str().to_owned();
                // The customers' form may be filled in by another person at the same browser.
                let case = (who == FormFor::Staff).then_some(number);
                Err(AppError::SentBefore { key, case })
            }
            Err(OpenCaseError::Files(refused)) => {
                Err(AppError::wrong(FILES, refused_files(context.language, &refused)))
            }
            Err(OpenCaseError::TooOften(_)) => Err(AppError::Crowded),
            Err(OpenCaseError::Store(error)) => Err(error.into()),
            Err(error @ OpenCaseError::NumbersExhausted(_)) => Err(AppError::internal(error)),
        }
    }
}
