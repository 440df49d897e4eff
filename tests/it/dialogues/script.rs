//! The text form of a dialogue: what the contact says, what is moved or set between, and the transcript that came of it. A file is
//! read, played and written back; what a person wrote stays, what the desk did is replaced. The form is explained in
//! tests/dialogues/README.md.

use std::fmt::{self, Write as _};

/// What a header may set.
const HEADER: &[&str] = &["title", "begins", "channel", "services", "settle", "model", "language", "repeats"];
/// What stands for a text that got no answer.
const SILENCE: &str = "(silence)";

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Blank,
    Comment(String),
    /// Moves the clock.
    Clock(String),
    /// Something happens beside the conversation.
    Event(String),
    /// A contact texts; contacts are numbered from 1.
    Says {
        contact: u8,
        text: String,
    },
    /// Written by hand, never rewritten: what must be so at this point.
    Expect(String),
    /// Written by hand: what should be so and is not yet. Once it is, it must become an expectation.
    Wish(String),
    /// The desk texts. None: it stayed silent.
    Reply {
        contact: u8,
        text: Option<String>,
    },
    /// What happened unseen by the contact.
    Note(String),
    /// What the database holds at the end.
    Fact(String),
}

impl Line {
    /// Whether the line is the outcome of playing the script, not part of it.
    pub const fn is_outcome(&self) -> bool {
        matches!(self, Self::Reply { .. } | Self::Note(_) | Self::Fact(_))
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    pub header: Vec<(String, String)>,
    pub lines: Vec<Line>,
}

impl Script {
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut script = Self::default();
        let mut rest = text.lines();
        for line in rest.by_ref().take_while(|line| !line.trim().is_empty()) {
            let (name, value) = line
                .split_once(':')
                .filter(|(name, _)| HEADER.contains(name))
                .ok_or_else(|| format!("no header line: {line:?}"))?;
            script.header.push((name.to_owned(), value.trim().to_owned()));
        }
        for line in rest {
            if let Some(more) = line.strip_prefix("  ") {
                script.continue_last(more).ok_or_else(|| format!("continues nothing: {line:?}"))?;
            } else {
                script.lines.push(parse_line(line)?);
            }
        }
        while script.lines.last() == Some(&Line::Blank) {
            script.lines.pop();
        }
        Ok(script)
    }

    /// A text of several lines goes on.
    fn continue_last(&mut self, more: &str) -> Option<()> {
        match self.lines.last_mut()? {
            Line::Says { text, .. } | Line::Reply { text: Some(text), .. } => {
                text.push('\n');
                text.push_str(more);
                Some(())
            }
            _ => None,
        }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.header.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The highest number of a contact.
    pub fn contacts(&self) -> u8 {
        let number = |line: &Line| if let Line::Says { contact, .. } = line { *contact } else { 1 };
        self.lines.iter().map(number).max().unwrap_or(1)
    }

    /// The same dialogue with `lines` in place of its own.
    pub fn with_lines(&self, lines: Vec<Line>) -> Self {
        Self { header: self.header.clone(), lines }
    }
}

fn parse_line(line: &str) -> Result<Line, String> {
    let Some(mark) = line.chars().next() else {
        return Ok(Line::Blank);
    };
    let rest = &line[mark.len_utf8()..];
    let text = rest.trim_start().to_owned();
    Ok(match mark {
        '#' => Line::Comment(text),
        '@' => Line::Clock(text),
        '!' => Line::Event(text),
        '?' => Line::Expect(text),
        '~' => Line::Wish(text),
        '*' => Line::Note(text),
        '=' => Line::Fact(text),
        '>' | '<' => {
            let (contact, text) = numbered(rest);
            match mark {
                '>' => Line::Says { contact, text },
                _ => Line::Reply { contact, text: (text != SILENCE).then_some(text) },
            }
        }
        _ => return Err(format!("no line of a dialogue: {line:?}")),
    })
}

/// "2 hello" is said by or to the second contact, " hello" by or to the first.
fn numbered(rest: &str) -> (u8, String) {
    let (number, text) = rest.split_once(' ').unwrap_or((rest, ""));
    match number.parse() {
        Ok(contact) => (contact, text.to_owned()),
        Err(_) => (1, rest.strip_prefix(' ').unwrap_or(rest).to_owned()),
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spoken = |f: &mut fmt::Formatter<'_>, mark: char, contact: u8, text: &str| {
            f.write_char(mark)?;
            if contact != 1 {
                write!(f, "{contact}")?;
            }
            write!(f, " {}", text.replace('\n', "\n  "))
        };
        match self {
            Self::Blank => Ok(()),
            Self::Comment(text) => write!(f, "# {text}"),
            Self::Clock(text) => write!(f, "@ {text}"),
            Self::Event(text) => write!(f, "! {text}"),
            Self::Expect(text) => write!(f, "? {text}"),
            Self::Wish(text) => write!(f, "~ {text}"),
            Self::Note(text) => write!(f, "* {text}"),
            Self::Fact(text) => write!(f, "= {text}"),
            Self::Says { contact, text } => spoken(f, '>', *contact, text),
            Self::Reply { contact, text } => spoken(f, '<', *contact, text.as_deref().unwrap_or(SILENCE)),
        }
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.header {
            writeln!(f, "{name}: {value}")?;
        }
        writeln!(f)?;
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

/// "+3h", "+90m", "+2d": time to let pass. Otherwise a wall-clock time such as "2026-11-23 16:50".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    By(chrono::TimeDelta),
    To(chrono::NaiveDateTime),
}

impl Move {
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("no time to move to: {text:?}");
        let Some(by) = text.strip_prefix('+') else {
            return wall_clock(text).map(Self::To);
        };
        let unit = by.chars().last().ok_or_else(wrong)?;
        let n: i64 = by[..by.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
        Ok(Self::By(match unit {
            's' => chrono::TimeDelta::seconds(n),
            'm' => chrono::TimeDelta::minutes(n),
            'h' => chrono::TimeDelta::hours(n),
            'd' => chrono::TimeDelta::days(n),
            _ => return Err(wrong()),
        }))
    }
}

/// "2026-11-23 16:50".
pub fn wall_clock(text: &str) -> Result<chrono::NaiveDateTime, String> {
    chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").map_err(|e| format!("{text:?}: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "title: Two people\nbegins: 2026-11-21 10:00\n\n# Both at once.\n> hi\n>2 hello\n  are you there?\n< Hi!\n<2 (silence)\n\n@ +3h\n! fill all\n? no booked\n* model asked\n= nothing booked\n";

    #[test]
    fn what_is_read_is_written_back() {
        let script = Script::parse(TEXT).expect("a dialogue");
        assert_eq!(script.to_string(), TEXT);
        assert_eq!(script.get("title"), Some("Two people"));
        assert_eq!(script.contacts(), 2);
        assert!(script.lines.contains(&Line::Says { contact: 2, text: "hello\nare you there?".to_owned() }));
        assert!(script.lines.contains(&Line::Reply { contact: 2, text: None }));
    }

    #[test]
    fn a_slip_of_the_pen_is_named() {
        assert!(Script::parse("title: x\n\nhello").expect_err("no mark").contains("hello"));
        assert!(Script::parse("title: x\n\n# a\n  b").is_err(), "a comment does not go on");
        assert!(Script::parse("no header").is_err());
        assert!(Move::parse("+3").is_err() && Move::parse("tomorrow").is_err());
        assert_eq!(Move::parse("+90m"), Ok(Move::By(chrono::TimeDelta::minutes(90))));
    }
}
