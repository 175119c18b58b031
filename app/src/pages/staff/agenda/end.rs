//! The form that ends a visit: report, parts and the customer's conformity, sent as one.

use std::num::NonZeroU16;

use domain::case::visit::{Conformity, Part, Signature, VisitCommand, VisitId, WorkReport};
use domain::t;
use domain::text::{Note, PersonName, Reason, optional};
use leptos::prelude::*;

use super::draft::{EndTyped, PartTyped};
use super::entry::VisitAction;
use crate::language::use_language;
use crate::ui::pending::use_pending;
use crate::ui::{Icon, SignaturePad, inputs};

/// A line of parts, if it is used; an invalid quantity is an error.
fn read_part(part: PartTyped) -> Result<Option<Part>, ()> {
    optional(&part.name.get_untracked(), |name| {
        let quantity = part.quantity.get_untracked().trim().parse::<NonZeroU16>().map_err(drop)?;
        Ok(Part { quantity, name: Reason::parse(name).map_err(drop)? })
    })
}

/// The form that ends a visit.
#[component]
pub(super) fn EndForm(tap: VisitAction, visit: VisitId, contact: String) -> impl IntoView {
    let (language, pending) = (use_language(), use_pending());
    // Several visits may be under way in one agenda: the ids hold the case's number.
    let id = move |name: &str| format!("{name}-{}", tap.number.as_compact());
    let who_id = id("end-who");
    let typed @ EndTyped { report, parts, who, unsigned, strokes } =
        EndTyped::of((tap.number, visit), contact);
    let wrong = RwSignal::new(None::<String>);
    let run = move |_| match read_end(typed) {
        Ok(command) => {
            wrong.set(None);
            tap.send(command);
        }
        Err(Missing::Key(key)) => wrong.set(Some(t!(language, key).into_owned())),
        Err(Missing::Words(problem)) => wrong.set(Some(problem.message(language))),
    };
    let line = move |(place, part): (usize, PartTyped)| {
        let nth = place + 1;
        view! { <PartLine nth part quantity_id=id(&format!("quantity-{nth}")) name_id=id(&format!("part-{nth}"))/> }
    };
    let more = move |_| {
        parts.update(|parts| {
            if parts.len() < WorkReport::MOST_PARTS {
                parts.push(PartTyped::new());
            }
        });
    };
    view! {
        <form class="stack visit__end" on:submit=|event| event.prevent_default()>
            <Text id=id("end-report") label="visit.end.report" value=report rows="4"/>
            <fieldset class="question question--small">
                <legend class="question__title">{t!(language, "visit.end.parts")}</legend>
                <div class="stack stack--tight">{move || parts.get().into_iter().enumerate().map(line).collect_view()}</div>
                <button class="button button--quiet" type="button" on:click=more>
                    <Icon name="plus"/> " " {t!(language, "visit.end.more")}
                </button>
            </fieldset>
            <fieldset class="question question--small">
                <legend class="question__title">{t!(language, "visit.end.conformity")}</legend>
                <div class="stack">
                    <div class="field">
                        <label class="field__label" for=who_id.clone()>{t!(language, "visit.end.who")}</label>
                        <div class="field__box">
                            <input class="field__input" id=who_id autocomplete="off" value=who.get_untracked()
                                readonly=move || pending.get() node_ref=inputs::shows(who) on:input=write(who)/>
                        </div>
                    </div>
                    <div inert=move || pending.get()><SignaturePad strokes/></div>
                    <Text id=id("end-unsigned") label="visit.end.unsigned" value=unsigned rows="2"/>
                </div>
            </fieldset>
            {move || wrong.get().map(|words| view! { <p class="field__error" role="alert">{words}</p> })}
            <button class="button button--main button--big" type="button" aria-disabled=tap.busy() on:click=run>
                {t!(language, "visit.end.act")}
            </button>
        </form>
    }
    .into_any()
}

/// One line of parts.
#[component]
fn PartLine(nth: usize, part: PartTyped, quantity_id: String, name_id: String) -> impl IntoView {
    let (language, pending) = (use_language(), use_pending());
    view! {
        <div class="window">
            <div class="field field--few">
                <label class="field__label" for=quantity_id.clone()>{t!(language, "visit.end.quantity", nth = nth)}</label>
                <div class="field__box">
                    <input class="field__input" id=quantity_id inputmode="numeric" value=part.quantity.get_untracked()
                        readonly=move || pending.get() node_ref=inputs::shows(part.quantity) on:input=write(part.quantity)/>
                </div>
            </div>
            <div class="field">
                <label class="field__label" for=name_id.clone()>{t!(language, "visit.end.part", nth = nth)}</label>
                <div class="field__box">
                    <input class="field__input" id=name_id autocomplete="off" value=part.name.get_untracked()
                        readonly=move || pending.get() node_ref=inputs::shows(part.name) on:input=write(part.name)/>
                </div>
            </div>
        </div>
    }
    .into_any()
}

/// Stores what is typed. The fields are not bound: they are on the page before its script runs (docs/decisions/0022).
fn write(text: RwSignal<String>) -> impl Fn(web_sys::Event) + 'static {
    move |event| text.set(event_target_value(&event))
}

#[component]
fn Text(
    #[prop(into)] id: String,
    label: &'static str,
    value: RwSignal<String>,
    rows: &'static str,
) -> impl IntoView {
    let (language, pending) = (use_language(), use_pending());
    view! {
        <div class="field">
            <label class="field__label" for=id.clone()>{t!(language, label)}</label>
            <div class="field__box">
                <textarea class="field__input field__input--short" id=id.clone() rows=rows
                    readonly=move || pending.get() inner_html=inputs::area_text(&value.get_untracked()) node_ref=inputs::shows(value) on:input=write(value)></textarea>
            </div>
        </div>
    }
    .into_any()
}

/// What is missing or wrong in a report.
enum Missing {
    /// By the key of the message.
    Key(&'static str),
    /// By the problem of a text.
    Words(domain::text::TextProblem),
}

fn read_end(typed: EndTyped) -> Result<VisitCommand, Missing> {
    let EndTyped { report, parts, who, unsigned, strokes } = typed;
    let text = Note::parse(&report.get_untracked()).map_err(Missing::Words)?;
    let lines = parts.get_untracked().into_iter().map(read_part).collect::<Result<Vec<_>, ()>>();
    let lines = lines.map_err(|()| Missing::Key("visit.end.wrong_part"))?;
    let report = WorkReport::new(text, lines.into_iter().flatten().collect())
        .map_err(|_| Missing::Key("visit.end.wrong_part"))?;
    let why = unsigned.get_untracked();
    let conformity = match Signature::new(strokes.get_untracked()) {
        Ok(signature) => {
            let name = PersonName::parse(&who.get_untracked()).map_err(Missing::Words)?;
            Conformity::Signed { name, signature }
        }
        Err(_) if why.trim().is_empty() => return Err(Missing::Key("visit.end.sign_first")),
        Err(_) => Conformity::Unsigned { reason: Note::parse(&why).map_err(Missing::Words)? },
    };
    Ok(VisitCommand::End { report, conformity })
}
