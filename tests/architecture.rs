//! The rooms and their doors, checked on the source itself: imports go one way, and certain crates stay in certain files.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Each slice, and how high it stands. A file may import its own slice and those on lower steps.
const STEPS: [(&str, u8); 15] = [
    ("platform", 0),
    ("accounts", 1),
    ("contacts", 2),
    ("compliance", 3),
    ("links", 3),
    ("messaging", 4),
    ("booking", 5),
    ("campaigns", 5),
    ("reports", 5),
    ("team", 5),
    ("integrations", 5),
    ("assistant", 6),
    ("analytics", 7),
    ("privacy", 7),
    ("app", 8),
];

struct Source {
    /// Path below `src`, with slashes.
    path: String,
    slice: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let sources: Vec<Source> = files
        .into_iter()
        .map(|file| {
            let path = file.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
            let slice = path.split('/').next().expect("first part").trim_end_matches(".rs").to_owned();
            Source { slice, text: fs::read_to_string(&file).expect("read"), path }
        })
        .collect();
    assert!(sources.len() > 40, "the walk found only {} files", sources.len());
    sources
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

fn step(slice: &str) -> Option<u8> {
    STEPS.iter().find(|(name, _)| *name == slice).map(|(_, step)| *step)
}

/// Slices named in `use crate::…` and `crate::…::` of a file, also in groups (`use crate::{a::b, c}`).
fn imported(text: &str) -> Vec<String> {
    let code: String = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let (mut depth, mut start) = (0usize, true);
            let mut word = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    c if depth == 0 && start && (c.is_alphanumeric() || c == '_') => word.push(c),
                    _ if !word.is_empty() => {
                        found.push(std::mem::take(&mut word));
                        start = false;
                    }
                    _ => {}
                }
            }
            if !word.is_empty() {
                found.push(word);
            }
        } else {
            found.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found
}

#[test]
fn imports_go_one_way() {
    let mut wrong = Vec::new();
    for source in sources() {
        if ["main", "lib"].contains(&source.slice.as_str()) {
            continue;
        }
        let Some(own) = step(&source.slice) else {
            wrong.push(format!("src/{} is in no known room", source.path));
            continue;
        };
        for name in imported(&source.text) {
            if let Some(theirs) = step(&name)
                && name != source.slice
                && theirs >= own
            {
                wrong.push(format!("src/{} ({}) imports {name}", source.path, source.slice));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Fails where a file contains `needle` and `allowed` says it may not.
fn only_in(needle: &str, allowed: impl Fn(&str) -> bool) {
    let wrong: Vec<String> = sources()
        .into_iter()
        .filter(|s| {
            !allowed(&s.path) && s.text.lines().any(|l| !l.trim_start().starts_with("//") && l.contains(needle))
        })
        .map(|s| s.path)
        .collect();
    assert!(wrong.is_empty(), "{needle} in {}", wrong.join(", "));
}

fn is_store(path: &str) -> bool {
    path.ends_with("/store.rs") || path.contains("/store/")
}

#[test]
fn sql_stays_in_stores() {
    only_in("sqlx::query", |path| is_store(path) || path.starts_with("platform/"));
}

#[test]
fn http_stays_at_the_edge() {
    only_in("axum::", |path| {
        path.ends_with("/api.rs")
            || path.contains("/api/")
            || path.ends_with("/webhooks.rs")
            || path.starts_with("platform/")
            || path.starts_with("app/")
    });
}

#[test]
fn apalis_stays_in_the_jobs_room() {
    only_in("apalis", |path| path.starts_with("platform/jobs/") || path == "platform/telemetry.rs");
}

#[test]
fn outside_services_are_called_by_adapters_only() {
    only_in("reqwest", |path| {
        path.starts_with("messaging/channels/")
            || path.starts_with("assistant/llm/")
            || path == "accounts/jwks.rs"
            || path == "integrations/delivery.rs"
            || path == "main.rs"
    });
    only_in("twilio::", |path| path.starts_with("messaging/"));
}

#[test]
fn time_comes_from_the_clock() {
    only_in("Utc::now", |path| path == "platform/clock.rs");
    only_in("SystemTime::now", |_| false);
}

#[test]
fn only_compliance_makes_permits() {
    only_in("SendPermit {", |path| path.starts_with("compliance/"));
}

#[test]
fn every_file_says_what_lives_in_it() {
    let silent: Vec<String> = sources().into_iter().filter(|s| !s.text.starts_with("//!")).map(|s| s.path).collect();
    assert!(silent.is_empty(), "no //! first line: {}", silent.join(", "));
}

#[test]
fn files_stay_readable() {
    let long: Vec<String> = sources()
        .into_iter()
        .map(|s| (s.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().lines().count(), s.path))
        .filter(|(lines, path)| *lines > 700 && !path.contains("tests"))
        .map(|(lines, path)| format!("{path}: {lines}"))
        .collect();
    assert!(long.is_empty(), "perhaps two rooms: {}", long.join(", "));
}

#[test]
fn the_documents_name_paths_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in ["README.md", "docs/ARCHITECTURE.md"] {
        let text = fs::read_to_string(root.join(document)).unwrap_or_else(|e| panic!("{document}: {e}"));
        let mut named = 0;
        for quoted in text.split('`').skip(1).step_by(2) {
            let looks_like_path =
                ["src/", "tests/", "migrations/", "admin/", "scripts/", "docs/"].iter().any(|p| quoted.starts_with(p));
            if looks_like_path && !quoted.contains(['*', ' ', '<', '{', '…']) {
                assert!(root.join(quoted).exists(), "{document} names {quoted}, which does not exist");
                named += 1;
            }
        }
        assert!(document != "docs/ARCHITECTURE.md" || named > 10, "{document} names only {named} paths");
    }
}
