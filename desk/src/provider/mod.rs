//! The provider that the desk belongs to, as it is in force now: its name, its look, and how it is reached.
//!
//! Every page and every mail needs it, so each process has it in memory ([`Desk::brand`]). [`settings`](crate::settings)
//! writes it; other processes notice within [`LOOK_EVERY`].

mod logo;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use domain::attachment::ContentHash;
use domain::provider::{Accent, Provider};
use domain::time::Instant;
use sqlx::{AnyConnection, Row};
use tokio_util::sync::CancellationToken;

use crate::store::documents::{self, DocumentTable, SingleDocument, document_table};
use crate::store::{StoreError, Tx};
use crate::{Desk, DeskError};

pub use logo::{Logo, LogoPixels};

/// How often a process looks whether another one has changed the provider.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long a picture is kept that no version names, in seconds: a form that was left open may still name it.
const UNUSED_S: i64 = 7 * 24 * 3600;

/// The provider with its logo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    /// The provider.
    pub provider: Provider,
    /// Its logo, if it has one.
    pub logo: Option<Logo>,
}

/// What the accent of a brand is when the provider has none: that of the design (`style/tokens.css`), by day and by night.
const STANDING_ACCENT: (&str, &str) = ("#0a5257", "#7fd6d0");

impl Brand {
    /// The accent of mails, by day and by night, as `#0a5257`.
    #[must_use]
    pub fn accent(&self) -> (String, String) {
        let (day, night) = STANDING_ACCENT;
        let own = |accent: Accent| (accent.by_day().to_string(), accent.by_night().to_string());
        self.provider.accent.map_or_else(|| (day.to_owned(), night.to_owned()), own)
    }
}

/// The brands of this process.
#[derive(Debug)]
pub(crate) struct Brands(RwLock<Known>);

#[derive(Debug)]
struct Known {
    /// The newest version that was read; 0 for the standing values.
    newest: i64,
    /// The brand in force when it was read, and those of later versions, with the moments from which they are in force. Earlier
    /// versions never come back.
    brands: Vec<(Instant, Arc<Brand>)>,
}

impl Brands {
    /// Reads the brands at the start of a process.
    pub(crate) async fn load(connection: &mut AnyConnection, now: Instant) -> Result<Self, StoreError> {
        Ok(Self(RwLock::new(Known::read(connection, now).await?)))
    }

    /// The brand in force: the latest version that has taken effect.
    fn at(&self, now: Instant) -> Arc<Brand> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let in_force = known.brands.iter().rev().find(|(from, _)| *from <= now);
        // The first one was in force when it was read; a clock may have been set back since.
        Arc::clone(in_force.map_or_else(|| &known.brands[0].1, |(_, brand)| brand))
    }

    fn newest(&self) -> i64 {
        self.0.read().unwrap_or_else(PoisonError::into_inner).newest
    }
}

impl Known {
    async fn read(connection: &mut AnyConnection, now: Instant) -> Result<Self, StoreError> {
        let versions = documents::since_in_force::<Provider>(&mut *connection, now).await?;
        let newest = versions.last().map_or(0, |version| version.version);
        let mut brands = Vec::new();
        if versions.first().is_none_or(|version| version.effective_from > now) {
            brands.push((Instant(0), Arc::new(Brand { provider: standing()?, logo: None })));
        }
        for version in versions {
            let provider = version.document;
            let logo = match &provider.logo {
                Some(hash) => Logo::read(connection, hash).await?,
                None => None,
            };
            brands.push((version.effective_from, Arc::new(Brand { provider, logo })));
        }
        Ok(Self { newest, brands })
    }
}

/// The provider of a desk that has set none.
pub(crate) fn standing() -> Result<Provider, StoreError> {
    Provider::standing().map_err(|error| StoreError::inconsistent("provider", error))
}

impl SingleDocument for Provider {
    const TABLE: DocumentTable = document_table!("provider");
}

impl Desk {
    /// The provider in force now, from memory.
    #[must_use]
    pub fn brand(&self) -> Arc<Brand> {
        self.brands().at(self.now())
    }

    /// Reads the provider anew when it was changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn refresh_brand(&self) -> Result<(), StoreError> {
        let mut reader = self.store().reader().await?;
        let newest = documents::newest::<Provider>(&mut reader).await?;
        if newest == self.brands().newest() {
            return Ok(());
        }
        let known = Known::read(&mut reader, self.now()).await?;
        reader.done();
        *self.brands().0.write().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(())
    }
}

/// Follows changes of the provider, of its words of mails and of the number formats by other processes until `stop`.
pub async fn serve(desk: Desk, stop: CancellationToken) {
    stop.run_until_cancelled(async {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            if let Err(error) = desk.refresh_brand().await {
                tracing::error!(%error, "the provider could not be read; trying again");
            }
            if let Err(error) = desk.refresh_mail_texts().await {
                tracing::error!(%error, "the words of mails could not be read; trying again");
            }
            if let Err(error) = desk.refresh_formats().await {
                tracing::error!(%error, "the number formats could not be read; trying again");
            }
        }
    })
    .await;
}

/// The bytes of a logo, a PNG, by the SHA-256 of its bytes. Logos are public, also those of earlier versions: mails name them.
///
/// # Errors
/// [`DeskError::NotFound`] when there is none.
pub async fn logo_png(desk: &Desk, hash: &ContentHash) -> Result<Vec<u8>, DeskError> {
    let brand = desk.brand();
    if let Some(logo) = brand.logo.as_ref().filter(|logo| logo.hash == *hash) {
        return Ok(logo.png.clone());
    }
    let mut reader = desk.store().reader().await?;
    let logo = Logo::read(&mut reader, hash).await?;
    reader.done();
    Ok(logo.ok_or(DeskError::NotFound)?.png)
}

/// Writes the picture of a logo, and forgets those that no version names for a week.
pub(crate) async fn put_logo(tx: &mut Tx, logo: &Logo, now: Instant) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO logos (hash, png, recorded_utc_s) VALUES ($1, $2, $3)
         ON CONFLICT (hash) DO UPDATE SET recorded_utc_s = EXCLUDED.recorded_utc_s",
    )
    .bind(logo.hash.as_str())
    .bind(logo.png.as_slice())
    .bind(now.0)
    .execute(tx.connection())
    .await?;
    let versions = documents::all::<Provider>(tx.connection()).await?;
    let named: Vec<_> = versions.into_iter().filter_map(|version| version.document.logo).collect();
    let old = sqlx::query("SELECT hash FROM logos WHERE recorded_utc_s < $1")
        .bind(now.plus(-UNUSED_S).0)
        .fetch_all(tx.connection())
        .await?;
    for row in old {
        let hash: String = row.try_get(0)?;
        if !named.iter().any(|name| name.as_str() == hash) {
            sqlx::query("DELETE FROM logos WHERE hash = $1").bind(hash).execute(tx.connection()).await?;
        }
    }
    Ok(())
}
