//! The way to an identity provider: a page that the browser leaves at once. A redirect would not do, since the policy of the pages sends
//! forms to this site alone, and browsers hold redirects of forms to it.

use domain::t;
use leptos::prelude::*;

use crate::language::use_language;
use crate::ui::PortalFrame;

/// Where the browser goes. The server puts it into the context of the page that it answers with.
#[derive(Debug, Clone)]
pub struct LeaveReply {
    /// The whole address.
    pub address: String,
    /// The host, for people.
    pub host: String,
}

/// The link to the provider, for a browser that does not go by itself.
#[component]
pub(super) fn Leave(reply: LeaveReply) -> impl IntoView {
    let language = use_language();
    let LeaveReply { address, host } = reply;
    view! {
        <PortalFrame title=t!(language, "identity.leave.title").into_owned()>
            <div class="signin stack stack--wide">
                <h1>{t!(language, "identity.leave.title")}</h1>
                <div class="card stack stack--wide">
                    <p>{t!(language, "identity.leave.lead", host = host)}</p>
                    <a class="button button--main button--big button--wide" href=address rel="external noreferrer">
                        {t!(language, "identity.leave.go")}
                    </a>
                </div>
            </div>
        </PortalFrame>
    }
    .into_any()
}
