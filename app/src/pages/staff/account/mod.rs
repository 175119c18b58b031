//! Everybody's own account: `/desk/account`.

mod api;

use domain::t;
use leptos::prelude::*;

use self::api::{OwnAccount, read_account};
use super::frame::{Failed, Here, StaffFrame};
use crate::language::use_language;

/// The page of one's own account.
#[component]
pub fn AccountPage() -> impl IntoView {
    let language = use_language();
    let account = Resource::new(|| (), |()| read_account());
    view! {
        <StaffFrame title=t!(language, "admin.account.title").into_owned() class="stack stack--wide" here=Here::Account>
            <h1>{t!(language, "admin.account.title")}</h1>
            <Suspense>
                {move || Suspend::new(async move {
                    match account.await {
                        Ok(account) => view! { <Account account/> }.into_any(),
                        Err(error) => view! { <Failed error/> }.into_any(),
                    }
                })}
            </Suspense>
        </StaffFrame>
    }
    .into_any()
}

#[component]
fn Account(account: OwnAccount) -> impl IntoView {
    let language = use_language();
    view! {
        <section class="card stack" aria-labelledby="h-who">
            <h2 id="h-who">{t!(language, "admin.account.who")}</h2>
            <dl class="facts">
                <div><dt>{t!(language, "admin.people.name")}</dt><dd>{account.name}</dd></div>
                <div><dt>{t!(language, "admin.people.mail")}</dt><dd>{account.mail}</dd></div>
                <div><dt>{t!(language, "admin.people.role")}</dt><dd>{t!(language, account.role.name_key())}</dd></div>
            </dl>
            <p class="note">{t!(language, "admin.account.who_hint")}</p>
        </section>
    }
    .into_any()
}
