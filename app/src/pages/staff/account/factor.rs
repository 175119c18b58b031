//! One's own second factor: set up, confirmed by a code, given up.

use domain::t;
use leptos::prelude::*;

use super::api::{Act, Factor, Proof};
use crate::language::use_language;
use crate::pages::PostReply;
use crate::ui::{FieldKind, Icon, Notice, TextField, Tone};

/// How the second factor stands, and what can be done.
#[component]
pub(super) fn FactorForm(factor: Factor, proof: Proof, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let codes: Vec<String> = reply.text("codes").split_whitespace().map(str::to_owned).collect();
    let shown = (!codes.is_empty()).then(|| view! { <Codes codes/> });
    let content = match factor {
        Factor::None if proof == Proof::Wanted => view! {
            <p class="note">{t!(language, "admin.factor.lead")}</p>
            <ProofFirst/>
        }
        .into_any(),
        Factor::None => view! {
            <p class="note">{t!(language, "admin.factor.lead")}</p>
            <TextField
                name="password"
                kind=FieldKind::CurrentPassword
                label=t!(language, "admin.account.current")
                problem=reply.problem("password")
            />
            <div class="row">
                <button class="button button--main" type="submit" name="act" value=Act::BeginFactor.code()>
                    {t!(language, "admin.factor.begin")}
                </button>
            </div>
        }
        .into_any(),
        Factor::Pending { secret, picture } => view! {
            {(proof == Proof::Wanted).then(|| view! { <ProofFirst/> })}
            <p>{t!(language, "admin.factor.scan")}</p>
            <div class="factor">
                <div class="factor__picture" role="img" aria-label=t!(language, "admin.factor.picture") inner_html=picture></div>
                <p>{t!(language, "admin.factor.by_hand")} <br/> <code class="factor__secret">{secret}</code></p>
            </div>
            <TextField name="code" kind=FieldKind::OneTimeCode label=t!(language, "admin.factor.code") problem=reply.problem("code")/>
            <div class="row">
                <button class="button button--main" type="submit" name="act" value=Act::ConfirmFactor.code()>
                    {t!(language, "admin.factor.confirm")}
                </button>
                <button class="button" type="submit" name="act" value=Act::CancelFactor.code()>
                    {t!(language, "admin.factor.cancel")}
                </button>
            </div>
        }
        .into_any(),
        Factor::Set { codes_left } => view! {
            <p><span class="state" data-state="met"><Icon name="check"/> " " {t!(language, "admin.factor.set")}</span></p>
            <p class="note">{t!(language, "admin.factor.codes_left", count = codes_left)}</p>
            <TextField
                name="code"
                kind=FieldKind::OneTimeCode
                label=t!(language, "admin.factor.code")
                hint=t!(language, "admin.factor.code_hint").into_owned()
                problem=reply.problem("code")
            />
            <div class="row">
                <button class="button" type="submit" name="act" value=Act::NewCodes.code()>{t!(language, "admin.factor.new_codes")}</button>
                <button class="button" type="submit" name="act" value=Act::RemoveFactor.code()>{t!(language, "admin.factor.remove")}</button>
            </div>
        }
        .into_any(),
    };
    view! {
        <form class="card stack" method="post" action="/desk/account" aria-labelledby="h-factor" novalidate>
            <h2 id="h-factor">{t!(language, "admin.factor.title")}</h2>
            {shown}
            {content}
        </form>
    }
    .into_any()
}

/// That the present factor comes first, and the way to the page that takes it.
#[component]
fn ProofFirst() -> impl IntoView {
    let language = use_language();
    view! {
        <p class="note">{t!(language, "admin.factor.proof_first")}</p>
        <p>
            <a class="button button--main" href="/desk/account/proof?next=/desk/account%23h-factor" rel="external">
                {t!(language, "admin.factor.proof")}
            </a>
        </p>
    }
    .into_any()
}

/// Recovery codes, shown this once.
#[component]
fn Codes(codes: Vec<String>) -> impl IntoView {
    let language = use_language();
    let codes = codes.into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect_view();
    view! {
        <Notice tone=Tone::Care icon="alert"><p>{t!(language, "admin.factor.keep_codes")}</p></Notice>
        <ul class="factor__codes">{codes}</ul>
    }
    .into_any()
}
