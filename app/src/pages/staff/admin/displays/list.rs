//! The list of the displays: what each shows, how it stands, when it was last seen.

use desk::access::displays::{DisplayView, SEEN_EVERY_S};
use domain::calendar::zone::Zone;
use domain::case::Author;
use domain::i18n::Language;
use domain::page::{Page, Paging};
use domain::t;
use domain::time::{Instant, Span};
use leptos::prelude::*;

use super::{ADDRESS, Listed};
use crate::language::use_language;
use crate::ui::{Icon, Pager, relative_time};

#[component]
pub(super) fn Table(listed: Listed) -> impl IntoView {
    let language = use_language();
    let Listed { page: Page { rows, paging }, zone, now, .. } = listed;
    if rows.is_empty() {
        return view! { <p class="note">{t!(language, "pair.none")}</p> }.into_any();
    }
    let rows: Vec<_> = rows.into_iter().map(|display| row(language, display, zone, now)).collect();
    let heads = ["pair.name", "pair.scope", "pair.state", "pair.seen", "pair.added"]
        .map(|key| view! { <th scope="col">{t!(language, key)}</th> });
    let Paging { pages, .. } = paging;
    view! {
        <div class="card tablewrap tablewrap--stacks" tabindex="0" role="region" aria-label=t!(language, "pair.list")>
            <table class="table">
                <caption class="sr">{t!(language, "pair.list")}</caption>
                <thead>
                    <tr>{heads.collect_view()} <th scope="col"><span class="sr">{t!(language, "pair.revoke")}</span></th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {(pages > 1).then(|| view! { <Pager paging to=|page| format!("{ADDRESS}?page={page}")/> })}
    }
    .into_any()
}

/// How a display stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It showed the wall a moment ago.
    Online,
    /// It does not show the wall now.
    Silent,
    /// Its link was not opened yet, or its screen has not gone on to the wall.
    Waiting,
    /// It was revoked.
    Revoked,
}

impl State {
    /// How long a display counts as online after it was seen, in seconds: twice the interval of that.
    const ONLINE_S: i64 = 2 * SEEN_EVERY_S;

    fn of(display: &DisplayView, now: Instant) -> Self {
        match (display.revoked_at, display.paired_at, display.seen_at) {
            (Some(_), _, _) => Self::Revoked,
            (None, None, _) => Self::Waiting,
            (None, Some(_), Some(seen)) if now.since(seen) <= Self::ONLINE_S => Self::Online,
            (None, Some(_), _) => Self::Silent,
        }
    }

    /// Look, icon and the key of the word.
    const fn shown(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Online => ("met", "check", "pair.state.online"),
            Self::Silent => ("warning", "warning", "pair.state.silent"),
            Self::Waiting => ("running", "running", "pair.state.waiting"),
            Self::Revoked => ("void", "void", "pair.state.revoked"),
        }
    }
}

fn row(language: Language, display: DisplayView, zone: Zone, now: Instant) -> AnyView {
    let state = State::of(&display, now);
    let (look, icon, word) = state.shown();
    let local = |at: Instant| relative_time(language, &zone.view(Span::new(at, at.plus(1))), at, now);
    let scope = match display.scope.country {
        Some(country) => t!(language, country.name_key()),
        None => t!(language, "pair.all"),
    };
    let seen = display.seen_at.map_or_else(|| t!(language, "pair.never").into_owned(), local);
    let by = |author: Option<&Author>| match author {
        Some(Author::Staff { name, .. }) => format!(" · {name}"),
        _ => String::new(),
    };
    let added = format!("{}{}", local(display.created_at), by(display.added_by.as_ref()));
    let revoked_by = by(display.revoked_by.as_ref());
    let id = display.id.0;
    let name = display.name.clone();
    let revoke = (state != State::Revoked).then(|| {
        view! {
            <details class="revoke">
                <summary class="button button--quiet" aria-label=format!("{} · {name}", t!(language, "pair.revoke"))>
                    {t!(language, "pair.revoke")}
                </summary>
                <form class="stack stack--tight" method="post" action=format!("{ADDRESS}/{id}/revoke")>
                    <p class="note">{t!(language, "pair.revoke_sure")}</p>
                    <button class="button" type="submit">{t!(language, "pair.revoke_yes")}</button>
                </form>
            </details>
        }
    });
    view! {
        <tr>
            <th scope="row">{display.name}</th>
            <td data-label=t!(language, "pair.scope")>{scope}</td>
            <td data-label=t!(language, "pair.state")>
                <span class="state" data-state=look><Icon name=icon/> " " {t!(language, word)}</span>
                {revoked_by}
            </td>
            <td data-label=t!(language, "pair.seen")>{seen}</td>
            <td data-label=t!(language, "pair.added")>{added}</td>
            <td>{revoke}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use domain::actor::{DisplayId, Scope};

    use super::*;

    #[test]
    fn display_is_online_for_two_minutes_after_it_was_seen() {
        let seen = |at: Option<i64>| DisplayView {
            id: DisplayId(1),
            name: "Sala".to_owned(),
            scope: Scope { country: None },
            created_at: Instant(0),
            paired_at: Some(Instant(0)),
            seen_at: at.map(Instant),
            revoked_at: None,
            added_by: None,
            revoked_by: None,
        };
        assert_eq!(State::of(&seen(Some(100)), Instant(220)), State::Online);
        assert_eq!(State::of(&seen(Some(100)), Instant(221)), State::Silent);
        assert_eq!(State::of(&seen(None), Instant(10)), State::Silent);
        let unopened = DisplayView { paired_at: None, ..seen(None) };
        assert_eq!(State::of(&unopened, Instant(10)), State::Waiting);
        let revoked = DisplayView { revoked_at: Some(Instant(5)), ..seen(Some(100)) };
        assert_eq!(State::of(&revoked, Instant(100)), State::Revoked);
    }
}
