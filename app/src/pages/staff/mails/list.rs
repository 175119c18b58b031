//! The list of mails, the newest first.

use domain::i18n::Language;
use domain::page::Page;
use domain::t;
use domain::view::MailState;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

use super::Tabs;
use super::api::{Line, Listed, read_mails};
use super::one::{moment, state};
use crate::address::case_address;
use crate::language::use_language;
use crate::pages::staff::filter::{NothingShown, Unknown};
use crate::pages::staff::frame::{Failed, Here, StaffFrame};
use crate::ui::{Icon, Notice, Pager, Tone};

/// The filter of the list, as in the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct MailsQuery {
    state: Option<MailState>,
    page: u32,
}

impl MailsQuery {
    fn read(query: &ParamsMap) -> Self {
        Self {
            state: query.get("state").and_then(|code| MailState::from_code(&code)),
            page: query.get("page").and_then(|page| page.parse().ok()).unwrap_or(1).max(1),
        }
    }

    /// Reads an address; a filter that cannot be parsed is an error.
    fn parse(query: &ParamsMap) -> Result<Self, Unknown> {
        let wanted = Self::read(query);
        let unknown = Unknown::of(|name| query.get(name), &wanted.address(), &["state"]);
        unknown.map_or(Ok(wanted), Err)
    }

    fn address(self) -> String {
        let state = self.state.map(|state| format!("state={}", state.code()));
        let page = (self.page > 1).then(|| format!("page={}", self.page));
        let query: Vec<String> = state.into_iter().chain(page).collect();
        if query.is_empty() { "/desk/mails".to_owned() } else { format!("/desk/mails?{}", query.join("&")) }
    }
}

/// The page of the mails.
#[component]
pub fn MailsPage() -> impl IntoView {
    let language = use_language();
    let query = use_query_map();
    let wanted = Memo::new(move |_| query.with(MailsQuery::parse));
    let mails = Resource::new(
        move || wanted.get(),
        |parsed| async move {
            let wanted = parsed?;
            Ok::<_, Unknown>((wanted, read_mails(wanted.state, wanted.page).await))
        },
    );
    view! {
        <StaffFrame title=t!(language, "mails.title").into_owned() class="stack" here=Here::Mails>
            <h1>{t!(language, "mails.title")}</h1>
            <Tabs kinds=Signal::stored(false)/>
            <Suspense>
                {move || Suspend::new(async move {
                    match mails.await {
                        Ok((wanted, Ok(listed))) => view! { <List wanted listed/> }.into_any(),
                        Ok((_, Err(error))) => view! { <Failed error/> }.into_any(),
                        Err(unknown) => view! { <NothingShown unknown all="/desk/mails"/> }.into_any(),
                    }
                })}
            </Suspense>
        </StaffFrame>
    }
    .into_any()
}

#[component]
fn List(wanted: MailsQuery, listed: Listed) -> impl IntoView {
    let language = use_language();
    let total = listed.page.paging.total;
    let states = [None, Some(MailState::Queued), Some(MailState::Sent), Some(MailState::Dead)];
    let filters = states.map(|of| {
        let current = wanted.state == of;
        let name = of.map_or("mails.all", MailState::name_key);
        view! {
            <a href=MailsQuery { state: of, page: 1 }.address() aria-current=current.then_some("true")>
                {t!(language, name)}
                {current.then(|| view! { " " <b>{total}</b> })}
            </a>
        }
    });
    let Listed { page: Page { rows: lines, paging }, held, dead } = listed;
    let is_empty = lines.is_empty();
    let rows = lines.into_iter().map(|line| row(language, line)).collect_view();
    let to = move |page| MailsQuery { page, ..wanted }.address();
    view! {
        <nav class="filters" aria-label=t!(language, "staff.queue.filters")>{filters.collect_view()}</nav>
        {(held > 0).then(|| view! {
            <Notice tone=Tone::Care icon="alert">
                <p><b>{t!(language, "mails.held_count", count = held)}</b></p>
                <p>{t!(language, "mails.held_hint")}</p>
            </Notice>
        })}
        {(held + dead > 0).then(|| view! {
            <form method="post" action="/desk/mails/again">
                <button class="button" type="submit">{t!(language, "mails.retry_all")}</button>
            </form>
        })}
        {is_empty.then(|| view! { <div class="empty card"><Icon name="mail"/><h2>{t!(language, "mails.none")}</h2></div> })}
        {(!is_empty).then(|| view! {
            <div class="card tablewrap" tabindex="0" role="region" aria-label=t!(language, "mails.caption")>
                <table class="table">
                    <caption class="sr">{t!(language, "mails.caption")}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{t!(language, "mails.subject")}</th>
                            <th scope="col">{t!(language, "mails.recipient")}</th>
                            <th scope="col">{t!(language, "mails.state")}</th>
                            <th scope="col">{t!(language, "mails.created")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        })}
        <Pager paging to/>
    }
    .into_any()
}

fn row(language: Language, line: Line) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/desk/mails/{}", line.id)>{line.seen.subject.clone()}</a>
                <span class="two">
                    {line.case.map(|case| view! { <a class="number" href=case_address(case)>{case.grouped()}</a> })}
                </span>
            </th>
            <td>{line.seen.recipient.clone()}</td>
            <td>{state(language, &line.seen)}</td>
            <td class="nowrap">{moment(language, &line.zone, line.seen.created_at)}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_query_round_trips_through_its_address() {
        for (state, page, address) in [
            (None, 1, "/desk/mails"),
            (Some(MailState::Dead), 1, "/desk/mails?state=dead"),
            (Some(MailState::Sent), 3, "/desk/mails?state=sent&page=3"),
        ] {
            assert_eq!(MailsQuery { state, page }.address(), address);
        }
        let nonsense = [("state", "lost"), ("page", "-1")];
        let query = nonsense.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert_eq!(MailsQuery::read(&query), MailsQuery { state: None, page: 1 });
        assert!(MailsQuery::parse(&query).is_err());
    }
}
