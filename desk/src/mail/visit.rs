//! Mails of visits (letter, step 6): to the customer about offers, agreements, moves and no-shows, and to the
//! technician.

use domain::calendar::MomentStyle;
use domain::case::visit::{Meeting, NoShowReason, Side, Stage, Technician, Visit, Windows};
use domain::i18n::Language;
use domain::site::Site;
use domain::t;
use domain::text::Note;
use domain::time::Span;
use domain::wording::MailTextKind;

use super::{CaseMailContext, Composed, Fact, MailBody, MailSection};
use crate::contracts::labels::Labels;

/// Content of a mail about a visit to the customer's contact.
pub(crate) struct VisitMailContext<'a> {
    kind: MailTextKind,
    /// Key of the subject.
    subject: &'static str,
    /// Key of the greeting.
    greeting: &'static str,
    /// Key of the main section's title.
    title: &'static str,
    body: String,
    /// Key of the button's label.
    button: &'static str,
    note: Option<&'a Note>,
    windows: Vec<Span>,
    technician: Option<&'a Technician>,
}

impl<'a> VisitMailContext<'a> {
    /// An offer of windows.
    pub(crate) fn offered(
        mail_context: &CaseMailContext<'_>,
        windows: &Windows,
        technician: &'a Technician,
        note: Option<&'a Note>,
    ) -> Self {
        Self {
            kind: MailTextKind::VisitOffered,
            subject: "letter.visit.offered.subject",
            greeting: "letter.visit.offered.greeting",
            title: "letter.visit.offered.title",
            body: t!(mail_context.language(), "letter.visit.offered.body").into_owned(),
            button: "letter.visit.offered.button",
            note,
            windows: windows.as_slice().to_vec(),
            technician: Some(technician),
        }
    }

    /// An agreement.
    pub(crate) fn agreed(mail_context: &CaseMailContext<'_>, meeting: &'a Meeting) -> Self {
        Self {
            kind: MailTextKind::VisitAgreed,
            subject: "letter.visit.agreed.subject",
            greeting: "letter.visit.agreed.greeting",
            title: "letter.visit.agreed.title",
            body: window(mail_context, meeting.window),
            button: "letter.visit.agreed.button",
            note: None,
            windows: Vec::new(),
            technician: Some(&meeting.technician),
        }
    }

    /// Another technician at the agreed time.
    pub(crate) fn reassigned(
        mail_context: &CaseMailContext<'_>,
        meeting: &'a Meeting,
        note: Option<&'a Note>,
    ) -> Self {
        Self {
            kind: MailTextKind::VisitReassigned,
            subject: "letter.visit.reassigned.subject",
            greeting: "letter.visit.reassigned.greeting",
            title: "letter.visit.agreed.title",
            body: window(mail_context, meeting.window),
            button: "letter.visit.agreed.button",
            note,
            windows: Vec::new(),
            technician: Some(&meeting.technician),
        }
    }

    /// An agreed time that was given up.
    pub(crate) fn moved(
        mail_context: &CaseMailContext<'_>,
        by: Side,
        from: &Meeting,
        note: Option<&'a Note>,
    ) -> Self {
        let body = match by {
            Side::Us => "letter.visit.moved.by_us",
            Side::Customer => "letter.visit.moved.by_customer",
        };
        Self {
            kind: MailTextKind::VisitMoved,
            subject: "letter.visit.moved.subject",
            greeting: "letter.visit.moved.greeting",
            title: "letter.visit.moved.title",
            body: t!(mail_context.language(), body, window = window(mail_context, from.window)),
            button: "letter.track.button",
            note,
            windows: Vec::new(),
            technician: None,
        }
    }

    /// A no-show. It omits the staff's note.
    pub(crate) fn missed(mail_context: &CaseMailContext<'_>, visit: &'a Visit) -> Option<Self> {
        let Stage::Missed { by, appointment, arrived_at, missed_at, reason } = &visit.stage else {
            return None;
        };
        let language = mail_context.language();
        let time = |at| mail_context.hours.zone.format(at, language, MomentStyle::Time);
        let body = match by {
            Side::Us => {
                t!(language, "letter.visit.missed.by_us", window = window(mail_context, appointment.window))
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
            kind: MailTextKind::VisitMissed,
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

    /// An undone no-show: the visit takes place.
    pub(crate) fn goes_on(mail_context: &CaseMailContext<'_>, visit: &'a Visit) -> Self {
        let language = mail_context.language();
        let body = match (&visit.stage, visit.appointment()) {
            (Stage::Agreed(_), Some(agreed)) => {
                t!(language, "letter.visit.goes_on.agreed", window = window(mail_context, agreed.window))
            }
            _ => t!(language, "letter.visit.goes_on.on_site").into_owned(),
        };
        Self {
            kind: MailTextKind::VisitGoesOn,
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

    /// A visit that was called off.
    pub(crate) fn called_off(
        mail_context: &CaseMailContext<'_>,
        from: Option<&Meeting>,
        note: Option<&'a Note>,
    ) -> Self {
        let language = mail_context.language();
        let body = from.map_or_else(
            || t!(language, "letter.visit.called_off.no_window").into_owned(),
            |from| t!(language, "letter.visit.called_off.window", window = window(mail_context, from.window)),
        );
        Self {
            kind: MailTextKind::VisitCalledOff,
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

    /// Composes the mail. `link` is the target of its button.
    pub(crate) fn compose(
        self,
        mail_context: &CaseMailContext<'_>,
        site: Option<&Site>,
        link: String,
    ) -> Composed {
        let language = mail_context.language();
        let report = &mail_context.case.opening.report;
        let mut facts =
            vec![Fact::new(language, "letter.report.location", whereabouts(mail_context, site, language))];
        if let Some(technician) = self.technician {
            facts.push(Fact::new(language, "letter.visit.technician", technician.name.as_str()));
        }
        if let Some(note) = self.note {
            facts.push(Fact::new(language, "letter.visit.note", note.as_str()));
        }
        let windows: Vec<String> = self.windows.iter().map(|span| window(mail_context, *span)).collect();
        MailBody {
            link,
            button: t!(language, self.button).into_owned(),
            next: MailSection { title: t!(language, "letter.visit.windows").into_owned(), body: windows },
            facts: vec![MailSection { title: t!(language, "letter.visit.facts").into_owned(), body: facts }],
            ..mail_context.content(
                self.kind,
                (mail_context.subject(self.subject), t!(language, self.greeting, name = report.contact.name)),
                MailSection { title: t!(language, self.title).into_owned(), body: self.body },
            )
        }
        .compose(&mail_context.brand)
    }
}

/// Composes the mail to the technician in their own language: place, window and contact.
pub(crate) fn to_technician(
    mail_context: &CaseMailContext<'_>,
    language: Language,
    meeting: &Meeting,
    cancelled: Option<Side>,
    link: String,
) -> Composed {
    let (number, report) = (mail_context.case.opening.number, &mail_context.case.opening.report);
    let contact = &report.contact;
    let Labels { customer, equipment, site } = &mail_context.labels;
    let (subject, title) = match cancelled {
        None => ("letter.visit.staff.agreed", "letter.visit.agreed.title"),
        Some(_) => ("letter.visit.staff.cancelled", "letter.visit.called_off.title"),
    };
    let fact = |label: &str, value: String| Fact::new(language, label, value);
    MailBody {
        language,
        subject: mail_context.subject_in(language, subject),
        greeting: t!(language, "letter.visit.staff.greeting", name = meeting.technician.name),
        closing: None,
        number: number.grouped(),
        about_number: Vec::new(),
        notice: None,
        promise: MailSection {
            title: t!(language, title).into_owned(),
            body: window_in(mail_context, meeting.window, language),
        },
        foot: super::foot_of_staff(&link),
        link,
        button: t!(language, "letter.visit.staff.button").into_owned(),
        next: MailSection { title: String::new(), body: Vec::new() },
        facts: vec![MailSection {
            title: t!(language, "letter.visit.facts").into_owned(),
            body: [
                fact("letter.warning.customer", customer.clone()),
                fact("letter.report.location", whereabouts(mail_context, site.as_ref(), language)),
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
    .compose(&mail_context.brand)
}

/// The place, line by line: site and address as registered, then the location in the customer's words.
fn whereabouts(mail_context: &CaseMailContext<'_>, site: Option<&Site>, language: Language) -> String {
    let report = &mail_context.case.opening.report;
    let country = t!(language, report.country.name_key());
    match site {
        Some(site) => format!("{}\n{}, {country}\n{}", site.name, site.address, report.location),
        None => format!("{}, {country}", report.location),
    }
}

/// The place on one line, for calendars and maps.
pub(crate) fn whereabouts_in_line(
    mail_context: &CaseMailContext<'_>,
    site: Option<&Site>,
    language: Language,
) -> String {
    whereabouts(mail_context, site, language).replace('\n', "; ")
}

/// Why the technician was not received, in words. Entries of older versions have no reason.
fn reason_in(language: Language, reason: Option<NoShowReason>) -> String {
    let key = reason.map_or("visit.missed.customer", NoShowReason::name_key);
    t!(language, key).into_owned()
}

/// Composes the mail to the people in charge of the case about a no-show, or about its undoing.
pub(crate) fn to_desk(
    mail_context: &CaseMailContext<'_>,
    (language, name): (Language, &str),
    (visit, site): (&Visit, Option<&Site>),
    note: Option<&Note>,
    link: String,
) -> Composed {
    let (number, report) = (mail_context.case.opening.number, &mail_context.case.opening.report);
    let (subject, body) = match &visit.stage {
        Stage::Missed { by: Side::Customer, reason, .. } => {
            ("letter.visit.desk.missed", reason_in(language, *reason))
        }
        Stage::Missed { .. } => ("letter.visit.desk.missed", t!(language, "visit.missed.us").into_owned()),
        _ => ("letter.visit.desk.goes_on", t!(language, visit.stage.name_key()).into_owned()),
    };
    let fact = |label: &str, value: String| Fact::new(language, label, value);
    let window = visit.appointment().map(|agreed| window_in(mail_context, agreed.window, language));
    let contact = &report.contact;
    let mut facts = vec![
        fact("visit.ask.when", window.unwrap_or_default()),
        fact("letter.visit.technician", visit.technician.name.clone()),
        fact("letter.report.location", whereabouts(mail_context, site, language)),
        fact("letter.report.contact", format!("{}\n{}", contact.name, contact.phone.international())),
    ];
    facts.extend(note.map(|note| fact("letter.visit.note", note.to_string())));
    MailBody {
        language,
        subject: mail_context.subject_in(language, subject),
        greeting: t!(language, "letter.visit.desk.greeting", name = name),
        closing: None,
        number: number.grouped(),
        about_number: Vec::new(),
        notice: None,
        promise: MailSection { title: t!(language, visit.stage.name_key()).into_owned(), body },
        foot: super::foot_of_staff(&link),
        link,
        button: t!(language, "letter.visit.staff.button").into_owned(),
        next: MailSection { title: String::new(), body: Vec::new() },
        facts: vec![MailSection { title: t!(language, "letter.visit.facts").into_owned(), body: facts }],
        lines: super::no_lines(),
    }
    .compose(&mail_context.brand)
}

/// A window in words: date, beginning and end, and zone.
pub(crate) fn window(mail_context: &CaseMailContext<'_>, window: Span) -> String {
    window_in(mail_context, window, mail_context.language())
}

fn window_in(mail_context: &CaseMailContext<'_>, window: Span, language: Language) -> String {
    let zone = &mail_context.hours.zone;
    let until = zone.format(window.to, language, domain::calendar::MomentStyle::Time);
    t!(language, "letter.visit.window", from = zone.moment(window.from, language), until = until)
}
