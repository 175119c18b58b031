//! What a customer's file has of an entry: what their page shows, and no more.

use domain::case::{Author, Event, Recorded};

use crate::cases::read::shown_to_customer;

/// An entry as a customer may read it; `None` for one that is internal as a whole.
pub(super) fn for_customer(mut recorded: Recorded) -> Option<Recorded> {
    if !shown_to_customer(&mut recorded) {
        return None;
    }
    // The page names the agent who talked or wrote to the customer, and no other.
    let names_its_author = matches!(recorded.event, Event::Contacted { .. } | Event::Noted { .. });
    recorded.by = match recorded.by {
        Author::CustomerBeside(_) => Author::Customer,
        Author::Staff { .. } | Author::Integration { .. } if !names_its_author => Author::System,
        by => by,
    };
    Some(recorded)
}
