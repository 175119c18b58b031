//! Serials agree with `oracles/serials.csv`, on the date of the oracle.

use domain::serial::{Serial, SerialFormats};

#[test]
fn serials_equal_the_oracle() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/serials.csv");
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    let (mut rows, mut reasons) = (0, 0);
    let formats = SerialFormats::default();
    let mut wrong = Vec::new();
    for row in csv::Reader::from_path(path).unwrap().records() {
        let row = row.unwrap();
        let verdict = formats.check_against(&row[0], &row[1], today);
        if (verdict.valid, verdict.decoded.as_str()) != (&row[2] == "yes", &row[4]) {
            wrong.push(format!("{row:?} gave {verdict:?}"));
        }
        if verdict.reason.code() == &row[3] {
            reasons += 1;
        } else {
            println!("reason {}: {row:?}", verdict.reason.code());
        }
        rows += 1;
    }
    assert!(wrong.is_empty(), "{} of {rows} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(rows >= 313, "{rows} rows: some are lost");
    assert!(reasons == rows, "only {reasons} of {rows} reasons are the oracle's");
}

#[test]
fn stored_placeholder_serial_is_read_and_a_typed_one_refused() {
    assert!(Serial::parse("NULL").is_err());
    assert_eq!(Serial::try_from("NULL".to_owned()).unwrap().as_str(), "NULL");
}
