//! The profile of a customer: what a new case form begins with, and what is mailed to them. A plain form.

use std::collections::BTreeSet;

use desk::cases::open::SubmissionKey;
use desk::customers::companies::{OwnCompany, own_companies};
use desk::customers::profile::{keep_profile, own_profile};
use domain::actor::Actor;
use domain::country::Country;
use domain::customer_profile::{CustomerProfile, OptionalMail};
use domain::i18n::Language;
use domain::intake::IntakeForm;
use domain::phone::Phone;
use domain::t;
use domain::text::PersonName;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{AccountFrame, NotRead, PROFILE, SIGN_IN, signed_in};
use crate::AppError;
use crate::language::use_language;
use crate::pages::portal::FormReply;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::{FieldKind, Notice, TextField, Tone};

/// The names of the fields. The box of a mail has its code behind the last.
const NAME: &str = "name";
const PHONE: &str = "phone";
const LANGUAGE: &str = "language";
const MAIL: &str = "mail-";

/// Takes the form of the page.
pub async fn post_profile(asked: &RequestContext, typed: Typed) -> Posted {
    if !matches!(asked.actor, Actor::Contact(_)) {
        return Posted::Done(SIGN_IN.to_owned());
    }
    match keep(asked, &typed).await {
        // The page, and all later ones, are in the language that was chosen.
        Ok(Some(language)) => Posted::Done(format!("{PROFILE}?done=saved&lang={}", language.code())),
        Ok(None) => Posted::Done(format!("{PROFILE}?done=saved")),
        Err(error) => Posted::not_taken(typed, &error, asked.language),
    }
}

async fn keep(asked: &RequestContext, typed: &Typed) -> Result<Option<Language>, AppError> {
    asked.unhurried()?;
    let text = |name: &str| typed.get(name).map_or("", |text| text.trim());
    let given = |name: &str| Some(text(name)).filter(|text| !text.is_empty());
    let name = given(NAME).map(PersonName::parse).transpose();
    let name = name.map_err(|problem| (NAME.to_owned(), problem.message(asked.language)));
    let phone = given(PHONE).map(|typed| Phone::parse_with_extension(Country::HOME, typed)).transpose();
    let phone = phone.map_err(|problem| (PHONE.to_owned(), problem.message(asked.language)));
    let (name, phone) = match (name, phone) {
        (Ok(name), Ok(phone)) => (name, phone),
        (name, phone) => return Err(AppError::Wrong(name.err().into_iter().chain(phone.err()).collect())),
    };
    // A box that is not ticked sends nothing.
    let declined: BTreeSet<OptionalMail> = OptionalMail::ALL
        .into_iter()
        .filter(|mail| !typed.contains_key(&format!("{MAIL}{}", mail.code())))
        .collect();
    let language = Language::from_code(text(LANGUAGE));
    let profile = CustomerProfile { name, phone, language, declined };
    keep_profile(&asked.desk, &asked.actor, &profile).await?;
    Ok(language)
}

/// A case form that begins with the profile of the customer.
///
/// # Errors
/// [`AppError::SignInFirst`] without a session.
pub async fn own_form(asked: &RequestContext) -> Result<FormReply, AppError> {
    let Actor::Contact(mail) = &asked.actor else { return Err(AppError::SignInFirst) };
    let profile = own_profile(&asked.desk, &asked.actor).await?;
    let form = IntakeForm {
        reporter: profile.name.map(|name| name.to_string()).unwrap_or_default(),
        contact_same: "yes".to_owned(),
        contact_phone: profile.phone.map(|phone| phone.international()).unwrap_or_default(),
        contact_mail: mail.to_string(),
        ..IntakeForm::default()
    };
    let key = SubmissionKey::fresh(&asked.desk).as_str().to_owned();
    Ok(FormReply { form, key, problems: Vec::new(), failure: None })
}

/// The page.
#[component]
pub fn ProfilePage() -> impl IntoView {
    let is_saved = use_query_map().with_untracked(|query| query.get("done").is_some());
    let reply = PostReply::of_page();
    view! {
        {Suspend::new(async move {
            match read().await {
                Ok((profile, companies)) => {
                    view! { <Profile profile companies is_saved reply/> }.into_any()
                }
                Err(error) => view! { <NotRead error/> }.into_any(),
            }
        })}
    }
    .into_any()
}

async fn read() -> Result<(CustomerProfile, Vec<OwnCompany>), AppError> {
    let asked = signed_in()?;
    let profile = own_profile(&asked.desk, &asked.actor).await?;
    Ok((profile, own_companies(&asked.desk, &asked.actor).await?))
}

#[component]
fn Profile(
    profile: CustomerProfile,
    companies: Vec<OwnCompany>,
    is_saved: bool,
    reply: PostReply,
) -> impl IntoView {
    let language = use_language();
    let is_back = !reply.typed.is_empty();
    let shown = |name: &str, kept: Option<String>| {
        if is_back { reply.text(name) } else { kept.unwrap_or_default() }
    };
    let name = shown(NAME, profile.name.as_ref().map(PersonName::to_string));
    let phone = shown(PHONE, profile.phone.as_ref().map(Phone::international));
    let chosen = shown(LANGUAGE, profile.language.map(|language| language.code().to_owned()));
    let languages = Language::ALL.map(|choice| {
        let code = choice.code();
        let is_chosen = code == chosen;
        view! { <option value=code selected=is_chosen lang=code>{choice.own_name()}</option> }
    });
    let mails = OptionalMail::ALL.map(|mail| {
        let field = format!("{MAIL}{}", mail.code());
        let is_ticked =
            if is_back { reply.typed.contains_key(&field) } else { !profile.declined.contains(&mail) };
        view! {
            <label class="check">
                <input type="checkbox" name=field value="yes" checked=is_ticked/>
                <span>{t!(language, mail.name_key())}</span>
            </label>
        }
    });
    let failure = reply.failure.clone();
    view! {
        <AccountFrame title="my.profile" here=PROFILE companies>
            {is_saved.then(|| view! { <Notice tone=Tone::Good icon="check"><p>{t!(language, "my.profile.saved")}</p></Notice> })}
            {failure.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
            <form class="card stack stack--wide" method="post" action=PROFILE novalidate>
                <p class="note">{t!(language, "my.profile.lead")}</p>
                <TextField name=NAME kind=FieldKind::Name label=t!(language, "my.profile.name") value=name
                    problem=reply.problem(NAME)/>
                <TextField name=PHONE kind=FieldKind::Phone label=t!(language, "my.profile.phone") value=phone
                    problem=reply.problem(PHONE) hint=t!(language, "my.profile.phone_hint").into_owned()/>
                <div class="field">
                    <label class="field__label" for=LANGUAGE>{t!(language, "my.profile.language")}</label>
                    <div class="field__box">
                        <select class="field__input" id=LANGUAGE name=LANGUAGE>
                            <option value="">{t!(language, "my.profile.language_of_page")}</option>
                            {languages.into_iter().collect_view()}
                        </select>
                    </div>
                </div>
                <fieldset class="question question--small">
                    <legend class="question__title">{t!(language, "my.profile.mails")}</legend>
                    <p class="note">{t!(language, "my.profile.mails_hint")}</p>
                    <div class="stack stack--tight">{mails.into_iter().collect_view()}</div>
                </fieldset>
                <div class="row">
                    <button class="button button--main" type="submit">{t!(language, "my.profile.save")}</button>
                </div>
            </form>
        </AccountFrame>
    }
    .into_any()
}
