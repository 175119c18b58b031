//! The words are compiled in: a change of a language file alone must build them again.

fn main() {
    println!("cargo:rerun-if-changed=locales");
}
