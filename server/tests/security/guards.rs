//! The list of guards, in short: that each can be taken out. `tools/guards.sh` takes them out, and needs hours.

use std::path::Path;

/// What stands behind `key: ` in a record, over all its lines, as `tools/guards.sh` reads it.
fn value(record: &str, key: &str) -> String {
    let (mut lines, mut is_own) = (Vec::new(), false);
    for line in record.lines().filter(|line| !line.starts_with('#')) {
        let is_key = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
        match line.split_once(": ").filter(|(name, _)| is_key(name)) {
            Some((name, rest)) => {
                is_own = name == key;
                if is_own {
                    lines.push(rest);
                }
            }
            None if is_own => lines.push(line),
            None => {}
        }
    }
    lines.join("\n")
}

#[test]
fn every_guard_stands_in_its_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let records =
        include_str!("guards.txt").split("\n\n").filter(|record| !value(record, "guard").is_empty());
    let mut count = 0;
    for record in records {
        let [name, file, from, to, test] =
            ["guard", "file", "from", "to", "test"].map(|key| value(record, key));
        let content = std::fs::read_to_string(root.join(&file))
            .unwrap_or_else(|error| panic!("{name}: {file}: {error}"));
        assert!(!from.is_empty() && content.contains(from.trim_end()), "{name}: {file} has no `{from}`");
        assert!(from != to && !test.is_empty(), "{name}");
        count += 1;
    }
    assert!(count > 20, "{count} guards");
}
