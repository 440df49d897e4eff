//! A contact's consent as evidence: every line of the ledger with the exact words that were disclosed, the texts it rests on, and the chain of
//! hashes that shows whether a line was changed later. A zip that needs nothing of this program to be read and checked.

use std::fs::File;

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{
    archive::Archive,
    export::{ExportError, blocking},
};
use crate::{
    accounts::{Actor, Organization},
    compliance,
    contacts::Contact,
    messaging,
    platform::{
        crypto,
        db::Tx,
        ids::ContactId,
        personal::{self, PersonalRows},
    },
};

/// Rows read at once.
const PAGE: i64 = 500;

/// What was put together.
pub(super) struct Evidence {
    document: Value,
    chain: Vec<Link>,
    zone: Tz,
}

/// One line of the chain.
struct Link {
    hash: String,
    previous: String,
    line: String,
}

impl Link {
    fn holds(&self) -> bool {
        crypto::sha256_hex(format!("{}\n{}", self.previous, self.line).as_bytes()) == self.hash
    }
}

/// Whether each line is what its hash was taken of, and follows the one before.
fn is_intact(chain: &[Link]) -> bool {
    let follows = |n: usize| chain[n].previous == n.checked_sub(1).map_or("", |before| &chain[before].hash);
    (0..chain.len()).all(|n| follows(n) && chain[n].holds())
}

impl Evidence {
    /// For the audit log: how many lines there were, and the hash of the last. Whoever has this can tell a ledger that was rewritten as a
    /// whole.
    pub fn head(&self) -> Value {
        json!({ "lines": self.chain.len(), "head_sha256": self.chain.last().map(|link| &link.hash), "intact": is_intact(&self.chain) })
    }

    /// Writes the archive to a file without a name.
    pub async fn into_zip(self) -> Result<(File, u64), ExportError> {
        let written = blocking(move || {
            let mut archive = Archive::new()?;
            archive.text("README.txt", &readme(&self))?;
            archive.text("evidence.html", &html(&self))?;
            archive.text("evidence.json", &format!("{:#}\n", self.document))?;
            let chain: String = self.chain.iter().map(|link| format!("{}\t{}\n", link.hash, link.line)).collect();
            archive.text("chain.txt", &chain)?;
            archive.finish()
        });
        Ok(written.await?)
    }
}

/// All rows of a kind.
async fn rows(tx: &mut Tx, kind: &PersonalRows, contact: ContactId) -> Result<Vec<Value>, sqlx::Error> {
    let (mut rows, mut after): (Vec<Value>, Option<String>) = (Vec::new(), None);
    loop {
        let page = personal::page(tx, kind, contact, after.as_deref(), PAGE).await?;
        let full = page.rows.len() == PAGE as usize;
        rows.extend(page.rows);
        after = page.last;
        if !full {
            return Ok(rows);
        }
    }
}

/// Reads it all.
pub(super) async fn gather(
    tx: &mut Tx,
    organization: &Organization,
    contact: &Contact,
    by: &Actor,
) -> Result<Evidence, sqlx::Error> {
    let now = tx.clock().now();
    let mut lines = rows(tx, &compliance::LEDGER, contact.id).await?;
    let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    let chain: Vec<Link> = lines
        .iter()
        .map(|row| Link { hash: text(row, "hash"), previous: text(row, "prev_hash"), line: text(row, "line") })
        .collect();
    let zone = contact.timezone.as_deref().and_then(|z| z.parse().ok()).unwrap_or(organization.timezone);
    for line in &mut lines {
        let local =
            local(line["given_at"].as_str(), line["zone"].as_str().and_then(|z| z.parse().ok()).unwrap_or(zone));
        if let Value::Object(fields) = line {
            // It is in chain.txt, to the byte.
            fields.remove("line");
            fields.insert("given_at_local".to_owned(), local.into());
        }
    }
    let mut others = serde_json::Map::new();
    for kind in compliance::PERSONAL.iter().filter(|kind| kind.name != "consent") {
        others.insert(kind.name.to_owned(), rows(tx, kind, contact.id).await?.into());
    }
    let document = json!({
        "made_at": now,
        "made_by": { "kind": by.kind, "id": by.id, "name": by.name },
        "organization": { "id": organization.id, "name": organization.name, "timezone": organization.timezone.name() },
        "contact": {
            "id": contact.id, "phone_number": contact.phone_number, "first_name": contact.first_name,
            "last_name": contact.last_name, "timezone": contact.timezone,
        },
        "chain": { "lines": chain.len(), "head_sha256": chain.last().map(|link| &link.hash), "intact": is_intact(&chain) },
        "lines": lines,
        "messages": rows(tx, &messaging::CONSENT_TEXTS, contact.id).await?,
        "suppressions": others.remove("suppressions"),
        "opt_out_reviews": others.remove("opt_out_reviews"),
    });
    Ok(Evidence { document, chain, zone })
}

fn local(instant: Option<&str>, zone: Tz) -> Option<String> {
    let instant: DateTime<FixedOffset> = instant?.parse().ok()?;
    Some(instant.with_timezone(&zone).format(&format!("%Y-%m-%d %H:%M:%S %Z ({})", zone.name())).to_string())
}

fn utc(instant: Option<&str>) -> String {
    let instant: Option<DateTime<FixedOffset>> = instant.and_then(|at| at.parse().ok());
    instant.map(|at| at.with_timezone(&Utc).format("%Y-%m-%d %H:%M:%S UTC").to_string()).unwrap_or_default()
}

fn readme(evidence: &Evidence) -> String {
    let d = &evidence.document;
    let intact =
        if is_intact(&evidence.chain) { "It does." } else { "IT DOES NOT: a line was changed after it was written." };
    format!(
        "Consent of {number}\n\
         ========================\n\n\
         Put together on {made} by {by} of {organization}.\n\n\
         evidence.html   everything below, to be read and printed\n\
         evidence.json   the same, complete and exact; times in UTC\n\
         chain.txt       the lines of the ledger as they were hashed\n\n\
         How to check that no line was changed\n\
         -------------------------------------\n\n\
         The ledger is append-only. Each line has the SHA-256 (FIPS 180-4) of: the hash of the line before in hexadecimal (nothing for the\n\
         first), one line feed, and the line itself in UTF-8. A line that is changed, taken out or put in later breaks every hash that\n\
         follows. In chain.txt each row is a hash, a tab, and its line:\n\n\
         \x20   python3 -c \"\n\
         import hashlib\n\
         before = ''\n\
         for row in open('chain.txt', encoding='utf-8', newline='\\n'):\n\
         \x20   told, line = row.rstrip('\\n').split('\\t', 1)\n\
         \x20   before = hashlib.sha256((before + '\\n' + line).encode()).hexdigest()\n\
         \x20   assert before == told, line\n\
         print('unchanged:', before)\"\n\n\
         When this was put together the chain was checked: does it hold? {intact}\n\
         Its last hash: {head}\n\
         The same hash was noted in the audit log of {organization} at that moment.\n\n\
         What was told to the person\n\
         ---------------------------\n\n\
         Where a line names a disclosure, its exact text is with it, and the SHA-256 of that text in UTF-8, which the line holds too. The texts\n\
         that a line rests on are with their bodies, the provider's ids, and what the provider handed over and reported, as it came. A text\n\
         that is not here any more was deleted by the organization's retention; its words, where they mattered, are in the line.\n",
        number = d["contact"]["phone_number"].as_str().unwrap_or_default(),
        made = utc(d["made_at"].as_str()),
        by = d["made_by"]["name"].as_str().unwrap_or_default(),
        organization = d["organization"]["name"].as_str().unwrap_or_default(),
        head = evidence.chain.last().map_or("none: there is no line", |link| &link.hash),
    )
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// A value as people read it.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => escaped(text),
        Value::Array(_) | Value::Object(_) => format!("<pre>{}</pre>", escaped(&format!("{value:#}"))),
        other => other.to_string(),
    }
}

/// A table of names and values; what is empty is left out.
fn table(fields: &[(&str, String)]) -> String {
    let rows: String = fields
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("<tr><th>{name}</th><td>{value}</td></tr>"))
        .collect();
    format!("<table>{rows}</table>\n")
}

fn line_html(line: &Value) -> String {
    let disclosure = &line["disclosure"];
    let told = if disclosure.is_null() {
        String::new()
    } else {
        format!(
            "{} (version {}), in the name of {}, SHA-256 <code>{}</code><blockquote>{}</blockquote>",
            plain(&disclosure["program"]),
            plain(&disclosure["version"]),
            plain(&disclosure["seller"]),
            plain(&disclosure["sha256"]),
            plain(&disclosure["text"])
        )
    };
    let purpose = line["purpose"].as_str().unwrap_or("texts as such");
    let by = [&line["recorded_by"], &line["api_key"]].map(plain).join(" ");
    let fields = [
        ("Given or taken back", format!("{}<br>{}", utc(line["given_at"].as_str()), plain(&line["given_at_local"]))),
        ("Written down", utc(line["at"].as_str())),
        ("Tier", plain(&line["tier"])),
        ("Channel", plain(&line["channel"])),
        ("How", plain(&line["method"])),
        ("Words, or what staff noted", plain(&line["evidence"])),
        ("Told", told),
        ("Where from", plain(&line["source"])),
        ("Page", plain(&line["page_url"])),
        ("Address", plain(&line["ip"])),
        ("Browser", plain(&line["user_agent"])),
        ("Text", plain(&line["message_id"])),
        ("Confirmed by text", plain(&line["double_opt_in_message_id"])),
        ("Recorded by", by.trim().to_owned()),
        ("SHA-256", format!("<code>{}</code>", plain(&line["hash"]))),
    ];
    let heading = format!("{}. {}: {}", plain(&line["seq"]), plain(&line["action"]), escaped(purpose));
    format!("<h3>{heading}</h3>\n{}", table(&fields))
}

fn message_html(message: &Value, zone: Tz) -> String {
    let at = message["created_at"].as_str();
    let fields = [
        ("When", format!("{}<br>{}", utc(at), local(at, zone).unwrap_or_default())),
        ("Direction", plain(&message["direction"])),
        ("Our address", plain(&message["sender_address"])),
        ("Text", plain(&message["body"])),
        ("Status", plain(&message["status"])),
        ("Provider's id", plain(&message["provider_sid"])),
        ("The provider answered it as", plain(&message["opt_out_type"])),
        ("As it came", plain(&message["receipt"])),
        ("Reports", plain(&message["reports"])),
    ];
    format!("<h3>{}</h3>\n{}", plain(&message["id"]), table(&fields))
}

fn html(evidence: &Evidence) -> String {
    let d = &evidence.document;
    let list = |name: &str| d[name].as_array().cloned().unwrap_or_default();
    let lines: String = list("lines").iter().map(line_html).collect();
    let messages: String = list("messages").iter().map(|m| message_html(m, evidence.zone)).collect();
    let rows = |name: &str| -> String {
        let all = list(name);
        if all.is_empty() { "<p>None.</p>".to_owned() } else { all.iter().map(plain).collect() }
    };
    let state = if is_intact(&evidence.chain) {
        "Every line is as it was written: the chain of hashes holds."
    } else {
        "A line was changed after it was written: the chain of hashes does not hold."
    };
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Consent of {number}</title><style>\
         body{{font:14px/1.45 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}}\
         table{{border-collapse:collapse;width:100%;margin-bottom:1rem}}th,td{{border:1px solid #bbb;padding:.25rem .5rem;text-align:left;vertical-align:top}}\
         th{{width:12rem;font-weight:600}}td{{overflow-wrap:anywhere}}code,pre{{font-size:12px;white-space:pre-wrap;margin:0}}blockquote{{white-space:pre-wrap;margin:.5rem 0;border-left:3px solid #bbb;padding-left:.75rem}}\
         @media print{{h3,table{{break-inside:avoid}}}}</style></head><body>\n\
         <h1>Consent of {number}</h1>\n{head}<p>{state} README.txt says how to check that without this program.</p>\n\
         <h2>Lines of the ledger</h2>\n{lines}<h2>Texts</h2>\n{messages}<h2>Block list</h2>\n{suppressions}\
         <h2>Doubtful opt-outs, and how staff read them</h2>\n{reviews}</body></html>\n",
        number = plain(&d["contact"]["phone_number"]),
        head = table(&[
            (
                "Contact",
                [&d["contact"]["first_name"], &d["contact"]["last_name"]].map(plain).join(" ").trim().to_owned()
            ),
            ("Contact's id", plain(&d["contact"]["id"])),
            ("Organization", plain(&d["organization"]["name"])),
            (
                "Put together",
                format!(
                    "{}<br>{}",
                    utc(d["made_at"].as_str()),
                    local(d["made_at"].as_str(), evidence.zone).unwrap_or_default()
                )
            ),
            ("By", plain(&d["made_by"]["name"])),
            ("Lines", evidence.chain.len().to_string()),
            ("Last hash", evidence.chain.last().map_or_else(String::new, |link| format!("<code>{}</code>", link.hash))),
        ]),
        suppressions = rows("suppressions"),
        reviews = rows("opt_out_reviews"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(lines: &[&str]) -> Vec<Link> {
        let mut chain: Vec<Link> = Vec::new();
        for line in lines {
            let previous = chain.last().map_or_else(String::new, |link| link.hash.clone());
            let hash = crypto::sha256_hex(format!("{previous}\n{line}").as_bytes());
            chain.push(Link { hash, previous, line: (*line).to_owned() });
        }
        chain
    }

    #[test]
    fn any_later_change_breaks_the_chain() {
        assert!(is_intact(&chain(&[])) && is_intact(&chain(&["a", "b", "c"])));
        let mut changed = chain(&["a", "b", "c"]);
        changed[1].line = "B".to_owned();
        assert!(!is_intact(&changed));
        // Also with its own hash made anew.
        changed[1].hash = crypto::sha256_hex(format!("{}\nB", changed[1].previous).as_bytes());
        assert!(!is_intact(&changed));
        let mut shorter = chain(&["a", "b", "c"]);
        shorter.remove(0);
        assert!(!is_intact(&shorter));
        let mut fewer = chain(&["a", "b", "c"]);
        fewer.remove(1);
        assert!(!is_intact(&fewer));
    }

    #[test]
    fn times_are_shown_on_the_persons_clock() {
        let zone: Tz = "America/Chicago".parse().expect("zone");
        let at = Some("2026-03-08T09:30:00+00:00");
        assert_eq!(local(at, zone).as_deref(), Some("2026-03-08 04:30:00 CDT (America/Chicago)"));
        assert_eq!(utc(at), "2026-03-08 09:30:00 UTC");
    }

    #[test]
    fn what_people_write_is_no_markup() {
        assert_eq!(plain(&json!("<b>&\"</b>")), "&lt;b&gt;&amp;&quot;&lt;/b&gt;");
    }
}
