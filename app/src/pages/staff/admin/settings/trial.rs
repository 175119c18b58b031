//! A value to try formats on before they are saved, and what the formats of the form say of it.

use desk::DeskError;
use desk::settings::{Fields, Subject, try_formats, try_serial_formats};
use domain::t;
use leptos::prelude::*;

use super::{ACTION, Access, Form, formats, serial_formats};
use crate::language::use_language;
use crate::request::RequestContext;
use crate::ui::{Notice, Tone};

/// The name of the field with a value to try.
const TRIED: &str = "tried";

/// A value that was typed, and what the formats say of it.
#[derive(Debug, Clone)]
pub(super) struct Tried {
    value: String,
    told: Vec<(Tone, String)>,
}

impl Tried {
    /// Takes the value to try out of a form, and tries it on the rest. `None` when none was typed.
    pub(super) fn take(
        asked: &RequestContext,
        subject: Subject,
        fields: &mut Fields,
    ) -> Result<Option<Self>, DeskError> {
        let Some(value) = fields.remove(TRIED).filter(|value| !value.trim().is_empty()) else {
            return Ok(None);
        };
        let (desk, actor, language) = (&asked.desk, &asked.actor, asked.language);
        let told = match subject {
            Subject::Formats => vec![formats::told(language, try_formats(desk, actor, fields, &value)?)],
            Subject::SerialFormats => {
                serial_formats::told(language, try_serial_formats(desk, actor, fields, &value)?)
            }
            _ => return Ok(None),
        };
        Ok(Some(Self { value, told }))
    }
}

/// The words of a page about its trial, by their keys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) hint: &'static str,
}

/// The field with the value, and what was told of it.
pub(super) fn trial(form: &Form, words: Words) -> Option<AnyView> {
    let language = use_language();
    if form.access == Access::Read {
        return None;
    }
    let Tried { value, told } = form
        .reply
        .as_ref()
        .and_then(|reply| reply.tried.clone())
        .unwrap_or(Tried { value: String::new(), told: Vec::new() });
    let told = told.into_iter().map(|(tone, words)| {
        let icon = if tone == Tone::Good { "check" } else { "alert" };
        view! { <Notice tone icon><p>{words}</p></Notice> }
    });
    Some(
        view! {
            <section class="card stack" aria-labelledby="h-try">
                <h2 id="h-try">{t!(language, words.title)}</h2>
                {told.collect_view()}
                <div class="field">
                    <label class="field__label" for=TRIED>{t!(language, words.title)}</label>
                    <div class="field__box field__box--short">
                        <input class="field__input" id=TRIED name=TRIED type="text" value=value autocomplete="off"
                            aria-describedby="tried-hint"/>
                    </div>
                    <p class="field__hint" id="tried-hint">{t!(language, words.hint)}</p>
                </div>
                <div class="row">
                    <button class="button" type="submit" name=ACTION value="try">
                        {t!(language, "settings.page.formats_try_button")}
                    </button>
                </div>
            </section>
        }
        .into_any(),
    )
}
