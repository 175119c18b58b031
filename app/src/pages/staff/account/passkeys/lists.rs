//! The passkeys and the trusted devices of the reader, each with what can be done.

use desk::access::passkeys::PasskeyView;
use desk::access::trusted_devices::TrustedDevice;
use domain::calendar::zone::Zone;
use domain::i18n::Language;
use domain::t;
use domain::time::{Instant, Span};
use leptos::prelude::*;

use super::{ACT, AT, Act, Change, DEVICE, NAME, PAGE, PASSKEY, PASSWORD, field_of, proof_address};
use crate::language::use_language;
use crate::ui::{FieldKind, Icon, TextField, relative_time};

/// When something was, as people say it.
fn local(language: Language, zone: Zone, at: Instant, now: Instant) -> String {
    relative_time(language, &zone.view(Span::new(at, at.plus(1))), at, now)
}

/// All passkeys of the reader.
#[component]
pub(super) fn Passkeys(
    passkeys: Vec<PasskeyView>,
    /// The id of one whose new name was refused, and that name.
    renamed: Option<(String, String)>,
    /// Whether they can be removed at once.
    change: Change,
    zone: Zone,
    now: Instant,
) -> impl IntoView {
    let language = use_language();
    if passkeys.is_empty() {
        return view! { <p class="note">{t!(language, "entry.passkeys.none")}</p> }.into_any();
    }
    let lines: Vec<AnyView> = passkeys
        .into_iter()
        .enumerate()
        .map(|(at, passkey)| {
            let refused = renamed.as_ref().filter(|(id, _)| *id == passkey.id).map(|(_, name)| name.clone());
            passkey_line(language, (at, change), passkey, refused, (zone, now))
        })
        .collect();
    view! { <ul class="lines">{lines}</ul> }.into_any()
}

fn passkey_line(
    language: Language,
    (at, change): (usize, Change),
    passkey: PasskeyView,
    refused: Option<String>,
    (zone, now): (Zone, Instant),
) -> AnyView {
    let PasskeyView { id, name, added_at, used_at, elsewhere } = passkey;
    let added = t!(language, "entry.passkeys.added", when = local(language, zone, added_at, now));
    let used = match used_at {
        Some(used_at) => t!(language, "entry.passkeys.used", when = local(language, zone, used_at, now)),
        None => t!(language, "entry.passkeys.unused").into_owned(),
    };
    let is_refused = refused.is_some();
    let new_name = refused.unwrap_or_else(|| name.clone());
    let elsewhere = elsewhere.map(|host| {
        let words = t!(language, "entry.passkeys.elsewhere", host = host);
        view! { <p><span class="state" data-state="warning"><Icon name="warning"/> " " {words}</span></p> }
    });
    let removal = match change {
        Change::Now => removal(language, at, id.clone(), name.clone()),
        Change::AfterProof => view! {
            <a
                class="button button--quiet"
                href=proof_address(PAGE)
                aria-label=t!(language, "entry.passkeys.remove_of", name = name.clone())
            >
                {t!(language, "entry.passkeys.remove")}
            </a>
        }
        .into_any(),
    };
    view! {
        <li class="line">
            <Icon name="device"/>
            <div><b>{name.clone()}</b><p class="note">{added} " · " {used}</p>{elsewhere}</div>
            <div class="row">
                <details class="revoke" open=is_refused>
                    <summary class="button button--quiet" aria-label=t!(language, "entry.passkeys.rename_of", name = name)>
                        {t!(language, "entry.passkeys.rename")}
                    </summary>
                    <form class="stack stack--tight" method="post" action=PAGE novalidate>
                        <input type="hidden" name=PASSKEY value=id/>
                        <input type="hidden" name=AT value=at.to_string()/>
                        <TextField
                            name=field_of(NAME, at)
                            kind=FieldKind::Text
                            label=t!(language, "entry.passkeys.name")
                            value=new_name
                        />
                        <button class="button" type="submit" name=ACT value=Act::Rename.code()>
                            {t!(language, "entry.passkeys.save")}
                        </button>
                    </form>
                </details>
                {removal}
            </div>
        </li>
    }
    .into_any()
}

/// The form that removes a passkey, folded away.
fn removal(language: Language, at: usize, id: String, name: String) -> AnyView {
    view! {
        <details class="revoke">
            <summary class="button button--quiet" aria-label=t!(language, "entry.passkeys.remove_of", name = name)>
                {t!(language, "entry.passkeys.remove")}
            </summary>
            <form class="stack stack--tight" method="post" action=PAGE novalidate>
                <p class="note">{t!(language, "entry.passkeys.remove_hint")}</p>
                <input type="hidden" name=PASSKEY value=id/>
                <input type="hidden" name=AT value=at.to_string()/>
                <TextField
                    name=field_of(PASSWORD, at)
                    kind=FieldKind::CurrentPassword
                    label=t!(language, "admin.account.current")
                />
                <button class="button" type="submit" name=ACT value=Act::Remove.code()>
                    {t!(language, "entry.passkeys.remove_yes")}
                </button>
            </form>
        </details>
    }
    .into_any()
}

/// All browsers in which the reader is asked for the password alone.
#[component]
pub(super) fn Devices(devices: Vec<TrustedDevice>, zone: Zone, now: Instant) -> impl IntoView {
    let language = use_language();
    let content = if devices.is_empty() {
        view! { <p class="note">{t!(language, "entry.devices.none")}</p> }.into_any()
    } else {
        let lines: Vec<AnyView> =
            devices.into_iter().map(|device| device_line(language, device, zone, now)).collect();
        view! { <ul class="lines">{lines}</ul> }.into_any()
    };
    view! {
        <section class="card stack" aria-labelledby="h-devices">
            <h2 id="h-devices">{t!(language, "entry.devices.heading")}</h2>
            <p class="note">{t!(language, "entry.devices.lead")}</p>
            {content}
        </section>
    }
    .into_any()
}

fn device_line(language: Language, device: TrustedDevice, zone: Zone, now: Instant) -> AnyView {
    let TrustedDevice { name, device, network, since, until } = device;
    let device =
        if device.is_empty() { t!(language, "admin.account.device_unknown").into_owned() } else { device };
    let network = (!network.is_empty()).then(|| t!(language, "admin.account.network", network = network));
    let since = t!(language, "entry.devices.since", when = local(language, zone, since, now));
    let until = t!(language, "entry.devices.until", when = local(language, zone, until, now));
    let facts: Vec<String> = network.into_iter().chain([since, until]).collect();
    view! {
        <li class="line">
            <Icon name="device"/>
            <div><b>{device.clone()}</b><p class="note">{facts.join(" · ")}</p></div>
            <form method="post" action=PAGE>
                <input type="hidden" name=DEVICE value=name/>
                <button
                    class="button"
                    type="submit"
                    name=ACT
                    value=Act::Distrust.code()
                    aria-label=t!(language, "entry.devices.end_of", device = device)
                >
                    {t!(language, "entry.devices.end")}
                </button>
            </form>
        </li>
    }
    .into_any()
}
