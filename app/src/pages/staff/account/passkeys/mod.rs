//! One's own passkeys and trusted devices: `/desk/account/passkeys`. The server alone draws the page: plain forms, and a few lines of
//! script where the browser makes a passkey.

mod lists;

use desk::access::factor_proof::factor_wanted;
use desk::access::own_account::AccountError;
use desk::access::passkeys::{self, MOST, PasskeyError, PasskeyView};
use desk::access::trusted_devices::{TrustedDevice, distrust, own_trusted};
use domain::calendar::zone::Zone;
use domain::i18n::Language;
use domain::passkey::{PASSKEY_NAME_CHARS_MAX, PasskeyName};
use domain::t;
use domain::time::Instant;
use http::StatusCode;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use self::lists::{Devices, Passkeys};
use super::api::not_changed;
use super::proof::{ProofFirst, proof_address};
use crate::AppError;
use crate::address::query_value;
use crate::language::use_language;
use crate::pages::staff::frame::{Failed, Here, StaffFrame};
use crate::pages::staff::session::staff_context;
use crate::pages::{PostReply, Posted, Typed};
use crate::request::RequestContext;
use crate::ui::{ANSWER, FieldKind, Notice, PasskeyButton, PasskeyOf, TextField, Tone};

const PAGE: &str = "/desk/account/passkeys";
/// The names of fields.
const ACT: &str = "act";
const NAME: &str = "name";
const PASSWORD: &str = "password";
const PASSKEY: &str = "passkey";
const DEVICE: &str = "device";
const TOKEN: &str = "token";
/// The place of a passkey in the list: each has fields of its own.
const AT: &str = "at";
/// What the server alone writes into the reply to a form.
const RENAMED: &str = "renamed";
const OPTIONS: &str = "options";
const CODES: &str = "codes";

/// What a form of the page does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Begin,
    Finish,
    Rename,
    Remove,
    Distrust,
}

impl Act {
    const ALL: [Self; 5] = [Self::Begin, Self::Finish, Self::Rename, Self::Remove, Self::Distrust];

    const fn code(self) -> &'static str {
        match self {
            Self::Begin => "begin",
            Self::Finish => "finish",
            Self::Rename => "rename",
            Self::Remove => "remove",
            Self::Distrust => "distrust",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.code() == code)
    }

    /// The key of what is told once it is done; `None` for a first step.
    const fn done_key(self) -> Option<&'static str> {
        match self {
            Self::Begin => None,
            Self::Finish => Some("entry.passkeys.done.added"),
            Self::Rename => Some("entry.passkeys.done.renamed"),
            Self::Remove => Some("entry.passkeys.done.removed"),
            Self::Distrust => Some("entry.devices.done"),
        }
    }
}

/// The field of a passkey in the list.
fn field_of(name: &str, at: impl std::fmt::Display) -> String {
    format!("{name}-{at}")
}

/// Takes one of the page's forms.
pub async fn post_passkeys(asked: &RequestContext, typed: Typed) -> Posted {
    let (desk, actor) = (&asked.desk, &asked.actor);
    let text = |name: &str| typed.get(name).map_or("", String::as_str);
    let of_key = |name: &str| typed.get(&field_of(name, text(AT))).map_or("", String::as_str);
    let Some(session) = &asked.session else { return Posted::Failed(AppError::SignInFirst) };
    let Some(act) = Act::from_code(text(ACT)) else { return Posted::Failed(AppError::Malformed) };
    let outcome = match act {
        Act::Begin => {
            return match begun(asked, text(NAME), text(PASSWORD)).await {
                Ok(reply) => Posted::Again(StatusCode::OK, reply),
                Err(PasskeyError::Account(AccountError::FactorWanted)) => proof_first(text(NAME)),
                Err(error) => {
                    let name = Typed::from([(NAME.to_owned(), text(NAME).to_owned())]);
                    Posted::not_taken(name, &refusal(error, asked.language), asked.language)
                }
            };
        }
        Act::Finish => {
            let of = (text(TOKEN), text(NAME));
            match passkeys::finish(desk, actor, session, of, text(ANSWER)).await {
                Ok(codes) if codes.is_empty() => Ok(()),
                Ok(codes) => {
                    // No address leads to them again.
                    let typed = Typed::from([(CODES.to_owned(), codes.join(" "))]);
                    return Posted::Again(StatusCode::OK, PostReply { typed, ..PostReply::default() });
                }
                Err(error) => Err(error),
            }
        }
        Act::Rename => passkeys::rename(desk, actor, text(PASSKEY), of_key(NAME)).await,
        Act::Remove => passkeys::remove(desk, actor, session, text(PASSKEY), of_key(PASSWORD)).await,
        Act::Distrust => distrust(desk, actor, text(DEVICE)).await.map_err(PasskeyError::from),
    };
    match outcome {
        Ok(()) => Posted::Done(format!("{PAGE}?done={}", act.code())),
        Err(PasskeyError::Account(AccountError::FactorWanted)) => proof_first(text(NAME)),
        Err(error) => {
            let error = in_one_line(refusal(error, asked.language));
            // Names stay as they were typed; a password is never written back into a page.
            let kept = match act {
                Act::Finish => Typed::from([(NAME.to_owned(), text(NAME).to_owned())]),
                Act::Rename => Typed::from([
                    (PASSKEY.to_owned(), text(PASSKEY).to_owned()),
                    (RENAMED.to_owned(), of_key(NAME).to_owned()),
                ]),
                Act::Begin | Act::Remove | Act::Distrust => Typed::new(),
            };
            Posted::not_taken(kept, &error, asked.language)
        }
    }
}

/// The way to the second factor, and back here with the name of a new passkey.
fn proof_first(name: &str) -> Posted {
    let back = if name.is_empty() { PAGE.to_owned() } else { format!("{PAGE}?{NAME}={}", query_value(name)) };
    Posted::Done(proof_address(&back))
}

/// The first step of a new passkey: its name is right and the password as well. The page that comes back asks the browser.
async fn begun(asked: &RequestContext, name: &str, password: &str) -> Result<PostReply, PasskeyError> {
    let session = asked.session.as_ref().ok_or(PasskeyError::Over)?;
    let name = PasskeyName::parse(name)?;
    let registration = passkeys::begin(&asked.desk, &asked.actor, session, password).await?;
    let typed = Typed::from([
        (NAME.to_owned(), name.as_str().to_owned()),
        (TOKEN.to_owned(), registration.token),
        (OPTIONS.to_owned(), registration.options),
    ]);
    Ok(PostReply { typed, ..PostReply::default() })
}

/// What is wrong, at the field that it was typed into.
fn refusal(error: PasskeyError, language: Language) -> AppError {
    let words = |key: &'static str| AppError::Text(t!(language, key).into_owned());
    match error {
        PasskeyError::NotHere(_) => words("entry.passkey.not_here"),
        PasskeyError::Over => words("entry.passkey.over"),
        PasskeyError::Unknown => words("entry.passkey.unknown"),
        PasskeyError::Copied => words("entry.passkey.copied"),
        PasskeyError::Wrong => words("entry.passkey.failed"),
        PasskeyError::ProviderOnly => words("identity.only"),
        PasskeyError::Registered => words("entry.passkey.held"),
        PasskeyError::TooMany => AppError::Text(t!(language, "entry.passkey.too_many", most = MOST)),
        PasskeyError::Required => words("admin.factor.problem.required"),
        PasskeyError::Name(_) => {
            AppError::wrong(NAME, t!(language, "entry.passkey.name_length", most = PASSKEY_NAME_CHARS_MAX))
        }
        PasskeyError::Account(error) => not_changed(error, PASSWORD, language),
        PasskeyError::Desk(error) => error.into(),
    }
}

/// What is wrong, for forms of the list, whose fields are folded away.
fn in_one_line(error: AppError) -> AppError {
    match error {
        AppError::Wrong(problems) => {
            AppError::Text(problems.into_iter().map(|(_, words)| words).collect::<Vec<_>>().join(" "))
        }
        error => error,
    }
}

/// What the page shows.
struct Shown {
    passkeys: Vec<PasskeyView>,
    /// Whether the public address can have passkeys.
    are_possible: bool,
    codes_left: u32,
    devices: Vec<TrustedDevice>,
    change: Change,
    zone: Zone,
    now: Instant,
}

/// Whether passkeys can be added and removed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Now,
    /// A second factor is given first.
    AfterProof,
}

async fn read() -> Result<Shown, AppError> {
    let asked = staff_context()?;
    let own = passkeys::own_passkeys(&asked.desk, &asked.actor).await?;
    let devices = own_trusted(&asked.desk, &asked.actor).await?;
    let session = asked.session.as_ref().ok_or(AppError::SignInFirst)?;
    let wanted = factor_wanted(&asked.desk, &asked.actor, session).await?;
    Ok(Shown {
        change: if wanted.is_some() { Change::AfterProof } else { Change::Now },
        passkeys: own.passkeys,
        are_possible: own.here.is_ok(),
        codes_left: own.codes_left,
        devices,
        zone: asked.desk.brand().provider.zone,
        now: asked.desk.now(),
    })
}

/// The page of one's own passkeys and trusted devices.
#[component]
pub fn PasskeysPage() -> impl IntoView {
    let language = use_language();
    let title = t!(language, "entry.passkeys.title").into_owned();
    let done = use_query_map().with_untracked(|query| query.get("done"));
    let done = done.and_then(|code| Act::from_code(&code)).and_then(Act::done_key);
    view! {
        <StaffFrame title=title.clone() class="stack stack--wide" here=Here::Account>
            <h1>{title}</h1>
            <p><a href="/desk/account">{t!(language, "workforce.page.account")}</a></p>
            {done.map(|key| view! {
                <Notice tone=Tone::Good icon="check"><p>{t!(language, key)}</p></Notice>
            })}
            {Suspend::new(async move {
                match read().await {
                    Ok(shown) => view! { <Content shown/> }.into_any(),
                    Err(error) => view! { <Failed error/> }.into_any(),
                }
            })}
        </StaffFrame>
    }
    .into_any()
}

#[component]
fn Content(shown: Shown) -> impl IntoView {
    let language = use_language();
    let mut reply = PostReply::of_page();
    // The name of a new passkey comes back from the page of the second factor.
    if let Some(name) = use_query_map().with_untracked(|query| query.get(NAME)) {
        reply.typed.entry(NAME.to_owned()).or_insert(name);
    }
    let Shown { passkeys, are_possible, codes_left, devices, change, zone, now } = shown;
    let codes: Vec<String> = reply.text(CODES).split_whitespace().map(str::to_owned).collect();
    let codes = (!codes.is_empty()).then(|| view! { <Codes codes/> });
    let has_some = !passkeys.is_empty();
    let renamed = reply.typed.contains_key(RENAMED).then(|| (reply.text(PASSKEY), reply.text(RENAMED)));
    let add = if !are_possible {
        view! {
            <Notice tone=Tone::Care icon="info"><p>{t!(language, "entry.passkey.not_here")}</p></Notice>
        }
        .into_any()
    } else if reply.typed.contains_key(OPTIONS) {
        view! { <CreateForm reply=reply.clone()/> }.into_any()
    } else if change == Change::AfterProof {
        view! {
            <section class="card stack" aria-labelledby="h-add">
                <h2 id="h-add">{t!(language, "entry.passkeys.add")}</h2>
                <ProofFirst next=PAGE/>
            </section>
        }
        .into_any()
    } else {
        view! { <AddForm reply=reply.clone()/> }.into_any()
    };
    view! {
        {reply.failure.map(|words| view! { <Notice tone=Tone::Bad icon="alert"><p>{words}</p></Notice> })}
        {codes}
        <section class="card stack" aria-labelledby="h-passkeys">
            <h2 id="h-passkeys">{t!(language, "entry.passkeys.heading")}</h2>
            <p class="note">{t!(language, "entry.passkeys.lead")}</p>
            <Passkeys passkeys renamed change zone now/>
            {has_some.then(|| view! {
                <p class="note">{t!(language, "admin.factor.codes_left", count = codes_left)}</p>
            })}
        </section>
        {add}
        <Devices devices zone now/>
    }
    .into_any()
}

/// Name and password: what comes before a new passkey.
#[component]
fn AddForm(reply: PostReply) -> impl IntoView {
    let language = use_language();
    view! {
        <form class="card stack" method="post" action=PAGE aria-labelledby="h-add" novalidate>
            <h2 id="h-add">{t!(language, "entry.passkeys.add")}</h2>
            <TextField
                name=NAME
                kind=FieldKind::Text
                label=t!(language, "entry.passkeys.name")
                value=reply.text(NAME)
                hint=t!(language, "entry.passkeys.name_hint").into_owned()
                problem=reply.problem(NAME)
            />
            <TextField
                name=PASSWORD
                kind=FieldKind::CurrentPassword
                label=t!(language, "admin.account.current")
                problem=reply.problem(PASSWORD)
            />
            <div class="row">
                <button class="button button--main" type="submit" name=ACT value=Act::Begin.code()>
                    {t!(language, "entry.passkeys.go_on")}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// The device makes the passkey.
#[component]
fn CreateForm(reply: PostReply) -> impl IntoView {
    let language = use_language();
    let name = reply.text(NAME);
    view! {
        <form class="card stack" method="post" action=PAGE aria-labelledby="h-create">
            <h2 id="h-create">{t!(language, "entry.passkeys.create_title", name = name.clone())}</h2>
            <p>{t!(language, "entry.passkeys.create_lead")}</p>
            <noscript><p class="note">{t!(language, "entry.passkeys.needs_script")}</p></noscript>
            <input type="hidden" name=ACT value=Act::Finish.code()/>
            <input type="hidden" name=NAME value=name/>
            <input type="hidden" name=TOKEN value=reply.text(TOKEN)/>
            <PasskeyButton
                of=PasskeyOf::New(reply.text(OPTIONS))
                action=PAGE
                class="button button--main"
                label=t!(language, "entry.passkeys.create")
            />
            <p class="note"><a href=PAGE>{t!(language, "entry.passkeys.cancel")}</a></p>
        </form>
    }
    .into_any()
}

/// Recovery codes of somebody who had none, shown this once.
#[component]
fn Codes(codes: Vec<String>) -> impl IntoView {
    let language = use_language();
    let codes = codes.into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect_view();
    view! {
        <section class="card stack" aria-labelledby="h-codes">
            <h2 id="h-codes">{t!(language, "entry.codes.title")}</h2>
            <Notice tone=Tone::Good icon="check"><p>{t!(language, "entry.passkeys.done.added")}</p></Notice>
            <Notice tone=Tone::Care icon="alert"><p>{t!(language, "entry.passkeys.keep")}</p></Notice>
            <ul class="factor__codes">{codes}</ul>
        </section>
    }
    .into_any()
}
