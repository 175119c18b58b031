//! Server-sent events in the browser: reconnected while the page lives, resumed from the last number.

use domain::time::Instant;
use leptos::prelude::*;

/// The state of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// The first connection is being made.
    Connecting,
    /// The connection stands, and changes arrive.
    Live,
    /// Disconnected since this instant; clocks of the page go on.
    Cut(Instant),
}

/// A message of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its kind: `snapshot`, `change`, `presence` or `call`.
    pub kind: &'static str,
    /// The content, as JSON.
    pub data: String,
}

/// Subscribes to the events at `address` while the component lives; does nothing on the server. `heard` gets each message;
/// the signal tells the state of the connection.
pub fn follow(address: String, heard: impl Fn(Message) + Clone + 'static) -> ReadSignal<Link> {
    let (never, _) = signal(());
    start(address, String::new(), never, heard)
}

/// The same from a number of the desk's sequence on: later messages come, and no snapshot first.
pub fn follow_from(address: String, seq: i64, heard: impl Fn(Message) + Clone + 'static) -> ReadSignal<Link> {
    let (never, _) = signal(());
    start(address, seq.to_string(), never, heard)
}

/// The same, and reconnects without a number whenever `afresh` is set: the server then sends a snapshot first.
pub fn follow_afresh(
    address: String,
    afresh: ReadSignal<()>,
    heard: impl Fn(Message) + Clone + 'static,
) -> ReadSignal<Link> {
    start(address, String::new(), afresh, heard)
}

fn start(
    address: String,
    last: String,
    afresh: ReadSignal<()>,
    heard: impl Fn(Message) + Clone + 'static,
) -> ReadSignal<Link> {
    let (link, set_link) = signal(Link::Connecting);
    #[cfg(feature = "hydrate")]
    {
        let time = super::use_time();
        crate::effect::effect(move || {
            afresh.track();
            browser::follow(address.clone(), last.clone(), heard.clone(), set_link, time);
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (address, last, afresh, heard, set_link);
    link
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::RefCell;
    use std::rc::Rc;

    use gloo_timers::callback::{Interval, Timeout};
    use leptos::prelude::*;
    use send_wrapper::SendWrapper;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use web_sys::{EventSource, MessageEvent};

    use super::super::Time;
    use super::super::clock::monotonic_ms;
    use super::{Link, Message};

    /// Kinds of message. `beat` comes every few seconds and carries nothing.
    const KINDS: [&str; 6] = ["snapshot", "change", "presence", "call", "beat", "ended"];
    /// Silence after which a connection counts as lost: the server beats every ten seconds.
    const SILENCE_MS: f64 = 25_000.0;
    /// Interval of the check for silence.
    const LOOK_EVERY_MS: u32 = 1_000;
    /// Waits before a reconnection, growing from the first to the last.
    const AGAIN_MS: [u32; 5] = [500, 1_000, 2_000, 5_000, 10_000];

    type Listener = Closure<dyn FnMut(MessageEvent)>;

    /// One connection with its listeners, closed when dropped.
    struct Connection {
        source: EventSource,
        _listeners: Vec<Listener>,
        _failed: Closure<dyn FnMut()>,
    }

    impl Drop for Connection {
        fn drop(&mut self) {
            self.source.set_onerror(None);
            self.source.close();
        }
    }

    struct State<F> {
        address: String,
        heard: F,
        link: WriteSignal<Link>,
        time: Time,
        /// Number of the last message, to resume from.
        last: String,
        failures: usize,
        /// On the monotonic clock: the server's time may jump when it is measured.
        last_heard_ms: f64,
        connection: Option<Connection>,
        /// Whether `again` will reconnect. Afterwards it is stored until the next: a timer cannot drop itself.
        is_waiting: bool,
        again: Option<Timeout>,
        watch: Option<Interval>,
    }

    type Shared<F> = Rc<RefCell<State<F>>>;

    pub(super) fn follow<F: Fn(Message) + Clone + 'static>(
        address: String,
        last: String,
        heard: F,
        link: WriteSignal<Link>,
        time: Time,
    ) {
        let state = Rc::new(RefCell::new(State {
            address,
            heard,
            link,
            time,
            last,
            failures: 0,
            last_heard_ms: monotonic_ms(),
            connection: None,
            is_waiting: false,
            again: None,
            watch: None,
        }));
        connect(&state);
        let watched = Rc::downgrade(&state);
        state.borrow_mut().watch = Some(Interval::new(LOOK_EVERY_MS, move || {
            if let Some(state) = watched.upgrade() {
                let silent = {
                    let state = state.borrow();
                    state.connection.is_some() && monotonic_ms() - state.last_heard_ms > SILENCE_MS
                };
                if silent {
                    failed(&state);
                }
            }
        }));
        let ended = SendWrapper::new(state);
        on_cleanup(move || {
            let mut state = ended.borrow_mut();
            state.watch = None;
            state.again = None;
            state.connection = None;
        });
    }

    fn connect<F: Fn(Message) + Clone + 'static>(state: &Shared<F>) {
        let address = {
            let state = state.borrow();
            let join = if state.address.contains('?') { '&' } else { '?' };
            if state.last.is_empty() {
                state.address.clone()
            } else {
                format!("{}{join}after={}", state.address, state.last)
            }
        };
        let Ok(source) = EventSource::new(&address) else { return failed(state) };
        let listeners = KINDS.map(|kind| {
            let state = Rc::downgrade(state);
            let listener = Listener::new(move |event: MessageEvent| {
                if let Some(state) = state.upgrade() {
                    receive(&state, kind, &event);
                }
            });
            // Adding a listener does not fail for a reason that a page could handle.
            let _ = source.add_event_listener_with_callback(kind, listener.as_ref().unchecked_ref());
            listener
        });
        let on_failure = {
            let state = Rc::downgrade(state);
            Closure::<dyn FnMut()>::new(move || {
                if let Some(state) = state.upgrade() {
                    failed(&state);
                }
            })
        };
        source.set_onerror(Some(on_failure.as_ref().unchecked_ref()));
        let mut state = state.borrow_mut();
        state.last_heard_ms = monotonic_ms();
        state.connection = Some(Connection { source, _listeners: listeners.into(), _failed: on_failure });
    }

    fn receive<F: Fn(Message) + Clone + 'static>(
        state: &Shared<F>,
        kind: &'static str,
        event: &MessageEvent,
    ) {
        let heard = {
            let mut state = state.borrow_mut();
            state.failures = 0;
            state.last_heard_ms = monotonic_ms();
            if !event.last_event_id().is_empty() {
                state.last = event.last_event_id();
            }
            state.link.set(Link::Live);
            state.heard.clone()
        };
        if kind != "beat"
            && let Some(data) = event.data().as_string()
        {
            heard(Message { kind, data });
        }
    }

    /// Closes the connection and reconnects, later each time. The browser's own reconnection gives up on some answers for
    /// good. Called from within a listener, so the connection is dropped later.
    fn failed<F: Fn(Message) + Clone + 'static>(state: &Shared<F>) {
        let mut this = state.borrow_mut();
        if this.is_waiting {
            return;
        }
        if let Some(connection) = &this.connection {
            connection.source.close();
        }
        let since = this.time.now_untracked();
        this.link.update(|link| {
            if !matches!(link, Link::Cut(_)) {
                *link = Link::Cut(since);
            }
        });
        let wait_ms = AGAIN_MS[this.failures.min(AGAIN_MS.len() - 1)];
        this.failures += 1;
        this.is_waiting = true;
        let again = Rc::downgrade(state);
        this.again = Some(Timeout::new(wait_ms, move || {
            if let Some(state) = again.upgrade() {
                {
                    let mut state = state.borrow_mut();
                    state.connection = None;
                    state.is_waiting = false;
                }
                connect(&state);
            }
        }));
    }
}
