//! The provider in a file. The file is the entry: the desk has one provider.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::actor::{Action, Actor, Subject as Of, may};
use domain::attachment::ContentHash;
use domain::calendar::zone::Zone;
use domain::country::Country;
use domain::mail_address::MailAddress;
use domain::provider::{
    Accent, HOTLINES_MAX, Hotline, Hotlines, LinkDays, LogoProblem, MailSettings, Provider, ProviderName,
    ProviderProblem, STANDING_NAME, Signature,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, Row};

use super::apply::{ChangePlan, Draft};
use super::file::{Document, Reason, SettingsFile, Subject};
use super::single::{SingleDraft, SingleRules};
use super::subjects::{Rules, SINGLE_ID};
use super::versions::{EntryVersion, Versions};
use crate::contracts::plans::Recording;
use crate::provider::{Logo, logo_png, put_logo};
use crate::store::{StoreError, Tx};
use crate::{Desk, DeskError};

/// The id of the provider among entries: the desk has one.
pub const PROVIDER_ID: i64 = SINGLE_ID;

/// The comment above the file.
pub(super) const HEAD: &str = "\
# The provider that the desk belongs to. What is left out has its standing value; hotlines = [] is a desk without a line.
# version    as exported: a file that is older than the desk's own version is refused. Leave it out to write over any version.
# logo       a picture as a data URL (PNG, JPEG or WebP, at most 1 MiB); the desk writes it anew as PNG.
# accent     a colour as \"#005356\", with a contrast of at least 4.5 on every background that it is used on.
# time_zone  the IANA name of the centre's zone: days from which settings count begin in it.
# link_days  for how many days after its end a case is shown by its customer's link, from 30 to 3653.
# mail       from_name: the sender's name; reply_to: where answers go; signature: up to four lines.
# hotlines   country (VE, CO, MX), words and digits, which are the same keys.
";

/// The beginning of a picture in a file (RFC 2397).
const DATA_URL: &str = "data:";

/// The provider as it stands in a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderEntry {
    /// The version that was read; when it is given, a later one is not written over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<i64>,
    #[serde(default = "standing_name")]
    pub(super) name: String,
    /// In a file a data URL; in a form and in comparisons the hash of a picture that the desk has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    logo: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accent: Option<String>,
    #[serde(default = "standing_zone")]
    time_zone: String,
    #[serde(default = "standing_link_days")]
    link_days: i64,
    /// Before `mail`: an empty list is a value, and TOML has values before tables.
    #[serde(default = "standing_hotlines")]
    hotlines: Vec<HotlineEntry>,
    #[serde(default, skip_serializing_if = "MailEntry::is_empty")]
    mail: MailEntry,
}

fn standing_name() -> String {
    STANDING_NAME.to_owned()
}

fn standing_zone() -> String {
    Country::HOME.capital_zone().to_owned()
}

fn standing_link_days() -> i64 {
    LinkDays::default().days()
}

fn standing_hotlines() -> Vec<HotlineEntry> {
    Hotlines::standing().as_slice().iter().map(HotlineEntry::of).collect()
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MailEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply_to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
}

impl MailEntry {
    const fn is_empty(&self) -> bool {
        self.from_name.is_none() && self.reply_to.is_none() && self.signature.is_none()
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HotlineEntry {
    country: String,
    words: String,
    digits: String,
}

impl HotlineEntry {
    fn of(line: &Hotline) -> Self {
        Self {
            country: line.country().code().to_owned(),
            words: line.words().to_owned(),
            digits: line.digits().to_owned(),
        }
    }
}

/// What is wrong with the provider, by key; lines are counted from 0.
type Problem = (String, ProviderProblem);

impl ProviderEntry {
    /// The provider as it is compared: its logo by its hash.
    pub(super) fn of(version: i64, provider: &Provider) -> Self {
        let Provider { name, logo, accent, zone, hotlines, link_days, mail } = provider.clone();
        let MailSettings { from_name, reply_to, signature } = mail;
        Self {
            version: Some(version),
            name: name.into(),
            logo: logo.map(Into::into),
            accent: accent.map(Into::into),
            time_zone: zone.name().to_owned(),
            link_days: link_days.days(),
            mail: MailEntry {
                from_name: from_name.map(Into::into),
                reply_to: reply_to.map(|address| address.as_str().to_owned()),
                signature: signature.map(Into::into),
            },
            hotlines: hotlines.as_slice().iter().map(HotlineEntry::of).collect(),
        }
    }

    /// The same as a file has it: the logo as a data URL.
    pub(super) async fn embed_logo(&mut self, desk: &Desk) -> Result<(), DeskError> {
        let Some(hash) = self.logo.as_deref().and_then(|hash| ContentHash::parse(hash).ok()) else {
            return Ok(());
        };
        let png = logo_png(desk, &hash).await?;
        self.logo = Some(format!("{DATA_URL}image/png;base64,{}", STANDARD.encode(png)));
        Ok(())
    }

    /// The provider that is written; else everything that is wrong with it.
    fn checked(&self, sent: &SentLogo) -> Result<Provider, Vec<Problem>> {
        let mut problems = Vec::new();
        let name = noted(&mut problems, "name", ProviderName::parse(&self.name));
        let logo = noted(&mut problems, "logo", sent.named(self.logo.as_deref()).map_err(Into::into));
        let accent = noted(&mut problems, "accent", given(self.accent.as_deref(), Accent::parse));
        let zone = Zone::parse(&self.time_zone).map_err(|_| ProviderProblem::Zone);
        let zone = noted(&mut problems, "time_zone", zone);
        let link_days = noted(&mut problems, "link_days", LinkDays::new(self.link_days));
        let MailEntry { from_name, reply_to, signature } = &self.mail;
        let from_name =
            noted(&mut problems, "mail.from_name", given(from_name.as_deref(), ProviderName::parse));
        let address = |text: &str| MailAddress::parse(text).map_err(|_| ProviderProblem::MailAddress);
        let reply_to = noted(&mut problems, "mail.reply_to", given(reply_to.as_deref(), address));
        let signature = noted(&mut problems, "mail.signature", given(signature.as_deref(), Signature::parse));
        let hotlines = self.lines(&mut problems);
        match (name, logo, accent, zone, hotlines, link_days, from_name, reply_to, signature) {
            (
                Some(name),
                Some(logo),
                Some(accent),
                Some(zone),
                Some(hotlines),
                Some(link_days),
                Some(from_name),
                Some(reply_to),
                Some(signature),
            ) => {
                let mail = MailSettings { from_name, reply_to, signature };
                Ok(Provider { name, logo, accent, zone, hotlines, link_days, mail })
            }
            _ => Err(problems),
        }
    }

    fn lines(&self, problems: &mut Vec<Problem>) -> Option<Hotlines> {
        let before = problems.len();
        let mut lines = Vec::new();
        for (at, HotlineEntry { country, words, digits }) in
            self.hotlines.iter().enumerate().take(HOTLINES_MAX + 1)
        {
            let Some(country) = Country::from_code(country) else {
                problems.push((format!("hotlines.{at}.country"), ProviderProblem::Country));
                continue;
            };
            match Hotline::new(country, words, digits) {
                Ok(line) => lines.push(line),
                Err(problem) => {
                    let part = if problem == ProviderProblem::HotlineDigits { "digits" } else { "words" };
                    problems.push((format!("hotlines.{at}.{part}"), problem));
                }
            }
        }
        if problems.len() > before {
            return None;
        }
        let key = |problem: &ProviderProblem| match problem {
            ProviderProblem::HotlineRepeated { place } => format!("hotlines.{place}.words"),
            _ => "hotlines".to_owned(),
        };
        Hotlines::new(lines).map_err(|problem| problems.push((key(&problem), problem))).ok()
    }
}

/// A value that may be absent; an empty text is absent as well.
fn given<T>(
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, ProviderProblem>,
) -> Result<Option<T>, ProviderProblem> {
    text.filter(|text| !text.trim().is_empty()).map(parse).transpose()
}

/// A value, or its problem in the list.
fn noted<T>(problems: &mut Vec<Problem>, key: &str, value: Result<T, ProviderProblem>) -> Option<T> {
    value.map_err(|problem| problems.push((key.to_owned(), problem))).ok()
}

/// The logo that a file brings along, or names. It is made once, before the transaction: that takes a moment.
#[derive(Debug, Clone, Default)]
pub(super) struct SentLogo {
    /// What the file says, and the picture that is in it.
    embedded: Option<(String, Result<Logo, LogoProblem>)>,
    /// The hash that the file says, if the desk has the picture.
    stored: Option<ContentHash>,
}

impl SentLogo {
    /// Makes the logo that is embedded in the provider's file.
    pub(super) async fn of(files: &[SettingsFile]) -> Result<Self, StoreError> {
        let file = files.iter().find(|file| file.subject == Subject::Provider);
        let Some(said) = file.and_then(|file| said(&file.text)) else { return Ok(Self::default()) };
        if !said.starts_with(DATA_URL) {
            return Ok(Self { embedded: None, stored: ContentHash::parse(&said).ok() });
        }
        let url = said.clone();
        let making = tokio::task::spawn_blocking(move || {
            let bytes = url.split_once(";base64,").and_then(|(_, text)| STANDARD.decode(text.trim()).ok());
            bytes.ok_or(LogoProblem::Unreadable).and_then(|bytes| Logo::of_file(&bytes))
        });
        let made = making.await.map_err(|error| StoreError::inconsistent("logos", error))?;
        Ok(Self { embedded: Some((said, made)), stored: None })
    }

    /// The same; a hash of no picture of the desk's is forgotten.
    pub(super) async fn beside_stored(self, connection: &mut AnyConnection) -> Result<Self, StoreError> {
        let Some(hash) = &self.stored else { return Ok(self) };
        let row = sqlx::query("SELECT COUNT(*) FROM logos WHERE hash = $1")
            .bind(hash.as_str())
            .fetch_one(connection)
            .await?;
        let count: i64 = row.try_get(0)?;
        Ok(if count == 0 { Self::default() } else { self })
    }

    /// The logo that an entry names.
    fn named(&self, said: Option<&str>) -> Result<Option<ContentHash>, LogoProblem> {
        let Some(said) = said.filter(|said| !said.trim().is_empty()) else { return Ok(None) };
        match &self.embedded {
            Some((url, made)) if url == said => made.clone().map(|logo| Some(logo.hash)),
            _ => {
                let stored = self.stored.clone().filter(|hash| hash.as_str() == said);
                stored.map(Some).ok_or(LogoProblem::Missing)
            }
        }
    }

    fn picture(&self) -> Option<&Logo> {
        self.embedded.as_ref().and_then(|(_, made)| made.as_ref().ok())
    }
}

/// What a file says about the logo.
fn said(text: &str) -> Option<String> {
    let file: toml::Table = text.parse().ok()?;
    file.get("logo")?.as_str().map(str::to_owned)
}

impl Rules for ProviderEntry {
    const SUBJECT: Subject = Subject::Provider;
    const HEAD: &'static str = HEAD;
    const LISTS: &'static [&'static str] = &["hotlines"];
    type Content = Provider;

    fn versions(all: &Versions) -> &[EntryVersion<Provider>] {
        &all.provider
    }

    fn from_version(version: &EntryVersion<Provider>, _: &Versions) -> Self {
        Self::of(version.version, &version.content)
    }

    fn version_mut(&mut self) -> &mut Option<i64> {
        &mut self.version
    }

    fn read(plan: &mut ChangePlan, document: &Document<'_>, all: &Versions) -> Result<(), StoreError> {
        plan.read_provider(document, all)
    }
}

impl SingleRules for ProviderEntry {
    fn standing() -> Result<Provider, StoreError> {
        crate::provider::standing()
    }

    fn name(provider: &Provider) -> String {
        provider.name.as_str().to_owned()
    }
}

/// A changed provider.
#[derive(Debug, Clone)]
pub(super) struct ProviderDraft {
    provider: SingleDraft<Provider>,
    /// The picture of its logo, if the file brings it along.
    logo: Option<Logo>,
}

impl Draft for ProviderDraft {
    fn write<'a>(
        &'a self,
        tx: &'a mut Tx,
        recording: &'a Recording,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move {
            self.provider.write(tx, recording).await?;
            match (&self.logo, &recording.written) {
                (Some(logo), Some((at, _))) => put_logo(tx, logo, *at).await,
                _ => Ok(()),
            }
        }
        .boxed()
    }
}

impl ChangePlan {
    /// Compares the provider of a file.
    pub(super) fn read_provider(
        &mut self,
        document: &Document<'_>,
        all: &Versions,
    ) -> Result<(), StoreError> {
        let Some(entry) = self.read_document::<ProviderEntry>(document) else { return Ok(()) };
        match entry.checked(&self.logo) {
            Ok(provider) => {
                if let Some(provider) = self.compare_single(document, entry, provider, all)? {
                    let logo = self.logo.picture().cloned();
                    self.drafts.push(Box::new(ProviderDraft { provider: SingleDraft(provider), logo }));
                }
            }
            Err(problems) => {
                let told = problems.into_iter().map(|(key, problem)| (key, Reason::Provider(problem)));
                self.tell(document, 0, told);
            }
        }
        Ok(())
    }
}

/// Stores the picture of a logo that a form has sent, so that its preview can show it. Gives its hash, for the field `logo`.
/// It is forgotten after a week unless a version names it.
///
/// # Errors
/// See [`DeskError`]. What is wrong with the picture is no error of the desk.
pub async fn store_logo(
    desk: &Desk,
    actor: &Actor,
    bytes: Vec<u8>,
) -> Result<Result<ContentHash, LogoProblem>, DeskError> {
    may(actor, Action::ChangeSettings, Of::Desk)?;
    let making = tokio::task::spawn_blocking(move || Logo::of_file(&bytes));
    let made = making.await.map_err(|error| StoreError::inconsistent("logos", error))?;
    let logo = match made {
        Ok(logo) => logo,
        Err(problem) => return Ok(Err(problem)),
    };
    let (hash, now) = (logo.hash.clone(), desk.now());
    desk.store()
        .write(move |tx| Box::pin(async move { put_logo(tx, &logo, now).await.map_err(DeskError::from) }))
        .await?;
    Ok(Ok(hash))
}
