//! Check digits agree with `oracles/checkdigit_vectors.csv` (computed by python-stdnum 2.2).

use domain::check_digits::Scheme;

#[test]
fn check_digits_equal_the_oracle() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/checkdigit_vectors.csv");
    let mut rows = 0;
    for row in csv::Reader::from_path(path).unwrap().records() {
        let row = row.unwrap();
        let scheme = Scheme::from_name(&row[0]).unwrap_or_else(|| panic!("no scheme {}", &row[0]));
        assert_eq!(scheme.check(&row[1]).as_deref(), Some(&row[2]), "{row:?}");
        assert!(scheme.is_valid(&format!("{}{}", &row[1], &row[2])), "{row:?}");
        rows += 1;
    }
    assert_eq!(rows, 202);
}
