//! The contract of Twilio's Messages API as its published description has it (twilio-oai, twilio_api_v2010, CreateMessage and
//! ListMessage), written out by hand: what a request may carry, in which form, and what must come together.

/// What a parameter looks like.
enum Form {
    /// E.164, a channel address, a short code or, in From, an alphanumeric sender.
    To,
    From,
    Uri,
    Sid(&'static str),
    Integer(i64, i64),
    Number,
    Boolean,
    OneOf(&'static [&'static str]),
    /// At most so many characters.
    Text(usize),
    DateTime,
    Json,
}

struct Parameter {
    name: &'static str,
    form: Form,
    repeats: usize,
}

const fn one(name: &'static str, form: Form) -> Parameter {
    Parameter { name, form, repeats: 1 }
}

const CREATE: &[Parameter] = &[
    one("To", Form::To),
    one("From", Form::From),
    one("FallbackFrom", Form::From),
    one("MessagingServiceSid", Form::Sid("MG")),
    one("Body", Form::Text(1600)),
    Parameter { name: "MediaUrl", form: Form::Uri, repeats: 10 },
    one("ContentSid", Form::Sid("HX")),
    one("ContentVariables", Form::Json),
    one("StatusCallback", Form::Uri),
    one("ApplicationSid", Form::Sid("AP")),
    one("MaxPrice", Form::Number),
    one("ProvideFeedback", Form::Boolean),
    one("Attempt", Form::Integer(1, i64::MAX)),
    one("ValidityPeriod", Form::Integer(1, 36_000)),
    one("ForceDelivery", Form::Boolean),
    one("ContentRetention", Form::OneOf(&["retain", "discard"])),
    one("AddressRetention", Form::OneOf(&["retain", "obfuscate"])),
    one("SmartEncoded", Form::Boolean),
    Parameter { name: "PersistentAction", form: Form::Text(usize::MAX), repeats: usize::MAX },
    one("TrafficType", Form::OneOf(&["free"])),
    one("ShortenUrls", Form::Boolean),
    one("ScheduleType", Form::OneOf(&["fixed"])),
    one("SendAt", Form::DateTime),
    one("SendAsMms", Form::Boolean),
    one("RiskCheck", Form::OneOf(&["enable", "disable"])),
];

const LIST: &[Parameter] = &[
    one("To", Form::To),
    one("From", Form::From),
    one("DateSent", Form::DateTime),
    one("DateSent<", Form::DateTime),
    one("DateSent>", Form::DateTime),
    one("PageSize", Form::Integer(1, 1000)),
    one("Page", Form::Integer(0, i64::MAX)),
    one("PageToken", Form::Text(usize::MAX)),
];

fn is_phone(text: &str) -> bool {
    let number = text.strip_prefix("whatsapp:").unwrap_or(text);
    let Some(digits) = number.strip_prefix('+') else { return false };
    (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0')
}

fn is_uri(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.contains('_'))
    })
}

fn is_date(text: &str) -> bool {
    chrono::DateTime::parse_from_rfc3339(text).is_ok() || chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

impl Form {
    fn fits(&self, text: &str) -> bool {
        match self {
            Self::To => is_phone(text),
            Self::From => {
                let short = (3..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
                let word = text.len() <= 11
                    && text.bytes().any(|b| b.is_ascii_alphabetic())
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ');
                is_phone(text) || short || word
            }
            Self::Uri => is_uri(text),
            Self::Sid(prefix) => is_sid(prefix, text),
            Self::Integer(least, most) => text.parse::<i64>().is_ok_and(|n| (*least..=*most).contains(&n)),
            Self::Number => text.parse::<f64>().is_ok(),
            Self::Boolean => matches!(text, "true" | "false"),
            Self::OneOf(words) => words.contains(&text),
            Self::Text(most) => text.chars().count() <= *most,
            Self::DateTime => is_date(text),
            Self::Json => serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok(),
        }
    }
}

/// Two letters and 32 hexadecimal digits.
pub fn is_sid(prefix: &str, text: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|hex| hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn parameters_fit(allowed: &[Parameter], given: &[(String, String)], wrong: &mut Vec<String>) {
    for (name, value) in given {
        match allowed.iter().find(|p| p.name == name) {
            None => wrong.push(format!("there is no parameter {name}")),
            Some(p) if !p.form.fits(value) => wrong.push(format!("{name}={value:?} has the wrong form")),
            Some(p) if given.iter().filter(|(n, _)| n == name).count() > p.repeats => {
                wrong.push(format!("{name} is given too often"));
            }
            Some(_) => {}
        }
    }
}

/// What is wrong with a request to send.
pub fn violations_of_create(given: &[(String, String)]) -> Vec<String> {
    let mut wrong = Vec::new();
    parameters_fit(CREATE, given, &mut wrong);
    let value = |name: &str| given.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty());
    let has = |name: &str| value(name).is_some();
    if !has("To") {
        wrong.push("To is missing".to_owned());
    }
    if !has("From") && !has("MessagingServiceSid") {
        wrong.push("neither From nor MessagingServiceSid".to_owned());
    }
    if !has("Body") && !has("MediaUrl") && !has("ContentSid") {
        wrong.push("neither Body nor MediaUrl nor ContentSid".to_owned());
    }
    if has("ContentVariables") && !has("ContentSid") {
        wrong.push("ContentVariables without ContentSid".to_owned());
    }
    if has("SendAt") != has("ScheduleType") {
        wrong.push("SendAt and ScheduleType go together".to_owned());
    }
    let by_whatsapp = |name: &str| value(name).map(|v| v.starts_with("whatsapp:"));
    if let (Some(to), Some(from)) = (by_whatsapp("To"), by_whatsapp("From"))
        && to != from
    {
        wrong.push("To and From are of different channels".to_owned());
    }
    wrong
}

/// What is wrong with a request for a list.
pub fn violations_of_list(given: &[(String, String)]) -> Vec<String> {
    let mut wrong = Vec::new();
    parameters_fit(LIST, given, &mut wrong);
    wrong
}

#[test]
fn the_contract_tells_right_from_wrong() {
    let of = |pairs: &[(&str, &str)]| {
        violations_of_create(&pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<Vec<_>>())
    };
    let service = format!("MG{}", "0a".repeat(16));
    assert_eq!(of(&[("To", "+14155550101"), ("From", "+15005550006"), ("Body", "hi")]), Vec::<String>::new());
    assert_eq!(of(&[("To", "+14155550101"), ("MessagingServiceSid", &service), ("Body", "hi")]), Vec::<String>::new());
    for wrong in [
        &[("From", "+15005550006"), ("Body", "hi")][..],
        &[("To", "4155550101"), ("From", "+15005550006"), ("Body", "hi")],
        &[("To", "+14155550101"), ("Body", "hi")],
        &[("To", "+14155550101"), ("From", "+15005550006")],
        &[("To", "+14155550101"), ("From", "+15005550006"), ("Body", "hi"), ("Text", "hi")],
        &[("To", "+14155550101"), ("From", "+15005550006"), ("Body", "hi"), ("ValidityPeriod", "0")],
        &[("To", "+14155550101"), ("From", "+15005550006"), ("Body", "hi"), ("StatusCallback", "/relative")],
        &[("To", "+14155550101"), ("MessagingServiceSid", "MG0123"), ("Body", "hi")],
        &[("To", "whatsapp:+14155550101"), ("From", "+15005550006"), ("Body", "hi")],
        &[("To", "+14155550101"), ("From", "+15005550006"), ("Body", "hi"), ("ContentVariables", "{}")],
        &[("To", "+14155550101"), ("To", "+14155550102"), ("From", "+15005550006"), ("Body", "hi")],
    ] {
        assert!(!of(wrong).is_empty(), "{wrong:?}");
    }
    assert!(!of(&[("To", "+14155550101"), ("From", "+15005550006"), ("Body", &"x".repeat(1601))]).is_empty());
}
