//! Stored texts with variables.

use domain::i18n::Language;
use domain::wording::{
    CannedReply, FilledReply, InLanguages, MailPart, MailTextKind, MailWords, REPLY, ReplyState, Template,
    Variable,
};

use super::{Golden, golden};

pub(super) fn goldens() -> Vec<Golden> {
    vec![
        golden!("template", Template, [template()]),
        golden!("variable", Variable in ALL),
        golden!("in_languages", InLanguages<Template>, [texts(), InLanguages::default()]),
        golden!("reply_state", ReplyState in ALL),
        golden!("canned_reply", CannedReply, [CannedReply { state: ReplyState::Retired, text: texts() }]),
        golden!("mail_text_kind", MailTextKind in ALL),
        golden!("mail_part", MailPart in ALL),
        golden!("mail_words", MailWords, [words(), MailWords::default()]),
        golden!("filled_reply", FilledReply, [filled()]),
    ]
}

fn template() -> Template {
    Template::parse("Caso {number}, {{hoy}}", &REPLY).unwrap()
}

fn texts() -> InLanguages<Template> {
    let mut texts = InLanguages::default();
    for language in Language::ALL {
        texts.set(language, Some(template()));
    }
    texts
}

fn words() -> MailWords {
    MailWords { subject: Some(template()), greeting: Some(template()), closing: Some(template()) }
}

fn filled() -> FilledReply {
    FilledReply { name: "Saludo".to_owned(), text: "Hola".to_owned() }
}
