//! Makers' formats as data: mask, reading rules, and confidence.
//!
//! They equal `tests/oracles/serial_formats.csv`, which names their sources.

use std::sync::LazyLock;

use super::{
    format::SerialFormat,
    rules::{FieldKey as Key, Step},
};

/// Confidence in a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Documented by the maker, or given by the provider: a mismatch asks for confirmation.
    Vendor,
    /// Derived from public samples: a mismatch only warns.
    Reported,
}
use Confidence::{Reported, Vendor};

/// One format of one maker, as it stands in the program.
#[derive(Debug, Clone, Copy)]
struct Format {
    id: &'static str,
    manufacturer: &'static str,
    mask: &'static str,
    confidence: Confidence,
    steps: &'static [Step],
}

const fn format(
    id: &'static str,
    manufacturer: &'static str,
    mask: &'static str,
    confidence: Confidence,
    steps: &'static [Step],
) -> Format {
    Format { id, manufacturer, mask, confidence, steps }
}

/// The formats that come with the program. A test checks that none is missing.
#[must_use]
pub fn standing_formats() -> &'static [SerialFormat] {
    static ALL: LazyLock<Vec<SerialFormat>> = LazyLock::new(|| {
        let compiled = |format: &Format| {
            let named = (format.id, format.manufacturer, format.mask);
            SerialFormat::standing(named, format.confidence, format.steps).ok()
        };
        FORMATS.iter().filter_map(compiled).collect()
    });
    &ALL
}

/// The other number on a Dell label, listed as a maker.
pub(super) const EXPRESS_CODE: &str = "Dell express code";

/// Prefixes of hardware addresses (IEEE). New ones come every year, so a serial without a known one is only flagged.
const UBIQUITI: &[&str] = &[
    "00156D", "002722", "0418D6", "0CEA14", "18E829", "1C6A1B", "245A4C", "24A43C", "28704E", "44D9E7",
    "58D61F", "602232", "687251", "68D79A", "6C63F8", "70A741", "7483C2", "74ACB9", "784558", "788A20",
    "802AA8", "847848", "9041B2", "942A6F", "9C05D6", "A89C6C", "AC8BA9", "B4FBE4", "D021F9", "D8B370",
    "DC9FDB", "E063DA", "E43883", "F09FC2", "F492BF", "F4E2C6", "FCECDA",
];
const SONICWALL: &[&str] = &["0006B1", "0017C5", "004010", "18B169", "18C241", "2CB8ED", "C0EAE4", "FC395A"];

/// Five groups of five without B, I, O and S.
const VMWARE_KEY: &str = "[0-9AC-HJ-NP-RT-Z]{5}-[0-9AC-HJ-NP-RT-Z]{5}-[0-9AC-HJ-NP-RT-Z]{5}-[0-9AC-HJ-NP-RT-Z]{5}-[0-9AC-HJ-NP-RT-Z]{5}";
/// Five groups of five from 24 characters, and N in newer keys.
const MICROSOFT_KEY: &str = "[2346789BCDFGHJKMNPQRTVWXY]{5}-[2346789BCDFGHJKMNPQRTVWXY]{5}-[2346789BCDFGHJKMNPQRTVWXY]{5}-[2346789BCDFGHJKMNPQRTVWXY]{5}-[2346789BCDFGHJKMNPQRTVWXY]{5}";

#[rustfmt::skip]
const FORMATS: &[Format] = &[
    format("cisco", "Cisco", "<location:A{3}><yy:9{2}><ww:9{2}>X{4}", Vendor, &[Step::Show(Key::Location), Step::YearFrom(1996), Step::Week]),
    format("cisco_meraki", "Cisco Meraki", "'Q'X{3}-X{4}-X{4}", Vendor, &[]),
    format("dell_tag", "Dell", "X{7}|X{5}", Vendor, &[Step::ToExpress]),
    format("dell_esc", "Dell express code", "9{7,11}", Vendor, &[Step::ToTag]),
    format("hp_pc", "HP", "<country_site:X{3}><y:X><ww:9{2}>X{4}", Vendor, &[Step::Show(Key::CountrySite), Step::YearDigitOrLetter, Step::Week]),
    format("hpe_server", "HPE", "<country_site:X{3}><y:X><ww:9{2}>X{4}", Reported, &[Step::Show(Key::CountrySite), Step::YearDigitOrLetter, Step::Week]),
    format("hp_designjet_old", "HP DesignJet", "<country:A{2}><revision:A><y:9><m:[1-9A-C]>9{5}", Vendor, &[Step::Show(Key::Country), Step::Show(Key::Revision), Step::YearDigit, Step::Month("123456789ABC")]),
    format("hp_printer", "HP printing", "<country:A{2}>X{8}", Reported, &[Step::Show(Key::Country)]),
    format("lenovo8", "Lenovo", "<plant:[A-Z][0-9A-Z]>~X{6}", Vendor, &[Step::Show(Key::Plant)]),
    format("lenovo7", "Lenovo", "<plant:A[0-9A-Z]>~X{5}", Vendor, &[Step::Show(Key::Plant)]),
    format("lenovo10", "Lenovo", "<plant:A{2}>9{8}", Vendor, &[Step::Show(Key::Plant)]),
    format("lenovo_1s", "Lenovo", "'1S'<mtm:X{10}><sn:X{8}>", Reported, &[Step::Show(Key::MachineType), Step::Show(Key::Inner)]),
    format("ibm", "IBM", "<plant:X{2}>~X{5}", Vendor, &[Step::Show(Key::Plant)]),
    format("juniper_jn", "Juniper", "'JN'X{10}", Vendor, &[]),
    format("juniper_ex", "Juniper", "<prod:A{2}><rev:9{2}><yy:9{2}><ww:9{2}>9{4}", Reported, &[Step::Not("JN"), Step::Show(Key::Product), Step::YearFrom(2000), Step::Week]),
    format("arista", "Arista", "<site:A{3}><yy:9{2}><ww:9{2}>9{4}", Reported, &[Step::Show(Key::Site), Step::YearFrom(2000), Step::Week]),
    format("extreme", "Extreme Networks", "<yy:9{2}><ww:9{2}><f:X>-9{5}", Reported, &[Step::Show(Key::FactorySign), Step::YearFrom(2000), Step::Week]),
    format("fortinet", "Fortinet", "<model:'F'[A-Z0-9]{5}><hw:A{2}|9A><yy:9{2}>X{6}", Reported, &[Step::Not("FGVM"), Step::Show(Key::Model), Step::YearFrom(2000)]),
    format("fortinet_vm", "Fortinet", "'FGVM'X{12}", Reported, &[]),
    format("meru", "Meru", "<ww:9{2}><yy:9{2}><model:X{5}><mac:H{12}|H{6}>", Vendor, &[Step::YearFrom(2000), Step::Week, Step::Show(Key::Model), Step::MacAfter("000CE6")]),
    format("aruba", "Aruba", "A{2}X{8}", Reported, &[]),
    format("ubiquiti", "Ubiquiti", "H{12}", Reported, &[Step::Mac(UBIQUITI)]),
    format("sonicwall", "SonicWall", "H{12}", Reported, &[Step::Mac(SONICWALL)]),
    format("paloalto", "Palo Alto Networks", "9{12}|9{15}", Reported, &[]),
    format("huawei20", "Huawei", "'21'<item:X{8}><vendor:X{2}><y:X><m:X>X{6}", Vendor, &[Step::Show(Key::Item), Step::Show(Key::Vendor), Step::YearHuawei, Step::Month("123456789ABC")]),
    format("huawei16", "Huawei", "<id:'02'|'03'><item:X{4}><vendor:X{2}><y:X><m:X>X{6}", Vendor, &[Step::Show(Key::Item), Step::Show(Key::Vendor), Step::YearHuawei, Step::Month("123456789ABC")]),
    format("sun10", "Oracle", "<yy:9{2}><ww:9{2}><plant:X{2}>X{4}", Vendor, &[Step::Show(Key::Plant), Step::YearFrom(2000), Step::Week]),
    format("sun_apl", "Oracle", "<plant:A{2}><model:[DFLB0-6]><yy:9{2}><ww:9{2}>X{3}", Vendor, &[Step::Show(Key::Plant), Step::Show(Key::Model), Step::YearFrom(2000), Step::Week]),
    format("oracle_ak", "Oracle", "'AK'9{8,9}", Vendor, &[]),
    format("apc", "APC", "<plant:A{2}><yy:9{2}><ww:9{2}>X{5,6}", Vendor, &[Step::Show(Key::Plant), Step::YearFrom(2000), Step::Week]),
    format("xerox9", "Xerox", "<prod:X{3}><rev:9>9{5}", Vendor, &[Step::Show(Key::Product), Step::Show(Key::RevisionDigit)]),
    format("xerox10", "Xerox", "9{10}", Reported, &[]),
    format("brother", "Brother", "<item:A9{5}><m:[A-HJ-M]><y:9><factory:X>9{6}", Vendor, &[Step::Show(Key::Item), Step::Month("ABCDEFGHJKLM"), Step::YearDigit, Step::Show(Key::Factory)]),
    format("epson", "Epson", "<model:X{4}>9{6}", Reported, &[Step::Show(Key::Model)]),
    format("kyocera", "Kyocera", "<model:X{3}><y:9><m:[1-9X-Z]>9{5}", Reported, &[Step::Show(Key::Model), Step::YearDigit, Step::Month("123456789XYZ")]),
    format("konica", "Konica Minolta", "<prod:X{4}><mkt:9{3}>9{6}", Reported, &[Step::Show(Key::Product), Step::Show(Key::Market)]),
    format("ricoh", "Ricoh", "<model:X{4}><y:X>X9{5}", Reported, &[Step::Show(Key::Model)]),
    format("lexmark", "Lexmark", "<type:9{4}>X{9}", Reported, &[Step::Show(Key::Type)]),
    format("fargo", "HID Fargo", "<dec:[A-C]><y:9><ww:9{2}>9{4}", Vendor, &[Step::Decade, Step::Week]),
    format("apple12", "Apple", "<plant:X{3}><y:[C-DF-HJ-NP-TV-Z]><w:X>X{3}<model:X{4}>", Reported, &[Step::Show(Key::Plant), Step::HalfYearApple, Step::Show(Key::Model)]),
    format("vmware_key", "VMware", VMWARE_KEY, Vendor, &[]),
    format("ms_key", "Microsoft", MICROSOFT_KEY, Reported, &[]),
    format("vmware_vm", "VMware", "'VMWARE'-H{16}-H{16}", Reported, &[]),
    format("hyperv_vm", "Microsoft", "9{4}-9{4}-9{4}-9{4}-9{4}-9{4}-9{2}", Reported, &[]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serial::SerialFormats;
    use crate::serial::mask::Mask;

    #[test]
    fn every_mask_compiles() {
        for format in FORMATS {
            Mask::compile(format.mask).unwrap_or_else(|error| panic!("{}: {error}", format.id));
        }
        assert_eq!(standing_formats().len(), FORMATS.len());
    }

    #[test]
    fn manufacturers_are_unique() {
        let formats = SerialFormats::default();
        let names = formats.manufacturers();
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(names.len(), once.len());
        assert_eq!(names.first(), Some(&"Cisco"));
    }

    /// The mask without the names of parts.
    fn bare(mask: &str) -> String {
        let mut text = String::new();
        let mut rest = mask;
        while let Some((before, after)) = rest.split_once('<') {
            text.push_str(before);
            let (part, after) = after.split_once('>').unwrap();
            let part = part.split_once(':').unwrap().1;
            let (open, close) = if part.contains('|') { ("<", ">") } else { ("", "") };
            text.extend([open, part, close]);
            rest = after;
        }
        text + rest
    }

    #[test]
    fn formats_equal_the_oracle() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/serial_formats.csv");
        let rows: Vec<csv::StringRecord> =
            csv::Reader::from_path(path).unwrap().records().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows.len(), FORMATS.len());
        for (format, row) in FORMATS.iter().zip(&rows) {
            assert_eq!((format.id, format.manufacturer), (&row[0], &row[1]));
            let confidence = if &row[5] == "vendor" { Vendor } else { Reported };
            assert_eq!(format.confidence, confidence, "{}", format.id);
            let rows_of = |mask: &str| {
                let mask = Mask::compile(&bare(mask).replace(['<', '>'], "")).ok();
                mask.map(|mask| {
                    mask.rows().iter().map(|row| (row.length(), row.breadth())).collect::<Vec<_>>()
                })
            };
            assert_eq!(rows_of(format.mask), rows_of(&row[3]), "{}", format.id);
        }
    }
}
