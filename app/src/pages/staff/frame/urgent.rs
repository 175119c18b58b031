//! New P1 cases without an assignee, announced on every page of the workspace: beside the navigation, in the tab's title, and
//! by an optional sound.

use std::collections::BTreeSet;

use domain::case_number::CaseNumber;
use domain::t;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::AudioContext;

use super::api::urgent_cases;
use crate::address::case_address;
use crate::effect::effect;
use crate::language::use_language;
use crate::press;
use crate::ui::DeferredView;

/// Interval of requests. Such a request does not prolong the session (`server/src/http/context.rs`).
const AGAIN_MS: u32 = 15_000;
/// The storage key of the sound's switch.
const KEY: &str = "vigia.sound";
/// Length of the sound in seconds.
const SOUND_S: f64 = 0.3;
/// Its pitch in hertz, the note A.
const SOUND_HZ: f32 = 880.0;
/// Its volume, from 0 to 1.
const SOUND_VOLUME: f32 = 0.2;

/// The urgent cases that a tab has seen.
#[derive(Debug, Default)]
struct Watch {
    /// Cases without an assignee, the oldest first.
    waiting: Vec<CaseNumber>,
    /// Those of them that came while the tab was open.
    fresh: Vec<CaseNumber>,
    /// All that ever waited; `None` before the first answer.
    known: Option<BTreeSet<CaseNumber>>,
}

impl Watch {
    /// Applies an answer; the newest case that came since the last one.
    fn take_in(&mut self, waiting: Vec<CaseNumber>) -> Option<CaseNumber> {
        let is_new = |number: &&CaseNumber| self.known.as_ref().is_some_and(|known| !known.contains(*number));
        let came: Vec<CaseNumber> = waiting.iter().filter(is_new).copied().collect();
        self.known.get_or_insert_default().extend(waiting.iter().copied());
        self.fresh.retain(|number| waiting.contains(number));
        self.fresh.extend(&came);
        self.waiting = waiting;
        came.last().copied()
    }
}

/// The urgent cases of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Urgent {
    watch: RwSignal<Watch>,
    news: RwSignal<String>,
    /// The prefix of the tab's title: the number of cases that came while the tab was open and still wait.
    pub(super) mark: Signal<String>,
}

/// What the tab has seen, from page to page.
#[cfg(not(feature = "ssr"))]
fn seen() -> ArcRwSignal<Watch> {
    thread_local! {
        static SEEN: ArcRwSignal<Watch> = ArcRwSignal::new(Watch::default());
    }
    SEEN.with(Clone::clone)
}

/// Nothing: on the server every page has its own reader.
#[cfg(feature = "ssr")]
fn seen() -> ArcRwSignal<Watch> {
    ArcRwSignal::new(Watch::default())
}

/// Asks at intervals while the page exists. Does nothing on the server.
pub(super) fn watch_urgent() -> Urgent {
    let language = use_language();
    let watch = RwSignal::from(seen());
    let mark = Signal::derive(move || match watch.with(|watch| watch.fresh.len()) {
        0 => String::new(),
        count => format!("({count}) "),
    });
    let urgent = Urgent { watch, news: RwSignal::new(String::new()), mark };
    effect(move || {
        spawn_local(async move {
            loop {
                if let Ok(waiting) = urgent_cases().await {
                    press::released().await;
                    let Some(came) = urgent.watch.try_update(|watch| watch.take_in(waiting)) else { return };
                    if let Some(number) = came {
                        urgent.news.try_set(t!(language, "staff.urgent.came", number = number));
                        if Sound::wanted() == Sound::On {
                            ring();
                        }
                    }
                }
                TimeoutFuture::new(AGAIN_MS).await;
                if urgent.watch.try_with_untracked(|_| ()).is_none() {
                    return;
                }
            }
        });
    });
    urgent
}

/// The number of urgent cases, with a link to the one that waits longest.
#[component]
pub(super) fn UrgentCases(
    urgent: Urgent,
    /// The `rel` of a link into the workspace.
    rel: Option<&'static str>,
) -> impl IntoView {
    let language = use_language();
    let waiting = Memo::new(move |_| {
        urgent.watch.with(|watch| watch.waiting.first().map(|first| (*first, watch.waiting.len())))
    });
    view! {
        {move || waiting.get().map(|(first, count)| DeferredView::new(move || {
            view! {
                <a class="site__urgent" href=case_address(first) rel=rel>
                    <b class="site__count">{t!(language, "staff.urgent.waiting", count = count)}</b>
                </a>
            }
            .into_any()
        }))}
        <p class="sr" aria-live="assertive">{move || urgent.news.get()}</p>
    }
    .into_any()
}

/// Whether the sound is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sound {
    On,
    Off,
}

impl Sound {
    /// The stored setting of this browser.
    fn wanted() -> Self {
        let store = window().local_storage().ok().flatten();
        match store.and_then(|store| store.get_item(KEY).ok().flatten()) {
            Some(_) => Self::On,
            None => Self::Off,
        }
    }

    fn keep(self) {
        let Some(store) = window().local_storage().ok().flatten() else { return };
        // A browser without storage asks again on the next page.
        let _ = match self {
            Self::On => store.set_item(KEY, "on"),
            Self::Off => store.remove_item(KEY),
        };
    }

    const fn other(self) -> Self {
        match self {
            Self::On => Self::Off,
            Self::Off => Self::On,
        }
    }
}

/// The switch of the sound. Turning it on plays it once.
#[component]
pub(super) fn SoundSwitch() -> impl IntoView {
    let language = use_language();
    let sound = RwSignal::new(Sound::Off);
    effect(move || sound.set(Sound::wanted()));
    let switch = move |_| {
        let now = sound.get_untracked().other();
        now.keep();
        sound.set(now);
        if now == Sound::On {
            ring();
        }
    };
    let pressed = move || if sound.get() == Sound::On { "true" } else { "false" };
    view! {
        <button class="button button--quiet" type="button" aria-pressed=pressed on:click=switch>
            {t!(language, "staff.urgent.sound")}
        </button>
    }
    .into_any()
}

/// Plays the sound, if the browser allows: most do after a first input on the page.
fn ring() {
    let Ok(context) = AudioContext::new() else { return };
    let sounds = sound(&context).is_ok();
    spawn_local(async move {
        if sounds {
            TimeoutFuture::new(1_000).await;
        }
        let _ = context.close();
    });
}

fn sound(context: &AudioContext) -> Result<(), wasm_bindgen::JsValue> {
    let (tone, volume) = (context.create_oscillator()?, context.create_gain()?);
    tone.frequency().set_value(SOUND_HZ);
    volume.gain().set_value(SOUND_VOLUME);
    tone.connect_with_audio_node(&volume)?;
    volume.connect_with_audio_node(&context.destination())?;
    tone.start()?;
    tone.stop_with_when(context.current_time() + SOUND_S)
}

#[cfg(test)]
mod tests {
    use domain::country::Country;

    use super::*;

    #[test]
    fn urgent_case_is_announced_unless_it_is_older_than_the_page_or_taken() {
        let number = |sequence| CaseNumber::new(Country::Ve, 2026, sequence).unwrap();
        let [one, two, three] = [1, 2, 3].map(number);
        let mut watch = Watch::default();
        assert_eq!(watch.take_in(vec![one]), None);
        assert_eq!(watch.take_in(vec![one, two, three]), Some(three));
        assert_eq!((watch.waiting.len(), watch.fresh.len()), (3, 2));
        assert_eq!(watch.take_in(vec![one, three]), None);
        assert_eq!(watch.fresh, [three]);
        assert_eq!(watch.take_in(vec![one, two, three]), None, "it was told once");
        assert_eq!(watch.take_in(Vec::new()), None);
        assert_eq!((watch.waiting.len(), watch.fresh.len()), (0, 0));
    }
}
