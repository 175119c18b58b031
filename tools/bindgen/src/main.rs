//! Makes the browser's files from cargo's WebAssembly: `bindgen INPUT.wasm FOLDER NAME` writes `NAME.js` and `NAME_bg.wasm`
//! into FOLDER.
//!
//! It replaces wasm-bindgen's command line, whose version would have to equal that in `Cargo.lock`.

use std::{env, error::Error, process::ExitCode};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, folder, name] = arguments.as_slice() else {
        eprintln!("usage: bindgen INPUT.wasm FOLDER NAME");
        return ExitCode::from(2);
    };
    match bind(input, folder, name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bindgen: {input}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Writes an ES module that is given the address of its WebAssembly: both files are served under hashed names.
fn bind(input: &str, folder: &str, name: &str) -> Result<(), Box<dyn Error>> {
    Bindgen::new()
        .input_path(input)
        .out_name(name)
        .web(true)?
        .omit_default_module_path(true)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)?;
    Ok(())
}
