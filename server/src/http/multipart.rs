//! Forms in several parts: fields with words, then files.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use app::request::RequestContext;
use app::{AppError, refused_files};
use axum::body::{Body, HttpBody};
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use desk::access::limits::{Network, Source};
use desk::cases::message_files::SentFile;
use domain::attachment::{FileProblem, MOST_BYTES_TOGETHER, MOST_FILES};
use domain::i18n::Language;
use domain::t;
use futures::{StreamExt, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep, timeout};

use super::BODY_BYTES;
use super::files::{UPLOAD_BYTES, content};
use super::posted::Typed;

/// The most parts of a form; no form of ours has as many beside its files.
const MOST_PARTS: usize = 64;

/// The most MiB of all files of a form, as its sender is told.
const MOST_MIB: usize = MOST_BYTES_TOGETHER / 1024 / 1024;

/// The name of the field of files.
pub(super) const FILES: &str = "files";

/// Whether a form comes in several parts.
pub(super) fn has_parts(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/form-data"))
}

/// Forms with files that are read at once: each is held in memory whole until its files are written.
const TURNS: usize = 4;
/// The turns of the staff, and of the provider's other systems. Nobody from outside takes one of them.
static STAFF: LazyLock<Turns> = LazyLock::new(|| Turns::new(TURNS));
/// The turns of people who have a case.
static CUSTOMERS: LazyLock<Turns> = LazyLock::new(|| Turns::new(TURNS));
/// The turns of openings by strangers.
static STRANGERS: LazyLock<Turns> = LazyLock::new(|| Turns::new(TURNS));
/// How long a form from outside waits for its turn.
const PATIENCE: Duration = Duration::from_secs(20);
/// The same of the staff's: their turns are taken by colleagues alone, and are soon over.
const PATIENCE_OF_STAFF: Duration = Duration::from_mins(1);
/// How long a form from outside is read: at two megabits in a second, the largest one comes in this time.
const READING: Duration = Duration::from_mins(2);
/// The same of the staff's, who send from sites as well: nearly all that waiting and writing leave of the limit of uploads.
const READING_OF_STAFF: Duration = Duration::from_secs(210);

/// The most that is read of a form whose files are refused: twice what a form without files may have.
const WORDS_BYTES: usize = 2 * BODY_BYTES;
/// How long it is read. Its words come before its files.
const READING_WORDS: Duration = Duration::from_secs(20);

/// Who sends a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    /// The staff, or another system of the provider.
    Staff,
    /// The holder of a case's link.
    Customer(Source),
    /// A customer who opens a case.
    Stranger(Source),
}

impl Sender {
    /// The turn of a form; `None` if it does not come in time.
    async fn turn(self) -> Option<Turn> {
        let (turns, network) = match self {
            Self::Staff => (&*STAFF, None),
            Self::Customer(source) => (&*CUSTOMERS, Some(source.site())),
            Self::Stranger(source) => (&*STRANGERS, Some(source.site())),
        };
        timeout(self.patience(), turns.next(network)).await.ok().flatten()
    }

    /// How long a form waits for its turn.
    const fn patience(self) -> Duration {
        match self {
            Self::Staff => PATIENCE_OF_STAFF,
            Self::Customer(_) | Self::Stranger(_) => PATIENCE,
        }
    }

    /// How long a form is read.
    const fn reading(self) -> Duration {
        match self {
            Self::Staff => READING_OF_STAFF,
            Self::Customer(_) | Self::Stranger(_) => READING,
        }
    }
}

/// Turns of forms: so many at once, and one of each network.
#[derive(Debug)]
struct Turns {
    all: Arc<Semaphore>,
    /// Networks with a form that is read or waits. The others are forgotten with the next form.
    networks: Mutex<HashMap<Network, Weak<Semaphore>>>,
}

/// The turn of a form. It ends when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _network: Option<OwnedSemaphorePermit>,
    _all: OwnedSemaphorePermit,
}

impl Turns {
    fn new(most: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(most)), networks: Mutex::default() }
    }

    /// Waits for the next turn. Who waits for another form of their network takes none from others.
    async fn next(&self, network: Option<Network>) -> Option<Turn> {
        let network = match network {
            Some(network) => Some(self.of(network).acquire_owned().await.ok()?),
            None => None,
        };
        let all = Arc::clone(&self.all).acquire_owned().await.ok()?;
        Some(Turn { _network: network, _all: all })
    }

    /// The one turn of a network.
    fn of(&self, network: Network) -> Arc<Semaphore> {
        // Every update leaves the map whole.
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        networks.retain(|_, turn| turn.strong_count() > 0);
        networks.get(&network).and_then(Weak::upgrade).unwrap_or_else(|| {
            let turn = Arc::new(Semaphore::new(1));
            networks.insert(network, Arc::downgrade(&turn));
            turn
        })
    }
}

/// What is read of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// Its fields up to its files.
    Words,
    /// Its files as well.
    Files,
}

/// A form as it was read.
#[derive(Debug)]
pub(super) struct Form {
    /// Its fields.
    pub(super) typed: Typed,
    /// Its files, or what is wrong with them.
    pub(super) files: Result<Vec<SentFile>, String>,
    /// Its turn. It is kept until the files are drawn anew and written, which takes more memory than reading them.
    pub(super) turn: Option<Turn>,
}

/// Reads a form whose files stand behind its other fields. A body that is too large or too slow still gives those fields.
pub(super) async fn read(
    request: Request,
    language: Language,
    reads: Reads,
    sender: Sender,
) -> Result<Form, AppError> {
    let too_large = t!(language, "file.problem.too_large_together", most = MOST_MIB);
    let turn = match reads {
        Reads::Files => sender.turn().await,
        Reads::Words => None,
    };
    let (typed, files) = match (&turn, reads) {
        (Some(_), _) => parts(request, Reading::of_files(language, sender, too_large)).await?,
        (None, Reads::Words) => parts(request, Reading::of_words(language, too_large)).await?,
        (None, Reads::Files) => {
            let (typed, _) = parts(request, Reading::of_words(language, too_large)).await?;
            (typed, Err(t!(language, "file.problem.no_turn").into_owned()))
        }
    };
    Ok(Form { typed, files, turn })
}

/// The same of the case form. Its sender may be a stranger, so that turns and pace are apart from those of messages.
pub(super) async fn read_opening(asked: &RequestContext, request: Request) -> Result<Form, AppError> {
    let language = asked.language;
    // Several forms would open several cases: the others are sent later.
    let too_large = t!(language, "file.problem.too_large_with_opening", most = MOST_MIB);
    let sender = if asked.is_staff() { Sender::Staff } else { Sender::Stranger(asked.source) };
    if Weight::of(request.body()) == Weight::Light {
        // Slow senders of files stop no form without any.
        let (typed, files) = parts(request, Reading::of_files(language, sender, too_large)).await?;
        let files = match files {
            Ok(files) if !files.is_empty() => files,
            files => return Ok(Form { typed, files, turn: None }),
        };
        return Ok(match admitted(asked, sender).await {
            Ok(turn) => Form { typed, files: Ok(files), turn: Some(turn) },
            Err(words) => Form { typed, files: Err(words), turn: None },
        });
    }
    match admitted(asked, sender).await {
        Ok(turn) => {
            let (typed, files) = parts(request, Reading::of_files(language, sender, too_large)).await?;
            Ok(Form { typed, files, turn: Some(turn) })
        }
        // The words are given back with the reason.
        Err(words) => {
            let (typed, _) = parts(request, Reading::of_words(language, too_large)).await?;
            Ok(Form { typed, files: Err(words), turn: None })
        }
    }
}

/// The turn of an opening with files within the sender's pace; else what the sender can do.
async fn admitted(asked: &RequestContext, sender: Sender) -> Result<Turn, String> {
    let language = asked.language;
    asked.may_send_files().map_err(|_| t!(language, "file.problem.too_often").into_owned())?;
    sender.turn().await.ok_or_else(|| t!(language, "file.problem.no_turn").into_owned())
}

/// How large a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// As small as a form without files.
    Light,
    /// Larger, or of a size that its sender did not tell.
    Heavy,
}

impl Weight {
    /// The weight of a request's body.
    fn of(body: &Body) -> Self {
        match body.size_hint().upper() {
            Some(bytes) if bytes <= BODY_BYTES as u64 => Self::Light,
            _ => Self::Heavy,
        }
    }
}

/// How a form is read.
struct Reading {
    language: Language,
    reads: Reads,
    /// The most bytes of its body.
    bytes: usize,
    /// How long its body may take.
    time: Duration,
    /// The words for one whose files are too large together.
    too_large: String,
}

impl Reading {
    fn of_files(language: Language, sender: Sender, too_large: String) -> Self {
        Self { language, reads: Reads::Files, bytes: UPLOAD_BYTES, time: sender.reading(), too_large }
    }

    fn of_words(language: Language, too_large: String) -> Self {
        Self { language, reads: Reads::Words, bytes: WORDS_BYTES, time: READING_WORDS, too_large }
    }
}

/// Why a body was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    TooLarge,
    TooSlow,
}

/// A body that ends at a size and after a time, and whether it was cut there. The parser takes in all that has come: an error at
/// the limit would lose the fields before it.
fn cut(body: Body, bytes: usize, time: Duration) -> (Body, Arc<OnceLock<Cut>>) {
    let why = Arc::new(OnceLock::new());
    let noted = Arc::clone(&why);
    let (mut chunks, mut left) = (body.into_data_stream(), bytes);
    let mut late: Pin<Box<Sleep>> = Box::pin(sleep(time));
    let chunks = stream::poll_fn(move |context: &mut Context<'_>| {
        if noted.get().is_some() {
            return Poll::Ready(None);
        }
        let Poll::Ready(chunk) = chunks.poll_next_unpin(context) else {
            if late.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            let _ = noted.set(Cut::TooSlow);
            return Poll::Ready(None);
        };
        let chunk = chunk.map(|chunk| {
            chunk.map(|mut chunk| {
                if chunk.len() > left {
                    let _ = noted.set(Cut::TooLarge);
                    chunk.truncate(left);
                }
                left -= chunk.len();
                chunk
            })
        });
        Poll::Ready(chunk)
    });
    (Body::from_stream(chunks), why)
}

/// The fields of a form, and its files or what is wrong with them.
type Parts = (Typed, Result<Vec<SentFile>, String>);

/// The parts of a form.
async fn parts(request: Request, reading: Reading) -> Result<Parts, AppError> {
    let Reading { language, reads, bytes, time, too_large } = reading;
    let (head, body) = request.into_parts();
    let (body, cut) = cut(body, bytes, time);
    let form = Multipart::from_request(Request::from_parts(head, body), &()).await;
    let mut form = form.map_err(|_| AppError::Malformed)?;
    let mut room = BODY_BYTES;
    let mut together = 0;
    let mut typed = Typed::new();
    let (mut files, mut refused) = (Vec::new(), Vec::new());
    // The words for a body that broke off.
    let broken = |typed: Typed| match cut.get() {
        Some(_) if reads == Reads::Words => Ok((typed, Ok(Vec::new()))),
        Some(Cut::TooLarge) => Ok((typed, Err(too_large.clone()))),
        Some(Cut::TooSlow) => Ok((typed, Err(t!(language, "file.problem.too_slow").into_owned()))),
        None => Err(AppError::Malformed),
    };
    for _ in 0..MOST_PARTS {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) if refused.is_empty() => return Ok((typed, Ok(files))),
            Ok(None) => return Ok((typed, Err(refused_files(language, &refused)))),
            Err(_) => return broken(typed),
        };
        let name = field.name().unwrap_or_default().to_owned();
        let Some(claimed) = field.file_name().map(str::to_owned) else {
            let Some(text) = text(field, &mut room).await? else { return broken(typed) };
            typed.insert(name, text);
            continue;
        };
        if name != FILES {
            continue;
        }
        if reads == Reads::Words {
            return Ok((typed, Ok(Vec::new())));
        }
        match content(field).await {
            Ok(Ok(content)) if content.is_empty() && claimed.is_empty() => {}
            // Their bytes are not held: more than these are refused.
            Ok(_) if files.len() > MOST_FILES => {}
            Ok(Ok(content)) => {
                together += content.len();
                if together > MOST_BYTES_TOGETHER {
                    return Ok((typed, Err(too_large)));
                }
                files.push(SentFile { name: claimed, content });
            }
            Ok(Err(problem)) => refused.push((claimed, problem)),
            Err(_) => return broken(typed),
        }
    }
    let problem = FileProblem::TooMany.message(language);
    Ok((typed, Err(problem)))
}

/// The value of a field; `None` if the body ends before it. All fields together have no more room than a whole form without files.
async fn text(mut field: Field<'_>, room: &mut usize) -> Result<Option<String>, AppError> {
    let mut value = Vec::new();
    loop {
        match field.chunk().await {
            Ok(Some(chunk)) => {
                *room = room.checked_sub(chunk.len()).ok_or(AppError::Malformed)?;
                value.extend_from_slice(&chunk);
            }
            Ok(None) => return String::from_utf8(value).map(Some).map_err(|_| AppError::Malformed),
            Err(_) => return Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::body::Bytes;
    use futures::FutureExt;

    use super::*;

    const WORDS: &str = "--edge\r\nContent-Disposition: form-data; name=\"fault\"\r\n\r\nSe apaga.\r\n\
                         --edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.log\"\r\n\r\n";
    const CHUNK: usize = 64 * 1024;
    /// Longer than any test takes.
    const LONG: Duration = Duration::from_hours(1);
    /// What is left for the files of a form that was read: photographs are drawn anew, one after the other.
    const WRITING: Duration = Duration::from_secs(30);

    #[test]
    fn form_that_waited_and_came_slowly_is_answered_before_the_limit_of_uploads() {
        for sender in [Sender::Staff, Sender::Customer(Source::UNKNOWN), Sender::Stranger(Source::UNKNOWN)] {
            let taken = sender.patience() + sender.reading() + WRITING;
            assert!(taken <= crate::http::PATIENCE.upload, "{sender:?}: {taken:?}");
        }
    }

    fn request(chunks: impl futures::Stream<Item = Bytes> + Send + 'static) -> Request {
        let body = Body::from_stream(chunks.map(Ok::<_, Infallible>));
        axum::http::Request::post("/")
            .header(CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .body(body)
            .unwrap()
    }

    /// The words, then a file without an end, whose chunks are counted.
    fn endless() -> (Request, Arc<AtomicUsize>) {
        let read = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&read);
        let file = stream::repeat_with(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Bytes::from(vec![b'a'; CHUNK])
        });
        (request(stream::iter([Bytes::from_static(WORDS.as_bytes())]).chain(file)), read)
    }

    fn reading(reads: Reads, bytes: usize, time: Duration) -> Reading {
        Reading { language: Language::Es, reads, bytes, time, too_large: "too large".to_owned() }
    }

    #[tokio::test]
    async fn refused_files_are_read_no_further_than_twice_a_form_without_any() {
        let (request, read) = endless();
        let (typed, files) = parts(request, Reading::of_words(Language::Es, String::new())).await.unwrap();
        assert_eq!((typed["fault"].as_str(), files.unwrap().len()), ("Se apaga.", 0));
        assert!(read.load(Ordering::Relaxed) <= 2 * BODY_BYTES / CHUNK + 1, "{read:?}");
    }

    #[tokio::test]
    async fn words_before_files_that_are_too_large_are_kept() {
        let (request, read) = endless();
        let (typed, files) = parts(request, reading(Reads::Files, 4 * CHUNK, LONG)).await.unwrap();
        assert_eq!((typed["fault"].as_str(), files), ("Se apaga.", Err("too large".to_owned())));
        assert!(read.load(Ordering::Relaxed) <= 5, "{read:?}");
    }

    #[tokio::test]
    async fn words_before_files_that_come_too_slowly_are_kept() {
        let stalled = request(stream::iter([Bytes::from_static(WORDS.as_bytes())]).chain(stream::pending()));
        let (typed, files) =
            parts(stalled, reading(Reads::Files, UPLOAD_BYTES, Duration::from_millis(1))).await.unwrap();
        let told = t!(Language::Es, "file.problem.too_slow").into_owned();
        assert_eq!((typed["fault"].as_str(), files), ("Se apaga.", Err(told)));
    }

    #[tokio::test]
    async fn sender_of_a_network_has_one_turn_at_once() {
        let turns = Turns::new(2);
        let network = |address: &str| Some(Source::of(address.parse().unwrap()).site());
        let now = |address: &str| turns.next(network(address)).now_or_never().flatten();
        let first = now("192.0.2.1").unwrap();
        assert!(now("192.0.2.1").is_none(), "one at once");
        let other = now("198.51.100.7").unwrap();
        assert!(now("203.0.113.9").is_none(), "two in all");
        drop(first);
        let again = now("192.0.2.1").unwrap();
        drop((other, again));
        assert!(now("203.0.113.9").is_some());
        assert_eq!(turns.networks.lock().unwrap().len(), 1, "the others are forgotten");
    }

    #[tokio::test]
    async fn strangers_take_no_turn_of_the_staff() {
        let mut held = Vec::new();
        for nth in 0..TURNS {
            let source = Source::of(format!("192.0.2.{nth}").parse().unwrap());
            held.push(Sender::Stranger(source).turn().await.unwrap());
        }
        assert!(STRANGERS.next(None).now_or_never().is_none());
        assert!(Sender::Staff.turn().now_or_never().flatten().is_some());
        assert!(Sender::Customer(Source::UNKNOWN).turn().now_or_never().flatten().is_some());
    }
}
