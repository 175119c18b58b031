//! The customer's form to amend the report: plain HTML that works without a script.

use domain::case::AmendForm;
use domain::i18n::Language;
use domain::t;
use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlFormElement;

use super::api::{Amending, amend_case};
use super::live_case::LiveCase;
use super::page::CustomersPage;
use super::posting::{Outcome, PostField, Posting, TrackForm};
use crate::AppError;
use crate::effect::effect;
use crate::language::use_language;
use crate::pages::Typed;
use crate::ui::{Icon, OthersChanged, inputs, report_changes};

impl Amending {
    /// The values of the form's fields.
    pub(super) fn read(typed: &Typed) -> Self {
        let text = |name: &str| typed.get(name).cloned().unwrap_or_default();
        Self {
            // A version that cannot be parsed is that of the opening: any amendment since then conflicts.
            seen: text("seen").parse().unwrap_or_default(),
            name: text("name"),
            phone: text("phone"),
            second: text("second"),
            mail: text("mail"),
            fault: text("fault"),
            reason: text("reason"),
        }
    }

    /// The values of the form in a page.
    fn in_form(form: &HtmlFormElement) -> Self {
        Self::read(&inputs::typed(form).into_iter().collect())
    }

    /// The report as it is now, the form's first values.
    fn of(page: &CustomersPage) -> Self {
        let AmendForm { name, phone, second, mail, fault, .. } = AmendForm::of(&page.report);
        Self { seen: page.version, name, phone, second, mail, fault, reason: String::new() }
    }

    /// The fields of the form by their names.
    fn typed(self) -> Typed {
        let Self { seen, name, phone, second, mail, fault, reason } = self;
        let named = |(name, text): (&str, String)| (name.to_owned(), text);
        [
            ("seen", seen.to_string()),
            ("name", name),
            ("phone", phone),
            ("second", second),
            ("mail", mail),
            ("fault", fault),
            ("reason", reason),
        ]
        .map(named)
        .into()
    }

    /// The form, resting on the report as it is now: changed fields stay, all others follow. With it the changes of others, a
    /// line for each value.
    fn rebased(self, language: Language, page: &CustomersPage) -> (Self, Vec<String>) {
        let now = &page.report;
        let Some(seen) = page.earlier_report(self.seen) else { return (self, Vec::new()) };
        let Self { name, phone, second, mail, fault, reason, .. } = self;
        let form = AmendForm { name, phone, second, mail, fault, reason, location: String::new() };
        let AmendForm { name, phone, second, mail, fault, reason, .. } = form.rebased(seen, now);
        let rebased = Self { seen: page.version, name, phone, second, mail, fault, reason };
        (rebased, report_changes(language, seen, now))
    }

    /// Sets the form's fields to these values.
    fn show(&self, form: &HtmlFormElement) {
        let seen = self.seen.to_string();
        inputs::show(form, |name| {
            Some(match name {
                "seen" => seen.as_str(),
                "name" => &self.name,
                "phone" => &self.phone,
                "second" => &self.second,
                "mail" => &self.mail,
                "fault" => &self.fault,
                "reason" => &self.reason,
                _ => return None,
            })
        });
    }
}

/// The form, in a closed `<details>`. Its fields follow the report until the customer types. After a refusal for a conflict,
/// the form rests on the report as it is now.
#[component]
pub(super) fn Amend(live: LiveCase) -> impl IntoView {
    let language = use_language();
    let posting = Posting::new(live, TrackForm::Amend);
    let first = live.page.with_untracked(Amending::of);
    let others = RwSignal::new(Vec::new());
    if let Some(typed) = posting.came_back() {
        let typed = Amending::read(&typed);
        let (typed, changes) = live.page.with_untracked(|page| typed.rebased(language, page));
        posting.come_back_with(typed.typed());
        others.set(changes);
    }
    let seen = posting.begins_with("seen", first.seen.to_string());
    let shown = StoredValue::new(first.clone());
    let element = NodeRef::<html::Form>::new();
    let reset = move |form: &HtmlFormElement, now: Amending| {
        now.show(form);
        shown.set_value(now);
        others.set(Vec::new());
    };
    effect(move || {
        let now = live.page.with(Amending::of);
        let Some(form) = element.get() else { return };
        let typed = Amending::in_form(&form);
        if shown.with_value(|shown| *shown == typed) {
            reset(&form, now);
        }
    });
    let send = move |event: leptos::ev::SubmitEvent| {
        let ask = |tracking, typed: Typed| amend_case(tracking, Amending::read(&typed));
        let taken = move |form: &HtmlFormElement| reset(form, live.page.with_untracked(Amending::of));
        let refused = move |form: &HtmlFormElement, error: &AppError| {
            if error.is_conflicting_amendment() {
                let (rebased, changes) =
                    live.page.with_untracked(|page| Amending::in_form(form).rebased(language, page));
                rebased.show(form);
                others.set(changes);
            }
        };
        posting.send_or(&event, ask, taken, refused);
    };
    view! {
        <details class="card" open=posting.is_back()>
            <summary><Icon name="chevron"/> " " {t!(language, "track.amend.title")}</summary>
            <form class="stack" method="post" action=posting.action() node_ref=element on:submit=send
                on:input=move |event| posting.clear_problem(&event)>
                <p class="note">{t!(language, "track.amend.lead")}</p>
                <input type="hidden" name="seen" value=seen autocomplete="off"/>
                <PostField posting name="name" id="amend-name" label="field.contact_name.label" most=300 required=true first=first.name/>
                <PostField posting name="phone" id="amend-phone" label="field.contact_phone.label" most=300 required=true first=first.phone/>
                <PostField posting name="second" id="amend-second" label="amend.second" most=300 first=first.second/>
                <PostField posting name="mail" id="amend-mail" label="field.contact_mail.label" most=300 required=true first=first.mail/>
                <PostField posting name="fault" id="amend-fault" label="field.fault.label" most=4000 rows=4 required=true first=first.fault/>
                <PostField posting name="reason" id="amend-reason" label="amend.reason" most=300 required=true/>
                <Outcome posting done="track.amend.done" beside=move || view! { <OthersChanged changes=others/> }/>
                <div class="row">
                    <button class="button" type="submit" aria-disabled=move || posting.busy()>
                        {t!(language, "track.amend.act")}
                    </button>
                </div>
            </form>
        </details>
    }
    .into_any()
}
