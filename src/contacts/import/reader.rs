//! Rows of a file of separated values, in whatever pieces the file comes. Holds one piece and one row, however long the file is. Pure.

use encoding_rs::WINDOWS_1252;

use super::model::Delimiter;

/// A row longer than this is none of a contact.
pub(super) const MOST_BYTES: usize = 64 * 1024;
/// Nor is one with more cells.
pub(super) const MOST_CELLS: usize = 200;

/// What is wrong with a row as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    TooLong,
    TooManyCells,
}

/// One row in which something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Where it begins, counted from 1: headers, blank lines and lines within quotes included.
    pub line: u64,
    pub cells: Vec<String>,
    pub fault: Option<Fault>,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Row(Row),
    /// Feed the next piece, or say that there is none.
    More,
    End,
}

/// Reads rows from pieces.
pub(super) struct Records {
    parser: csv_core::Reader,
    window: Vec<u8>,
    at: usize,
    position: u64,
    line: u64,
    ended: bool,
    /// A row that is too long, until its end is found.
    passing: Option<Row>,
    output: Vec<u8>,
    ends: Vec<usize>,
}

impl Records {
    pub(super) fn new(delimiter: Delimiter) -> Self {
        Self::from_place(delimiter, 0, 1)
    }

    /// Goes on where [`Self::place`] was; the pieces fed must begin there too.
    pub(super) fn from_place(delimiter: Delimiter, position: u64, line: u64) -> Self {
        Self {
            parser: csv_core::ReaderBuilder::new().delimiter(delimiter.byte()).build(),
            window: Vec::new(),
            at: 0,
            position,
            line,
            ended: false,
            passing: None,
            output: vec![0; MOST_BYTES],
            ends: vec![0; MOST_CELLS + 1],
        }
    }

    /// Where the next row begins: byte and line.
    pub(super) const fn place(&self) -> (u64, u64) {
        (self.position, self.line)
    }

    pub(super) fn feed(&mut self, piece: &[u8]) {
        self.window.drain(..self.at);
        self.at = 0;
        self.window.extend_from_slice(piece);
    }

    /// There is no further piece.
    pub(super) const fn finish(&mut self) {
        self.ended = true;
    }

    pub(super) fn next(&mut self) -> Next {
        loop {
            if let Some(row) = self.passing.take() {
                if !self.pass_line() {
                    self.passing = Some(row);
                    return Next::More;
                }
                return Next::Row(row);
            }
            if !self.pass_line_ends() {
                return Next::More;
            }
            let left = self.window.len() - self.at;
            if left == 0 {
                return if self.ended { Next::End } else { Next::More };
            }
            // One byte more than a row may have, so that a CR is seen with its LF.
            if left <= MOST_BYTES && !self.ended {
                return Next::More;
            }
            if let Some(row) = self.row() {
                return Next::Row(row);
            }
        }
    }

    /// Reads one row. None: it is blank, or too long to be read to its end yet.
    fn row(&mut self) -> Option<Row> {
        let end = self.window.len().min(self.at + MOST_BYTES);
        let (mut from, mut written, mut cells, mut too_many) = (self.at, 0, 0, false);
        self.parser.reset();
        let complete = loop {
            // What is empty says that the file ends here.
            let input = &self.window[from..end];
            let ended = input.is_empty();
            let (result, read, wrote, found) =
                self.parser.read_record(input, &mut self.output[written..], &mut self.ends[cells..]);
            (from, written, cells) = (from + read, written + wrote, cells + found);
            match result {
                csv_core::ReadRecordResult::Record => break true,
                csv_core::ReadRecordResult::OutputEndsFull => (cells, too_many) = (0, true),
                csv_core::ReadRecordResult::InputEmpty if !ended && self.ended && end == self.window.len() => {}
                _ => break ended,
            }
        };
        let line = self.line;
        if !complete {
            // Most often a quote that nobody closed: its line is given up, and what follows is read anew.
            let cells = vec![decode(&self.window[self.at..end.min(self.at + 500)])];
            self.passing = Some(Row { line, cells, fault: Some(Fault::TooLong) });
            return None;
        }
        let cells = if too_many { 0 } else { cells };
        let mut texts = Vec::with_capacity(cells);
        let mut begin = 0;
        for end in &self.ends[..cells] {
            texts.push(decode(&self.output[begin..*end]).trim().to_owned());
            begin = *end;
        }
        self.advance(from);
        let fault = too_many.then_some(Fault::TooManyCells);
        (too_many || texts.iter().any(|cell| !cell.is_empty())).then_some(Row { line, cells: texts, fault })
    }

    /// Moves to `to`, past the LF of a CR that stands before it, and counts lines.
    fn advance(&mut self, to: usize) {
        let mut to = to;
        if to > self.at && self.window[to - 1] == b'\r' && self.window.get(to) == Some(&b'\n') {
            to += 1;
        }
        let passed = &self.window[self.at..to];
        let next = |n: usize| passed.get(n + 1);
        let ends = |(n, byte): (usize, &u8)| *byte == b'\n' || (*byte == b'\r' && next(n) != Some(&b'\n'));
        self.line += passed.iter().enumerate().filter(|one| ends(*one)).count() as u64;
        self.position += passed.len() as u64;
        self.at = to;
    }

    /// Moves to what is no end of a line. False: that is not to be seen yet.
    fn pass_line_ends(&mut self) -> bool {
        let rest = &self.window[self.at..];
        let blank = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        // Whether an LF follows the CR, the next piece says.
        let unsure = blank == rest.len() && rest.last() == Some(&b'\r') && !self.ended;
        self.advance(self.at + blank - usize::from(unsure));
        !unsure
    }

    /// Moves behind the end of this line. False: it is not in the window.
    fn pass_line(&mut self) -> bool {
        let rest = &self.window[self.at..];
        let end = rest.iter().position(|b| matches!(b, b'\r' | b'\n'));
        match end {
            Some(end) if self.at + end + 1 < self.window.len() || self.ended => {
                self.advance(self.at + end + 1);
                true
            }
            Some(end) => {
                self.advance(self.at + end);
                false
            }
            None => {
                self.advance(self.window.len());
                self.ended
            }
        }
    }
}

/// UTF-8 where it is; what is not was written on an older Windows. Files that hold both are read right too.
fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(delimiter: Delimiter, pieces: &[&[u8]]) -> Vec<Row> {
        let (mut records, mut pieces, mut rows) = (Records::new(delimiter), pieces.iter(), Vec::new());
        loop {
            match records.next() {
                Next::Row(row) => rows.push(row),
                Next::More => match pieces.next() {
                    Some(piece) => records.feed(piece),
                    None => records.finish(),
                },
                Next::End => return rows,
            }
        }
    }

    fn cells(text: &[u8]) -> Vec<(u64, Vec<String>)> {
        rows(Delimiter::Comma, &[text]).into_iter().map(|r| (r.line, r.cells)).collect()
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (line, cells.iter().map(|c| (*c).to_owned()).collect())
    }

    #[test]
    fn lines_are_counted_however_they_end() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "", "1,\"x, \"\"y\"\"", "z\"", " , ", "2,3"].join(end);
            let quoted = format!("x, \"y\"{end}z");
            let expected = [row(1, &["a", "b"]), row(3, &["1", &quoted]), row(6, &["2", "3"])];
            assert_eq!(cells(text.as_bytes()), expected, "{end:?}");
        }
        assert_eq!(cells(b""), []);
        assert_eq!(cells(b"\r\n\r\n"), []);
        assert_eq!(cells("José,Peña\n".as_bytes()), [row(1, &["José", "Peña"])]);
        assert_eq!(cells(b"Jos\xe9,\x80\nJos\xc3\xa9,b"), [row(1, &["José", "€"]), row(2, &["José", "b"])]);
    }

    #[test]
    fn a_quote_that_nobody_closed_costs_its_line_only() {
        let mut text = b"a,b\n1,\"open\n".to_vec();
        for n in 0..30_000 {
            text.extend_from_slice(format!("{n},x\n").as_bytes());
        }
        let read = rows(Delimiter::Comma, &[&text]);
        assert_eq!((read[1].line, read[1].fault), (2, Some(Fault::TooLong)));
        assert_eq!((read.len(), read[2].cells[0].as_str()), (30_002, "0"));
    }

    #[test]
    fn a_giant_line_and_ten_thousand_cells_are_one_bad_row_each() {
        let giant = vec![b'x'; 3 * MOST_BYTES];
        let read = rows(Delimiter::Comma, &[b"a\n", &giant, &giant, b"\r", b"\nb"]);
        let seen: Vec<_> = read.iter().map(|r| (r.line, r.fault)).collect();
        assert_eq!(seen, [(1, None), (2, Some(Fault::TooLong)), (3, None)]);
        let wide = format!("{}\nb", ",".repeat(10_000));
        let read = rows(Delimiter::Comma, &[wide.as_bytes()]);
        assert_eq!((read[0].fault, read[1].line), (Some(Fault::TooManyCells), 2));
    }

    proptest! {
        /// Where a piece ends changes nothing; nor does it to stop after any row and go on from its place.
        #[test]
        fn pieces_and_stops_change_nothing(
            text in "([a-c,\"\r\n]|é){0,80}", cuts in prop::collection::vec(0usize..80, 0..6), stop in 0usize..20,
        ) {
            let bytes = text.as_bytes();
            let whole = rows(Delimiter::Comma, &[bytes]);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(bytes.len())).collect();
            cuts.sort_unstable();
            let (mut pieces, mut from) = (Vec::new(), 0);
            for cut in cuts {
                pieces.push(&bytes[from..cut]);
                from = cut;
            }
            pieces.push(&bytes[from..]);
            prop_assert_eq!(&rows(Delimiter::Comma, &pieces), &whole);
            let mut records = Records::new(Delimiter::Comma);
            records.feed(bytes);
            records.finish();
            let mut read = Vec::new();
            while read.len() < stop {
                let Next::Row(row) = records.next() else { break };
                read.push(row);
            }
            let (position, line) = records.place();
            let mut rest = Records::from_place(Delimiter::Comma, position, line);
            rest.feed(&bytes[position as usize..]);
            rest.finish();
            while let Next::Row(row) = rest.next() {
                read.push(row);
            }
            prop_assert_eq!(read, whole);
        }

        /// What a writer of CSV writes is read as it was meant.
        #[test]
        fn what_was_written_is_read(table in prop::collection::vec(prop::collection::vec("[a-z ,;\"\n|é\t]{0,12}", 3), 1..20)) {
            let wanted: Vec<Vec<String>> = table.iter().map(|r| r.iter().map(|c| c.trim().to_owned()).collect()).collect();
            for delimiter in Delimiter::ALL {
                let mut writer = csv::WriterBuilder::new().delimiter(delimiter.byte()).from_writer(Vec::new());
                for row in &table {
                    writer.write_record(row).expect("write");
                }
                let text = writer.into_inner().expect("bytes");
                let read: Vec<Vec<String>> = rows(delimiter, &[&text]).into_iter().map(|r| r.cells).collect();
                let wanted: Vec<Vec<String>> = wanted.iter().filter(|r| r.iter().any(|c| !c.is_empty())).cloned().collect();
                prop_assert_eq!(read, wanted);
            }
        }

        #[test]
        fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            rows(Delimiter::Semicolon, &[&bytes]);
        }
    }
}
