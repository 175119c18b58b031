//! The three groups of the form: who, what, and what is wrong with it (letter, steps 2 and 3).

use domain::country::Country;
use domain::intake::{CONTACT_SAME, Field};
use domain::priority::{Platform, Severity, Urgency};
use domain::t;
use leptos::prelude::*;

use super::fields::{
    AbroadField, AskedField, Cards, Choice, FaultField, NoContract, Question, SelectField, TextField,
};
use super::files::CaseFiles;
use super::findings::serial_look;
use super::part::{Found, Piece, WholeForm};
use crate::language::use_language;

/// A, B and E: the reporter, the contract, and the contact.
#[component]
pub(super) fn Who(form: WholeForm) -> impl IntoView {
    let filling = form.filling;
    let language = use_language();
    let same = filling.form.with_untracked(|form| form.contact_same == "yes");
    let same_label = filling.who.pick("form.contact.same", "form.contact.same_staff");
    view! {
        <fieldset class="card group">
            <legend class="group__title">{t!(language, "form.group.who")}</legend>
            <div class="pair">
                <TextField filling field=Field::Reporter/>
                <div class="stack stack--tight">
                    <AskedField form field=Field::Contract look=filling.look(Field::Contract) piece=Piece::Contract/>
                    <NoContract filling/>
                </div>
            </div>
            <fieldset class="question question--small">
                <legend class="question__title">
                    {t!(language, "form.contact.title")} " " <small>{t!(language, "form.contact.hint")}</small>
                </legend>
                <label class="check">
                    <input type="checkbox" id="contact-same" name=CONTACT_SAME value="yes" checked=same/>
                    " "
                    <span>{t!(language, same_label)}</span>
                </label>
                <div class="pair">
                    <TextField filling field=Field::ContactName/>
                    <AskedField form field=Field::ContactPhone look=filling.look(Field::ContactPhone) piece=Piece::Phone/>
                    <AskedField form field=Field::ContactMail look=filling.look(Field::ContactMail) piece=Piece::Mail/>
                </div>
            </fieldset>
        </fieldset>
    }
    .into_any()
}

/// C and D: the equipment and its place.
#[component]
pub(super) fn Equipment(form: WholeForm) -> impl IntoView {
    let filling = form.filling;
    let language = use_language();
    let platforms = Platform::ALL.map(|platform| Choice {
        code: platform.code(),
        name: t!(language, platform.name_key()).into_owned(),
        definition: None,
    });
    let countries =
        Country::ALL.map(|country| (country.code(), t!(language, country.name_key()).into_owned()));
    view! {
        <fieldset class="card group">
            <legend class="group__title">{t!(language, "form.group.equipment")}</legend>
            <Question filling field=Field::Platform choices=platforms.into() cards=Cards::Chips/>
            <AskedField form field=Field::Serial look=serial_look(filling, form.asked) piece=Piece::Serial/>
            <div class="pair">
                <div>
                    <SelectField
                        filling
                        field=Field::Country
                        unset=t!(language, "form.country.choose").into_owned()
                        options=countries.into()
                    />
                    <AbroadField filling/>
                    <Found piece=Piece::Site form/>
                </div>
                <TextField filling field=Field::Location/>
            </div>
        </fieldset>
    }
    .into_any()
}

/// F, severity and urgency: the fault and its impact, and files that show it.
#[component]
pub(super) fn Fault(form: WholeForm) -> impl IntoView {
    let filling = form.filling;
    let language = use_language();
    let choice = |code, name, definition| Choice {
        code,
        name: t!(language, name).into_owned(),
        definition: Some(t!(language, definition).into_owned()),
    };
    let severities =
        Severity::ALL.map(|level| choice(level.code(), level.name_key(), level.definition_key()));
    let urgencies = Urgency::ALL.map(|level| choice(level.code(), level.name_key(), level.definition_key()));
    view! {
        <fieldset class="card group">
            <legend class="group__title">{t!(language, "form.group.fault")}</legend>
            <FaultField filling/>
            <Question filling field=Field::Severity choices=severities.into() cards=Cards::Large/>
            <Question filling field=Field::Urgency choices=urgencies.into() cards=Cards::Large/>
            // The last field: the server has read all others before it reads files.
            <CaseFiles form/>
        </fieldset>
    }
    .into_any()
}
