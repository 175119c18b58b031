//! The number formats in force. Each process has them in memory ([`Desk::formats`]), because every form needs them.
//! [`settings`](crate::settings) writes them; other processes notice as with the provider.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use domain::case_number::CasePrefix;
use domain::contract_number::{ContractFormat, ContractFormats, default_formats};
use domain::country::Country;
use domain::serial::SerialFormats;
use domain::time::Instant;
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;

use crate::Desk;
use crate::store::StoreError;
use crate::store::documents::{self, DocumentTable, SingleDocument, document_table};

/// The formats of a version, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FormatsDocument {
    pub(crate) contracts: Vec<ContractFormat>,
    /// Letters before the country of case numbers, by the country's code. Versions from before the letters have none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) cases: BTreeMap<String, String>,
}

impl FormatsDocument {
    /// The formats of a desk that has set none.
    pub(crate) fn standing() -> Self {
        Self { contracts: default_formats().to_vec(), cases: BTreeMap::new() }
    }

    /// The letters before a country.
    fn prefix(&self, country: Country) -> CasePrefix {
        let letters = self.cases.get(country.code());
        letters.and_then(|letters| CasePrefix::of(letters)).unwrap_or_default()
    }
}

impl SingleDocument for FormatsDocument {
    const TABLE: DocumentTable = document_table!("formats");
}

impl SingleDocument for SerialFormats {
    const TABLE: DocumentTable = document_table!("serial_formats");
}

/// The formats of this process.
#[derive(Debug)]
pub(crate) struct KnownFormats(RwLock<Known>);

#[derive(Debug)]
struct Known {
    numbers: Shelf<Numbers>,
    serials: Shelf<Arc<SerialFormats>>,
}

/// The versions of a document, each with the moment from which it is in force.
#[derive(Debug)]
struct Shelf<T> {
    /// The newest version that was read; 0 for the standing formats.
    newest: i64,
    versions: Vec<(Instant, T)>,
}

impl<T> Shelf<T> {
    /// The version in force; `None` for none, which is none of ours.
    fn at(&self, now: Instant) -> Option<&T> {
        self.versions.iter().rev().find(|(from, _)| *from <= now).map(|(_, version)| version)
    }
}

/// A version of the formats of contracts and cases. It knows the formats of the versions before.
#[derive(Debug)]
struct Numbers {
    contracts: Arc<ContractFormats>,
    document: FormatsDocument,
}

impl Known {
    async fn read(connection: &mut AnyConnection) -> Result<Self, StoreError> {
        let read = documents::all::<FormatsDocument>(&mut *connection).await?;
        let newest = read.last().map_or(0, |version| version.version);
        let mut former: Vec<ContractFormat> = Vec::new();
        let mut versions = Vec::with_capacity(read.len() + 1);
        let mut add = |from, document: FormatsDocument| {
            let contracts = ContractFormats::new(document.contracts.clone(), former.iter().cloned());
            former.extend(document.contracts.iter().cloned());
            versions.push((from, Numbers { contracts: Arc::new(contracts), document }));
        };
        add(Instant(0), FormatsDocument::standing());
        for version in read {
            add(version.effective_from, version.document);
        }
        let numbers = Shelf { newest, versions };
        let read = documents::all::<SerialFormats>(connection).await?;
        let newest = read.last().map_or(0, |version| version.version);
        let versions = read.into_iter().map(|it| (it.effective_from, Arc::new(it.document)));
        let versions = std::iter::once((Instant(0), Arc::default())).chain(versions).collect();
        Ok(Self { numbers, serials: Shelf { newest, versions } })
    }
}

impl KnownFormats {
    /// Reads the formats at the start of a process.
    pub(crate) async fn load(connection: &mut AnyConnection) -> Result<Self, StoreError> {
        Ok(Self(RwLock::new(Known::read(connection).await?)))
    }

    fn look<T>(&self, look: impl FnOnce(&Known) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// All prefixes that any version has, and none.
    fn prefixes(&self) -> Vec<CasePrefix> {
        let of_each = |numbers: &Numbers| Country::ALL.map(|country| numbers.document.prefix(country));
        let all: BTreeSet<CasePrefix> = self
            .look(|known| known.numbers.versions.iter().flat_map(|(_, version)| of_each(version)).collect());
        all.into_iter().collect()
    }
}

/// The formats in force of numbers that people write: of contracts and of serials.
#[derive(Debug, Clone)]
pub(crate) struct NumberFormats {
    pub(crate) contracts: Arc<ContractFormats>,
    pub(crate) serials: Arc<SerialFormats>,
}

impl Desk {
    /// The formats of contract numbers in force now, from memory.
    #[must_use]
    pub fn formats(&self) -> Arc<ContractFormats> {
        let contracts =
            |known: &Known| known.numbers.at(self.now()).map(|numbers| Arc::clone(&numbers.contracts));
        self.known_formats().look(contracts).unwrap_or_default()
    }

    /// The formats of serials in force now, from memory.
    #[must_use]
    pub fn serial_formats(&self) -> Arc<SerialFormats> {
        self.known_formats().look(|known| known.serials.at(self.now()).cloned()).unwrap_or_default()
    }

    /// Both.
    pub(crate) fn number_formats(&self) -> NumberFormats {
        NumberFormats { contracts: self.formats(), serials: self.serial_formats() }
    }

    /// The letters before a country in the numbers of new cases.
    pub(crate) fn case_prefix(&self, country: Country) -> CasePrefix {
        let prefix =
            |known: &Known| known.numbers.at(self.now()).map(|numbers| numbers.document.prefix(country));
        self.known_formats().look(prefix).unwrap_or_default()
    }

    /// The letters that numbers of cases may have, none among them.
    pub(crate) fn case_prefixes(&self) -> Vec<CasePrefix> {
        self.known_formats().prefixes()
    }

    /// Reads the formats anew when they were changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn refresh_formats(&self) -> Result<(), StoreError> {
        let mut reader = self.store().reader().await?;
        let newest = (
            documents::newest::<FormatsDocument>(&mut reader).await?,
            documents::newest::<SerialFormats>(&mut reader).await?,
        );
        if newest == self.known_formats().look(|known| (known.numbers.newest, known.serials.newest)) {
            return Ok(());
        }
        let known = Known::read(&mut reader).await?;
        reader.done();
        *self.known_formats().0.write().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(())
    }
}
