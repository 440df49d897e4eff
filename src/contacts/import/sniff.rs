//! What kind of file it is: encoding, byte order mark, delimiter; and what is no text at all. Pure.

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE};

use super::{
    model::{Delimiter, Encoding},
    reader::{Next, Records},
};

/// How much of the beginning is looked at.
pub(super) const PREFIX: usize = 128 * 1024;

/// Why a file is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotText {
    #[error("is empty")]
    Empty,
    #[error("is a spreadsheet or an archive: save the sheet as CSV, and bring that")]
    Spreadsheet,
    #[error("is not text: bring comma-separated or tab-separated values")]
    Binary,
}

/// The encoding by the beginning of a file, and how long its byte order mark is. What is UTF-8 here may turn out not to be later.
pub(super) fn encoding(prefix: &[u8]) -> Result<(Encoding, usize), NotText> {
    if prefix.is_empty() {
        return Err(NotText::Empty);
    }
    let is = |signature: &[u8]| prefix.starts_with(signature);
    if is(b"PK\x03\x04") || is(b"\xd0\xcf\x11\xe0") || is(b"\x1f\x8b") {
        return Err(NotText::Spreadsheet);
    }
    if is(b"\xff\xfe") {
        return Ok((Encoding::Utf16Le, 2));
    }
    if is(b"\xfe\xff") {
        return Ok((Encoding::Utf16Be, 2));
    }
    let mark = if is(b"\xef\xbb\xbf") { 3 } else { 0 };
    // Every other byte of western text in UTF-16 is zero.
    let zeros = |of: usize| prefix.iter().skip(of).step_by(2).filter(|b| **b == 0).count() * 2;
    let (even, odd) = (zeros(0), zeros(1));
    if prefix.len() >= 8 {
        match (even * 10 < prefix.len(), odd * 10 < prefix.len()) {
            (true, false) if odd * 2 > prefix.len() => return Ok((Encoding::Utf16Le, 0)),
            (false, true) if even * 2 > prefix.len() => return Ok((Encoding::Utf16Be, 0)),
            _ => {}
        }
    }
    let odd_ones = prefix.iter().filter(|b| matches!(b, 0..=8 | 14..=31 | 127)).count();
    if odd_ones * 50 > prefix.len().max(200) || is(b"%PDF") || is(b"\x89PNG") {
        return Err(NotText::Binary);
    }
    Ok((Encoding::Utf8, mark))
}

/// Turns a file, piece by piece, into what is kept of it: UTF-16 as UTF-8, everything else as it is.
pub(super) struct Transcoder {
    encoding: Encoding,
    decoder: Option<Decoder>,
    /// The beginning of a character whose end is in the next piece.
    cut: Vec<u8>,
}

impl Transcoder {
    pub(super) fn new(encoding: Encoding) -> Self {
        let decoder = match encoding {
            Encoding::Utf16Le => Some(UTF_16LE.new_decoder_without_bom_handling()),
            Encoding::Utf16Be => Some(UTF_16BE.new_decoder_without_bom_handling()),
            Encoding::Utf8 | Encoding::Windows1252 => None,
        };
        Self { encoding, decoder, cut: Vec::new() }
    }

    pub(super) fn take(&mut self, piece: Vec<u8>, last: bool) -> Vec<u8> {
        let Some(decoder) = &mut self.decoder else {
            self.look(&piece, last);
            return piece;
        };
        let mut text = String::with_capacity(decoder.max_utf8_buffer_length(piece.len()).unwrap_or(piece.len() * 3));
        // What is no UTF-16 becomes U+FFFD.
        drop(decoder.decode_to_string(&piece, &mut text, last));
        text.into_bytes()
    }

    /// As it turned out.
    pub(super) const fn encoding(&self) -> Encoding {
        self.encoding
    }

    fn look(&mut self, piece: &[u8], last: bool) {
        if self.encoding != Encoding::Utf8 {
            return;
        }
        let joined = [self.cut.as_slice(), piece].concat();
        self.cut.clear();
        if let Err(error) = std::str::from_utf8(&joined) {
            if error.error_len().is_none() && !last {
                self.cut = joined[error.valid_up_to()..].to_vec();
            } else {
                self.encoding = Encoding::Windows1252;
            }
        }
    }
}

/// The delimiter that makes a table of the beginning: rows of the same number of cells, and more than one. `whole`: nothing follows.
pub(super) fn delimiter(prefix: &[u8], whole: bool) -> Delimiter {
    let score = |delimiter: Delimiter| {
        let mut records = Records::new(delimiter);
        records.feed(prefix);
        if whole {
            records.finish();
        }
        let mut widths = [0usize; super::reader::MOST_CELLS + 1];
        let mut rows = 0usize;
        while rows < 50 {
            let Next::Row(row) = records.next() else { break };
            rows += 1;
            widths[row.cells.len()] += 1;
        }
        let (width, alike) = widths.iter().enumerate().skip(2).max_by_key(|(_, n)| **n).unwrap_or((0, &0));
        let share = *alike as f64 / rows.max(1) as f64;
        share * (1.0 + (width as f64).ln())
    };
    let mut best = (Delimiter::Comma, 0.0);
    for delimiter in Delimiter::ALL {
        let score = score(delimiter);
        if score > best.1 + 1e-9 {
            best = (delimiter, score);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(encoding(b""), Err(NotText::Empty));
        assert_eq!(encoding(b"PK\x03\x04rest of an xlsx"), Err(NotText::Spreadsheet));
        assert_eq!(encoding(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Err(NotText::Binary));
        let noise: Vec<u8> = (0..2000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert_eq!(encoding(&noise), Err(NotText::Binary));
        assert_eq!(encoding(&[0; 4000]), Err(NotText::Binary));
        // One stray NUL spoils its row, not the file.
        assert_eq!(encoding(b"phone,name\n4155550101,A\0na\n"), Ok((Encoding::Utf8, 0)));
    }

    #[test]
    fn encodings_and_marks_are_seen() {
        let text = "phone;name\n4155550101;José\n";
        assert_eq!(encoding(text.as_bytes()), Ok((Encoding::Utf8, 0)));
        assert_eq!(encoding(format!("\u{feff}{text}").as_bytes()), Ok((Encoding::Utf8, 3)));
        assert_eq!(encoding(&utf16(&format!("\u{feff}{text}"), false)), Ok((Encoding::Utf16Le, 2)));
        assert_eq!(encoding(&utf16(&format!("\u{feff}{text}"), true)), Ok((Encoding::Utf16Be, 2)));
        assert_eq!(encoding(&utf16(text, false)), Ok((Encoding::Utf16Le, 0)));
        assert_eq!(encoding(&utf16(text, true)), Ok((Encoding::Utf16Be, 0)));
    }

    #[test]
    fn the_delimiter_makes_a_table() {
        let cases: [(&str, Delimiter); 7] = [
            ("phone,first name\n4155550101,Ana\n", Delimiter::Comma),
            ("phone;price\n4155550101;1,50\n4155550102;2,50\n", Delimiter::Semicolon),
            ("phone\tname\n4155550101\tDoe, Jane\n", Delimiter::Tab),
            ("phone|name\n4155550101|Doe, Jane\n", Delimiter::Pipe),
            ("phone,notes\n4155550101,\"a; b; c\nd; e\"\n", Delimiter::Comma),
            ("phone;notes\n1;one, two\n2;three\n3;four, five, six\n", Delimiter::Semicolon),
            ("4155550101\n4155550102\n", Delimiter::Comma),
        ];
        for (text, expected) in cases {
            assert_eq!(delimiter(text.as_bytes(), true), expected, "{text}");
        }
    }

    proptest! {
        /// UTF-16 in any pieces becomes the same text; UTF-8 cut within a character stays UTF-8.
        #[test]
        fn pieces_do_not_matter(text in "\\PC{0,60}", cut in 0usize..240) {
            for big in [false, true] {
                let bytes = utf16(&text, big);
                let cut = cut.min(bytes.len());
                let mut one = Transcoder::new(if big { Encoding::Utf16Be } else { Encoding::Utf16Le });
                let mut read = one.take(bytes[..cut].to_vec(), false);
                read.extend(one.take(bytes[cut..].to_vec(), true));
                prop_assert_eq!(String::from_utf8(read).expect("UTF-8"), text.clone());
            }
            let cut = cut.min(text.len());
            let mut one = Transcoder::new(Encoding::Utf8);
            one.take(text.as_bytes()[..cut].to_vec(), false);
            one.take(text.as_bytes()[cut..].to_vec(), true);
            prop_assert_eq!(one.encoding(), Encoding::Utf8);
            let mut one = Transcoder::new(Encoding::Utf8);
            one.take([text.as_bytes(), b"\xe9 "].concat(), true);
            prop_assert_eq!(one.encoding(), Encoding::Windows1252);
        }

        /// A table with cells of any words is taken apart by what it was written with.
        #[test]
        fn a_table_is_seen(rows in prop::collection::vec(prop::collection::vec("[a-z]{1,8}( [a-z]{1,8})?", 4), 2..10)) {
            for wanted in Delimiter::ALL {
                let mut writer = csv::WriterBuilder::new().delimiter(wanted.byte()).from_writer(Vec::new());
                for row in &rows {
                    writer.write_record(row).expect("write");
                }
                prop_assert_eq!(delimiter(&writer.into_inner().expect("bytes"), true), wanted);
            }
        }
    }
}
