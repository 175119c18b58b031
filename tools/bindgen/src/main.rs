//! Makes the browser's files from cargo's WebAssembly: `bindgen dev|release INPUT.wasm FOLDER NAME` writes `NAME.js` and
//! `NAME_bg.wasm` into FOLDER. A release is lighter: see [`light`].
//!
//! It replaces wasm-bindgen's command line, whose version would have to equal that in `Cargo.lock`. Of a bundle with parts
//! (`wasm_split_helpers`) it also writes `NAME_link.js`, `split_PART.wasm`, `chunk_NUMBER.wasm` for what several parts
//! share, and `NAME_parts.json`: the files of each part.

mod light;

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, error::Error, fs, process::ExitCode};

use walrus::{Module, ModuleConfig};
use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::{Options, SplitWasm, transform};

use light::Kind;

/// The module from which the code before the cut imports its parts.
const UNCUT: &str = "__wasm_split_placeholder__";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (Some(kind), [_, input, folder, name]) =
        (arguments.first().and_then(|kind| Kind::parse(kind)), arguments.as_slice())
    else {
        eprintln!("usage: bindgen dev|release INPUT.wasm FOLDER NAME");
        return ExitCode::from(2);
    };
    match make(kind, Path::new(input), Path::new(folder), name) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bindgen: {input}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn make(kind: Kind, input: &Path, folder: &Path, name: &str) -> Result<(), Box<dyn Error>> {
    let code = fs::read(input)?;
    if !has_parts(&code)? {
        return bind(lighten(kind, &code)?, folder, name);
    }
    let cut = folder.join(format!("{name}_cut.wasm"));
    let parts = cut_off(&code, &cut, folder, name)?;
    for part in &parts.split_modules {
        let code = lighten(kind, &fs::read(part)?)?.emit_wasm();
        fs::write(part, code)?;
    }
    bind(lighten(kind, &fs::read(&cut)?)?, folder, name)?;
    fs::remove_file(&cut)?;
    // A reader who leaves the page breaks off what an idle browser was loading; the page tells of the rest.
    let link = folder.join(format!("{name}_link.js"));
    fs::write(&link, fs::read_to_string(&link)?.replace("console.error(e);", ""))?;
    let files: BTreeMap<&str, Vec<String>> = parts
        .prefetch_map
        .iter()
        .map(|(part, files)| (part.as_str(), files.iter().map(|file| format!("{file}.wasm")).collect()))
        .collect();
    fs::write(folder.join(format!("{name}_parts.json")), serde_json::to_vec(&files)?)?;
    Ok(())
}

fn has_parts(code: &[u8]) -> Result<bool, Box<dyn Error>> {
    let module = parsed(code)?;
    Ok(module.imports.iter().any(|import| import.module == UNCUT))
}

/// Cuts the parts off: writes the rest to `cut`.
fn cut_off(code: &[u8], cut: &Path, folder: &Path, name: &str) -> Result<SplitWasm, Box<dyn Error>> {
    let main_module = format!("./{name}.js");
    let link_name = format!("./{name}_link.js");
    let mut options = Options::new(code);
    options.output_dir = folder;
    options.main_out_path = cut;
    options.main_module = &main_module;
    options.link_name = &link_name;
    Ok(transform(options).map_err(|error| format!("{error:#}"))?)
}

fn parsed(code: &[u8]) -> Result<Module, Box<dyn Error>> {
    let mut config = ModuleConfig::new();
    // What wasm-bindgen itself asks for: its own notes are read from the module.
    config.generate_dwarf(false).generate_name_section(true).strict_validate(false);
    Ok(config.parse(code).map_err(|error| format!("{error:#}"))?)
}

fn lighten(kind: Kind, code: &[u8]) -> Result<Module, Box<dyn Error>> {
    let mut module = parsed(code)?;
    light::empty(kind, &mut module);
    if kind == Kind::Release {
        light::forget_places(&mut module);
    }
    Ok(module)
}

/// Writes an ES module that is given the address of its WebAssembly: both files are served under hashed names.
fn bind(module: Module, folder: &Path, name: &str) -> Result<(), Box<dyn Error>> {
    Bindgen::new()
        .input_module(name, module)
        .out_name(name)
        .web(true)?
        .omit_default_module_path(true)
        .typescript(false)
        // The parts import the linker's table.
        .keep_lld_exports(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)?;
    Ok(())
}
