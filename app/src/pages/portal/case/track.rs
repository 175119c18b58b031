//! The page of a case behind the link in the mail: its state, its clocks, its history.

use domain::calendar::MomentStyle;
use domain::case::{Audience, Status};
use domain::country::Country;
use domain::t;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;

use super::amend::Amend;
use super::api::{CustomersCase, Reader, tracked_case};
use super::cancel::Cancel;
use super::ending::Ending;
use super::facts::{Facts, Telling};
use super::links::Links;
use super::live_case::{LiveCase, keep, tracking_of_page};
use super::page::CustomersPage;
use super::participants::{Leave, Participants};
use super::posting::{NOT_TAKEN, TrackForm, TrackReply};
use super::renew::{NoCase, Renew};
use super::write::Write;
use crate::language::use_language;
use crate::live::Link;
use crate::pages::portal::not_taken::NotTaken;
use crate::pages::portal::visit::VisitCard;
use crate::provider::use_provider;
use crate::ui::{
    EarlierBreaches, HERE, Icon, MomentIn, Notice, PortalFrame, SlaCard, SlaCardSize, Tone, changing, machine,
};

/// The customer's view of a case, by its secret link.
#[component]
pub fn TrackPage() -> impl IntoView {
    let language = use_language();
    let tracking = tracking_of_page();
    let page = Resource::new(move || tracking.get(), tracked_case);
    view! {
        <PortalFrame title=t!(language, "track.yours")>
            <Suspense fallback=move || view! { <p class="note">{t!(language, "portal.loading")}</p> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(case) => Either::Left(view! { <Tracked case tracking=tracking.get_untracked()/> }),
                        Err(error) => {
                            Either::Right(view! { <NoCase error tracking=tracking.get_untracked()/> })
                        }
                    }
                })}
            </Suspense>
        </PortalFrame>
    }
    .into_any()
}

#[component]
fn Tracked(case: CustomersCase, tracking: String) -> impl IntoView {
    let language = use_language();
    let CustomersCase { page, seen_by, reply } = case;
    let title = format!("{} · {}", page.number.grouped(), use_provider().name);
    let live = keep(page.clone(), tracking, seen_by, reply);
    let (is_contacts, is_participants) = (seen_by == Reader::Contact, seen_by == Reader::Participant);
    let history = Memo::new(move |_| live.page.with(|page| page.history.clone()));
    view! {
        <Title text=title/>
        <Head page=page.clone() live/>
        <div class="split">
            <div class="stack stack--wide">
                <CutOff live/>
                {move || {
                    live.reply.get().map(|TrackReply { form, reply }| {
                        view! { <div id=NOT_TAKEN tabindex="-1"><NotTaken reply text=form.text()/></div> }
                    })
                }}
                {(seen_by == Reader::Staff).then(|| view! { <NotYours/> })}
                <Undelivered live/>
                <Ending live/>
                <LatestVisit live/>
                <div class="clocks">{move || clocks(live)}</div>
                <Links live/>
                {(is_contacts || is_participants).then(|| view! { <Write live/> })}
                {is_contacts.then(|| view! { <Amend live/> <Participants live/> })}
                <section class="card stack stack--wide" aria-labelledby="h-history">
                    <h2 id="h-history">{t!(language, "track.history")}</h2>
                    {move || history.get().view("stack stack--wide")}
                </section>
                {is_contacts.then(|| view! { <Cancel live/> <Renew live/> })}
                {is_participants.then(|| view! { <Leave live/> })}
            </div>
            <aside class="split__side stack" aria-label=t!(language, "track.facts")>
                {move || view! { <Reported page=live.page.get()/> }}
                <Help country=page.report.country/>
            </aside>
        </div>
    }
    .into_any()
}

/// Number, state and time of opening.
#[component]
fn Head(page: CustomersPage, live: LiveCase) -> impl IntoView {
    let language = use_language();
    let zone = &page.hours.zone;
    view! {
        <div class="casehead page__head">
            <p class="note">{t!(language, "track.yours")}</p>
            <h1>
                <span class="number" translate="no">{page.number.grouped()}</span>
                " "
                <span class="badge" role="status">
                    {changing(move || {
                        t!(language, status_key(live.page.with(|page| page.status))).into_owned()
                    })}
                </span>
            </h1>
            <p class="casehead__title">
                <MomentIn
                    text=t!(language, "opened.at", at = HERE, place = zone.city(language))
                    shown=zone.format(page.opened_at, language, MomentStyle::Long)
                    machine=machine(zone, page.opened_at)
                />
            </p>
        </div>
    }
    .into_any()
}

/// Tells the staff that this is the customer's page.
#[component]
fn NotYours() -> impl IntoView {
    let language = use_language();
    view! {
        <Notice tone=Tone::Calm icon="info"><p>{t!(language, "track.seen_by_staff")}</p></Notice>
    }
    .into_any()
}

/// The notice that mails do not reach the customer's address.
#[component]
fn Undelivered(live: LiveCase) -> impl IntoView {
    let language = use_language();
    let undelivered = Memo::new(move |_| live.page.with(|page| page.undelivered.clone()));
    move || {
        let address = undelivered.get()?;
        Some(view! {
            <Notice tone=Tone::Care icon="mail">
                <p class="notice__title">{t!(language, "track.undelivered.title", address = address)}</p>
                <p>{t!(language, "track.undelivered.body")}</p>
            </Notice>
        })
    }
}

/// The notice since when no changes come in.
#[component]
fn CutOff(live: LiveCase) -> impl IntoView {
    let language = use_language();
    move || {
        let Link::Cut(since) = live.link.get() else { return None };
        let time = live.hours.with_value(|hours| hours.zone.format(since, language, MomentStyle::Time));
        Some(
            view! { <Notice tone=Tone::Care icon="offline">{t!(language, "track.cut", time = time)}</Notice> },
        )
    }
}

/// The latest visit, if there is one. It is drawn again only when the visit changes: what is being typed stays.
#[component]
fn LatestVisit(live: LiveCase) -> impl IntoView {
    let visit = Memo::new(move |_| live.page.with(|page| page.visit.clone()));
    move || {
        let visit = visit.get()?;
        let (zone, tracking) = (live.hours.with_value(|hours| hours.zone.clone()), live.tracking.get_value());
        let reply = live.reply_to(TrackForm::Visit).unwrap_or_default();
        let action = TrackForm::Visit.action(&tracking);
        let seen_by = match live.seen_by {
            Reader::Contact => Audience::Public,
            Reader::Participant | Reader::Staff => Audience::Internal,
        };
        Some(view! { <VisitCard visit zone tracking action seen_by reply/> })
    }
}

/// The clocks of the case with their explanations.
fn clocks(live: LiveCase) -> impl IntoView {
    let (clocks, explained) = live.page.with(|page| (page.clocks.clone(), page.explained.clone()));
    let explained_of = move |kind| {
        explained
            .iter()
            .find(|(of, _)| *of == kind)
            .map(|(_, stretches)| stretches.clone())
            .unwrap_or_default()
    };
    let missed = live.page.with(|page| page.missed.clone());
    let (of, shown) = (missed.clone(), clocks.clone());
    let under = move |kind, cycle| {
        let of = of.iter().find(|missed| (missed.clock.kind, missed.clock.cycle) == (kind, cycle));
        of.and_then(|missed| missed.under.clone())
    };
    let cards = clocks
        .into_iter()
        .map(|clock| {
            let explained = explained_of(clock.kind);
            let under = under(clock.kind, clock.cycle);
            view! { <SlaCard clock hours=live.hours explained under size=SlaCardSize::Card audience=Audience::Public/> }
        })
        .collect_view();
    view! { {cards} <EarlierBreaches missed shown hours=live.hours/> }.into_any()
}

/// The customer's report.
#[component]
fn Reported(page: CustomersPage) -> impl IntoView {
    let language = use_language();
    view! {
        <section class="card stack" aria-labelledby="h-facts">
            <h2 id="h-facts">{t!(language, "track.reported")}</h2>
            <p class="history__text">{page.report.fault.to_string()}</p>
            <dl class="facts">
                <Facts page telling=Telling::Whole/>
            </dl>
        </section>
    }
    .into_any()
}

/// The telephone line of the case's country, else the first one. A desk without a line asks for no call.
#[component]
fn Help(country: Country) -> impl IntoView {
    let language = use_language();
    let lines = use_provider().hotlines;
    let line = lines.nearest(Some(country)).cloned();
    line.map(|line| {
        view! {
            <section class="card card--flat stack stack--tight" aria-labelledby="h-help">
                <h2 id="h-help">{t!(language, "track.changed")}</h2>
                <p class="note">{t!(language, "track.call")}</p>
                <p class="call">
                    <a href=line.tel_uri()><Icon name="phone"/> " " {line.printed()}</a>
                </p>
            </section>
        }
    })
    .into_any()
}

/// The key of a status in the customer's words.
const fn status_key(status: Status) -> &'static str {
    match status {
        Status::New => "track.status.new",
        Status::InProgress => "track.status.in_progress",
        Status::OnHold => "track.status.on_hold",
        Status::Resolved => "track.status.resolved",
        Status::Closed => "track.status.closed",
        Status::Cancelled => "track.status.cancelled",
        Status::Duplicate => "track.status.duplicate",
    }
}
