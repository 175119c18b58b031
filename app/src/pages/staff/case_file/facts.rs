//! The facts of a case: contact, fault, equipment, contract, mails.

use domain::actor::Action;
use domain::calendar::format::MomentStyle;
use domain::case::{Audience, Contact};
use domain::entitlement::Entitlement;
use domain::priority::Platform;
use domain::t;
use domain::text::PersonName;
use domain::view::{CasePage, MailState, MailView};
use leptos::prelude::*;

use super::amend::{AmendLink, Amending};
use super::customer_update::Latest;
use super::revise::{inputs_words, stated};
use super::state::{CaseState, Dialog};
use crate::language::use_language;
use crate::ui::{Icon, Notice, Tone};

/// The reason why the case has to be validated, if it has to be.
#[component]
pub(super) fn Doubt(case: CaseState, correct: Dialog) -> impl IntoView {
    let language = use_language();
    let registered = Memo::new(move |_| case.page.with(|page| page.registered.clone()));
    let may_correct = case.may(Action::CorrectCase);
    let opening = Memo::new(move |_| case.page.with(|page| page.opening.clone()));
    move || {
        let opening = opening.get();
        match opening.coverage {
            Entitlement::Covered => None,
            Entitlement::NeedsValidation(_) => {
                let contract = opening.report.contract_words(language);
                let serial = opening.report.serial.to_string();
                let hint = t!(language, "staff.to_validate_hint", contract = contract, serial = serial);
                let registered = registered.get().map(|found| {
                    let (site, contract) = (found.place(), found.contract.clone());
                    let organisation = found.organisation;
                    t!(
                        language,
                        "found.registered",
                        organisation = organisation,
                        site = site,
                        contract = contract
                    )
                });
                Some(view! {
                    <Notice tone=Tone::Care icon="info">
                        <p class="notice__title">{t!(language, opening.coverage.name_key())}</p>
                        <p>{hint}</p>
                        {registered.map(|words| view! { <p>{words}</p> })}
                        {may_correct.then(|| view! {
                            <p>
                                <button class="textlink" type="button" on:click=move |_| correct.begin()>
                                    {t!(language, "staff.validate.act")}
                                </button>
                            </p>
                        })}
                    </Notice>
                })
            }
        }
    }
}

/// The customer's report of the fault.
#[component]
pub(super) fn Fault(case: CaseState, reprioritize: Dialog, amending: Amending) -> impl IntoView {
    let language = use_language();
    let platform = case.page.with_untracked(|page| page.opening.report.platform);
    let fault = Memo::new(move |_| case.page.with(|page| page.opening.report.fault.to_string()));
    let inputs = Memo::new(move |_| case.page.with(|page| page.priority_inputs));
    let severity =
        move || t!(language, "staff.fault.severity", level = t!(language, inputs.get().severity.name_key()));
    let urgency =
        move || t!(language, "staff.fault.urgency", level = t!(language, inputs.get().urgency.name_key()));
    let stated = case.page.with_untracked(stated);
    let original = move || {
        let changed = inputs.get() != stated;
        changed.then(|| t!(language, "staff.weigh.stated", weight = inputs_words(language, stated)))
    };
    let can_change =
        Memo::new(move |_| case.may(Action::ChangePriority) && case.page.with(|page| page.status.is_open()));
    view! {
        <section class="card stack" aria-labelledby="h-fault">
            <h2 id="h-fault">{t!(language, "staff.fault.title")}</h2>
            // Scrolls by itself: with a long report the rest of the page stays within reach.
            <div class="said" tabindex="0" role="group" aria-label=t!(language, "staff.fault.title")>
                {move || fault.get().lines().map(|line| view! { <p>{line.to_owned()}</p> }).collect_view()}
            </div>
            <Latest case/>
            <p class="row">
                <span class="badge badge--line">{severity}</span>
                <span class="badge badge--line">{urgency}</span>
                <span class="badge badge--line">{t!(language, platform.name_key())}</span>
                {move || {
                    can_change
                        .get()
                        .then(|| {
                            view! {
                                <button class="textlink" type="button"
                                    on:click=move |_| reprioritize.begin()>
                                    {t!(language, "staff.weigh.act_short")}
                                </button>
                            }
                        })
                }}
                <AmendLink amending/>
            </p>
            {move || original().map(|words| view! { <p class="note">{words}</p> })}
        </section>
    }
    .into_any()
}

/// The contact, one tap from a call.
#[component]
pub(super) fn Person(case: CaseState, amending: Amending) -> impl IntoView {
    let language = use_language();
    let whom = Memo::new(move |_| {
        case.page.with(|page| (page.opening.report.contact.clone(), page.opening.report.reporter.clone()))
    });
    let there = Memo::new(move |_| {
        let now = case.time.now();
        case.hours.with_value(|hours| {
            let at = hours.zone.format(now, language, MomentStyle::Time);
            t!(language, "staff.person.time", at = at, place = hours.zone.city(language))
        })
    });
    view! {
        <section class="card stack" aria-labelledby="h-person">
            <h2 id="h-person">{t!(language, "staff.person.title")}</h2>
            {move || {
                let (contact, reporter) = whom.get();
                view! { <Reached contact reporter/> }
            }}
            <p class="note">{there}</p>
            <p><AmendLink amending/></p>
        </section>
    }
    .into_any()
}

/// Name, telephones and mail address.
#[component]
fn Reached(contact: Contact, reporter: PersonName) -> impl IntoView {
    let language = use_language();
    let reported = if reporter == contact.name {
        t!(language, "staff.person.same").into_owned()
    } else {
        t!(language, "staff.person.reported", name = reporter)
    };
    let second = contact.second.as_ref().map(|phone| {
        view! {
            <p class="call call--small">
                <a href=phone.tel_uri()><Icon name="phone"/> " " {phone.national()}</a>
            </p>
        }
    });
    view! {
        <div><p><b>{contact.name.to_string()}</b></p><p class="note">{reported}</p></div>
        <p class="call">
            <a href=contact.phone.tel_uri()><Icon name="phone"/> " " {contact.phone.national()}</a>
        </p>
        {second}
        <p class="call call--small">
            <a href=format!("mailto:{}", contact.mail)><Icon name="mail"/> " " {contact.mail.to_string()}</a>
        </p>
    }
    .into_any()
}

/// Equipment and contract.
#[component]
pub(super) fn Facts(case: CaseState, correct: Dialog, amending: Amending) -> impl IntoView {
    // These change only by a revision and at the end of the case.
    let shown = Memo::new(move |_| case.page.with(|page| (page.opening.clone(), page.status)));
    let may_correct = case.may(Action::CorrectCase);
    move || shown.with(|_| view! { <FactsNow page=case.page.get_untracked() correct may_correct amending/> })
}

#[component]
fn FactsNow(page: CasePage, correct: Dialog, may_correct: bool, amending: Amending) -> impl IntoView {
    let language = use_language();
    let opened = page.hours.zone.format(page.opened_at, language, MomentStyle::Long);
    let report = &page.opening.report;
    let customer = if page.customer.is_empty() {
        t!(language, "staff.queue.no_customer").into_owned()
    } else {
        page.customer.clone()
    };
    let location = format!("{}\n{}", report.location, t!(language, report.country.name_key()));
    let site = page.site.as_ref().map(|site| format!("{}\n{}", site.name, site.address));
    let fact = |key: &'static str, value: String| {
        view! { <div><dt>{t!(language, key)}</dt><dd>{value}</dd></div> }
    };
    view! {
        <section class="card stack" aria-labelledby="h-facts">
            <h2 id="h-facts">{t!(language, "staff.facts.title")}</h2>
            <dl class="facts">
                {fact("staff.facts.customer", customer)}
                {fact("staff.facts.serial", report.serial.to_string())}
                {equipment(&page).map(|words| fact("staff.facts.equipment", words))}
                {fact("staff.facts.platform", t!(language, Platform::name_key(report.platform)).into_owned())}
                {site.map(|words| fact("staff.facts.site", words))}
                {fact("staff.facts.location", location)}
                {fact("staff.facts.contract", report.contract_words(language))}
                {fact("staff.facts.opened", opened)}
            </dl>
            {(may_correct && !page.status.is_end())
                .then(|| {
                    view! {
                        <p>
                            <button class="textlink" type="button"
                                on:click=move |_| correct.begin()>
                                {t!(language, "staff.correct.act_short")}
                            </button>
                        </p>
                    }
                })}
            <p><AmendLink amending/></p>
        </section>
    }
    .into_any()
}

/// The equipment's name, unless only its serial is known.
fn equipment(page: &CasePage) -> Option<String> {
    (page.equipment != page.opening.report.serial.as_str()).then(|| page.equipment.clone())
}

/// The mails of the case with their outcomes.
#[component]
pub(super) fn Mails(case: CaseState) -> impl IntoView {
    let language = use_language();
    let mails = Memo::new(move |_| case.page.with(|page| page.mails.clone()));
    view! {
        <section class="card stack" aria-labelledby="h-mails">
            <h2 id="h-mails">{t!(language, "staff.mails.title")}</h2>
            {move || {
                let (internal, theirs): (Vec<MailView>, Vec<MailView>) =
                    mails.get().into_iter().partition(|mail| mail.audience == Audience::Internal);
                let lines = move |mails: Vec<MailView>| {
                    let lines = mails.into_iter().map(|mail| view! { <Mail mail case/> }).collect_view();
                    view! { <ol class="history">{lines}</ol> }
                };
                let count = internal.len();
                view! {
                    {if theirs.is_empty() {
                        view! { <p class="note">{t!(language, "staff.mails.none")}</p> }.into_any()
                    } else {
                        lines(theirs).into_any()
                    }}
                    {(count > 0).then(|| view! {
                        <details class="fold">
                            <summary><Icon name="chevron"/> " " {t!(language, "staff.mails.internal", count = count)}</summary>
                            {lines(internal)}
                        </details>
                    })}
                }
            }}
        </section>
    }
    .into_any()
}

#[component]
fn Mail(mail: MailView, case: CaseState) -> impl IntoView {
    let language = use_language();
    let at = case.hours.with_value(|hours| {
        hours.zone.format(mail.sent_at.unwrap_or(mail.created_at), language, MomentStyle::Short)
    });
    let (icon, state, name) = match (mail.state, mail.hold) {
        (MailState::Queued | MailState::Dead, Some(_)) => ("paused", Some("paused"), "mails.held"),
        (MailState::Queued, None) => ("mail", None, mail.state.name_key()),
        (MailState::Sent, _) => ("check", Some("met"), mail.state.name_key()),
        (MailState::Dead, None) => ("alert", Some("breached"), mail.state.name_key()),
    };
    view! {
        <li>
            <span class="history__dot" data-state=state><Icon name=icon/></span>
            <div>
                <p class="history__what">{mail.subject}</p>
                <p class="history__meta">
                    {t!(language, name)} " · " {at} " · " {mail.recipient}
                </p>
            </div>
        </li>
    }
    .into_any()
}
