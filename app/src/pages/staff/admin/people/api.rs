//! What the pages of people ask of the server, and the plain forms that they send.

use domain::actor::{Role, Staff};
use domain::calendar::ZoneView;
use domain::case_number::CaseNumber;
use domain::person_change::PersonChange;
use domain::time::Instant;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::AppError;
use crate::pages::PostReply;
use crate::wire::Wire;

/// The list of the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct People {
    pub(super) lines: Vec<PersonLine>,
    /// Roles whose people need a second factor.
    pub(super) factor_roles: Vec<Role>,
    /// Who reads it.
    pub(super) reader: Staff,
    /// When it was read.
    pub(super) now: Instant,
}

/// A member of the staff as a line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PersonLine {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) mail: String,
    pub(super) role: Role,
    /// The name of their composed role; `None` for a standing one.
    #[serde(default)]
    pub(super) composed: Option<String>,
    pub(super) state: AccountState,
}

/// How an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AccountState {
    Active,
    /// Until then the mailed link is good.
    Invited {
        until: Instant,
    },
    Ended,
}

/// Ways to sign in beside the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WaysIn {
    /// A code of a device, after the password.
    pub(super) code: bool,
    /// Passkeys.
    pub(super) passkeys: bool,
    /// An identity provider.
    pub(super) identities: bool,
}

/// The account on a person's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PersonDetail {
    pub(super) line: PersonLine,
    /// Whether they ever had a password.
    pub(super) has_joined: bool,
    /// The ways in that they have beside the password.
    pub(super) ways_in: WaysIn,
    /// The telephone extension in digits; empty for none.
    #[serde(default)]
    pub(super) extension: String,
    /// The composed roles that can be given to them; none for readers who give no roles.
    #[serde(default)]
    pub(super) roles: Vec<RoleOffer>,
    /// Whether they are at work, in words.
    pub(super) presence: String,
    /// Open cases that they are assigned, each with the colleague who is suggested for it.
    pub(super) cases: Vec<(CaseNumber, Option<String>)>,
    /// Visits that they go on, with when each begins.
    pub(super) visits: Vec<(CaseNumber, Option<Instant>)>,
    /// What was changed, the newest first.
    pub(super) history: Vec<Entry>,
    /// The time of the centre.
    pub(super) zone: ZoneView,
    /// Who reads it.
    pub(super) reader: Staff,
    /// When it was read.
    pub(super) now: Instant,
}

/// A composed role that can be given to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RoleOffer {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) holding: Holding,
}

/// Whether somebody has a composed role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Holding {
    Held,
    NotHeld,
}

/// An entry of an account's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) at: Instant,
    /// Who did it; `None` for the operator.
    pub(super) by: Option<String>,
    pub(super) change: PersonChange,
}

/// What a form of the invitations sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InviteAct {
    One,
    Many,
}

impl InviteAct {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Many => "many",
        }
    }
}

/// What a form of an account's page does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PersonAct {
    Save,
    Deactivate,
    Reactivate,
    InviteAgain,
    Withdraw,
    RemoveFactor,
    Extension,
    RemovePasskeys,
    RemoveIdentities,
}

impl PersonAct {
    const ALL: [Self; 9] = [
        Self::Save,
        Self::Deactivate,
        Self::Reactivate,
        Self::InviteAgain,
        Self::Withdraw,
        Self::RemoveFactor,
        Self::Extension,
        Self::RemovePasskeys,
        Self::RemoveIdentities,
    ];

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Save => "save",
            Self::Deactivate => "deactivate",
            Self::Reactivate => "reactivate",
            Self::InviteAgain => "invite_again",
            Self::Withdraw => "withdraw",
            Self::RemoveFactor => "remove_factor",
            Self::Extension => "extension",
            Self::RemovePasskeys => "remove_passkeys",
            Self::RemoveIdentities => "remove_identities",
        }
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.code() == code)
    }

    /// The key of what is told once it is done.
    pub(super) const fn done_key(self) -> &'static str {
        match self {
            Self::Save => "admin.people.done.saved",
            Self::Deactivate => "admin.people.done.deactivated",
            Self::Reactivate => "admin.people.done.reactivated",
            Self::InviteAgain => "admin.people.done.invited_again",
            Self::Withdraw => "admin.people.done.withdrawn",
            Self::RemoveFactor => "admin.factor.done.reset",
            Self::Extension => "admin.extension.done",
            Self::RemovePasskeys => "admin.factor.done.passkeys",
            Self::RemoveIdentities => "admin.factor.done.identities",
        }
    }
}

/// The fields of an account's form, each with the hidden one that says what was shown in it.
pub(super) const SHOWN_FIELDS: [(&str, &str); 3] =
    [("name", "shown_name"), ("mail", "shown_mail"), ("role", "shown_role")];

/// Everybody who works or worked here, or is invited, and what came back to the form of the roles that need a second factor.
#[server(prefix = "/api", endpoint = "people", protocol = Wire)]
pub(super) async fn read_people() -> Result<(People, PostReply), AppError> {
    let (asked, reader) = crate::pages::staff::session::staff()?;
    let people = desk::access::staff::people(&asked.desk, &asked.actor).await?;
    let factor_roles = desk::access::second_factor::required_roles(&asked.desk, &asked.actor).await?;
    let lines = people.into_iter().map(ssr::line).collect();
    Ok((People { lines, factor_roles, reader, now: asked.desk.now() }, PostReply::of_page()))
}

/// One account, and what came back to its form.
#[server(prefix = "/api", endpoint = "person", protocol = Wire)]
pub(super) async fn read_person(id: String) -> Result<(PersonDetail, PostReply), AppError> {
    ssr::detail(&id).await.map(|person| (person, PostReply::of_page()))
}

/// What came back to the forms of invitations.
#[server(prefix = "/api", endpoint = "invite", protocol = Wire)]
#[allow(
    clippy::unused_async,
    reason = "the macro makes an async function of it, and the browser's half awaits"
)]
pub(super) async fn read_invite() -> Result<PostReply, AppError> {
    use domain::actor::{Action, Subject, may};

    let asked = crate::pages::staff::session::staff_context()?;
    may(&asked.actor, Action::Administer, Subject::Desk).map_err(|_| AppError::NotPermitted)?;
    Ok(PostReply::of_page())
}

#[cfg(feature = "ssr")]
pub use ssr::{post_factor_roles, post_invite, post_person};

#[cfg(feature = "ssr")]
mod ssr {
    use desk::DeskError;
    use desk::access::changes::{RecordedChange, changes};
    use desk::access::passkeys::has_passkeys;
    use desk::access::second_factor::{has_factor, require};
    use desk::access::staff::{Joined, PersonView, Service, people};
    use desk::oidc::has_identities;
    use desk::people::composed::composed_roles;
    use desk::people::handover::in_hand;
    use desk::people::invitations::{InviteError, Invitee, invite, invite_again, withdraw_invitation};
    use desk::people::invite_list;
    use desk::people::keep::{Details, Keep, KeepError, edit, keep};
    use desk::workforce::presence_of;
    use domain::actor::{PersonId, Role};
    use domain::i18n::{Language, text};
    use domain::mail_address::MailAddress;
    use domain::t;
    use domain::text::PersonName;
    use domain::time::Span;
    use domain::workforce::{Candidate, Presence};

    use super::{
        AccountState, Entry, Holding, InviteAct, PersonAct, PersonDetail, PersonLine, RoleOffer,
        SHOWN_FIELDS, WaysIn,
    };
    use crate::AppError;
    use crate::pages::staff::extension::keep_extension;
    use crate::pages::staff::session::staff;
    use crate::pages::{Posted, Typed};
    use crate::request::RequestContext;

    type Wrong = Vec<(String, String)>;

    pub(super) fn line(person: PersonView) -> PersonLine {
        PersonLine {
            id: person.id.0,
            name: person.name.to_string(),
            mail: person.mail.to_string(),
            role: person.role,
            composed: person.composed,
            state: match person.service {
                Service::Active => AccountState::Active,
                Service::Invited { until } => AccountState::Invited { until },
                Service::Ended => AccountState::Ended,
            },
        }
    }

    pub(super) async fn detail(id: &str) -> Result<PersonDetail, AppError> {
        let (asked, reader) = staff()?;
        let id = id.parse().map(PersonId).map_err(|_| AppError::NotFound)?;
        let person = people(&asked.desk, &asked.actor).await?.into_iter().find(|person| person.id == id);
        let person = person.ok_or(AppError::NotFound)?;
        let history = changes(&asked.desk, &asked.actor, id).await?;
        let in_hand = in_hand(&asked.desk, &asked.actor, id).await?;
        let presence = presence_of(&asked.desk, &asked.actor, id).await?;
        let now = asked.desk.now();
        let first = history.iter().map(|entry| entry.at).chain([now]).min().unwrap_or(now);
        let last = in_hand.visits.iter().filter_map(|(_, from)| *from).chain([now]).max().unwrap_or(now);
        let zone = asked.desk.brand().provider.zone;
        let entry = |RecordedChange { at, by, change }| Entry { at, by, change };
        Ok(PersonDetail {
            has_joined: person.joined == Joined::Yes,
            ways_in: WaysIn {
                code: has_factor(&asked.desk, &asked.actor, id).await?,
                passkeys: has_passkeys(&asked.desk, &asked.actor, id).await?,
                identities: has_identities(&asked.desk, &asked.actor, id).await?,
            },
            extension: person.extension.as_ref().map(|one| one.as_str().to_owned()).unwrap_or_default(),
            roles: offers(&asked, &person).await?,
            line: line(person),
            presence: Presence::told(presence.as_ref(), asked.language),
            cases: in_hand.cases.into_iter().map(|(number, to)| (number, to.map(suggestion))).collect(),
            visits: in_hand.visits,
            history: history.into_iter().map(entry).collect(),
            zone: zone.view(Span::new(first, last.plus(1))),
            reader,
            now,
        })
    }

    /// The composed roles in use, with the one that the person has. Administrators keep their standing role.
    async fn offers(asked: &RequestContext, person: &PersonView) -> Result<Vec<RoleOffer>, AppError> {
        if person.role == Role::Administrator {
            return Ok(Vec::new());
        }
        let roles = match composed_roles(&asked.desk, &asked.actor).await {
            Ok(roles) => roles,
            Err(DeskError::NotPermitted(_)) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let offer = |role: desk::people::composed::RoleView| {
            let is_held = role.holders.iter().any(|(id, _)| *id == person.id);
            RoleOffer {
                id: role.id.0,
                name: role.composition.name.as_str().to_owned(),
                holding: if is_held { Holding::Held } else { Holding::NotHeld },
            }
        };
        Ok(roles.into_iter().filter(|role| role.retired_at.is_none()).map(offer).collect())
    }

    /// A suggested colleague: name and team.
    fn suggestion(Candidate { person, team, .. }: Candidate) -> String {
        [Some(person.name), team.map(|team| team.as_str().to_owned())]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · ")
    }

    /// What was typed of a person, or what is wrong with it.
    fn read(typed: &Typed, language: Language) -> Result<Invitee, Wrong> {
        let text = |name: &str| typed.get(name).map_or("", |text| text.trim());
        let mut wrong = Wrong::new();
        let mut note = |name: &str, words: String| wrong.push((name.to_owned(), words));
        let name =
            PersonName::parse(text("name")).map_err(|problem| note("name", problem.message(language))).ok();
        let mail =
            MailAddress::parse(text("mail")).map_err(|problem| note("mail", problem.message(language))).ok();
        let role = Role::from_code(text("role"));
        if role.is_none() {
            note("role", t!(language, "admin.people.problem.role").into_owned());
        }
        match (name, mail, role) {
            (Some(name), Some(mail), Some(role)) => Ok(Invitee { name, mail, role }),
            _ => Err(wrong),
        }
    }

    /// Takes an invitation, or a list of them.
    pub async fn post_invite(asked: &RequestContext, typed: Typed) -> Posted {
        let language = asked.language;
        let many = typed.get("act").map(String::as_str) == Some(InviteAct::Many.code());
        let invitees = if many {
            let list = typed.get("list").map_or("", String::as_str);
            invite_list::parse(list, language).map_err(|problems| {
                let words = |problem: invite_list::LineProblem| {
                    let what =
                        t!(language, "admin.people.problem.line", line = problem.line, what = problem.words);
                    ("list".to_owned(), what)
                };
                problems.into_iter().map(words).collect()
            })
        } else {
            read(&typed, language).map(|one| vec![one])
        };
        let invitees = match invitees {
            Ok(invitees) => invitees,
            Err(wrong) => return Posted::not_taken(typed, &AppError::Wrong(wrong), language),
        };
        match invite(&asked.desk, &asked.actor, invitees.clone(), language).await {
            Ok(_) => Posted::Done("/desk/admin/people?done=invited".to_owned()),
            Err(InviteError::Taken(places)) => {
                let taken = t!(language, "admin.people.problem.mail_taken");
                let words = |place: usize| match (many, invitees.get(place)) {
                    (true, Some(invitee)) => ("list".to_owned(), format!("{}: {taken}", invitee.mail)),
                    _ => ("mail".to_owned(), taken.clone().into_owned()),
                };
                let wrong = AppError::Wrong(places.into_iter().map(words).collect());
                Posted::not_taken(typed, &wrong, language)
            }
            Err(error) => not_done(typed, invite_error(error, language), language),
        }
    }

    /// Takes which roles need a second factor: a field for each of them.
    pub async fn post_factor_roles(asked: &RequestContext, typed: Typed) -> Posted {
        let roles = Role::ALL.into_iter().filter(|role| typed.contains_key(role.code())).collect();
        match require(&asked.desk, &asked.actor, roles).await {
            Ok(()) => Posted::Done("/desk/admin/people?done=factor_roles".to_owned()),
            Err(error) => not_done(typed, error.into(), asked.language),
        }
    }

    /// Takes a form of an account's page.
    pub async fn post_person(asked: &RequestContext, id: &str, typed: Typed) -> Posted {
        let language = asked.language;
        let Ok(id) = id.parse().map(PersonId) else { return Posted::Failed(AppError::NotFound) };
        let Some(act) = typed.get("act").and_then(|code| PersonAct::from_code(code)) else {
            return Posted::Failed(AppError::Malformed);
        };
        let (desk, actor) = (&asked.desk, &asked.actor);
        let done = match act {
            PersonAct::Save => return save(asked, id, typed).await,
            PersonAct::Extension => {
                let extension = typed.get("extension").map_or("", String::as_str);
                if let Err(error) = keep_extension(asked, id, extension).await {
                    return not_done(typed, error, language);
                }
                Ok(())
            }
            PersonAct::Deactivate => keep_one(asked, id, Keep::Deactivate).await,
            PersonAct::Reactivate => keep_one(asked, id, Keep::Reactivate).await,
            PersonAct::RemoveFactor => keep_one(asked, id, Keep::RemoveSecondFactor).await,
            PersonAct::RemovePasskeys => keep_one(asked, id, Keep::RemovePasskeys).await,
            PersonAct::RemoveIdentities => keep_one(asked, id, Keep::RemoveIdentities).await,
            PersonAct::InviteAgain => {
                invite_again(desk, actor, id).await.map_err(|error| invite_error(error, language))
            }
            PersonAct::Withdraw => {
                withdraw_invitation(desk, actor, id).await.map_err(|error| invite_error(error, language))
            }
        };
        match done {
            Ok(()) => done_with(id, act),
            Err(error) => not_done(Typed::new(), error, language),
        }
    }

    fn done_with(id: PersonId, act: PersonAct) -> Posted {
        Posted::Done(format!("/desk/admin/people/{}?done={}", id.0, act.code()))
    }

    /// Changes name, address and role, unless another person changed them since they were shown.
    async fn save(asked: &RequestContext, id: PersonId, mut typed: Typed) -> Posted {
        let language = asked.language;
        let wanted = match read(&typed, language) {
            Ok(wanted) => wanted,
            Err(wrong) => return Posted::not_taken(typed, &AppError::Wrong(wrong), language),
        };
        match edit(&asked.desk, &asked.actor, id, shown(&typed), wanted).await {
            Ok(()) => done_with(id, PersonAct::Save),
            Err(KeepError::ChangedMeanwhile(stored)) => {
                let wrong = show_stored(&mut typed, stored, language);
                Posted::not_taken(typed, &AppError::Wrong(wrong), language)
            }
            Err(error) => not_done(typed, keep_error(error, language), language),
        }
    }

    /// What the form showed; `None` for a form that does not say it.
    fn shown(typed: &Typed) -> Option<Details> {
        let [name, mail, role] = SHOWN_FIELDS.map(|(_, shown)| typed.get(shown));
        Some(Details { name: name?.clone(), mail: mail?.clone(), role: Role::from_code(role?)? })
    }

    /// Says at each field what was changed meanwhile, and shows it: what was typed stays, and what was left as it was shown follows.
    fn show_stored(typed: &mut Typed, stored: Details, language: Language) -> Wrong {
        let role = (stored.role.code().to_owned(), text(language, stored.role.name_key()).into_owned());
        let now = [(stored.name.clone(), stored.name), (stored.mail.clone(), stored.mail), role];
        let mut wrong = Wrong::new();
        for ((field, shown), (value, words)) in SHOWN_FIELDS.into_iter().zip(now) {
            let before = typed.insert(shown.to_owned(), value.clone()).unwrap_or_default();
            if before == value {
                continue;
            }
            wrong.push((field.to_owned(), t!(language, "admin.people.problem.changed", now = words)));
            if typed.get(field).is_some_and(|typed| typed.trim() == before) {
                typed.insert(field.to_owned(), value);
            }
        }
        wrong
    }

    async fn keep_one(asked: &RequestContext, id: PersonId, wish: Keep) -> Result<(), AppError> {
        keep(&asked.desk, &asked.actor, id, vec![wish])
            .await
            .map_err(|error| keep_error(error, asked.language))
    }

    fn not_done(typed: Typed, error: AppError, language: Language) -> Posted {
        match error {
            AppError::NotFound | AppError::NotPermitted => Posted::Failed(error),
            error => Posted::not_taken(typed, &error, language),
        }
    }

    fn keep_error(error: KeepError, language: Language) -> AppError {
        let text = |key: &str| t!(language, key).into_owned();
        match error {
            KeepError::LastAdministrator => AppError::Text(text("admin.people.problem.last")),
            KeepError::MailTaken => AppError::wrong("mail", text("admin.people.problem.mail_taken")),
            KeepError::NeverJoined => AppError::Text(text("admin.people.problem.never_joined")),
            KeepError::ChangedMeanwhile(_) => AppError::Text(text("admin.people.problem.changed_meanwhile")),
            KeepError::Shared(_) => AppError::wrong("mail", text("admin.people.problem.shared")),
            KeepError::OwnFactor => AppError::Text(text("admin.people.problem.own_factor")),
            KeepError::Desk(error) => error.into(),
        }
    }

    fn invite_error(error: InviteError, language: Language) -> AppError {
        match error {
            InviteError::Taken(_) => {
                AppError::wrong("mail", t!(language, "admin.people.problem.mail_taken").into_owned())
            }
            InviteError::NotInvited => {
                AppError::Text(t!(language, "admin.people.problem.not_invited").into_owned())
            }
            InviteError::Desk(error) => DeskError::into(error),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn what_was_changed_meanwhile_is_shown_and_what_was_typed_stays() {
            let fields = [
                ("name", "Marta Rey"),
                ("shown_name", "Marta Salas"),
                ("mail", "marta@vigia.example"),
                ("shown_mail", "marta@vigia.example"),
                ("role", "agent"),
                ("shown_role", "agent"),
            ];
            let mut typed: Typed =
                fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let stored = Details {
                name: "Marta Paz".to_owned(),
                mail: "marta@vigia.example".to_owned(),
                role: Role::Supervisor,
            };
            let wrong = show_stored(&mut typed, stored.clone(), Language::En);
            assert_eq!(wrong.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), ["name", "role"]);
            assert!(wrong[0].1.contains("Marta Paz") && wrong[1].1.contains("Supervisor"), "{wrong:?}");
            assert_eq!((typed["name"].as_str(), typed["role"].as_str()), ("Marta Rey", "supervisor"));
            assert_eq!(shown(&typed), Some(stored), "saved again, it is taken");
        }
    }
}
