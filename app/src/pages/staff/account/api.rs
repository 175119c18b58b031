//! What the page of one's own account asks of the server, and the plain form that it sends.

use domain::actor::Role;
use domain::i18n::Language;
use domain::time::Instant;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::AppError;
use crate::pages::PostReply;
use crate::wire::Wire;

/// One's own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OwnAccount {
    pub(super) name: String,
    pub(super) mail: String,
    pub(super) role: Role,
    /// The name of their composed role; `None` for a standing one.
    #[serde(default)]
    pub(super) composed: Option<String>,
    /// The telephone extension in digits; empty for none.
    #[serde(default)]
    pub(super) extension: String,
    /// The language of mails to them.
    pub(super) language: Language,
    /// Sessions that have not ended, the one used last first.
    pub(super) sessions: Vec<Session>,
    /// How the second factor stands.
    pub(super) factor: Factor,
    /// Whether the present factor is given before another one is set up.
    #[serde(default)]
    pub(super) proof: Proof,
    /// When it was read.
    pub(super) now: Instant,
}

/// How one's own second factor stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Factor {
    None,
    /// Waits for its first code.
    Pending {
        /// For those who type it.
        secret: String,
        /// As SVG, for a telephone.
        picture: String,
    },
    Set {
        codes_left: u32,
    },
}

/// Whether a second factor is given before one's own account is changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Proof {
    /// There is none, or it was given a moment ago.
    #[default]
    NotWanted,
    /// It comes first.
    Wanted,
}

/// A session, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) name: String,
    pub(super) device: String,
    pub(super) network: String,
    pub(super) begun_at: Instant,
    pub(super) seen_at: Instant,
    pub(super) which: Which,
}

/// Whether a session is the one that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Which {
    This,
    Other,
}

/// What a form of the page does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Password,
    Language,
    Extension,
    EndOne,
    EndOthers,
    BeginFactor,
    CancelFactor,
    ConfirmFactor,
    NewCodes,
    RemoveFactor,
}

impl Act {
    #[cfg(feature = "ssr")]
    const ALL: [Self; 10] = [
        Self::Password,
        Self::Language,
        Self::Extension,
        Self::EndOne,
        Self::EndOthers,
        Self::BeginFactor,
        Self::CancelFactor,
        Self::ConfirmFactor,
        Self::NewCodes,
        Self::RemoveFactor,
    ];

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Language => "language",
            Self::Extension => "extension",
            Self::EndOne => "end",
            Self::EndOthers => "end_others",
            Self::BeginFactor => "begin_factor",
            Self::CancelFactor => "cancel_factor",
            Self::ConfirmFactor => "confirm_factor",
            Self::NewCodes => "new_codes",
            Self::RemoveFactor => "remove_factor",
        }
    }
}

/// What was done, as the address of the page says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    Password,
    Language,
    Extension,
    Session,
    Sessions,
    FactorRemoved,
}

impl Done {
    const ALL: [Self; 6] =
        [Self::Password, Self::Language, Self::Extension, Self::Session, Self::Sessions, Self::FactorRemoved];

    const fn code(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Language => "language",
            Self::Extension => "extension",
            Self::Session => "session",
            Self::Sessions => "sessions",
            Self::FactorRemoved => "factor_removed",
        }
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.code() == code)
    }

    pub(super) const fn name_key(self) -> &'static str {
        match self {
            Self::Password => "admin.account.done.password",
            Self::Language => "admin.account.done.language",
            Self::Extension => "admin.extension.done",
            Self::Session => "admin.account.done.session",
            Self::Sessions => "admin.account.done.sessions",
            Self::FactorRemoved => "admin.factor.done.removed",
        }
    }
}

/// The account of the member of the staff who asks, and what came back to its forms.
#[server(prefix = "/api", endpoint = "account", protocol = Wire)]
pub(super) async fn read_account() -> Result<(OwnAccount, PostReply), AppError> {
    let asked = crate::pages::staff::session::staff_context()?;
    let own = desk::access::own_account::own_account(&asked.desk, &asked.actor).await?;
    let factor = desk::access::second_factor::own_factor(&asked.desk, &asked.actor).await?;
    let session = asked.session.as_ref().ok_or(AppError::SignInFirst)?;
    let wanted = desk::access::factor_proof::factor_wanted(&asked.desk, &asked.actor, session).await?;
    let proof = if wanted.is_some() { Proof::Wanted } else { Proof::NotWanted };
    Ok((ssr::seen(own, (factor, proof), &asked), PostReply::of_page()))
}

#[cfg(feature = "ssr")]
pub use ssr::post_account;
#[cfg(feature = "ssr")]
pub(super) use ssr::{not_changed, wrong_code};

#[cfg(feature = "ssr")]
mod ssr {
    use desk::access::own_account::{
        self, AccountError, ChangePasswordError, Ends, SessionName, SessionView, change_own_password,
        end_sessions, set_own_language,
    };
    use desk::access::second_factor::{self, CodeError};
    use domain::actor::Actor;
    use domain::i18n::Language;
    use domain::t;
    use http::StatusCode;

    use super::super::proof::proof_address;
    use super::{Act, Done, Factor, OwnAccount, Proof, Session, Which};
    use crate::AppError;
    use crate::pages::staff::extension::keep_extension;
    use crate::pages::{PostReply, Posted, Typed};
    use crate::request::RequestContext;

    const PAGE: &str = "/desk/account";
    /// The form of the second factor on it.
    const FACTOR: &str = "/desk/account#h-factor";

    pub(super) fn seen(
        own: own_account::OwnAccount,
        (factor, proof): (second_factor::Factor, Proof),
        asked: &RequestContext,
    ) -> OwnAccount {
        let session = |session: SessionView| Session {
            which: if asked.session.as_ref() == Some(&session.name) { Which::This } else { Which::Other },
            name: session.name.as_str().to_owned(),
            device: session.device,
            network: session.network,
            begun_at: session.begun_at,
            seen_at: session.seen_at,
        };
        OwnAccount {
            name: own.person.name.to_string(),
            mail: own.person.mail.to_string(),
            role: own.person.role,
            composed: own.person.composed,
            extension: own.person.extension.map(|one| one.as_str().to_owned()).unwrap_or_default(),
            language: own.language,
            sessions: own.sessions.into_iter().map(session).collect(),
            factor: match factor {
                second_factor::Factor::None => Factor::None,
                second_factor::Factor::Pending(shown) => {
                    Factor::Pending { secret: shown.secret, picture: shown.picture }
                }
                second_factor::Factor::Set { codes_left, .. } => Factor::Set { codes_left },
            },
            proof,
            now: asked.desk.now(),
        }
    }

    /// Takes one of the page's forms.
    pub async fn post_account(asked: &RequestContext, typed: Typed) -> Posted {
        let text = |name: &str| typed.get(name).map_or("", String::as_str);
        let Some(session) = asked.session.clone() else { return Posted::Failed(AppError::SignInFirst) };
        let done = |done: Done| Posted::Done(format!("{PAGE}?done={}", done.code()));
        match Act::ALL.into_iter().find(|act| act.code() == text("act")) {
            Some(Act::Password) => {
                let typed = (text("current"), text("new"));
                match change_own_password(&asked.desk, &asked.actor, session, typed).await {
                    Ok(()) => done(Done::Password),
                    // A password is never written back into a page.
                    Err(error) => again(&refusal(error, asked.language), asked.language),
                }
            }
            Some(Act::Language) => {
                let Some(language) = Language::from_code(text("language")) else {
                    return Posted::Failed(AppError::Malformed);
                };
                match set_own_language(&asked.desk, &asked.actor, language).await {
                    // The address sets the language of the pages as well.
                    Ok(()) => Posted::Done(format!(
                        "{PAGE}?lang={}&done={}",
                        language.code(),
                        Done::Language.code()
                    )),
                    Err(error) => again(&error.into(), asked.language),
                }
            }
            Some(Act::Extension) => {
                let Actor::Staff(staff) = &asked.actor else {
                    return Posted::Failed(AppError::SignInFirst);
                };
                match keep_extension(asked, staff.id, text("extension")).await {
                    Ok(()) => done(Done::Extension),
                    Err(error) => Posted::not_taken(typed, &error, asked.language),
                }
            }
            Some(act @ (Act::EndOne | Act::EndOthers)) => {
                let (ends, ended) = match act {
                    Act::EndOne => (Ends::One(SessionName::parse(text("session"))), Done::Session),
                    _ => (Ends::AllBut(session), Done::Sessions),
                };
                match end_sessions(&asked.desk, &asked.actor, ends).await {
                    Ok(_) => done(ended),
                    Err(error) => again(&not_changed(error, "", asked.language), asked.language),
                }
            }
            Some(act @ (Act::BeginFactor | Act::CancelFactor)) => {
                let (desk, actor) = (&asked.desk, &asked.actor);
                let outcome = match act {
                    Act::BeginFactor => second_factor::begin(desk, actor, &session, text("password")).await,
                    _ => second_factor::cancel(desk, actor).await,
                };
                match outcome {
                    Ok(()) => Posted::Done(format!("{PAGE}#h-factor")),
                    Err(AccountError::FactorWanted) => Posted::Done(proof_address(FACTOR)),
                    Err(error) => again(&not_changed(error, "password", asked.language), asked.language),
                }
            }
            Some(act @ (Act::ConfirmFactor | Act::NewCodes)) => {
                let (desk, actor, code, source) = (&asked.desk, &asked.actor, text("code"), asked.source);
                let codes = match act {
                    Act::ConfirmFactor => second_factor::confirm(desk, actor, &session, code, source).await,
                    _ => second_factor::new_recovery_codes(desk, actor, code, source).await,
                };
                match codes {
                    Ok(codes) => shown_once(&codes),
                    Err(CodeError::FactorWanted) => Posted::Done(proof_address(FACTOR)),
                    Err(error) => again(&wrong_code(error, asked.language), asked.language),
                }
            }
            Some(Act::RemoveFactor) => {
                let (desk, actor, code) = (&asked.desk, &asked.actor, text("code"));
                match second_factor::remove_own(desk, actor, &session, code, asked.source).await {
                    Ok(()) => done(Done::FactorRemoved),
                    Err(error) => again(&wrong_code(error, asked.language), asked.language),
                }
            }
            None => Posted::Failed(AppError::Malformed),
        }
    }

    /// The page with recovery codes: no address leads to them again.
    fn shown_once(codes: &[String]) -> Posted {
        let typed = Typed::from([("codes".to_owned(), codes.join(" "))]);
        Posted::Again(StatusCode::OK, PostReply { typed, ..PostReply::default() })
    }

    /// Why a code was not taken, at the field that it was typed into.
    pub(in crate::pages::staff::account) fn wrong_code(error: CodeError, language: Language) -> AppError {
        match error {
            CodeError::Wrong => AppError::wrong("code", t!(language, "admin.factor.problem").into_owned()),
            CodeError::TooManyTries => AppError::TooOften,
            CodeError::Required => {
                AppError::wrong("code", t!(language, "admin.factor.problem.required").into_owned())
            }
            CodeError::FactorWanted => not_changed(AccountError::FactorWanted, "code", language),
            CodeError::Shared(error) => not_changed(error.into(), "code", language),
            CodeError::Desk(error) => error.into(),
        }
    }

    fn again(error: &AppError, language: Language) -> Posted {
        Posted::Again(error.status(), PostReply::to(Typed::new(), error, language))
    }

    /// Why the account was left as it is; a wrong password is told at the `field` that it was typed into.
    pub(in crate::pages::staff::account) fn not_changed(
        error: AccountError,
        field: &str,
        language: Language,
    ) -> AppError {
        match error {
            AccountError::Shared(_) => {
                AppError::Text(t!(language, "admin.account.problem.shared").into_owned())
            }
            AccountError::WrongCurrent => {
                AppError::wrong(field, t!(language, "admin.account.problem.current").into_owned())
            }
            AccountError::TooManyTries => AppError::TooOften,
            AccountError::FactorWanted => AppError::Text(t!(language, "entry.proof.first").into_owned()),
            AccountError::Desk(error) => error.into(),
        }
    }

    fn refusal(error: ChangePasswordError, language: Language) -> AppError {
        match error {
            ChangePasswordError::Account(error) => not_changed(error, "current", language),
            ChangePasswordError::Password(problem) => AppError::wrong("new", problem.message(language)),
            ChangePasswordError::Hash(error) => AppError::internal(error),
            ChangePasswordError::Desk(error) => error.into(),
        }
    }
}
