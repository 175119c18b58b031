//! Plain forms of accounts: one's own, those that administrators keep, and passwords that are forgotten or chosen.

use std::future::ready;

use app::pages::staff::{
    post_account, post_choose_password, post_composed_role, post_factor_roles, post_forgotten_password,
    post_invite, post_person, post_session_limits,
};
use app::request::RequestContext;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::Response;

use super::posted::{read_pairs_up_to, show, taken};
use super::signed_in::SignedIn;
use super::{AppState, BODY_BYTES};

/// Takes a form of the own account.
pub async fn account(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_account(&asked, typed)).await
}

/// Takes invitations.
pub async fn invite(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_invite(&asked, typed)).await
}

/// Takes which roles need a second factor.
pub async fn factor_roles(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_factor_roles(&asked, typed)).await
}

/// Takes how long sessions last.
pub async fn session_limits(
    State(site): State<AppState>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_session_limits(&asked, typed)).await
}

/// The most fields of a composed role: its permits, and some hundreds of organisations.
const ROLE_FIELDS: usize = 512;

/// Takes what an administrator composes of a role, and whom it is given to.
pub async fn composed_role(
    State(site): State<AppState>,
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    match read_pairs_up_to(request, ROLE_FIELDS, BODY_BYTES).await {
        Ok((parts, pairs)) => {
            let posted = post_composed_role(&asked, &id, pairs.into_iter().collect()).await;
            show(site, parts, posted, asked.language).await
        }
        Err(response) => response,
    }
}

/// Takes what an administrator changes of an account.
pub async fn person(
    State(site): State<AppState>,
    Path(id): Path<String>,
    _: SignedIn,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| post_person(&asked, &id, typed)).await
}

/// Takes the address of somebody who forgot their password. The answer is the same whether it is anybody's.
pub async fn forgotten_password(
    State(site): State<AppState>,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    taken(site, &asked, request, |typed| ready(post_forgotten_password(&asked, typed))).await
}

/// Takes the password that somebody chooses by a mailed link.
pub async fn choose_password(
    State(site): State<AppState>,
    Path(link): Path<String>,
    Extension(asked): Extension<RequestContext>,
    request: Request,
) -> Response {
    let asked = &asked;
    taken(site, asked, request, |typed| async move { post_choose_password(asked, &link, &typed).await }).await
}
