//! The mail that invites a person to a case.

use domain::t;

use super::{CaseMailContext, Composed, MailBody, MailSection, about, foot, lines};

/// Composes it. A holder of the case's link can send it to any address, so it has the number and fixed words alone.
pub(crate) fn invited(mail_context: &CaseMailContext<'_>) -> Composed {
    let (language, opening) = (mail_context.language(), &mail_context.case.opening);
    let text = |key: &str| t!(language, key).into_owned();
    let subject = t!(language, "letter.invited.subject", number = opening.number);
    let (platform, country) = (opening.report.platform.name_key(), opening.report.country.name_key());
    MailBody {
        language,
        subject: about(&subject, &text(platform), &text(country)),
        greeting: text("letter.invited.greeting"),
        closing: None,
        number: opening.number.grouped(),
        about_number: Vec::new(),
        notice: None,
        promise: MailSection { title: text("letter.invited.title"), body: text("letter.invited.text") },
        link: mail_context.link.clone(),
        button: text("letter.track.button"),
        next: MailSection { title: String::new(), body: Vec::new() },
        facts: Vec::new(),
        lines: lines(language, opening.report.country, &mail_context.brand.provider.hotlines),
        foot: foot(mail_context),
    }
    .compose(&mail_context.brand)
}
