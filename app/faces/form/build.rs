//! Asks the linker to keep its notes: `tools/bindgen` cuts the bundle's part off by them.

fn main() {
    println!("cargo:rustc-link-arg-cdylib=--emit-relocs");
}
