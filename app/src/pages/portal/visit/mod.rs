//! Visits for the customer: behind the link of a mail, and on the case's page. Plain forms: answers are posted, and reading
//! the page, as mail scanners do, changes nothing.

mod api;

use domain::calendar::{MomentStyle, ZoneView};
use domain::case::Audience;
use domain::case::visit::{Side, Stage, Visit, Windows};
use domain::i18n::Language;
use domain::t;
use domain::view::{LinkState, VisitOver, VisitPage};
use leptos::either::Either;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use self::api::visit_by_link;
use super::not_taken::NotTaken;
use crate::language::use_language;
use crate::pages::PostReply;
use crate::ui::inputs::area_text;
use crate::ui::{
    FieldError, FileList, Icon, NoSendByEnter, Notice, PortalFrame, Problem, Tone, TypedWindow, WindowFields,
    window_in,
};

#[cfg(feature = "ssr")]
pub use self::api::{Answerer, answer_visit};

/// The page behind the link of an offer, or of an appointment.
#[component]
pub fn VisitLinkPage() -> impl IntoView {
    let language = use_language();
    let params = use_params_map();
    let link = Memo::new(move |_| params.with(|params| params.get("link").unwrap_or_default()));
    let page = Resource::new(move || link.get(), visit_by_link);
    view! {
        <PortalFrame title=t!(language, "visit.title")>
            <Suspense fallback=move || view! { <p class="note">{t!(language, "portal.loading")}</p> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok((page, reply)) => {
                            Either::Left(view! { <Behind page reply link=link.get_untracked()/> })
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
fn Behind(page: VisitPage, reply: PostReply, link: String) -> impl IntoView {
    let language = use_language();
    let action = format!("/visit/{link}");
    let zone = page.zone;
    let not_taken =
        (reply != PostReply::default()).then(|| view! { <NotTaken reply=reply.clone() text=Some("note")/> });
    let state = match page.state {
        LinkState::Open(visit) => view! { <Ask visit zone action reply/> }.into_any(),
        LinkState::Answered(visit) => view! { <Answered visit zone/> }.into_any(),
        LinkState::Over(over) => view! {
            <Notice tone=Tone::Calm icon="info"><p>{over_words(language, over, &zone)}</p></Notice>
        }
        .into_any(),
        LinkState::Expired => view! {
            <Notice tone=Tone::Care icon="info"><p>{t!(language, "visit.ask.expired")}</p></Notice>
        }
        .into_any(),
    };
    view! {
        <div class="casehead page__head">
            <p class="note">{t!(language, "visit.ask.of_case")}</p>
            <h1><span class="number">{page.number.grouped()}</span></h1>
        </div>
        {not_taken}
        <section class="card stack" aria-labelledby="h-visit">
            <h2 id="h-visit">{t!(language, "visit.title")}</h2>
            {state}
        </section>
    }
    .into_any()
}

/// The state after an answer, and how to change it: the link works once.
#[component]
fn Answered(visit: Visit, zone: ZoneView) -> impl IntoView {
    let language = use_language();
    let (tone, icon, words) = match &visit.stage {
        Stage::Agreed(_) => (Tone::Good, "met", "visit.answered.agreed"),
        Stage::Proposed(_) => (Tone::Good, "met", "visit.answered.proposed"),
        Stage::Declined => (Tone::Calm, "info", "visit.answered.declined"),
        _ => (Tone::Calm, "info", "visit.answered.moved_on"),
    };
    let zone_words = t!(language, "visit.ask.zone", place = zone.city(language));
    view! {
        <Notice tone icon><p>{t!(language, words)}</p></Notice>
        <VisitState visit zone/>
        <p class="note">{zone_words}</p>
        <p class="note">{t!(language, "visit.ask.answered")}</p>
    }
    .into_any()
}

/// How an ended visit ended, in words.
fn over_words(language: Language, over: VisitOver, zone: &ZoneView) -> String {
    match over {
        VisitOver::Done { at } => {
            t!(language, "visit.over.done", at = zone.format(at, language, MomentStyle::Long))
        }
        VisitOver::Missed { by: Side::Us } => t!(language, "visit.over.missed_us").into_owned(),
        VisitOver::Missed { by: Side::Customer } => t!(language, "visit.over.missed_customer").into_owned(),
        VisitOver::CalledOff => t!(language, "visit.over.called_off").into_owned(),
    }
}

/// The latest visit on the case's page, with its forms.
#[component]
pub(super) fn VisitCard(
    visit: Visit,
    zone: ZoneView,
    /// The last part of the case's link.
    tracking: String,
    /// The address that its forms are posted to.
    action: String,
    seen_by: Audience,
    reply: PostReply,
) -> impl IntoView {
    let language = use_language();
    let answers = seen_by == Audience::Public && visit.is_live() && visit.arrived_at().is_none();
    let (files, base) = (visit.files.clone(), format!("/track/{tracking}/files"));
    let inner = if answers {
        view! { <Ask visit zone action reply/> }.into_any()
    } else {
        view! { <VisitState visit zone/> }.into_any()
    };
    view! {
        <section class="card stack" aria-labelledby="h-visit" id="visit">
            <h2 id="h-visit">{t!(language, "visit.title")}</h2>
            {inner}
            <FileList files base/>
        </section>
    }
    .into_any()
}

/// The state of a visit, in words.
#[component]
fn VisitState(visit: Visit, zone: ZoneView) -> impl IntoView {
    let language = use_language();
    let window = visit.appointment().map(|appointment| window_in(language, &zone, appointment.window));
    let technician = visit.technician.name.clone();
    view! {
        <p><span class="badge">{t!(language, customer_key(&visit.stage))}</span></p>
        {window
            .map(|window| {
                view! {
                    <dl class="facts">
                        <div><dt>{t!(language, "visit.ask.when")}</dt><dd>{window}</dd></div>
                        <div><dt>{t!(language, "letter.visit.technician")}</dt><dd>{technician}</dd></div>
                    </dl>
                }
            })}
    }
    .into_any()
}

/// The answers of the customer: take a window, propose others, or decline.
#[component]
fn Ask(
    visit: Visit,
    zone: ZoneView,
    action: String,
    /// The reply to one of its forms.
    reply: PostReply,
) -> impl IntoView {
    let language = use_language();
    let zone_words = t!(language, "visit.ask.zone", place = zone.city(language));
    let windows = match &visit.stage {
        Stage::Offered(windows) => windows.as_slice().to_vec(),
        _ => Vec::new(),
    };
    let (propose, decline, decline_act) = match visit.stage {
        Stage::Agreed(_) => ("visit.ask.move", "visit.ask.call_off", "visit.ask.call_off_act"),
        _ => ("visit.ask.propose", "visit.ask.decline", "visit.ask.decline_act"),
    };
    let take: Vec<_> = windows
        .into_iter()
        .map(|window| {
            view! {
                <button class="button button--main button--big" type="submit" name="window"
                    value=format!("{}-{}", window.from.0, window.to.0)>
                    <Icon name="check"/> " " {window_in(language, &zone, window)}
                </button>
            }
        })
        .collect();
    let revision = visit.revision;
    let hidden = move |answer: &'static str| {
        view! {
            <input type="hidden" name="answer" value=answer/>
            <input type="hidden" name="revision" value=revision/>
        }
    };
    let of = |answer: &str| if reply.text("answer") == answer { reply.clone() } else { PostReply::default() };
    let (proposed, declined) = (of("propose"), of("decline"));
    let (is_proposed, is_declined) = (proposed != PostReply::default(), declined != PostReply::default());
    view! {
        <VisitState visit zone/>
        <p class="note">{zone_words}</p>
        {(!take.is_empty())
            .then(|| {
                view! {
                    <form class="stack" method="post" action=action.clone()>
                        {hidden("accept")}
                        <p>{t!(language, "visit.ask.choose")}</p>
                        <div class="stack stack--tight">{take}</div>
                    </form>
                }
            })}
        <details class="visit__more" open=is_proposed>
            <summary><Icon name="chevron"/> " " {t!(language, propose)}</summary>
            <form class="stack" method="post" action=action.clone()>
                <NoSendByEnter/>
                {hidden("propose")}
                <ProposalFields reply=proposed/>
            </form>
        </details>
        <details class="visit__more" open=is_declined>
            <summary><Icon name="chevron"/> " " {t!(language, decline)}</summary>
            <form class="stack" method="post" action=action>
                {hidden("decline")}
                <NoteField id="decline-note" reply=declined/>
                <div class="row"><button class="button" type="submit">{t!(language, decline_act)}</button></div>
            </form>
        </details>
    }
    .into_any()
}

/// The windows that the customer proposes, with a note.
#[component]
fn ProposalFields(reply: PostReply) -> impl IntoView {
    let language = use_language();
    let rows: [_; Windows::MOST] =
        std::array::from_fn(|place| RwSignal::new(TypedWindow::typed(&reply.typed, place)));
    let problem = Signal::stored(reply.problem("windows"));
    view! {
        <WindowFields id="propose" rows problem/>
        <NoteField id="propose-note" reply/>
        <div class="row"><button class="button button--main" type="submit">{t!(language, "visit.ask.propose_act")}</button></div>
    }
    .into_any()
}

#[component]
fn NoteField(id: &'static str, reply: PostReply) -> impl IntoView {
    let language = use_language();
    let problem = reply.problem("note");
    let is_wrong = problem.is_some();
    view! {
        <div class="field" data-look=is_wrong.then_some("error")>
            <label class="field__label" for=id>{t!(language, "visit.ask.note")}</label>
            <div class="field__box">
                <textarea class="field__input field__input--short" id=id name="note" rows="2" maxlength="4000"
                    aria-invalid=is_wrong.then_some("true") aria-describedby=is_wrong.then(|| format!("{id}-error"))
                    inner_html=area_text(&reply.text("note"))></textarea>
            </div>
            <FieldError id error=Signal::stored(problem)/>
        </div>
    }
    .into_any()
}

/// The key of a stage in the customer's words.
const fn customer_key(stage: &Stage) -> &'static str {
    match stage {
        Stage::Offered(_) => "visit.customer.offered",
        Stage::Proposed(_) => "visit.customer.proposed",
        Stage::Declined => "visit.customer.declined",
        Stage::Agreed(_) => "visit.stage.agreed",
        Stage::OnSite { .. } => "visit.stage.on_site",
        Stage::Working { .. } => "visit.stage.working",
        Stage::Ended(_) => "visit.stage.ended",
        Stage::Missed { .. } => "visit.stage.missed",
        Stage::CalledOff { .. } => "visit.stage.called_off",
    }
}
