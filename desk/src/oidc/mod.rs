//! Sign-in of the staff by identity providers (`OpenID` Connect), by the code flow with PKCE (`docs/decisions/0064`).
//!
//! | part | content |
//! |---|---|
//! | `providers` | what administrators set |
//! | `metadata` | what a provider says of itself |
//! | `departure` | a browser is sent to a provider |
//! | `answer` | it comes back, and what its provider says is held against what was asked |
//! | `id_token` | the ID token: signature, and claims |
//! | `logout_token` | the same of the token by which a provider ends sessions |
//! | `back_channel` | sessions end that have ended at their provider |
//! | `entry` | whom an identity signs in |
//! | `own` | identities of one's own account |
//!
//! Providers are asked by the guarded way out of webhooks: an issuer is an administrator's word.

mod answer;
mod back_channel;
mod departure;
mod entry;
mod id_token;
mod logout_token;
mod metadata;
mod own;
mod providers;

pub use answer::{Answer, AnswerError, Came, answer};
pub use back_channel::{LogoutError, end_sessions, logout_address};
pub use departure::{Departure, DepartureError, For, REQUEST_S, depart, redirect_address};
pub use entry::{Entrance, EntryError, Identity, ProvenBy, connect, enter};
pub use metadata::{Metadata, ProviderFault, check_issuer};
pub use own::{DisconnectError, OwnIdentity, disconnect, has_identities, own_identities};
pub use providers::{
    IdentityProviderError, IdentityProviderView, NewIdentityProvider, Offered, PROVIDERS_MAX, Secret,
    add_provider, change_provider, list_providers, offered, pause_provider, read_provider, remove_provider,
    resume_provider, test_provider,
};

use crate::access::by_provider::ProviderSignOut;

/// Where a browser goes at the end of a session, so that it ends at the provider as well. `None` for an address that cannot be read.
#[must_use]
pub fn sign_out_address(public_url: &str, told: &ProviderSignOut) -> Option<String> {
    let mut address = url::Url::parse(&told.end_session).ok()?;
    {
        let mut query = address.query_pairs_mut();
        query.append_pair("client_id", &told.client_id);
        query.append_pair("post_logout_redirect_uri", &format!("{public_url}/desk/sign-in"));
        if !told.id_token.is_empty() {
            query.append_pair("id_token_hint", &told.id_token);
        }
    }
    Some(address.into())
}
