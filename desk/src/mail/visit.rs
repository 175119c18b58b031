//! The mails of visits (letter, step 6): the offer, what was agreed, moved or called off, and what the technician is told.

use domain::case::visit::{Meeting, Side, Technician, Windows};
use domain::t;
use domain::text::Note;
use domain::time::Span;
use domain::words::Language;

use super::{Composed, Content, Fact, Letter, Titled};

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
    pub(crate) fn compose(self, letter: &Letter<'_>, link: String) -> Composed {
        let language = letter.language();
        let (number, report) = (letter.case.opening.number, &letter.case.opening.report);
        let mut facts = vec![Fact::new(language, "letter.report.location", report.location.as_str())];
        if let Some(technician) = self.technician {
            facts.push(Fact::new(language, "letter.visit.technician", technician.name.as_str()));
        }
        if let Some(note) = self.note {
            facts.push(Fact::new(language, "letter.visit.note", note.as_str()));
        }
        let windows: Vec<String> = self.windows.iter().map(|span| window(letter, *span)).collect();
        Content {
            language,
            subject: t!(language, self.subject, number = number),
            greeting: t!(language, self.greeting, name = report.contact.name),
            number: number.grouped(),
            about_number: Vec::new(),
            notice: None,
            promise: Titled { title: t!(language, self.title).into_owned(), body: self.body },
            link,
            button: t!(language, self.button).into_owned(),
            next: Titled { title: t!(language, "letter.visit.windows").into_owned(), body: windows },
            facts: vec![Titled { title: t!(language, "letter.visit.facts").into_owned(), body: facts }],
            lines: super::lines(language, report.country),
            foot: super::foot(language),
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
    let (subject, title) = match cancelled {
        None => ("letter.visit.staff.agreed", "letter.visit.agreed.title"),
        Some(_) => ("letter.visit.staff.cancelled", "letter.visit.called_off.title"),
    };
    let fact = |label: &str, value: String| Fact::new(language, label, value);
    Content {
        language,
        subject: t!(language, subject, number = number),
        greeting: t!(language, "letter.visit.staff.greeting", name = meeting.technician.name),
        number: number.grouped(),
        about_number: Vec::new(),
        notice: None,
        promise: Titled {
            title: t!(language, title).into_owned(),
            body: window_in(letter, meeting.window, language),
        },
        link,
        button: t!(language, "letter.visit.staff.button").into_owned(),
        next: Titled { title: String::new(), body: Vec::new() },
        facts: vec![Titled {
            title: t!(language, "letter.visit.facts").into_owned(),
            body: vec![
                fact(
                    "letter.report.location",
                    format!("{}, {}", report.location, t!(language, report.country.name_key())),
                ),
                fact("letter.report.contact", super::amendment::called(contact)),
                fact("letter.report.serial", report.serial.as_str().to_owned()),
                fact("letter.report.fault", report.fault.to_string()),
            ],
        }],
        lines: super::no_lines(),
        foot: vec![super::text_of_desk(language)],
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
