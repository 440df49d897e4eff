//! Phone numbers: parsed once at the edge, E.164 inside, masked in logs.

use std::fmt;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

/// A phone number in E.164 ("+14155550101"). `Display` and `Debug` mask it, since both end up in logs: use
/// [`PhoneNumber::as_str`] for the number itself.
#[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "+14155550101")]
pub struct PhoneNumber(String);

#[derive(Debug, thiserror::Error)]
#[error("not a phone number in E.164 form, such as +14155550101")]
pub struct InvalidPhoneNumber;

impl PhoneNumber {
    /// Reads E.164 as carriers send it: a plus sign and 7 to 15 digits.
    pub fn parse_e164(text: &str) -> Result<Self, InvalidPhoneNumber> {
        let digits = text.strip_prefix('+').ok_or(InvalidPhoneNumber)?;
        let right_length = (7..=15).contains(&digits.len());
        let right_form = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        if right_length && right_form { Ok(Self(text.to_owned())) } else { Err(InvalidPhoneNumber) }
    }

    /// Reads what a person types ("(415) 555-0101"), taking numbers without a country code as `region`'s (ISO 3166, "US").
    pub fn parse_typed(text: &str, region: &str) -> Result<Self, InvalidPhoneNumber> {
        if let Ok(number) = Self::parse_e164(text.trim()) {
            return Ok(number);
        }
        let region: Region = region.parse().map_err(|_| InvalidPhoneNumber)?;
        let parsed = PHONE_NUMBER_UTIL.parse(text, Some(region)).map_err(|_| InvalidPhoneNumber)?;
        if !PHONE_NUMBER_UTIL.is_possible_number(&parsed) {
            return Err(InvalidPhoneNumber);
        }
        let e164 = PHONE_NUMBER_UTIL.format(&parsed, PhoneNumberFormat::E164);
        Self::parse_e164(&e164)
    }

    /// Whether this is a country (ISO 3166, "US") whose numbers are known.
    pub fn is_region(text: &str) -> bool {
        text.len() == 2 && text.parse::<Region>().is_ok()
    }

    /// Reads a cell of somebody's list. What a spreadsheet made of a number ("1.41556E+10") is none: its last digits are lost.
    pub fn parse_cell(text: &str, region: &str) -> Result<Self, InvalidPhoneNumber> {
        let unmarked = text.trim_start_matches('\'').trim();
        if !unmarked.chars().all(|c| c.is_ascii_digit() || " +()-./\u{a0}\u{2011}".contains(c)) {
            return Err(InvalidPhoneNumber);
        }
        // As one dials abroad in most of the world.
        Self::parse_typed(unmarked, region).or_else(|error| match unmarked.strip_prefix("00") {
            Some(rest) => Self::parse_typed(&format!("+{rest}"), region),
            None => Err(error),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The country of the number (ISO 3166, "US"); none where the number is of no country, or not known.
    pub fn country(&self) -> Option<String> {
        let parsed = PHONE_NUMBER_UTIL.parse(&self.0, None).ok()?;
        let region = parsed.get_region_code().map(|region| region.to_string());
        // Numbers of a country without an area (toll-free, personal): its country code says enough.
        region.or_else(|| self.0.starts_with("+1").then(|| "US".to_owned()))
    }

    /// The area code of a number in North America (+1), where it stands for an area.
    pub fn area_code(&self) -> Option<&str> {
        let area = self.0.strip_prefix("+1").filter(|rest| rest.len() == 10)?.get(..3)?;
        // N00, N11 and the like are services.
        let of_an_area = !matches!(
            area,
            "833" | "844" | "855" | "866" | "877" | "888" | "822" | "880" | "881" | "882" | "883" | "887"
        ) && !area.ends_with("00")
            && !area.ends_with("11");
        of_an_area.then_some(area)
    }

    /// "+1415***0101": enough to recognise, too little to call.
    pub fn masked(&self) -> String {
        let n = &self.0;
        format!("{}***{}", &n[..n.len().min(5).min(n.len() - 4)], &n[n.len() - 4..])
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = InvalidPhoneNumber;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse_e164(&text)
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e164_only() {
        for good in ["+14155550101", "+442071838750", "+1234567"] {
            assert_eq!(PhoneNumber::parse_e164(good).expect(good).as_str(), good);
        }
        for bad in ["", "+", "14155550101", "+0415555010", "+1415555010a", "+1 415", "+1234567890123456", "+١٢٣٤٥٦٧"]
        {
            assert!(PhoneNumber::parse_e164(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn typed_numbers_take_the_region() {
        for typed in ["(415) 555-0101", "415.555.0101", "1-415-555-0101", " +1 415 555 0101 "] {
            assert_eq!(PhoneNumber::parse_typed(typed, "US").expect(typed).as_str(), "+14155550101");
        }
        assert_eq!(PhoneNumber::parse_typed("020 7183 8750", "GB").expect("gb").as_str(), "+442071838750");
        for bad in ["", "hello", "12", "<script>", "+1415555010100000000"] {
            assert!(PhoneNumber::parse_typed(bad, "US").is_err(), "{bad}");
        }
    }

    #[test]
    fn cells_of_lists_are_numbers_or_nothing() {
        for (cell, number) in [
            ("'+14155550101", "+14155550101"),
            (" (415) 555-0101 ", "+14155550101"),
            ("0044 20 7183 8750", "+442071838750"),
        ] {
            assert_eq!(PhoneNumber::parse_cell(cell, "US").expect(cell).as_str(), number);
        }
        for cell in ["1.41556E+10", "415-555-CALL", "4155550101 ext 3", "", "00", "n/a"] {
            assert!(PhoneNumber::parse_cell(cell, "US").is_err(), "{cell}");
        }
    }

    #[test]
    fn logs_never_show_the_whole_number() {
        let number = PhoneNumber::parse_e164("+14155550101").expect("number");
        assert_eq!(format!("{number} {number:?}"), "+1415***0101 +1415***0101");
        assert!(!PhoneNumber::parse_e164("+1234567").expect("short").masked().contains("1234567"));
    }
}
