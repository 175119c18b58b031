//! The inputs of the form. They are drawn with the values that were typed; from then on [`super::elements`] reads and writes
//! them.

use domain::intake::{
    CONTRACT_MEANT, COUNTRY_MISMATCH_CONFIRMED, CountryMismatch, Field, IntakeForm, NO_CONTRACT,
};
use domain::t;
use domain::text::FaultDescription;
use leptos::prelude::*;

use super::part::{Found, Piece, WholeForm};
use super::state::{FormState, id};
use crate::language::use_language;
use crate::ui::inputs::area_text;
use crate::ui::pending::use_pending;
use crate::ui::{FieldError, FieldMark, Look};

/// How a text field is typed, and filled in by the browser.
struct Typing {
    kind: &'static str,
    autocomplete: &'static str,
    inputmode: Option<&'static str>,
    /// Numbers of contracts and equipment: tabular figures, capitals, no spelling check.
    is_code: bool,
}

impl Typing {
    const fn of(field: Field) -> Self {
        const TEXT: Typing = Typing { kind: "text", autocomplete: "off", inputmode: None, is_code: false };
        match field {
            Field::Reporter => Self { autocomplete: "name", ..TEXT },
            Field::Company => Self { autocomplete: "organization", ..TEXT },
            Field::Contract | Field::Serial => Self { is_code: true, ..TEXT },
            Field::ContactPhone => Self { kind: "tel", autocomplete: "tel", inputmode: Some("tel"), ..TEXT },
            Field::ContactMail => {
                Self { kind: "email", autocomplete: "email", inputmode: Some("email"), ..TEXT }
            }
            _ => TEXT,
        }
    }
}

/// Whether the field shows a hint, because its label does not suffice.
const fn has_hint(field: Field) -> bool {
    matches!(
        field,
        Field::Contract
            | Field::Company
            | Field::Serial
            | Field::Location
            | Field::ContactMail
            | Field::Fault
    )
}

/// The ids of the field's descriptions that are on the page.
fn described_by(
    field: Field,
    error: Signal<Option<String>>,
    others: &'static [&'static str],
) -> impl Fn() -> Option<String> {
    move || {
        let id = id(field);
        let hint = has_hint(field).then(|| format!("{id}-hint"));
        let others = others.iter().map(|part| format!("{id}-{part}"));
        let error = error.with(Option::is_some).then(|| format!("{id}-error"));
        let all: Vec<_> = hint.into_iter().chain(others).chain(error).collect();
        (!all.is_empty()).then(|| all.join(" "))
    }
}

fn invalid(look: Signal<Look>) -> impl Fn() -> Option<&'static str> {
    move || (look.get() == Look::Error).then_some("true")
}

#[component]
fn Label(field: Field) -> impl IntoView {
    let language = use_language();
    view! { <label class="field__label" r#for=id(field)>{t!(language, field.label_key())}</label> }.into_any()
}

#[component]
fn Hint(field: Field) -> impl IntoView {
    let language = use_language();
    has_hint(field)
        .then(|| view! { <p class="field__hint" id=format!("{}-hint", id(field))>{t!(language, field.hint_key())}</p> })
}

/// A text field of one line.
#[component]
pub(super) fn TextField(filling: FormState, field: Field) -> impl IntoView {
    let (look, error) = (filling.look(field), filling.error(field));
    view! {
        <div class="field" data-look=move || look.get().code()>
            <Label field/>
            <TextBox filling field look error found=&[]/>
            <Hint field/>
            <FieldError id=id(field) error/>
        </div>
    }
    .into_any()
}

/// A text field that the server is asked about, with its findings.
#[component]
pub(super) fn AskedField(
    form: WholeForm,
    field: Field,
    look: Signal<Look>,
    /// The findings.
    piece: Piece,
) -> impl IntoView {
    let filling = form.filling;
    let error = filling.error(field);
    view! {
        <div class="field" data-look=move || look.get().code()>
            <Label field/>
            <TextBox filling field look error found=&["found"]/>
            <Hint field/>
            <Found piece form/>
            <FieldError id=id(field) error/>
        </div>
    }
    .into_any()
}

#[component]
fn TextBox(
    filling: FormState,
    field: Field,
    look: Signal<Look>,
    error: Signal<Option<String>>,
    found: &'static [&'static str],
) -> impl IntoView {
    let Typing { kind, autocomplete, inputmode, is_code } = Typing::of(field);
    let pending = use_pending();
    let initial = filling.form.with_untracked(|form| form.typed(field.code()).unwrap_or_default().to_owned());
    view! {
        <div class="field__box">
            <input
                class=if is_code { "field__input field__input--code" } else { "field__input" }
                id=id(field)
                name=field.code()
                r#type=kind
                value=initial
                autocomplete=autocomplete
                inputmode=inputmode
                autocapitalize=is_code.then_some("characters")
                spellcheck=is_code.then_some("false")
                required
                readonly=move || pending.get()
                aria-invalid=invalid(look)
                aria-busy=move || (look.get() == Look::Busy).then_some("true")
                aria-describedby=described_by(field, error, found)
            />
            <FieldMark look/>
        </div>
    }
    .into_any()
}

/// The description of the fault. Text beyond the limit is an error and is not cut off: a paste must not lose its end.
#[component]
pub(super) fn FaultField(filling: FormState) -> impl IntoView {
    const FIELD: Field = Field::Fault;
    let (language, pending) = (use_language(), use_pending());
    let (look, error) = (filling.look(FIELD), filling.error(FIELD));
    let initial = filling.form.with_untracked(|form| area_text(&form.fault));
    let count = move || filling.form.with(|form| form.fault.trim().chars().count());
    view! {
        <div class="field" data-look=move || look.get().code()>
            <Label field=FIELD/>
            <Hint field=FIELD/>
            <div class="field__box">
                <textarea
                    class="field__input"
                    id=id(FIELD)
                    name=FIELD.code()
                    rows="5"
                    required
                    readonly=move || pending.get()
                    aria-invalid=invalid(look)
                    aria-describedby=described_by(FIELD, error, &["count"])
                    inner_html=initial
                ></textarea>
                <FieldMark look/>
            </div>
            <div class="field__foot">
                <FieldError id=id(FIELD) error/>
                <span class="field__count" id=format!("{}-count", id(FIELD))>
                    {move || t!(language, "field.count", count = count(), max = FaultDescription::MAX)}
                </span>
            </div>
        </div>
    }
    .into_any()
}

/// A list to choose from: code and name.
#[component]
pub(super) fn SelectField(
    filling: FormState,
    field: Field,
    /// The words while nothing is chosen.
    unset: String,
    options: Vec<(&'static str, String)>,
) -> impl IntoView {
    let (look, error) = (filling.look(field), filling.error(field));
    let chosen = filling.form.with_untracked(|form| form.value(field).to_owned());
    let options = options.into_iter().map(|(code, name)| {
        let selected = code == chosen;
        view! { <option value=code selected=selected>{name}</option> }
    });
    view! {
        <div class="field" data-look=move || if look.get() == Look::Error { Some("error") } else { None }>
            <Label field/>
            <div class="field__box">
                <select
                    class="field__input"
                    id=id(field)
                    name=field.code()
                    autocomplete="off"
                    required
                    aria-invalid=invalid(look)
                    aria-describedby=described_by(field, error, &[])
                >
                    <option value="">{unset}</option>
                    {options.collect_view()}
                </select>
            </div>
            <FieldError id=id(field) error/>
        </div>
    }
    .into_any()
}

/// Below the country, while it differs from the contract's: a button that takes the contract's country, and a box that
/// confirms the other one. The error shows at the country itself.
#[component]
pub(super) fn AbroadField(filling: FormState) -> impl IntoView {
    let language = use_language();
    let crossing = Memo::new(move |_| filling.form.with(|form| form.crossing(&filling.formats())));
    move || {
        crossing.get().map(|CountryMismatch { contract, place }| {
            let own = t!(language, contract.name_key());
            let is_meant = filling.form.with_untracked(|form| form.abroad == "yes");
            let choose = move |_| filling.put(Field::Country, contract.code().to_owned());
            view! {
                <button class="textlink" type="button" tabindex=filling.order_after(Field::Country) on:click=choose>
                    {t!(language, "form.use", value = own)}
                </button>
                <label class="check">
                    <input type="checkbox" id="abroad" name=COUNTRY_MISMATCH_CONFIRMED value="yes" checked=is_meant
                        tabindex=filling.order_after(Field::Country)/>
                    " "
                    <span>{t!(language, "form.abroad", place = t!(language, place.name_key()))}</span>
                </label>
            }
        })
    }
}

/// Below the contract number: a box for customers without a number at hand, and the name of their organisation. For a number
/// that looks wrong, a box that confirms it.
#[component]
pub(super) fn NoContract(filling: FormState) -> impl IntoView {
    let language = use_language();
    let lacks = filling.form.with_untracked(IntakeForm::lacks_contract);
    let label = filling.who.pick("form.no_contract", "form.no_contract_staff");
    let is_lacking = Memo::new(move |_| filling.form.with(IntakeForm::lacks_contract));
    let is_asked = Memo::new(move |_| {
        filling.was_left(Field::Contract)
            && filling.form.with(|form| form.asks_about_contract(&filling.formats()))
    });
    view! {
        {move || is_asked.get().then(|| {
            let is_meant = filling.form.with_untracked(|form| form.contract_meant == "yes");
            view! {
                <label class="check">
                    <input type="checkbox" id="contract-meant" name=CONTRACT_MEANT value="yes" checked=is_meant/>
                    " "
                    <span>{t!(language, "form.contract_meant")}</span>
                </label>
            }
        })}
        <label class="check">
            <input type="checkbox" id="no-contract" name=NO_CONTRACT value="yes" checked=lacks/>
            " "
            <span>{t!(language, label)}</span>
        </label>
        {move || is_lacking.get().then(|| view! { <TextField filling field=Field::Company/> })}
    }
    .into_any()
}

/// The look of a question's choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cards {
    /// Cards with a definition each.
    Large,
    /// One word each.
    Chips,
}

/// One of the choices of a question.
pub(super) struct Choice {
    pub(super) code: &'static str,
    pub(super) name: String,
    pub(super) definition: Option<String>,
}

/// A question with choices, each with its definition beside it. The first choice has the field's id.
#[component]
pub(super) fn Question(
    filling: FormState,
    field: Field,
    choices: Vec<Choice>,
    cards: Cards,
) -> impl IntoView {
    let language = use_language();
    let (look, error) = (filling.look(field), filling.error(field));
    let chosen = filling.form.with_untracked(|form| form.value(field).to_owned());
    let (class, inner) = match cards {
        Cards::Large => ("question", "choices"),
        Cards::Chips => ("question question--small", "choices choices--chips"),
    };
    let choices = choices.into_iter().enumerate().map(|(at, choice)| {
        let checked = choice.code == chosen;
        view! {
            <label class="choice">
                <input
                    type="radio"
                    id=(at == 0).then(|| id(field))
                    name=field.code()
                    value=choice.code
                    checked=checked
                    required
                    aria-invalid=invalid(look)
                    aria-describedby=move || error.with(Option::is_some).then(|| format!("{}-error", id(field)))
                />
                <span class="choice__card">
                    {match choice.definition {
                        Some(definition) => {
                            view! {
                                <span class="choice__title">{choice.name}</span>
                                <span class="choice__text">{definition}</span>
                            }
                                .into_any()
                        }
                        None => choice.name.into_any(),
                    }}
                </span>
            </label>
        }
    });
    view! {
        <fieldset class=class data-look=move || (look.get() == Look::Error).then_some("error")>
            <legend class="question__title">
                {t!(language, field.label_key())} " " <small>{t!(language, field.hint_key())}</small>
            </legend>
            <FieldError id=id(field) error/>
            <div class=inner>{choices.collect_view()}</div>
        </fieldset>
    }
    .into_any()
}
