//! The form for labels of equipment, and their file.

use desk::register::{LabelPaper, LabelsFor, MOST_LABELS, labels};
use domain::register::RegisterKind;
use domain::t;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

use super::REGISTER;
use super::lists::Filters;
use crate::AppError;
use crate::language::use_language;
use crate::request::RequestContext;

/// The name of the field with a chosen serial.
pub(super) const SERIAL: &str = "serial";
/// The value of the paper for label printers.
const SINGLE: &str = "single";

/// A table of equipment whose rows can be chosen for labels. `filters` name the list that it is a page of.
pub(super) fn chooser(table: AnyView, filters: Vec<(&'static str, String)>) -> AnyView {
    let language = use_language();
    let filters =
        filters.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    view! {
        <form class="stack" method="get" action=format!("{REGISTER}/labels.pdf")>
            {filters.collect_view()}
            {table}
            <fieldset class="card stack">
                <legend class="question__title">{t!(language, "register.label.title")}</legend>
                <p class="note">{t!(language, "register.label.hint", most = MOST_LABELS)}</p>
                <div class="finder">
                    <div class="field">
                        <label class="field__label" for="paper">{t!(language, "register.label.paper")}</label>
                        <div class="field__box">
                            <select class="field__input" id="paper" name="paper">
                                <option value="l7160">{t!(language, "register.label.l7160")}</option>
                                <option value=SINGLE>{t!(language, "register.label.single")}</option>
                            </select>
                        </div>
                    </div>
                    <div class="field">
                        <label class="field__label" for="used">{t!(language, "register.label.used")}</label>
                        <div class="field__box">
                            <input class="field__input" id="used" name="used" type="number" min="0" max="20" value="0"/>
                        </div>
                    </div>
                    <button class="button" type="submit">{t!(language, "register.label.get")}</button>
                </div>
            </fieldset>
        </form>
    }
    .into_any()
}

/// The address of one label, for a label printer.
pub(super) fn label_file(serial: &str) -> String {
    format!("{REGISTER}/labels.pdf?{SERIAL}={}&paper={SINGLE}", crate::address::query_value(serial))
}

/// The labels that an address asks for, as a PDF file: of the chosen serials, or of the whole list when none is chosen.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such equipment. See [`AppError`].
pub async fn labels_pdf(asked: &RequestContext, query: &[(String, String)]) -> Result<Vec<u8>, AppError> {
    let serials: Vec<String> =
        query.iter().filter(|(name, _)| name == SERIAL).map(|(_, value)| value.clone()).collect();
    let which = if serials.is_empty() {
        let mut filters = ParamsMap::new();
        for (name, value) in query {
            filters.insert(name.clone(), value.clone());
        }
        let filters = Filters::parse(RegisterKind::Equipment, &filters).map_err(|_| AppError::Malformed)?;
        LabelsFor::List(filters.query)
    } else {
        LabelsFor::Serials(serials)
    };
    let value = |of: &str| query.iter().find(|(name, _)| name == of).map(|(_, value)| value.as_str());
    let paper = match value("paper") {
        Some(SINGLE) => LabelPaper::LabelPrinter,
        _ => LabelPaper::AveryL7160 { used: value("used").and_then(|used| used.parse().ok()).unwrap_or(0) },
    };
    let file = labels(&asked.desk, &asked.actor, which, paper, asked.language).await?;
    file.ok_or(AppError::NotFound)
}
