//! An entry: a route, who may use it, which object it names and what is sent to it.

use domain::actor::{Action, Actor, Subject, may};

use super::holders::Holder;
use super::seeded::Thing;
use crate::support::client::{FORM, PAGE};
use crate::support::parts::{PARTS, body};
use crate::support::program::JSON;

/// The part of the site that a route belongs to. Each knows its holders by credentials of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Portal, workspace, administration, walls: sessions of the staff and displays.
    Site,
    /// Pages below `/my`: sessions of customers.
    Account,
    /// The API for other systems: bearer tokens.
    Api,
}

/// Who may use a route.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Door {
    /// Everyone: the answer holds nothing of any case, and no status is expected.
    Public,
    /// Holders whom the policy permits the action, on the case that the route names or on the desk.
    May(Action),
    /// Customers whom the policy permits the action, on what is theirs.
    Own(Action),
    /// Holders of the link in the path, for whom the policy permits the action on its case.
    Link(Action),
    /// Any token.
    Token,
}

/// The kind of object that a route names. Its things are in `seeded.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Of {
    /// None: the desk as a whole.
    Desk,
    /// A case, by `{number}`.
    Case,
    /// The link of a case, by `{tracking}`.
    Tracking,
    /// The link of a visit that is offered, by `{link}`.
    VisitLink,
    /// The link of a survey, by `{token}`.
    SurveyLink,
    /// A link of accounts and displays: `{link}`, `{code}` and `{secret}`. All that were made are used up.
    OtherLink,
    /// A file of a message, by `{number}` and `{id}` or `{file}`.
    CaseFile,
    /// The same by the case's link: `{tracking}` and `{id}`.
    TrackingFile,
    /// A file of a visit, by `{number}` and `{id}`, `{tracking}` and `{id}`.
    VisitFile,
    /// A mail that was sent, by `{id}`.
    Mail,
    /// A person of the staff, by `{id}` or `{person}`.
    Person,
    /// A customer's organisation, by `{id}` or `{organisation}`.
    Organisation,
    /// A contract, by `{contract}`.
    Contract,
    /// Equipment, by `{serial}`.
    Equipment,
    /// A site, by `{site}`.
    Site,
    /// A plan, by `{id}`; so are the next ones.
    Plan,
    Calendar,
    Questionnaire,
    Reply,
    Team,
    MailText,
    Display,
    Integration,
    Webhook,
    Import,
    /// A mail that waits for a decision, by `{id}`.
    Triage,
    /// A call that an exchange reported, by `{call}`: the desk has none.
    Call,
}

impl Of {
    /// The action by which the staff and programs read such objects; `None` for what the staff does not read.
    pub(crate) fn read_by(self) -> Option<Action> {
        match self {
            Self::Case
            | Self::Tracking
            | Self::CaseFile
            | Self::TrackingFile
            | Self::VisitFile
            | Self::VisitLink
            | Self::SurveyLink
            | Self::Call => Some(Action::ReadCaseFile),
            Self::Mail => Some(Action::ReadMail),
            Self::Triage => Some(Action::TriageMail),
            Self::Person => Some(Action::ReadPeople),
            Self::Organisation | Self::Contract | Self::Equipment | Self::Site => Some(Action::ReadRegister),
            Self::Plan
            | Self::Calendar
            | Self::Questionnaire
            | Self::Reply
            | Self::Team
            | Self::MailText
            | Self::Import => Some(Action::ReadSettings),
            Self::Display => Some(Action::ManageDisplays),
            Self::Integration => Some(Action::ManageIntegrations),
            Self::Webhook => Some(Action::ManageWebhooks),
            Self::Desk | Self::OtherLink => None,
        }
    }
}

/// The body of a request. `{NAME}` is filled in as in the path.
#[derive(Debug, Clone)]
enum Sends {
    Nothing,
    Form(String),
    Json(String),
    Parts(Vec<(&'static str, &'static str)>),
}

/// What an entry does with the holders whom it is permitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The request is sent: the desk stays as the others need it.
    Stays,
    /// The request is not sent on an object that exists: it would take something from the other cells.
    Ends,
    /// The answer has no end: its head alone is read.
    Streams,
}

/// Whether a permitted holder is told that an object exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Reached when it does, 4xx when it does not.
    Told,
    /// The route looks further than at the object (the case has no survey, the rule refuses it): no status is expected.
    Open,
}

/// A route with what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    method: &'static str,
    path: String,
    query: &'static str,
    pub(crate) door: Door,
    pub(crate) of: Of,
    sends: Sends,
    head: &'static str,
    pub(crate) effect: Effect,
    pub(crate) presence: Presence,
    with: Vec<(&'static str, &'static str)>,
}

/// A page, a file or a stream.
pub(crate) fn get(path: &str, door: Door) -> Entry {
    Entry {
        method: "GET",
        path: path.to_owned(),
        query: "",
        door,
        of: Of::Desk,
        sends: Sends::Nothing,
        head: "",
        effect: Effect::Stays,
        presence: Presence::Told,
        with: Vec::new(),
    }
}

/// A form as a browser posts it.
pub(crate) fn form(path: &str, door: Door, body: &str) -> Entry {
    Entry { method: "POST", sends: Sends::Form(body.to_owned()), ..get(path, door) }
}

/// A form in several parts.
pub(crate) fn parts(path: &str, door: Door, fields: &[(&'static str, &'static str)]) -> Entry {
    Entry { method: "POST", sends: Sends::Parts(fields.to_vec()), ..get(path, door) }
}

/// JSON that a script or another system posts.
pub(crate) fn json(path: &str, door: Door, body: &str) -> Entry {
    Entry { method: "POST", sends: Sends::Json(body.to_owned()), ..get(path, door) }
}

/// A server function, with its arguments.
pub(crate) fn call(name: &str, door: Door, arguments: &str) -> Entry {
    json(&format!("/api/{name}"), door, arguments)
}

impl Entry {
    /// It names an object.
    pub(crate) fn of(self, of: Of) -> Self {
        Self { of, ..self }
    }

    /// It is asked with this query, which may name the object.
    pub(crate) fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    /// Further headers.
    pub(crate) fn head(self, head: &'static str) -> Self {
        Self { head, ..self }
    }

    /// A parameter of the path that is no object.
    pub(crate) fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.with.push((name, value));
        self
    }

    /// It would take something from the other cells.
    pub(crate) fn ends(self) -> Self {
        Self { effect: Effect::Ends, ..self }
    }

    /// Its answer has no end.
    pub(crate) fn streams(self) -> Self {
        Self { effect: Effect::Streams, ..self }
    }

    /// It looks further than at the object.
    pub(crate) fn looks_further(self) -> Self {
        Self { presence: Presence::Open, ..self }
    }

    /// The route as the router lists it.
    pub(crate) fn route(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The action of the policy that it asks for; `None` where there is none.
    pub(crate) fn action(&self) -> Option<Action> {
        match self.door {
            Door::May(action) | Door::Own(action) | Door::Link(action) => Some(action),
            Door::Public | Door::Token => None,
        }
    }

    /// Its part of the site, by its path.
    pub(crate) fn place(&self) -> Place {
        if self.path.starts_with("/api/v1/") {
            Place::Api
        } else if self.path == "/my" || self.path.starts_with("/my/") {
            Place::Account
        } else {
            Place::Site
        }
    }

    pub(crate) fn method(&self) -> &'static str {
        self.method
    }

    /// The address about a thing.
    pub(crate) fn address(&self, thing: &Thing) -> String {
        self.filled(&format!("{}{}", self.path, self.query), thing)
    }

    /// Headers and body of the request about a thing.
    pub(crate) fn content(&self, thing: &Thing) -> (String, Vec<u8>) {
        let (kind, body) = match &self.sends {
            // As a browser asks: a page that leads elsewhere does so by a redirect.
            Sends::Nothing if self.place() != Place::Api => (PAGE, Vec::new()),
            Sends::Nothing => ("", Vec::new()),
            Sends::Form(text) => (FORM, self.filled(text, thing).into_bytes()),
            Sends::Json(text) => (JSON, self.filled(text, thing).into_bytes()),
            Sends::Parts(fields) => (PARTS, body(fields, &[])),
        };
        (format!("{kind}{}", self.head), body)
    }

    fn filled(&self, text: &str, thing: &Thing) -> String {
        let fixed = self.with.iter().map(|(name, value)| (*name, *value));
        let named = thing.fills.iter().map(|(name, value)| (*name, value.as_str()));
        fixed
            .chain(named)
            .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    /// Whether the policy permits the holder this, on the thing.
    pub(crate) fn permits(&self, holder: &Holder, thing: &Thing) -> bool {
        let actor = holder.actor(self.place());
        let may_do = |actor: &Actor, action, subject| may(actor, action, subject).is_ok();
        match self.door {
            Door::Public => true,
            Door::Token => matches!(actor, Actor::Integration(_)),
            Door::May(action) => may_do(&actor, action, thing.subject()),
            Door::Own(action) => {
                may_do(&actor, action, Subject::Desk) && (self.of == Of::Desk || thing.is_of(holder))
            }
            Door::Link(action) => {
                let holds = match (actor, thing.number) {
                    (staff @ Actor::Staff(_), _) => staff,
                    (_, Some(number)) => Actor::Customer(number),
                    (_, None) => Actor::Anonymous,
                };
                may_do(&holds, action, thing.subject())
            }
        }
    }
}
