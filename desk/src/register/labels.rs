//! Labels of equipment, whose QR code opens the portal's form with serial and contract filled in.

use domain::actor::{Action, Actor, Subject, may};
use domain::audit::AuditData;
use domain::i18n::Language;
use domain::register::RegisterKind;
use domain::search::FoundEquipment;
use domain::t;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use qrcodegen::{QrCode, QrCodeEcc};

use super::list::{ListQuery, Listed, page_of};
use super::rows;
use crate::Desk;
use crate::DeskError;
use crate::audit::Reading;
use crate::pdf::{Label, LabelLayout, write_labels};
use crate::store::StoreError;

/// The most labels of a file: about 24 sheets.
pub const MOST_LABELS: usize = 500;

/// Characters that are escaped in an address: all but the unreserved ones (RFC 3986, 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Which equipment gets labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelsFor {
    /// That with these serials, in their order; others are left out.
    Serials(Vec<String>),
    /// All of a list, up to [`MOST_LABELS`].
    List(ListQuery),
}

/// How labels are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelPaper {
    /// A4 sheets of 3 x 7 labels of 63.5 x 38.1 mm (Avery L7160), of which so many are used up already.
    AveryL7160 {
        /// From 0 to 20.
        used: usize,
    },
    /// A page for each label, for label printers.
    LabelPrinter,
}

/// The address that a label's code opens: the portal's form with serial and contract.
#[must_use]
pub fn label_address(public_url: &str, serial: &str, contract: &str) -> String {
    let escaped = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
    format!("{public_url}/?serial={}&contract={}", escaped(serial), escaped(contract))
}

/// Labels as a PDF file; `None` when there is no such equipment.
///
/// # Examples
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doc/setup.rs"));
/// # fn main() -> Example { on_a_desk(async |desk| {
/// use desk::register::{LabelPaper, LabelsFor, labels};
///
/// let which = LabelsFor::Serials(vec![demo::CARACAS.serial.to_owned()]);
/// let paper = LabelPaper::AveryL7160 { used: 0 };
/// let pdf = labels(&desk, &agent(), which, paper, Language::Es).await?.ok_or("no equipment")?;
/// assert!(pdf.starts_with(b"%PDF-"));
/// # Ok(()) }) }
/// ```
///
/// # Errors
/// See [`DeskError`].
pub async fn labels(
    desk: &Desk,
    actor: &Actor,
    which: LabelsFor,
    paper: LabelPaper,
    language: Language,
) -> Result<Option<Vec<u8>>, DeskError> {
    may(actor, Action::ReadRegister, Subject::Desk)?;
    let equipment = match which {
        LabelsFor::Serials(serials) => {
            // No serial has control characters, which a database may refuse.
            let is_plain = |serial: &String| !serial.chars().any(char::is_control);
            let serials: Vec<String> = serials.into_iter().filter(is_plain).take(MOST_LABELS).collect();
            let mut reader = desk.store().reader().await?;
            let mut found = rows::equipment(&mut reader, &serials).await?;
            reader.done();
            found.sort_by_key(|found| serials.iter().position(|serial| *serial == found.serial));
            found
        }
        LabelsFor::List(query) => all_of(desk, actor, query).await?,
    };
    if equipment.is_empty() {
        return Ok(None);
    }
    desk.note_reading(actor, Reading::Export(AuditData::Labels), equipment.len());
    drawn(desk, equipment, paper, language).await.map(Some)
}

/// Labels of equipment as a PDF file.
pub(crate) async fn drawn(
    desk: &Desk,
    equipment: Vec<FoundEquipment>,
    paper: LabelPaper,
    language: Language,
) -> Result<Vec<u8>, DeskError> {
    let label = |found: FoundEquipment| -> Result<Label, DeskError> {
        let FoundEquipment { serial, registered } = found;
        let address = label_address(desk.public_url(), &serial, &registered.contract);
        let code = QrCode::encode_text(&address, QrCodeEcc::Medium)
            .map_err(|error| StoreError::inconsistent("equipment", error.to_string()))?;
        let lines = [
            serial,
            registered.model,
            registered.organisation,
            registered.site,
            registered.contract,
            t!(language, "register.label.scan").into_owned(),
        ];
        Ok(Label { code, lines: lines.into_iter().filter(|line| !line.is_empty()).collect() })
    };
    let labels = equipment.into_iter().map(label).collect::<Result<Vec<_>, _>>()?;
    let layout = match paper {
        LabelPaper::AveryL7160 { used } => LabelLayout::Sheet { used },
        LabelPaper::LabelPrinter => LabelLayout::Single,
    };
    let title = t!(language, "register.label.title").into_owned();
    // Drawing many codes takes a while: other requests go on.
    let drawn = tokio::task::spawn_blocking(move || write_labels(&title, language, layout, &labels));
    drawn.await.map_err(|error| StoreError::inconsistent("equipment", error).into())
}

/// The equipment of a list, page by page.
async fn all_of(desk: &Desk, actor: &Actor, query: ListQuery) -> Result<Vec<FoundEquipment>, DeskError> {
    let mut query = ListQuery { kind: RegisterKind::Equipment, page: 1, ..query };
    let mut all = Vec::new();
    loop {
        let Listed::Equipment(page) = page_of(desk, actor, &query).await? else { return Ok(all) };
        all.extend(page.rows);
        match page.paging.after() {
            Some(next) if all.len() < MOST_LABELS => query.page = next,
            _ => break,
        }
    }
    all.truncate(MOST_LABELS);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_of_a_label_names_serial_and_contract() {
        assert_eq!(
            label_address("https://vigia.example", "FOC2614A1B2", "CPS-VE-004213-58"),
            "https://vigia.example/?serial=FOC2614A1B2&contract=CPS-VE-004213-58"
        );
        assert_eq!(
            label_address("http://a", "A&B", "C 7/ñ"),
            "http://a/?serial=A%26B&contract=C%207%2F%C3%B1"
        );
    }
}
