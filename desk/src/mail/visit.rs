//! The mails of visits (letter, step 6): the offer, what was agreed, moved or called off, and what the technician is told.

use domain::calendar::MomentStyle;
use domain::case::visit::{Meeting, NoShowReason, Side, Stage, Technician, Visit, Windows};
use domain::site::Site;
use domain::t;
use domain::text::Note;
use domain::time::Span;
use domain::words::Language;

use super::{Composed, Content, Fact, Letter, Titled};
use crate::case_log::Labels;

/// What a mail to the customer's contact says of a visit.
pub(crate) struct Told<'a> {
    /// Key of the subject.
    subject: &'static str,
    /// Key of the greeting.
    greeting: &'static str,
    /// Key of the title over what matters most.
    title: &'static str,
    body: String,
    /// Key of the words on the button.
    button: &'static str,
    note: Option<&'a Note>,
    windows: Vec<Span>,
    technician: Option<&'a Technician>,
}

impl<'a> Told<'a> {
    /// Windows to choose from.
    pub(crate) fn offered(
        letter: &Letter<'_>,
        windows: &Windows,
        technician: &'a Technician,
        note: Option<&'a Note>,
    ) -> Self {
        Self {
            subject: "letter.visit.offered.subject",
            greeting: "letter.visit.offered.greeting",
            title: "letter.visit.offered.title",
            body: t!(letter.language(), "letter.visit.offered.body").into_owned(),
            button: "letter.visit.offered.button",
            note,
            windows: windows.as_slice().to_vec(),
            technician: Some(technician),
        }
    }

    /// What was agreed.
    pub(crate) fn agreed(letter: &Letter<'_>, meeting: &'a Meeting) -> Self {
        Self {
            subject: "letter.visit.agreed.subject",
            greeting: "letter.visit.agreed.greeting",
            title: "letter.visit.agreed.title",
            body: window(letter, meeting.window),
            button: "letter.visit.agreed.button",
            note: None,
            windows: Vec::new(),
            technician: Some(&meeting.technician),
        }
    }

    /// Somebody else comes, at the time that was agreed.
    pub(crate) fn reassigned(letter: &Letter<'_>, meeting: &'a Meeting, note: Option<&'a Note>) -> Self {
        Self {
            subject: "letter.visit.reassigned.subject",
            greeting: "letter.visit.reassigned.greeting",
            title: "letter.visit.agreed.title",
            body: window(letter, meeting.window),
            button: "letter.visit.agreed.button",
            note,
            windows: Vec::new(),
            technician: Some(&meeting.technician),
        }
    }

    /// What had been agreed holds no more.
    pub(crate) fn moved(letter: &Letter<'_>, by: Side, from: &Meeting, note: Option<&'a Note>) -> Self {
        let body = match by {
            Side::Us => "letter.visit.moved.by_us",
            Side::Customer => "letter.visit.moved.by_customer",
        };
        Self {
            subject: "letter.visit.moved.subject",
            greeting: "letter.visit.moved.greeting",
            title: "letter.visit.moved.title",
            body: t!(letter.language(), body, window = window(letter, from.window)),
            button: "letter.track.button",
            note,
            windows: Vec::new(),
            technician: None,
        }
    }

    /// The visit did not happen. What the staff wrote beside it stays with the staff.
    pub(crate) fn missed(letter: &Letter<'_>, visit: &'a Visit) -> Option<Self> {
        let Stage::Missed { by, appointment, arrived_at, missed_at, reason } = &visit.stage else {
            return None;
        };
        let language = letter.language();
        let time = |at| letter.hours.zone.format(at, language, MomentStyle::Time);
        let body = match by {
            Side::Us => {
                t!(language, "letter.visit.missed.by_us", window = window(letter, appointment.window))
            }
            Side::Customer => t!(
                language,
                "letter.visit.missed.by_customer",
                name = visit.technician.name,
                arrived = time(arrived_at.unwrap_or(*missed_at)),
                at = time(*missed_at),
                reason = reason_in(language, *reason)
            ),
        };
        Some(Self {
            subject: "letter.visit.missed.subject",
            greeting: "letter.visit.missed.greeting",
            title: match by {
                Side::Us => "visit.missed.us",
                Side::Customer => "visit.missed.customer",
            },
            body,
            button: "letter.track.button",
            note: None,
            windows: Vec::new(),
            technician: Some(&visit.technician),
        })
    }

    /// That the visit did not happen was a mistake: it goes on.
    pub(crate) fn goes_on(letter: &Letter<'_>, visit: &'a Visit) -> Self {
        let language = letter.language();
        let body = match (&visit.stage, visit.appointment()) {
            (Stage::Agreed(_), Some(agreed)) => {
                t!(language, "letter.visit.goes_on.agreed", window = window(letter, agreed.window))
            }
            _ => t!(language, "letter.visit.goes_on.on_site").into_owned(),
        };
        Self {
            subject: "letter.visit.goes_on.subject",
            greeting: "letter.visit.goes_on.greeting",
            title: "letter.visit.goes_on.title",
            body,
            button: "letter.track.button",
            note: None,
            windows: Vec::new(),
            technician: Some(&visit.technician),
        }
    }

    /// There will be no visit.
    pub(crate) fn called_off(letter: &Letter<'_>, from: Option<&Meeting>, note: Option<&'a Note>) -> Self {
        let language = letter.language();
        let body = from.map_or_else(
            || t!(language, "letter.visit.called_off.no_window").into_owned(),
            |from| t!(language, "letter.visit.called_off.window", window = window(letter, from.window)),
        );
        Self {
            subject: "letter.visit.called_off.subject",
            greeting: "letter.visit.called_off.greeting",
            title: "letter.visit.called_off.title",
            body,
            button: "letter.track.button",
            note,
            windows: Vec::new(),
            technician: None,
        }
    }

    /// Composes the mail; `link` is where its button leads.
    pub(crate) fn compose(self, letter: &Letter<'_>, site: Option<&Site>, link: String) -> Composed {
        let language = letter.language();
        let report = &letter.case.opening.report;
        let mut facts =
            vec![Fact::new(language, "letter.report.location", whereabouts(letter, site, language))];
        if let Some(technician) = self.technician {
            facts.push(Fact::new(language, "letter.visit.technician", technician.name.as_str()));
        }
        if let Some(note) = self.note {
            facts.push(Fact::new(language, "letter.visit.note", note.as_str()));
        }
        let windows: Vec<String> = self.windows.iter().map(|span| window(letter, *span)).collect();
        Content {
            link,
            button: t!(language, self.button).into_owned(),
            next: Titled { title: t!(language, "letter.visit.windows").into_owned(), body: windows },
            facts: vec![Titled { title: t!(language, "letter.visit.facts").into_owned(), body: facts }],
            ..letter.content(
                letter.subject(self.subject),
                t!(language, self.greeting, name = report.contact.name),
                Titled { title: t!(language, self.title).into_owned(), body: self.body },
            )
        }
        .compose()
    }
}

/// What the technician is told, in their own language: where, when, and whom they meet. `key` names subject and title.
pub(crate) fn to_technician(
    letter: &Letter<'_>,
    language: Language,
    meeting: &Meeting,
    cancelled: Option<Side>,
    link: String,
) -> Composed {
    let (number, report) = (letter.case.opening.number, &letter.case.opening.report);
    let contact = &report.contact;
    let Labels { customer, equipment, site } = &letter.labels;
    let (subject, title) = match cancelled {
        None => ("letter.visit.staff.agreed", "letter.visit.agreed.title"),
        Some(_) => ("letter.visit.staff.cancelled", "letter.visit.called_off.title"),
    };
    let fact = |label: &str, value: String| Fact::new(language, label, value);
    Content {
        language,
        subject: letter.subject_in(language, subject),
        greeting: t!(language, "letter.visit.staff.greeting", name = meeting.technician.name),
        number: number.grouped(),
        about_number: Vec::new(),
        notice: None,
        promise: Titled {
            title: t!(language, title).into_owned(),
            body: window_in(letter, meeting.window, language),
        },
        foot: super::foot_of_staff(language, &link),
        link,
        button: t!(language, "letter.visit.staff.button").into_owned(),
        next: Titled { title: String::new(), body: Vec::new() },
        facts: vec![Titled {
            title: t!(language, "letter.visit.facts").into_owned(),
            body: [
                fact("letter.warning.customer", customer.clone()),
                fact("letter.report.location", whereabouts(letter, site.as_ref(), language)),
                fact("letter.report.contact", super::amendment::called(contact)),
                fact("letter.warning.equipment", equipment.clone()),
                fact("letter.report.serial", report.serial.as_str().to_owned()),
                fact("letter.report.fault", report.fault.to_string()),
            ]
            .into_iter()
            .filter(|fact| !fact.value.is_empty())
            .collect(),
        }],
        lines: super::no_lines(),
    }
    .compose()
}

/// Where to, line by line: the site and its address as registered, then the place in the customer's words.
fn whereabouts(letter: &Letter<'_>, site: Option<&Site>, language: Language) -> String {
    let report = &letter.case.opening.report;
    let country = t!(language, report.country.name_key());
    match site {
        Some(site) => format!("{}\n{}, {country}\n{}", site.name, site.address, report.location),
        None => format!("{}, {country}", report.location),
    }
}

/// Where to, on one line: what calendars show and maps look for.
pub(crate) fn whereabouts_in_line(letter: &Letter<'_>, site: Option<&Site>, language: Language) -> String {
    whereabouts(letter, site, language).replace('\n', "; ")
}

/// Why nobody received the technician, in words; an old entry says no more than that nobody did.
fn reason_in(language: Language, reason: Option<NoShowReason>) -> String {
    let key = reason.map_or("visit.missed.customer", NoShowReason::name_key);
    t!(language, key).into_owned()
}

/// What whoever is in charge of the case is told of a visit that did not happen, or of one that goes on after all.
pub(crate) fn to_desk(
    letter: &Letter<'_>,
    (language, name): (Language, &str),
    (visit, site): (&Visit, Option<&Site>),
    note: Option<&Note>,
    link: String,
) -> Composed {
    let (number, report) = (letter.case.opening.number, &letter.case.opening.report);
    let (subject, body) = match &visit.stage {
        Stage::Missed { by: Side::Customer, reason, .. } => {
            ("letter.visit.desk.missed", reason_in(language, *reason))
        }
        Stage::Missed { .. } => ("letter.visit.desk.missed", t!(language, "visit.missed.us").into_owned()),
        _ => ("letter.visit.desk.goes_on", t!(language, visit.stage.name_key()).into_owned()),
    };
    let fact = |label: &str, value: String| Fact::new(language, label, value);
    let window = visit.appointment().map(|agreed| window_in(letter, agreed.window, language));
    let contact = &report.contact;
    let mut facts = vec![
        fact("visit.ask.when", window.unwrap_or_default()),
        fact("letter.visit.technician", visit.technician.name.clone()),
        fact("letter.report.location", whereabouts(letter, site, language)),
        fact("letter.report.contact", format!("{}\n{}", contact.name, contact.phone.international())),
    ];
    facts.extend(note.map(|note| fact("letter.visit.note", note.to_string())));
    Content {
        language,
        subject: letter.subject_in(language, subject),
        greeting: t!(language, "letter.visit.desk.greeting", name = name),
        number: number.grouped(),
        about_number: Vec::new(),
        notice: None,
        promise: Titled { title: t!(language, visit.stage.name_key()).into_owned(), body },
        foot: super::foot_of_staff(language, &link),
        link,
        button: t!(language, "letter.visit.staff.button").into_owned(),
        next: Titled { title: String::new(), body: Vec::new() },
        facts: vec![Titled { title: t!(language, "letter.visit.facts").into_owned(), body: facts }],
        lines: super::no_lines(),
    }
    .compose()
}

/// A window in words: the date, from when to when, and whose time that is.
pub(crate) fn window(letter: &Letter<'_>, window: Span) -> String {
    window_in(letter, window, letter.language())
}

fn window_in(letter: &Letter<'_>, window: Span, language: Language) -> String {
    let zone = &letter.hours.zone;
    let until = zone.format(window.to, language, domain::calendar::MomentStyle::Time);
    t!(language, "letter.visit.window", from = super::moment(zone, window.from, language), until = until)
}
