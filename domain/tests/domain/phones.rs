//! Telephones agree with `oracles/phones.csv` (by libphonenumber), and no input panics.

use domain::country::Country;
use domain::phone::{Phone, PhoneProblem};
use proptest::prelude::*;

#[test]
fn phones_equal_the_oracle() {
    let paths = ["phones.csv", "phones_2026-11.csv"]
        .map(|name| format!("{}/tests/oracles/{name}", env!("CARGO_MANIFEST_DIR")));
    let mut rows = 0;
    let mut homes = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    for row in paths.iter().flat_map(|path| csv::Reader::from_path(path).unwrap().into_records()) {
        let row = row.unwrap();
        let home = Country::from_typed(&row[0]).unwrap();
        homes.insert(home);
        let found = Phone::parse(home, &row[1]).ok();
        let found = found.map(|phone| (phone.e164(), phone.kind().code().to_owned(), phone.national()));
        let expected = (&row[2] == "yes").then(|| (row[3].to_owned(), row[4].to_owned(), row[5].to_owned()));
        if found != expected {
            wrong.push(format!("{row:?} gave {found:?}"));
        }
        rows += 1;
    }
    assert!(wrong.is_empty(), "{} of {rows} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(rows >= 129 + 21, "{rows} rows: some are lost");
    assert_eq!(homes.into_iter().collect::<Vec<_>>(), Country::ALL, "each country has rows");
}

#[test]
fn unknown_area_codes_are_flagged() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/areas.csv");
    let known: std::collections::HashSet<(String, String)> = csv::Reader::from_path(path)
        .unwrap()
        .records()
        .map(|row| row.map(|row| (row[0].to_owned(), row[1].to_owned())).unwrap())
        .collect();
    let mut asked = 0;
    let homes: std::collections::BTreeSet<&String> = known.iter().map(|(home, _)| home).collect();
    for home in homes.into_iter().filter_map(|code| Country::from_code(code)) {
        for area in 200..1000 {
            let Ok(phone) = Phone::parse(home, &format!("{area}1234567")) else { continue };
            let is_of_a_place = ["fixed", "fixed_or_mobile"].contains(&phone.kind().code());
            let is_known = known.contains(&(home.code().to_owned(), area.to_string()));
            let expected = (is_of_a_place && !is_known).then(|| area.to_string());
            assert_eq!(phone.unknown_area(), expected.as_deref(), "{home:?} {area}");
            asked += usize::from(expected.is_some());
        }
    }
    assert!(asked > 100, "{asked}");
}

#[test]
fn phone_with_country_code_names_its_missing_digits() {
    for (home, input) in [
        (Country::Mx, "52 55 1234 56"),
        (Country::Mx, "52 55 1234 567"),
        (Country::Ve, "58 212 555 12"),
        (Country::Co, "57 310 12345"),
    ] {
        assert_eq!(Phone::parse(home, input), Err(PhoneProblem::TooShort(home)), "{input}");
    }
}

/// By libphonenumber 9.0.43, which follows ANATEL's published plan.
#[test]
fn brazilian_phones_are_recognised_in_every_country() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/phones_br.csv");
    let mut rows = 0;
    for row in csv::Reader::from_path(path).unwrap().records() {
        let row = row.unwrap();
        for home in Country::ALL {
            let found = Phone::parse(home, &row[0]);
            if &row[1] == "yes" {
                let phone = found.unwrap_or_else(|problem| panic!("{row:?}: {problem}"));
                let told = (phone.e164(), phone.kind().code(), phone.international());
                assert_eq!(told, (row[2].to_owned(), &row[3], row[4].to_owned()), "{home:?}");
                assert_eq!((phone.country(), phone.unknown_area()), (None, None));
                assert_eq!(Phone::recall(&phone.e164(), phone.as_typed()), Ok(phone));
            } else {
                assert_eq!(found, Err(PhoneProblem::NotBrazilian), "{row:?}");
            }
        }
        rows += 1;
    }
    assert_eq!(rows, 33);
}

fn country() -> impl Strategy<Value = Country> {
    proptest::sample::select(Country::ALL.to_vec())
}

proptest! {
    #[test]
    fn no_phone_panics_and_every_format_parses_back(home in country(), input in ".{0,30}|[+0-9 ().-]{0,24}|0?[2-9][0-9]{9}") {
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

#[test]
fn stored_phones_of_older_rules_are_read() {
    for kept in ["+525255123456", "+55011987654321", "+551112345"] {
        let phone = Phone::recall(kept, "como se escribió").unwrap();
        assert_eq!(phone.e164(), kept);
        assert!(!phone.international().is_empty() && !phone.national().is_empty());
    }
}
