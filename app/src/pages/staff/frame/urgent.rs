//! New cases of the highest priority that nobody is on, told on every page of the workspace: beside the navigation, in the
//! title of the tab, and by a sound for whoever wants one.

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
use crate::ui::DeferredView;

/// How often a page asks. It does so by itself, which keeps no session alive (`server/src/http/context.rs`).
const AGAIN_MS: u32 = 15_000;
/// Where a browser keeps that a sound is wanted.
const KEY: &str = "vigia.sound";
/// How long the sound lasts.
const SOUND_S: f64 = 0.3;
/// Its pitch, the note A.
const SOUND_HZ: f32 = 880.0;
/// Its volume, of 1.
const SOUND_VOLUME: f32 = 0.2;

/// What a page has seen of them.
#[derive(Debug, Default)]
struct Watch {
    /// Cases without an assignee, the oldest first.
    waiting: Vec<CaseNumber>,
    /// Those of them that came while the page was open.
    fresh: Vec<CaseNumber>,
    /// All that ever waited; `None` until the page has asked.
    known: Option<BTreeSet<CaseNumber>>,
}

impl Watch {
    /// Takes in which wait now; the newest of those that came since.
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

/// What a page tells of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Urgent {
    watch: RwSignal<Watch>,
    news: RwSignal<String>,
    /// What stands before the title of the tab: how many came while the page was open and wait still. To be read with
    /// `try_get`: the head is written last, and by then the page's own values may be gone.
    pub(super) mark: Signal<String>,
}

/// Asks as long as the page is there. Does nothing on the server.
pub(super) fn watch_urgent() -> Urgent {
    let language = use_language();
    let watch = RwSignal::new(Watch::default());
    let mark = Signal::derive(move || match watch.with(|watch| watch.fresh.len()) {
        0 => String::new(),
        count => format!("({count}) "),
    });
    let urgent = Urgent { watch, news: RwSignal::new(String::new()), mark };
    effect(move || {
        spawn_local(async move {
            loop {
                if let Ok(waiting) = urgent_cases().await {
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

/// How many wait, and the way to the one that waits longest.
#[component]
pub(super) fn UrgentCases(urgent: Urgent) -> impl IntoView {
    let language = use_language();
    let waiting = Memo::new(move |_| {
        urgent.watch.with(|watch| watch.waiting.first().map(|first| (*first, watch.waiting.len())))
    });
    view! {
        {move || waiting.get().map(|(first, count)| DeferredView::new(move || {
            view! {
                <a href=case_address(first)>
                    <b class="site__count">{t!(language, "staff.urgent.waiting", count = count)}</b>
                </a>
            }
            .into_any()
        }))}
        <p class="sr" aria-live="assertive">{move || urgent.news.get()}</p>
    }
    .into_any()
}

/// Whether somebody wants to hear it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sound {
    On,
    Off,
}

impl Sound {
    /// What is kept for this browser.
    fn wanted() -> Self {
        let store = window().local_storage().ok().flatten();
        match store.and_then(|store| store.get_item(KEY).ok().flatten()) {
            Some(_) => Self::On,
            None => Self::Off,
        }
    }

    fn keep(self) {
        let Some(store) = window().local_storage().ok().flatten() else { return };
        // A browser that keeps nothing asks again on the next page.
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

/// Turns the sound on, and lets it be heard, or off.
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

/// Sounds once, if the browser lets it: most do once somebody has touched the page.
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
