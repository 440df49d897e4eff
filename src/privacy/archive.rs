//! A zip of rows, written to a file without a name and bounded in memory: each kind as JSON and as CSV.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions, remove_file},
    io::{self, BufWriter, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
};

use serde_json::{Map, Value};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::platform::{cells::harmless, crypto::random_token};

/// An archive in the making.
pub(super) struct Archive {
    zip: ZipWriter<File>,
    kind: Option<Kind>,
}

/// The kind of rows being written. Its JSON goes into the archive at once; its CSV waits beside it, for a zip holds one file at a time.
struct Kind {
    name: &'static str,
    /// One row, not a list of them.
    single: bool,
    rows: u64,
    columns: Vec<String>,
    csv: csv::Writer<BufWriter<File>>,
}

/// A file nobody else can open, gone with its handle.
fn nameless_file() -> io::Result<File> {
    let path = std::env::temp_dir().join(format!("frontdesk-export-{}", random_token(16)));
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    remove_file(&path)?;
    Ok(file)
}

fn options() -> SimpleFileOptions {
    // Large: sizes are not known before.
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true)
}

impl Archive {
    pub fn new() -> io::Result<Self> {
        Ok(Self { zip: ZipWriter::new(nameless_file()?), kind: None })
    }

    pub fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.zip.start_file(name, options())?;
        self.zip.write_all(text.as_bytes())
    }

    pub fn begin(&mut self, name: &'static str) -> io::Result<()> {
        let single = name == "contact";
        self.zip.start_file(format!("{name}.json"), options())?;
        if !single {
            self.zip.write_all(b"[")?;
        }
        let csv = csv::Writer::from_writer(BufWriter::new(nameless_file()?));
        self.kind = Some(Kind { name, single, rows: 0, columns: Vec::new(), csv });
        Ok(())
    }

    /// Adds rows; the tenant's id is left out, it says nothing of the person.
    pub fn add(&mut self, rows: Vec<Value>) -> io::Result<()> {
        let kind = self.kind.as_mut().expect("begun");
        for row in rows {
            let Value::Object(mut row) = row else { continue };
            row.remove("organization_id");
            if kind.rows == 0 {
                kind.columns = columns(&row);
                kind.csv.write_record(&kind.columns)?;
            } else {
                self.zip.write_all(b",")?;
            }
            self.zip.write_all(b"\n")?;
            serde_json::to_writer(&mut self.zip, &row)?;
            kind.csv.write_record(kind.columns.iter().map(|column| cell(row.get(column))))?;
            kind.rows += 1;
        }
        Ok(())
    }

    /// Ends the kind. Returns how many rows it has.
    pub fn end(&mut self) -> io::Result<u64> {
        let kind = self.kind.take().expect("begun");
        self.zip.write_all(if kind.single { b"\n" } else { b"\n]\n" })?;
        let written = kind.csv.into_inner().map_err(|e| io::Error::other(e.to_string()))?;
        let mut file = written.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        self.zip.start_file(format!("{}.csv", kind.name), options())?;
        io::copy(&mut file, &mut self.zip)?;
        Ok(kind.rows)
    }

    /// The finished archive, to be read from its beginning, and its length in bytes.
    pub fn finish(self) -> io::Result<(File, u64)> {
        let mut file = self.zip.finish()?;
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        Ok((file, length))
    }
}

/// What and when first, then the rest by name.
fn columns(row: &Map<String, Value>) -> Vec<String> {
    let first = ["id", "at", "created_at", "received_at", "direction", "body"];
    let names: BTreeSet<&str> = row.keys().map(String::as_str).collect();
    let rest = names.iter().copied().filter(|name| !first.contains(name));
    first.into_iter().filter(|name| names.contains(name)).chain(rest).map(str::to_owned).collect()
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => harmless(text),
        Some(Value::Bool(_) | Value::Number(_)) => value.map(Value::to_string).unwrap_or_default(),
        Some(nested) => harmless(&nested.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use serde_json::json;

    use super::*;

    fn read(zip: &mut zip::ZipArchive<File>, name: &str) -> String {
        let mut text = String::new();
        zip.by_name(name).expect(name).read_to_string(&mut text).expect("text");
        text
    }

    #[test]
    fn rows_come_out_as_they_went_in() {
        let mut archive = Archive::new().expect("archive");
        archive.text("README.txt", "hello").expect("text");
        archive.begin("contact").expect("begin");
        archive.add(vec![json!({ "id": 1, "organization_id": 9, "phone_number": "+14155550142" })]).expect("add");
        assert_eq!(archive.end().expect("end"), 1);
        archive.begin("messages").expect("begin");
        archive.add(vec![json!({ "zone": null, "body": "=1+1", "id": 1 })]).expect("add");
        archive.add(vec![json!({ "zone": ["a"], "body": "a, \"b\"\nc", "id": -2 })]).expect("add");
        assert_eq!(archive.end().expect("end"), 2);
        archive.begin("turns").expect("begin");
        assert_eq!(archive.end().expect("end"), 0);
        let (file, length) = archive.finish().expect("finish");
        assert!(length > 0);
        let mut zip = zip::ZipArchive::new(file).expect("zip");
        assert_eq!(read(&mut zip, "README.txt"), "hello");
        let contact: Value = serde_json::from_str(&read(&mut zip, "contact.json")).expect("JSON");
        assert_eq!(contact, json!({ "id": 1, "phone_number": "+14155550142" }));
        assert_eq!(read(&mut zip, "contact.csv"), "id,phone_number\n1,+14155550142\n");
        let messages: Value = serde_json::from_str(&read(&mut zip, "messages.json")).expect("JSON");
        assert_eq!(messages[1], json!({ "zone": ["a"], "body": "a, \"b\"\nc", "id": -2 }));
        assert_eq!(read(&mut zip, "messages.csv"), "id,body,zone\n1,'=1+1,\n-2,\"a, \"\"b\"\"\nc\",\"[\"\"a\"\"]\"\n");
        assert_eq!(serde_json::from_str::<Value>(&read(&mut zip, "turns.json")).expect("JSON"), json!([]));
        assert_eq!(read(&mut zip, "turns.csv"), "");
    }
}
