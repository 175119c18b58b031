//! The confirmation: the number, the time of opening, and the clock of first response.

use domain::calendar::MomentStyle;
use domain::case::Audience;
use domain::sla_plan::SlaMetric;
use domain::t;
use leptos::either::Either;
use leptos::prelude::*;

use super::api::{CustomersCase, Reader, tracked_case};
use super::facts::{Facts, Telling};
use super::live_case::{keep, tracking_of_page};
use super::page::CustomersPage;
use crate::effect::effect;
use crate::language::use_language;
use crate::ui::{
    HERE, Icon, MomentIn, Notice, PortalFrame, Problem, SlaCard, SlaCardSize, Tone, around, machine,
};

/// The page after sending. It has the tracking page's secret, so that a reload shows it again.
#[component]
pub fn OpenedPage() -> impl IntoView {
    let language = use_language();
    let tracking = tracking_of_page();
    let page = Resource::new(move || tracking.get(), tracked_case);
    view! {
        <PortalFrame title=t!(language, "opened.title")>
            <Suspense fallback=move || view! { <p class="note">{t!(language, "portal.loading")}</p> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(CustomersCase { page, seen_by, .. }) => {
                            Either::Left(view! { <Opened page seen_by tracking=tracking.get_untracked()/> })
                        }
                        Err(error) => Either::Right(view! { <Problem error/> }),
                    }
                })}
            </Suspense>
        </PortalFrame>
    }
    .into_any()
}

#[component]
fn Opened(page: CustomersPage, seen_by: Reader, tracking: String) -> impl IntoView {
    let live = keep(page.clone(), tracking.clone(), seen_by, None);
    let contact = move || {
        let clock = live
            .page
            .with(|page| page.clocks.iter().find(|clock| clock.kind == SlaMetric::FirstResponse).copied());
        clock.map(|clock| {
            view! { <SlaCard clock hours=live.hours explained=Vec::new() size=SlaCardSize::Hero audience=Audience::Public/> }
        })
    };
    view! {
        <div class="split">
            <div class="stack stack--wide">
                <Receipt page=page.clone()/>
                {contact}
                <Steps/>
            </div>
            <OpenFollowingCase page tracking/>
        </div>
    }
    .into_any()
}

/// The number, how to pronounce it, when it was opened and where the mail goes.
#[component]
fn Receipt(page: CustomersPage) -> impl IntoView {
    let language = use_language();
    let zone = &page.hours.zone;
    let opened = t!(language, "opened.at", at = HERE, place = zone.city(language));
    let (mailed, after_mail) = around(&t!(language, "opened.mailed", mail = HERE));
    let mail = page.report.contact.mail.to_string();
    let held = page.is_mail_held.then(|| t!(language, "opened.held.text", mail = mail));
    // A participant knows no address of the contact.
    let is_known = held.is_none() && !page.report.contact.mail.is_erased();
    let mailed = is_known.then(|| view! { {mailed} <b>{mail}</b> {after_mail} });
    let doubtful = page.is_doubtful;
    // The focus moves here: the page before is gone, and keyboards and screen readers would start at the top.
    let heading = NodeRef::<leptos::html::H1>::new();
    effect(move || {
        let Some(heading) = heading.get() else { return };
        // The heading is not in the document yet, and cannot be focused before.
        request_animation_frame(move || {
            let _ = heading.focus();
        });
    });
    view! {
        <section class="card stack" aria-labelledby="title">
            <p class="state" data-state="met">
                <Icon name="met"/>
                " "
                {t!(language, "opened.received")}
            </p>
            <h1 class="stack stack--tight" id="title" tabindex="-1" node_ref=heading>
                <span class="note">{t!(language, "opened.number")}</span>
                <span class="number casenumber">{page.number.grouped()}</span>
            </h1>
            <p class="spelled">{t!(language, "opened.spoken")} " " <q>{page.number.spoken(language)}</q></p>
            <p>
                <MomentIn
                    text=opened
                    shown=zone.format(page.opened_at, language, MomentStyle::Long)
                    machine=machine(zone, page.opened_at)
                />
                " "
                {mailed}
            </p>
            {held
                .map(|held| {
                    view! {
                        <Notice tone=Tone::Care icon="mail">
                            <p class="notice__title">{t!(language, "opened.held.title")}</p>
                            <p>{held}</p>
                        </Notice>
                    }
                })}
            {doubtful
                .then(|| {
                    view! {
                        <Notice tone=Tone::Care icon="info">
                            <p class="notice__title">{t!(language, "opened.to_validate.title")}</p>
                            <p>{t!(language, "opened.to_validate.text")}</p>
                        </Notice>
                    }
                })}
        </section>
    }
    .into_any()
}

/// The next steps, in the letter's order.
#[component]
fn Steps() -> impl IntoView {
    const STEPS: [(&str, &str); 4] = [
        ("opened.step.call", "opened.step.call_text"),
        ("opened.step.visit", "opened.step.visit_text"),
        ("opened.step.verify", "opened.step.verify_text"),
        ("opened.step.survey", "opened.step.survey_text"),
    ];
    let language = use_language();
    let steps = STEPS.into_iter().enumerate().map(|(at, (title, text))| {
        view! {
            <li aria-current=(at == 0).then_some("step")>
                <strong>{t!(language, title)}</strong>
                <p class="note">{t!(language, text)}</p>
            </li>
        }
    });
    view! {
        <section class="card stack" aria-labelledby="next">
            <h2 id="next">{t!(language, "opened.next")}</h2>
            <ol class="steps">{steps.collect_view()}</ol>
        </section>
    }
    .into_any()
}

/// The link to the tracking page, with the facts of the case.
#[component]
fn OpenFollowingCase(page: CustomersPage, tracking: String) -> impl IntoView {
    let language = use_language();
    view! {
        <aside class="split__side stack" aria-label=t!(language, "opened.follow")>
            <div class="card stack">
                <h2>{t!(language, "opened.follow")}</h2>
                <p class="note">{t!(language, "opened.follow_text")}</p>
                <a class="button button--main button--big" href=format!("/track/{tracking}") rel="external">
                    {t!(language, "opened.track")}
                </a>
                <a class="button button--quiet" href="/" rel="external">{t!(language, "opened.another")}</a>
            </div>
            <dl class="card card--flat facts">
                <Facts page telling=Telling::Short/>
            </dl>
        </aside>
    }
    .into_any()
}
