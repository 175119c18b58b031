//! Findings about contract, serial and mail address while they are typed, by the rules here and by the server.

use chrono::NaiveDate;
use domain::country::Country;
use domain::entitlement::{
    CustomerView, Entitlement, EntitlementView, OpenCaseView, RegisteredView, ValidationReason,
};
use domain::i18n::Language;
use domain::intake::{Field, IntakeForm, NO_CONTRACT};
use domain::mail_address::MailAddress;
use domain::phone::Phone;
use domain::serial::{Serial, SerialFormats};
use domain::t;
use leptos::prelude::*;

use super::FormError;
use super::asked::{Asked, Asking, Lookup, Question};
use super::state::FormState;
use crate::address::case_address;
use crate::formats::use_serial_formats;
use crate::language::use_language;
use crate::live::use_time;
use crate::ui::{DeferredView, Finding, Look, Tone};

/// The look of the serial's field: busy while the server is asked.
pub(super) fn serial_look(filling: FormState, asked: Asked) -> Signal<Look> {
    let look = filling.look(Field::Serial);
    Memo::new(move |_| match (look.get(), asked.asking.get()) {
        (Look::Valid, Asking::Waiting) => Look::Busy,
        (look, _) => look,
    })
    .into()
}

/// The finding that the contract is in force.
#[component]
pub(super) fn ContractFindings(filling: FormState, lookup: Lookup) -> impl IntoView {
    let language = use_language();
    let note = Memo::new(move |_| {
        filling.form.with(|form| {
            match (form.lacks_contract(), form.asks_about_contract(&filling.formats())) {
                (true, _) => Some("found.no_contract"),
                (false, true) if form.contract_meant == "yes" => Some("found.contract_meant"),
                _ => None,
            }
        })
    });
    let in_force = Memo::new(move |_| answer(filling, lookup).is_some_and(|seen| is_in_force(&seen)));
    view! {
        {move || {
            note.get().map(|key| view! { <Finding tone=Tone::Care icon="info">{t!(language, key)}</Finding> })
        }}
        {move || {
            in_force
                .get()
                .then(|| {
                    view! {
                        <Finding tone=Tone::Good icon="check">
                            {t!(language, "found.contract_in_force")}
                        </Finding>
                    }
                })
        }}
    }
    .into_any()
}

/// Findings about the serial: its own content, and the server's answer.
#[component]
pub(super) fn SerialFindings(filling: FormState, lookup: Lookup) -> impl IntoView {
    let language = use_language();
    view! {
        <Decoded filling lookup/>
        <RegisteredFinding filling lookup/>
        {move || match lookup.asked.asking.get() {
            Asking::Waiting if about_serial(filling) => {
                Some(DeferredView::new(move || view! { <Finding>{t!(language, "found.asking")}</Finding> }.into_any()))
            }
            Asking::Failed(error) => {
                Some(DeferredView::new(move || view! { <Unreached error filling lookup/> }.into_any()))
            }
            Asking::Waiting | Asking::Settled => answer(filling, lookup)
                .map(|seen| DeferredView::new(move || view! { <Covered seen filling/> }.into_any())),
        }}
    }
    .into_any()
}

/// The register's entry of the serial, and a button that takes contract, place and platform from it. Only the staff is told.
#[component]
fn RegisteredFinding(filling: FormState, lookup: Lookup) -> impl IntoView {
    let language = use_language();
    let offered = Memo::new(move |_| {
        let settled = lookup.asked.asking.get() == Asking::Settled;
        let registered = settled.then(|| lookup.offer.with(|offer| offer.registered.clone())).flatten()?;
        let taken = filling.form.with(|form| {
            form.contract == registered.contract
                && form.platform == registered.platform.code()
                && form.country == registered.country.code()
                && !form.location.is_empty()
        });
        (!taken).then_some(registered)
    });
    move || {
        offered.get().map(|registered| {
            let words = t!(
                language,
                "found.registered",
                organisation = registered.organisation,
                site = registered.place(),
                contract = registered.contract
            );
            view! {
                <Finding tone=Tone::Good icon="place">
                    {words} " "
                    <button class="textlink" type="button" tabindex=filling.order_after(Field::Serial) on:click=move |_| take_registered(filling, &registered)>
                        {t!(language, "found.take_registered")}
                    </button>
                </Finding>
            }
        })
    }
}

fn take_registered(filling: FormState, registered: &RegisteredView) {
    filling.put_box(NO_CONTRACT, String::new());
    for (field, value) in [
        (Field::Contract, registered.contract.clone()),
        (Field::Platform, registered.platform.code().to_owned()),
        (Field::Country, registered.country.code().to_owned()),
        (Field::Location, registered.place()),
    ] {
        filling.put(field, value);
    }
}

/// The finding that the register has the equipment in another country than the chosen one. Shown where the contract's number
/// names no country.
#[component]
pub(super) fn SiteFinding(filling: FormState, lookup: Lookup) -> impl IntoView {
    let language = use_language();
    let elsewhere = Memo::new(move |_| {
        let Some(EntitlementView::Covered { country: Some(site), .. }) = answer(filling, lookup) else {
            return None;
        };
        filling.form.with(|form| {
            let chosen = Country::from_typed(&form.country)?;
            (chosen != site && form.crossing(&filling.formats()).is_none()).then_some(site)
        })
    });
    move || {
        elsewhere.get().map(|site| {
            let name = t!(language, site.name_key());
            let (told, act) =
                (t!(language, "found.site_country", country = name), t!(language, "form.use", value = name));
            let choose = move |_| filling.put(Field::Country, site.code().to_owned());
            view! {
                <Finding tone=Tone::Care icon="info">
                    {told} " "
                    <button class="textlink" type="button" tabindex=filling.order_after(Field::Country) on:click=choose>
                        {act}
                    </button>
                </Finding>
            }
        })
    }
}

/// The finding that no area of the country begins like the number. The number is accepted all the same.
#[component]
pub(super) fn PhoneFindings(filling: FormState) -> impl IntoView {
    let language = use_language();
    let unknown = Memo::new(move |_| {
        let unknown = |form: &IntakeForm| {
            let phone = Phone::parse(Country::from_typed(&form.country)?, &form.contact_phone).ok()?;
            Some((phone.country()?, phone.unknown_area()?.to_owned()))
        };
        let told = filling.was_left(Field::ContactPhone);
        told.then(|| filling.form.with(unknown)).flatten()
    });
    move || {
        unknown.get().map(|(country, area)| {
            let of_country = t!(language, country.of_key());
            let words = t!(language, "phone.unknown_area", area = area, of_country = of_country);
            view! { <Finding tone=Tone::Care icon="info">{words}</Finding> }
        })
    }
}

/// A suggestion for an address with a common slip. The address is accepted all the same.
#[component]
pub(super) fn MailFindings(filling: FormState) -> impl IntoView {
    let language = use_language();
    let meant = Memo::new(move |_| {
        let told = filling.was_left(Field::ContactMail);
        let meant = || filling.form.with(|form| MailAddress::suggestion(&form.contact_mail));
        told.then(meant).flatten()
    });
    move || {
        meant.get().map(|address| {
            view! {
                <Finding tone=Tone::Care icon="info">
                    {t!(language, "found.look_alike")} " "
                    <Take filling field=Field::ContactMail value=address.to_string()/>
                </Finding>
            }
        })
    }
}

/// A button that takes a suggestion.
#[component]
fn Take(filling: FormState, field: Field, value: String) -> impl IntoView {
    let language = use_language();
    let label = t!(language, "form.use", value = value);
    view! {
        <button class="textlink" type="button" tabindex=filling.order_after(field)
            on:click=move |_| filling.put(field, value.clone())>
            {label}
        </button>
    }
    .into_any()
}

/// The result of decoding a serial.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reading {
    Known(String),
    LookAlikes(Vec<String>),
    Unknown,
}

fn reading(formats: &SerialFormats, serial: &str, today: NaiveDate, language: Language) -> Option<Reading> {
    let serial = Serial::parse(serial).ok()?;
    let known = formats.recognise(&serial, None, today);
    Some(match (known.matches.first(), known.suggestion) {
        (Some(decoded), _) => Reading::Known(decoded.summary(language)),
        (None, Some(offers)) => Reading::LookAlikes(offers),
        (None, None) => Reading::Unknown,
    })
}

#[component]
fn Decoded(filling: FormState, lookup: Lookup) -> impl IntoView {
    let language = use_language();
    let time = use_time();
    // A day more or less does not matter: the date only refuses future years of manufacture.
    let today = move || {
        let local = lookup.offer.with_untracked(|offer| offer.hours.zone.local(time.now_untracked()));
        NaiveDate::from_ymd_opt(local.year, u32::from(local.month), u32::from(local.day)).unwrap_or_default()
    };
    let formats = use_serial_formats();
    let serial = Memo::new(move |_| filling.form.with(|form| form.serial.clone()));
    let reading = Memo::new(move |_| serial.with(|serial| reading(&formats, serial, today(), language)));
    move || {
        let reading = reading.get()?;
        Some(DeferredView::new(move || read_from(language, filling, reading)))
    }
}

fn read_from(language: Language, filling: FormState, reading: Reading) -> AnyView {
    match reading {
        Reading::Known(summary) => {
            view! { <Finding tone=Tone::Good icon="device">{summary}</Finding> }.into_any()
        }
        Reading::LookAlikes(offers) => {
            let offers = offers
                .into_iter()
                .map(|value| view! { " " <Take filling field=Field::Serial value/> })
                .collect_view();
            view! { <Finding tone=Tone::Care icon="info">{t!(language, "found.look_alike")} {offers}</Finding> }
                .into_any()
        }
        Reading::Unknown => {
            view! { <Finding tone=Tone::Care icon="info">{t!(language, "found.unknown_format")}</Finding> }
                .into_any()
        }
    }
}

#[component]
fn Unreached(error: FormError, filling: FormState, lookup: Lookup) -> impl IntoView {
    let language = use_language();
    let words = if error == FormError::TooOften { "found.too_often" } else { "found.unreached" };
    view! {
        <Finding tone=Tone::Care icon="offline">
            {t!(language, words)} " "
            <button class="textlink" type="button" tabindex=filling.order_after(Field::Serial) on:click=move |_| lookup.asked.retry()>
                {t!(language, "form.retry")}
            </button>
        </Finding>
    }
    .into_any()
}

/// The coverage, as far as the reader may know it.
#[component]
fn Covered(seen: EntitlementView, filling: FormState) -> impl IntoView {
    let language = use_language();
    let (tone, icon, words, open_case) = match seen {
        EntitlementView::NotAsked => return None,
        EntitlementView::NeedsValidation => {
            (Tone::Care, "info", t!(language, "found.to_validate").into_owned(), OpenCaseView::No)
        }
        EntitlementView::Covered { open_case, customer, .. } => {
            (Tone::Good, "check", covered_words(language, customer.as_ref()), open_case)
        }
        EntitlementView::Doubtful { doubt, customer, open_case } => {
            let reason = t!(language, Entitlement::NeedsValidation(doubt).name_key());
            let words = t!(language, "found.doubtful", reason = reason);
            (Tone::Care, "info", join(words, customer_words(language, customer.as_ref())), open_case)
        }
    };
    Some(view! {
        <Finding tone=tone icon=icon>{words}</Finding>
        <OpenCase open_case filling/>
    })
}

#[component]
fn OpenCase(open_case: OpenCaseView, filling: FormState) -> impl IntoView {
    let language = use_language();
    let link = match open_case {
        OpenCaseView::No => return None,
        OpenCaseView::Yes => None,
        OpenCaseView::Number(number) => Some(view! {
            " "
            <a href=case_address(number) target="_blank" tabindex=filling.order_after(Field::Serial)>
                {t!(language, "found.see_case", number = number)}
            </a>
        }),
    };
    Some(view! { <Finding tone=Tone::Care icon="info">{t!(language, "found.open_case")} {link}</Finding> })
}

fn covered_words(language: Language, customer: Option<&CustomerView>) -> String {
    match customer {
        None => t!(language, "found.covered").into_owned(),
        Some(CustomerView { organisation, site: Some(site), model }) => {
            let place = t!(language, "found.covered_at", organisation = organisation, site = site);
            join(place, model.as_ref().map(|model| t!(language, "found.model", model = model)))
        }
        Some(customer) => {
            join(t!(language, "found.covered").into_owned(), customer_words(language, Some(customer)))
        }
    }
}

fn customer_words(language: Language, customer: Option<&CustomerView>) -> Option<String> {
    customer.map(|customer| t!(language, "found.held_by", organisation = customer.organisation))
}

fn join(first: String, second: Option<String>) -> String {
    match second {
        Some(second) => format!("{first} {second}"),
        None => first,
    }
}

/// The server's answer, if it is about the present values of the form.
fn answer(filling: FormState, lookup: Lookup) -> Option<EntitlementView> {
    let asked = lookup.is_current.get() && filling.problem(Field::Contract).is_none();
    let is_about = |question: &Question| !question.contract.is_empty() || !question.serial.is_empty();
    (asked && lookup.answered.with(is_about)).then(|| lookup.offer.with(|offer| offer.seen.clone()))
}

fn about_serial(filling: FormState) -> bool {
    let formats = filling.formats();
    let is_right = |form: &IntakeForm, field| form.check(field, &formats).is_ok();
    filling.form.with(|form| is_right(form, Field::Serial) && is_right(form, Field::Contract))
}

/// Whether the contract is in force by the answer, whatever it says of the serial.
const fn is_in_force(seen: &EntitlementView) -> bool {
    match seen {
        EntitlementView::Covered { .. } => true,
        EntitlementView::Doubtful { doubt, .. } => {
            matches!(doubt, ValidationReason::UnknownSerial | ValidationReason::SerialNotCovered)
        }
        EntitlementView::NotAsked | EntitlementView::NeedsValidation => false,
    }
}
