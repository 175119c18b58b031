//! Golden JSON of every type in `domain` that is stored or crosses the wire, so that a rename in Rust cannot change it
//! unnoticed.
//!
//! A golden is an insta snapshot with one JSON object: `cargo insta review` shows and accepts a change, and the test
//! parses it back. Plain files would need a comparison and a writer of our own.
//!
//! Names in the goldens are ours, not Rust's: a rename in Rust changes no golden. A shape that changes on purpose
//! leaves its former JSON in `earlier.rs`, because stored histories have it.
#![allow(clippy::wildcard_imports, reason = "samples are made of samples")]

mod audit;
mod calendars;
mod causes;
mod commands;
mod earlier;
mod events;
mod identity_providers;
mod proofs;
mod providers;
mod queues;
mod refusals;
mod reports;
mod samples;
mod searches;
mod sources;
mod surveys;
mod teams;
mod terms;
mod values;
mod views;
mod visits;
mod wordings;

use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use sources::{Shape, serialised_types};

/// Panics unless the golden's values parse to the samples.
type ReadBack = Box<dyn Fn(&[Value])>;

/// The golden of one type: its samples, serialised and parsed back.
pub(crate) struct Golden {
    /// Name in the file.
    name: &'static str,
    /// The type's path in Rust.
    path: String,
    shape: Shape,
    json: String,
    values: Vec<Value>,
    read: ReadBack,
}

impl Golden {
    fn new<T>(name: &'static str, shape: Shape, samples: Vec<T>) -> Self
    where
        T: Serialize + DeserializeOwned + PartialEq + Debug + 'static,
    {
        let path = type_name::<T>().split('<').next().unwrap().to_owned();
        let json = serde_json::to_string_pretty(&samples).unwrap();
        let values = serde_json::from_str(&json).unwrap();
        let read = move |written: &[Value]| {
            assert_eq!(written.len(), samples.len(), "{name}");
            for (value, sample) in written.iter().zip(&samples) {
                let read: T = serde_json::from_str(&value.to_string())
                    .unwrap_or_else(|error| panic!("{name} is no longer read: {error}\n{value}"));
                assert_eq!(&read, sample, "{name}");
            }
        };
        Self { name, path, shape, json, values, read: Box::new(read) }
    }

    /// Panics when a variant has no sample.
    fn of_enum<T>(
        name: &'static str,
        variants: &[&'static str],
        variant_of: impl Fn(&T) -> &'static str,
        samples: Vec<T>,
    ) -> Self
    where
        T: Serialize + DeserializeOwned + PartialEq + Debug + 'static,
    {
        let shown: BTreeSet<_> = samples.iter().map(variant_of).collect();
        let missing: Vec<_> = variants.iter().filter(|variant| !shown.contains(*variant)).collect();
        assert!(missing.is_empty(), "{name} has no sample of {missing:?}");
        Self::new(name, Shape::Enum, samples)
    }

    /// The fields of its structs and struct variants, with whether a sample sets them.
    fn fields(&self) -> BTreeMap<String, bool> {
        let mut fields = BTreeMap::new();
        let mut see = |path: &str, value: &Value| {
            for (field, value) in value.as_object().into_iter().flatten() {
                let shown = fields.entry(format!("{path}.{field}")).or_insert(false);
                *shown |= !value.is_null();
            }
        };
        for value in &self.values {
            match (self.shape, value.as_object()) {
                (Shape::Struct, _) => see(self.name, value),
                (Shape::Enum, Some(tagged)) => {
                    tagged.iter().for_each(|(tag, inside)| see(&format!("{}.{tag}", self.name), inside));
                }
                (Shape::Enum, None) => {}
            }
        }
        fields
    }
}

/// The golden of a type: `golden!("name", Type, [samples])`.
///
/// An enum names its variants, which a match without a wildcard compares with the type: `golden!("name", Type { A, B },
/// [samples])`. One without fields needs no samples; with a list of all variants, `golden!("name", Type in ALL)`.
/// Variants that are never serialised follow as `unwritten { C }`.
macro_rules! golden {
    ($name:literal, $type:ident in ALL) => {
        crate::golden::Golden::new::<$type>($name, crate::golden::sources::Shape::Enum, $type::ALL.to_vec())
    };
    ($name:literal, $type:ident { $($variant:ident),+ $(,)? }) => {
        golden!($name, $type { $($variant),+ }, vec![$($type::$variant),+])
    };
    ($name:literal, $type:ident { $($variant:ident),+ $(,)? } $(unwritten { $($unwritten:ident),+ })?, $samples:expr) => {
        crate::golden::Golden::of_enum(
            $name,
            &[$(stringify!($variant)),+],
            |value: &$type| match value {
                $($type::$variant { .. } => stringify!($variant),)+
                $($($type::$unwritten { .. } => stringify!($unwritten),)+)?
            },
            $samples.into(),
        )
    };
    ($name:literal, $type:ty, $samples:expr) => {
        crate::golden::Golden::new::<$type>($name, crate::golden::sources::Shape::Struct, $samples.into())
    };
}
use golden;

/// Two tests for each file of goldens.
macro_rules! subjects {
    ($($subject:ident),+ $(,)?) => {
        fn every_golden() -> Vec<Golden> {
            [$($subject::goldens()),+].into_iter().flatten().collect()
        }

        mod json_is_written_as_before {
            $(#[test] fn $subject() { super::assert_written(stringify!($subject), &super::$subject::goldens()); })+
        }

        mod golden_json_is_read_as_before {
            $(#[test] fn $subject() { super::assert_read(stringify!($subject), &super::$subject::goldens()); })+
        }
    };
}

subjects!(
    audit,
    calendars,
    causes,
    commands,
    events,
    identity_providers,
    proofs,
    providers,
    queues,
    refusals,
    reports,
    searches,
    surveys,
    teams,
    terms,
    values,
    views,
    visits,
    wordings,
);

fn assert_written(subject: &str, goldens: &[Golden]) {
    let mut text = String::from("{");
    for (place, golden) in goldens.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        write!(text, "{comma}\n\"{}\": {}", golden.name, golden.json).unwrap();
    }
    text.push_str("\n}\n");
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(subject, text);
    });
}

fn assert_read(subject: &str, goldens: &[Golden]) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/domain/golden/snapshots")
        .join(format!("{subject}.snap"));
    let snapshot = std::fs::read_to_string(file).unwrap();
    let (_, json) = snapshot.split_once("\n---\n").unwrap();
    let mut kept: BTreeMap<String, Vec<Value>> = serde_json::from_str(json).unwrap();
    for golden in goldens {
        let values = kept.remove(golden.name).unwrap_or_else(|| panic!("{} has no golden", golden.name));
        (golden.read)(&values);
    }
    assert!(kept.is_empty(), "goldens that nothing reads: {:?}", kept.keys());
}

#[test]
fn every_serialised_type_has_a_golden() {
    let goldens: BTreeMap<_, _> =
        every_golden().into_iter().map(|golden| (golden.path, golden.shape)).collect();
    let types = serialised_types();
    assert!(types.len() > 150, "the sources were not found: {types:?}");
    let missing: Vec<_> = types.iter().filter(|(path, _)| !goldens.contains_key(*path)).collect();
    assert!(missing.is_empty(), "no golden: {missing:#?}");
    assert_eq!(goldens, types, "an enum's golden must name its variants");
}

#[test]
fn golden_names_are_unique() {
    let goldens = every_golden();
    let names: BTreeSet<_> = goldens.iter().map(|golden| golden.name).collect();
    assert_eq!(names.len(), goldens.len());
}

#[test]
fn every_field_is_filled_by_a_sample() {
    let goldens = every_golden();
    let fields = goldens.iter().flat_map(Golden::fields);
    let empty: Vec<_> = fields.filter(|(_, is_filled)| !is_filled).map(|(field, _)| field).collect();
    assert!(empty.is_empty(), "null in every sample: {empty:#?}");
}
