//! Which agents' calls have changed, for the open pages of this process.

use domain::actor::PersonId;
use tokio::sync::broadcast;

use crate::Desk;
use crate::store::tell_call;

/// Changes that a slow page may lag behind. It then reads its call once.
const BACKLOG: usize = 256;

/// Tells pages that a call of their reader has changed. One per process; nodes over one PostgreSQL tell each other.
#[derive(Debug)]
pub struct Hub(broadcast::Sender<PersonId>);

impl Default for Hub {
    fn default() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }
}

impl Hub {
    /// The agents whose calls change from now on. A subscriber that lags too far behind gets an error, and reads its call.
    #[must_use]
    pub fn follow(&self) -> broadcast::Receiver<PersonId> {
        self.0.subscribe()
    }

    /// Accepts what another node told. Anything else is ignored.
    pub(crate) fn hear(&self, told: &str) {
        if let Ok(id) = told.parse() {
            self.tell(PersonId(id));
        }
    }

    fn tell(&self, agent: PersonId) {
        // Without open pages there is no subscriber.
        let _ = self.0.send(agent);
    }
}

/// Tells the pages of an agent, here and on other nodes. A node that cannot be told shows the call when its page asks again.
pub(super) async fn tell(desk: &Desk, agent: PersonId) {
    desk.calls().tell(agent);
    if let Err(error) = tell_call(desk.store(), &agent.0.to_string()).await {
        tracing::warn!(%error, "a call could not be told to other nodes");
    }
}
