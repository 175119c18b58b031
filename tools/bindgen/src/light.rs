//! Takes out of the code what no browser needs, and what neither the linker nor `wasm-opt` can tell. That is functions by
//! their names, and the places in the sources that panics would name (docs/decisions/0050).

use std::ops::Range;

use walrus::ir::Value;
use walrus::{ConstExpr, DataId, DataKind, FunctionBuilder, FunctionKind, Module};

/// The end of the names of functions that are never called, but to which every view points: a tenth of the code. Pages are
/// hydrated at once and not in steps (`leptos::mount::hydrate_from`). Mangled, without the hash.
const UNCALLED: [&str; 2] = ["13hydrate_async", "13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$"];
/// Instructions from which on such a function is surely one of a kind. Of equal functions the compiler keeps one, and a
/// short one may be equal to one that is called.
const OWN_FROM: u64 = 50;
/// Length of the hash at the end of a mangled name: `17h`, sixteen digits, `E`.
const HASH: usize = 20;
/// The beginnings of the names of functions for streams. wasm-bindgen exports them for a library that no page uses.
const STREAMS: [&str; 2] = ["intounderlying", "__wbg_intounderlying"];
/// Parts of the mangled names of functions that say why the program ends, and end it. None gives a value.
const PANICS: [&str; 12] = [
    "4core9panicking",
    "4core6option13expect_failed",
    "4core6option13unwrap_failed",
    "4core6result13unwrap_failed",
    "4core4cell22panic_already_borrowed",
    "4core4cell30panic_already_mutably_borrowed",
    "5slice5index16slice_index_fail",
    "4core3str16slice_error_fail",
    "5alloc7raw_vec12handle_error",
    "5alloc5alloc18handle_alloc_error",
    "17capacity_overflow",
    "5local18panic_access_error",
];
/// The bytes of a place: the address and the length of its file's name, its line and its column, four each.
const PLACE: usize = 16;
/// The end of the names of files.
const SOURCE: &[u8] = b".rs";

/// What the code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Daily work: panics say what and where.
    Dev,
    /// What is shipped: panics end the program without words.
    Release,
}

impl Kind {
    /// The kind by its name on the command line.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "dev" => Some(Self::Dev),
            "release" => Some(Self::Release),
            _ => None,
        }
    }
}

/// Empties the functions that are not needed. What they alone called is dropped by `wasm-opt`.
pub(crate) fn empty(kind: Kind, module: &mut Module) {
    let empties: Vec<_> = module
        .funcs
        .iter()
        .filter(|function| match (&function.kind, function.name.as_deref()) {
            (FunctionKind::Local(code), Some(name)) => {
                (is_uncalled(name) && code.size() >= OWN_FROM)
                    || STREAMS.iter().any(|begin| name.starts_with(begin))
                    || (kind == Kind::Release
                        && PANICS.iter().any(|part| name.contains(part))
                        && module.types.get(function.ty()).results().is_empty()
                        && !name.contains("drop_in_place"))
            }
            _ => false,
        })
        .map(|function| (function.id(), function.ty()))
        .collect();
    for (id, signature) in empties {
        let signature = module.types.get(signature);
        let (takes, gives) = (signature.params().to_vec(), signature.results().to_vec());
        let arguments = takes.iter().map(|kind| module.locals.add(*kind)).collect();
        let mut empty = FunctionBuilder::new(&mut module.types, &takes, &gives);
        empty.func_body().unreachable();
        module.funcs.get_mut(id).kind = FunctionKind::Local(empty.local_func(arguments));
    }
}

fn is_uncalled(name: &str) -> bool {
    let path = name.len().checked_sub(HASH).and_then(|end| name.get(..end));
    path.is_some_and(|path| UNCALLED.iter().any(|end| path.ends_with(end)))
}

/// Fills the places that panics would name, and their files' names, with zeros, which cost nothing once compressed.
pub(crate) fn forget_places(module: &mut Module) {
    let segments: Vec<(DataId, usize, Vec<u8>)> = module
        .data
        .iter()
        .filter_map(|data| {
            let DataKind::Active { offset: ConstExpr::Value(Value::I32(at)), .. } = data.kind else {
                return None;
            };
            Some((data.id(), usize::try_from(at).ok()?, data.value.clone()))
        })
        .collect();
    let named = |at: usize, length: usize| {
        let of = segments.iter().find(|(_, start, bytes)| (*start..start + bytes.len()).contains(&at));
        of.and_then(|(id, start, bytes)| {
            let range = at - start..(at - start).checked_add(length)?;
            bytes.get(range.clone()).filter(|name| is_source(name)).map(|_| (*id, range))
        })
    };
    let mut forgotten: Vec<(DataId, Range<usize>)> = Vec::new();
    for (id, start, bytes) in &segments {
        // The compiler aligns places to four bytes.
        for at in (start.next_multiple_of(4) - start..bytes.len()).step_by(4) {
            let Some([file, length, line, column]) = bytes.get(at..at + PLACE).and_then(words) else {
                continue;
            };
            let Some(name) = named(file, length) else { continue };
            if (1..100_000).contains(&line) && (1..10_000).contains(&column) {
                forgotten.push((*id, at..at + PLACE));
                forgotten.push(name);
            }
        }
    }
    for (id, range) in forgotten {
        if let Some(bytes) = module.data.get_mut(id).value.get_mut(range) {
            bytes.fill(0);
        }
    }
}

/// Whether some bytes are the name of a source file.
fn is_source(name: &[u8]) -> bool {
    name.len() < 300
        && name.ends_with(SOURCE)
        && name.iter().all(u8::is_ascii_graphic)
        && name.contains(&b'/')
}

/// Four numbers, as WebAssembly has them in memory.
fn words(bytes: &[u8]) -> Option<[usize; 4]> {
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(4)) {
        *word = usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()?;
    }
    Some(words)
}
