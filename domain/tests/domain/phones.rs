//! Every row of `oracles/phones.csv` (judged by libphonenumber) comes out right, and no input panics.

use domain::{country::Country, phone::Phone};
use proptest::prelude::*;

#[test]
fn every_row_comes_out_right() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/phones.csv");
    let mut rows = 0;
    let mut wrong = Vec::new();
    for row in csv::Reader::from_path(path).unwrap().records() {
        let row = row.unwrap();
        let home = Country::from_code(&row[0]).unwrap();
        let found = Phone::parse(home, &row[1]).ok();
        let found = found.map(|phone| (phone.e164(), phone.kind().code().to_owned(), phone.national()));
        let expected = (&row[2] == "yes").then(|| (row[3].to_owned(), row[4].to_owned(), row[5].to_owned()));
        if found != expected {
            wrong.push(format!("{row:?} gave {found:?}"));
        }
        rows += 1;
    }
    assert!(wrong.is_empty(), "{} of {rows} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(rows, 129);
}

fn country() -> impl Strategy<Value = Country> {
    proptest::sample::select(Country::ALL.to_vec())
}

proptest! {
    #[test]
    fn no_input_panics_and_every_form_reads_back(home in country(), input in ".{0,30}|[+0-9 ().-]{0,24}|0?[2-9][0-9]{9}") {
        if let Ok(phone) = Phone::parse(home, &input) {
            let own = phone.country().unwrap_or(home);
            for form in [phone.e164(), phone.international(), phone.national(), phone.tel_uri()] {
                let again = Phone::parse(own, &form).unwrap();
                prop_assert_eq!(again.e164(), phone.e164(), "{}", form);
                prop_assert_eq!(again.kind(), phone.kind());
            }
            prop_assert_eq!(Phone::recall(&phone.e164(), phone.as_typed()), Ok(phone));
        }
    }
}
