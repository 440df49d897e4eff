//! Whole dialogues as snapshots: every file below tests/dialogues is played against a real application and compared with what it
//! holds. `UPDATE_DIALOGUES=1 cargo test --test it dialogues` writes the files anew; what a person wrote in them stays, and the
//! difference is read by eye. Whatever the snapshots say, each exchange must keep the promises of `promises`.

mod events;
mod promises;
mod script;
mod stage;

use std::{
    fs,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
};

use futures::{FutureExt, StreamExt};
use serde_json::json;
use similar::{ChangeTag, TextDiff};

use self::{
    promises::Leave,
    script::{Line, Script},
    stage::{Played, play},
};
use crate::support::{ModelAnswer, ModelServer};

/// Dialogues played at once: each has a database and its connections.
const AT_ONCE: usize = 3;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialogues")
}

/// The files of a folder below tests/dialogues, by name.
fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).expect(folder);
    let mut files: Vec<PathBuf> = entries.map(|e| e.expect("entry").path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "txt"));
    files.sort();
    files
}

fn all_files() -> Vec<PathBuf> {
    let folders = fs::read_dir(root()).expect("dialogues").map(|e| e.expect("entry").path()).filter(|p| p.is_dir());
    folders.flat_map(|folder| files(&folder.file_name().expect("name").to_string_lossy())).collect()
}

#[expect(clippy::disallowed_methods, reason = "tests are told to rewrite their snapshots by the environment")]
fn updating() -> bool {
    std::env::var("UPDATE_DIALOGUES").is_ok_and(|v| !v.is_empty())
}

fn read(file: &Path) -> Result<Script, String> {
    Script::parse(&fs::read_to_string(file).map_err(|e| e.to_string())?)
}

/// What is wrong with how a script was played: its own expectations first, then the promises of all dialogues.
fn faults(played: &Played) -> Vec<String> {
    let quote = |line: &Line| if let Line::Event(event) = line { Some(event.clone()) } else { None };
    let leave = Leave {
        repeats: played.script.get("repeats").is_some(),
        quotes: played.script.lines.iter().filter_map(quote).collect(),
    };
    played.unmet.iter().cloned().chain(promises::broken(&played.exchanges, &leave)).collect()
}

/// Lines that differ, each with a little of what stands around it. None: nothing does.
fn difference(expected: &str, got: &str) -> Option<String> {
    if expected == got {
        return None;
    }
    let diff = TextDiff::from_lines(expected, got);
    let mut out = String::new();
    for group in diff.grouped_ops(2) {
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let mark = match change.tag() {
                ChangeTag::Delete => "- ",
                ChangeTag::Insert => "+ ",
                ChangeTag::Equal => "  ",
            };
            out.extend(["    ", mark, change.value()]);
        }
        out.push_str("    ...\n");
    }
    Some(out)
}

/// Plays one file, with a model that answers as it says where it says so, and reports what is wrong with it.
async fn verify(file: PathBuf, update: bool) -> Option<String> {
    let scripted = read(&file).is_ok_and(|script| script.get("model").is_some());
    let model = if scripted { Some(ModelServer::start().await) } else { None };
    verify_with(file, model, update).await
}

async fn verify_with(file: PathBuf, model: Option<ModelServer>, update: bool) -> Option<String> {
    let name = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
    let report = |what: String| Some(format!("{name}\n{what}"));
    let script = match read(&file) {
        Ok(script) => script,
        Err(error) => return report(format!("  cannot be read: {error}\n")),
    };
    let notes = script.get("model").is_some();
    let mut played = match AssertUnwindSafe(play(script, model)).catch_unwind().await {
        Ok(Ok(played)) => played,
        Ok(Err(error)) => return report(format!("  cannot be played: {error}\n")),
        Err(_) => return report("  panicked: see above\n".to_owned()),
    };
    // A model that the file does not know of goes unnoticed.
    played.script.lines.retain(|line| notes || !matches!(line, Line::Note(_)));
    let mut wrong: String = faults(&played).into_iter().map(|fault| format!("  {fault}\n")).collect();
    let (expected, got) = (fs::read_to_string(&file).expect("read"), played.script.to_string());
    if update {
        if expected != got {
            fs::write(&file, &got).expect("write");
        }
    } else if let Some(difference) = difference(&expected, &got) {
        wrong.push_str("  differs:\n");
        wrong.push_str(&difference);
    }
    (!wrong.is_empty()).then(|| format!("{name}\n{wrong}"))
}

/// Plays every dialogue of a folder and fails with all that is wrong with any of them.
async fn folder(name: &str) {
    let files = files(name);
    assert!(!files.is_empty(), "no dialogue in {name}");
    let update = updating();
    let played = futures::stream::iter(files).map(|file| verify(file, update)).buffer_unordered(AT_ONCE);
    let mut wrong: Vec<String> = played.filter_map(std::future::ready).collect().await;
    wrong.sort();
    assert!(wrong.is_empty(), "{} dialogues of {name} are not as they should be:\n\n{}", wrong.len(), wrong.join("\n"));
}

macro_rules! folders {
    ($($name:ident),+ $(,)?) => {
        /// The folders that have a test.
        const FOLDERS: &[&str] = &[$(stringify!($name)),+];
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                folder(stringify!($name)).await;
            }
        )+
    };
}

folders!(booking, changing, choosing, consent, knowledge, messy, model, people, reports, reviews, spanish, talk);

/// Everything a model can do wrong without proposing anything that could be taken up.
fn nonsense() -> Vec<ModelAnswer> {
    let claim = "You're booked for tomorrow at noon! Pay at http://evil.example";
    let senseless = json!({ "intent": 7, "date": "the day after whenever", "time": { "hour": 3 } });
    vec![
        ModelAnswer::junk(),
        ModelAnswer::call("answer", json!({ "entries": [], "text": claim })),
        ModelAnswer::fails(500),
        ModelAnswer::call("schedule", senseless),
        ModelAnswer::Says(claim.to_owned()),
        ModelAnswer::HangsUp,
        ModelAnswer::call("drop_table", json!({ "name": "bookings" })),
        ModelAnswer::fails(429),
        ModelAnswer::Hangs,
        ModelAnswer::call("answer", json!({ "entries": [99], "text": claim })),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_talks_nonsense_changes_no_dialogue() {
    let files = ["booking", "changing", "choosing", "messy"].into_iter().flat_map(files).enumerate();
    let played = futures::stream::iter(files).map(async |(n, file)| {
        // Each kind of nonsense comes first somewhere: most dialogues ask once, if at all.
        let mut answers = nonsense();
        answers.rotate_left(n % nonsense().len());
        let model = ModelServer::answering(answers).await;
        let wrong = verify_with(file, Some(model.clone()), false).await;
        (model.asked().len(), wrong)
    });
    let (asked, wrong): (Vec<usize>, Vec<Option<String>>) = played.buffer_unordered(AT_ONCE).unzip().await;
    assert!(asked.iter().any(|asked| *asked > 0), "no dialogue asked the model anything");
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{} dialogues are not as without a model:\n\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn there_are_enough_dialogues_and_all_are_played() {
    let files = all_files();
    let spanish = files.iter().filter(|f| read(f).is_ok_and(|s| s.get("language").is_some())).count();
    assert!(files.len() >= 60, "{} dialogues", files.len());
    assert!(spanish >= 8, "{spanish} dialogues in Spanish");
    for file in files {
        let folder = file.parent().and_then(Path::file_name).expect("folder").to_string_lossy();
        assert!(FOLDERS.contains(&folder.as_ref()), "{folder} has no test");
        let script = read(&file).expect("a dialogue");
        assert!(script.get("title").is_some(), "{}: no title", file.display());
        assert!(
            script.lines.iter().any(|l| matches!(l, Line::Expect(_) | Line::Wish(_))),
            "{}: expects nothing",
            file.display()
        );
    }
}

/// A file somewhere else, so that nothing of the suite is touched.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, text: &str) -> Self {
        let file = std::env::temp_dir().join(format!("frontdesk-dialogue-{}-{name}.txt", std::process::id()));
        fs::write(&file, text).expect("write");
        Self(file)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_snapshot_an_unmet_expectation_and_a_missing_reply_are_reported() {
    let scratch = Scratch::new("altered", "title: A booking\n\n> tuesday at 10am\n\n> c\n? booked: Consultation\n");
    assert!(verify(scratch.0.clone(), false).await.expect("no replies yet").contains("differs"));
    assert_eq!(verify(scratch.0.clone(), true).await, None, "written");
    assert_eq!(verify(scratch.0.clone(), false).await, None, "as written");
    let written = fs::read_to_string(&scratch.0).expect("read");
    assert!(written.contains("\n= booked: Consultation Tue Nov 24 10:00 AM with "), "{written}");
    for (from, to) in [("10:00 AM", "10:30 AM"), ("= booked", "= nothing booked"), ("< ", "< Dear customer, ")] {
        assert!(written.contains(from), "{written}");
        fs::write(&scratch.0, written.replacen(from, to, 1)).expect("write");
        let report = verify(scratch.0.clone(), false).await.expect("altered");
        assert!(report.contains("differs") && report.contains("- ") && report.contains(to), "{report}");
    }
    fs::write(&scratch.0, written.replace("? booked: Consultation", "? booked: Haircut")).expect("write");
    for update in [true, false] {
        let report = verify(scratch.0.clone(), update).await.expect("unmet, and no update makes it met");
        assert!(report.contains("? booked: Haircut") && !report.contains("differs"), "{report}");
    }
    let wished = |line: &str| fs::write(&scratch.0, written.replace("? booked: Consultation", line)).expect("write");
    wished("~ booked: Haircut");
    assert_eq!(verify(scratch.0.clone(), false).await, None, "not yet");
    wished("~ booked: Consultation");
    let report = verify(scratch.0.clone(), true).await.expect("a wish come true is to be kept");
    assert!(report.contains("is so by now"), "{report}");
    fs::write(&scratch.0, "title: Slips\n\n! juggle\n").expect("write");
    assert!(verify(scratch.0.clone(), true).await.expect("slip").contains("juggle"));
}
