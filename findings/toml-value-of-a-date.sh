#!/usr/bin/env bash
# toml 0.9.12 (crates.io): `Value::try_from` and `Table::try_from` make a table of a date.
#
# A field of type `toml::value::Datetime` holds 2026-12-24. `toml::to_string` writes `date = 2026-12-24`. `Value::try_from` of the same
# struct gives the table `{ "$__toml_private_datetime" = "2026-12-24" }` in its place. Its text, parsed as a `Table`, is a date again.
# What it means for a desk: a closure of a calendar, compared or shown by its values, has no date.
# Here: an entry of the settings becomes a value by way of its text (`value` in `desk/src/settings/changes.rs`).
# `rows_without_text_are_left_out` in `desk/tests/desk/settings_forms.rs` holds the right dates.
#
# Needs cargo. Fails when the behaviour changes.
set -euo pipefail
place=$(mktemp -d) && trap 'rm -rf "$place"' EXIT && cd "$place"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "probe"
version = "0.0.0"
edition = "2024"

[dependencies]
serde = { version = "=1.0.228", features = ["derive"] }
toml = "=0.9.12"
TOML
cat >src/main.rs <<'RUST'
use serde::Serialize;
use toml::{Table, Value, value::Datetime};

#[derive(Serialize)]
struct Closure {
    date: Datetime,
}

fn main() {
    let closure = Closure { date: "2026-12-24".parse().unwrap() };
    let text = toml::to_string(&closure).unwrap();
    println!("text   {}", text.trim());
    println!("value  {}", Value::try_from(&closure).unwrap());
    println!("parsed {}", Value::Table(text.parse::<Table>().unwrap()));
}
RUST
cargo run --quiet | tee said
diff - said <<'SAID'
text   date = 2026-12-24
value  { date = { "$__toml_private_datetime" = "2026-12-24" } }
parsed { date = 2026-12-24 }
SAID
