//! Use-cases: customers who sign in, and the lists of what is theirs (`docs/decisions/0056`).
//!
//! A customer is who reads the mails of an address. Nobody registers: the address stands in their cases, in the contracts of
//! their company, or among its people (`docs/decisions/0062`).

pub mod cases;
pub mod colleagues;
pub mod companies;
pub mod entry;
pub mod equipment;
pub mod profile;
pub mod report;
pub mod session;
mod sought;

use domain::actor::{Action, Actor, NotPermitted, Subject, may};

/// The address of a customer who is signed in, in lower case.
fn address_of(actor: &Actor) -> Result<String, NotPermitted> {
    may(actor, Action::ReadOwnAccount, Subject::Desk)?;
    match actor {
        Actor::Contact(mail) => Ok(mail.as_str().to_lowercase()),
        Actor::Anonymous
        | Actor::Customer(_)
        | Actor::CustomerBeside { .. }
        | Actor::Participant(_)
        | Actor::Staff(_)
        | Actor::Display { .. }
        | Actor::Integration(_)
        | Actor::System => Err(NotPermitted),
    }
}
