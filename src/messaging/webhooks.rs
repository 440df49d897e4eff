//! Twilio's webhooks. Nothing is believed before its signature; nothing is answered 200 before it is in Postgres.

use axum::{
    Router,
    body::Bytes,
    extract::{OriginalUri, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{
    credentials, in_flight,
    media::{MediaItem, Provider},
    model::ChannelKind,
    reports,
    service::{self, InboundText},
    signature::{self, Signed},
    store::{self, credentials::sender_of_message, reconcile::keep_stray},
};
use crate::platform::{
    config::Config,
    http::{Core, Path},
    ids::MessageId,
    phone::PhoneNumber,
    problem::{Code, FieldError, Problem},
};

/// Longest text taken in, in characters: far beyond what a carrier delivers.
const MAX_BODY: usize = 16_000;

pub fn router() -> Router<Core> {
    Router::new()
        .route("/webhooks/sms/inbound", post(inbound))
        .route("/webhooks/sms/status", post(status))
        .route("/webhooks/sms/status/{message_id}", post(status_of))
}

/// "Nothing to say by way of this answer": replies go out by the API.
fn empty_response() -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, "text/xml")], "<Response/>").into_response()
}

async fn inbound(
    State(core): State<Core>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = verified_form(&core, &uri, &headers, &body, About::Arrival).await?;
    let (channel, to, text) = parse_inbound(&form, &core.config)?;
    let mut system = core.db.system_lookup().await?;
    let sender = store::sender_by_address(&mut system, channel, &to).await?;
    drop(system);
    let Some((organization, sender)) = sender else {
        tracing::warn!(webhook.channel = channel.as_str(), "webhook.unknown_recipient");
        return Err(Problem::new(
            Code::UnknownRecipient,
            "The address in To belongs to no sender of this installation.",
        ));
    };
    let mut tx = core.db.tenant(organization).await?;
    let new = service::receive(&mut tx, &sender, &text).await?;
    let opted_out = match &new {
        Some(received) => {
            tx.commit().await?;
            received.opted_out
        }
        // Its twin may still be waiting for what was leaving; this answer says no less than that one.
        None => service::out_since(&mut tx, &text).await?,
    };
    if let Some(contact) = opted_out {
        in_flight::let_land(&core.db, organization, contact).await?;
    }
    metrics::counter!("frontdesk_webhooks_inbound", "new" => if new.is_some() { "yes" } else { "no" }).increment(1);
    Ok(empty_response())
}

async fn status(
    State(core): State<Core>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    take_report(&core, &uri, &headers, &body, None).await
}

async fn status_of(
    State(core): State<Core>,
    OriginalUri(uri): OriginalUri,
    Path(message_id): Path<MessageId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    take_report(&core, &uri, &headers, &body, Some(message_id)).await
}

async fn take_report(
    core: &Core,
    uri: &axum::http::Uri,
    headers: &HeaderMap,
    body: &[u8],
    message: Option<MessageId>,
) -> Result<Response, Problem> {
    let form = verified_form(core, uri, headers, body, About::Delivery(message)).await?;
    let sid = form.required(&["MessageSid", "SmsSid"])?;
    let word = form.required(&["MessageStatus", "SmsStatus"])?;
    let mut system = core.db.system_lookup().await?;
    let owner = match message {
        Some(id) => store::organization_of_message(&mut system, id).await?.map(|o| (o, Some(id))),
        None => store::by_provider_sid(&mut system, sid).await?.map(|(o, id)| (o, Some(id))),
    };
    // A report that overtook the answer to the send: the sender says whose it is. One that names a message of ours that is not here is
    // about an erased one, and must not bring its number back.
    let owner = match owner {
        Some(owner) => Some(owner),
        None if message.is_some() => None,
        None => match form.get("From").and_then(|from| parse_address(from).ok()) {
            Some((channel, from)) => {
                store::sender_by_address(&mut system, channel, &from).await?.map(|(o, _)| (o, None))
            }
            None => None,
        },
    };
    let Some((organization, message)) = owner else {
        // Nobody's: kept all the same, without what says whose number it was.
        keep_stray(&mut system, sid, word, message.map(|id| id.0), &form.without_people(), core.clock.now()).await?;
        tracing::warn!(webhook.status = word, "webhook.unknown_message");
        metrics::counter!("frontdesk_webhooks_stray").increment(1);
        return Ok(empty_response());
    };
    drop(system);
    let mut tx = core.db.tenant(organization).await?;
    reports::report(&mut tx, message, sid, word, form.get("ErrorCode"), &form.as_json()).await?;
    tx.commit().await?;
    Ok(empty_response())
}

/// A decoded form.
struct Form(Vec<(String, String)>);

impl Form {
    /// The first value of a field; a blank one counts as absent.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    /// The first of `names` that is there.
    fn required(&self, names: &[&str]) -> Result<&str, Problem> {
        names.iter().find_map(|name| self.get(name)).ok_or_else(|| missing(names[0]))
    }

    fn without_people(&self) -> serde_json::Value {
        let mut all = self.as_json();
        if let Some(fields) = all.as_object_mut() {
            fields.retain(|name, _| IMPERSONAL.contains(&name.as_str()));
        }
        all
    }

    fn as_json(&self) -> serde_json::Value {
        let mut fields = serde_json::Map::new();
        for (name, value) in &self.0 {
            // Postgres text cannot hold NUL.
            fields.insert(name.replace('\0', ""), value.replace('\0', "\u{fffd}").into());
        }
        fields.into()
    }
}

/// What Twilio says of a delivery that is not about the person.
const IMPERSONAL: [&str; 13] = [
    "AccountSid",
    "ApiVersion",
    "ChannelInstallSid",
    "ChannelPrefix",
    "ErrorCode",
    "EventType",
    "MessageSid",
    "MessageStatus",
    "MessagingServiceSid",
    "RawDlrDoneDate",
    "SmsMessageSid",
    "SmsSid",
    "SmsStatus",
];

fn missing(field: &str) -> Problem {
    malformed_field(field, "missing", "is required")
}

/// Malformed webhooks are 400, as Twilio's own validators answer, with the fields named.
fn malformed_field(field: &str, code: &'static str, message: &str) -> Problem {
    let mut problem = Problem::malformed(format!("{field} {message}"));
    problem.errors = vec![FieldError { field: field.to_owned(), code, message: message.to_owned() }];
    problem
}

fn forbidden(why: &'static str) -> Problem {
    tracing::warn!(webhook.reason = why, "webhook.refused");
    Problem::new(Code::InvalidSignature, why)
}

/// What a webhook is about, and so whose token it may be signed with.
#[derive(Clone, Copy)]
enum About {
    /// A text to one of our addresses.
    Arrival,
    /// What became of a text of ours, of this id if its path has one.
    Delivery(Option<MessageId>),
}

/// The form of a request that Twilio certainly sent.
async fn verified_form(
    core: &Core,
    uri: &axum::http::Uri,
    headers: &HeaderMap,
    body: &[u8],
    about: About,
) -> Result<Form, Problem> {
    let signature = headers.get("x-twilio-signature").and_then(|v| v.to_str().ok());
    let signature = signature.ok_or_else(|| forbidden("X-Twilio-Signature is missing."))?;
    let urls = public_urls(core, uri, headers);
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let is_form = content_type.starts_with("application/x-www-form-urlencoded");
    let form = Form(if is_form { form_urlencoded::parse(body).into_owned().collect() } else { Vec::new() });
    let signed = if is_form { Signed::Form(&form.0) } else { Signed::Raw(body) };
    let by = |token: &SecretString| {
        urls.iter().any(|url| signature::is_valid(token.expose_secret(), url, &signed, signature))
    };
    let by_us = core.config.twilio.as_ref().is_some_and(|twilio| twilio.auth_tokens().any(by));
    if !by_us && !sender_tokens(core, &form, about).await?.iter().any(by) {
        return Err(forbidden("X-Twilio-Signature does not match the request."));
    }
    if !is_form {
        return Err(Problem::malformed("The body must be application/x-www-form-urlencoded."));
    }
    Ok(form)
}

/// The tokens of the account that the sender in question belongs to, if it has one of its own: nobody else's may sign for it. What the
/// form says is not believed yet; it only tells which token to try.
async fn sender_tokens(core: &Core, form: &Form, about: About) -> Result<Vec<SecretString>, Problem> {
    let Some(account) = form.get("AccountSid").filter(|_| core.vault.is_some()) else { return Ok(Vec::new()) };
    let mut system = core.db.system_lookup().await?;
    let address = match about {
        About::Arrival => form.get("To"),
        About::Delivery(Some(_)) => None,
        About::Delivery(None) => form.get("From"),
    };
    let sid = form.get("MessageSid").or_else(|| form.get("SmsSid")).unwrap_or_default();
    let mut sender = match about {
        About::Arrival => None,
        About::Delivery(id) => sender_of_message(&mut system, id.map(|id| id.0), sid).await?,
    };
    if sender.is_none()
        && let Some((channel, address)) = address.and_then(|address| parse_address(address).ok())
    {
        let found = store::sender_by_address(&mut system, channel, &address).await?;
        sender = found.map(|(organization, sender)| (organization, sender.id));
    }
    let Some((organization, sender)) = sender else { return Ok(Vec::new()) };
    Ok(credentials::tokens(&mut system, core.vault.as_ref(), organization, sender, account).await?)
}

/// The URLs Twilio may have called: below the public one, as configured or as the proxy says, and below that of status callbacks,
/// which may be on another host.
fn public_urls(core: &Core, uri: &axum::http::Uri, headers: &HeaderMap) -> Vec<String> {
    const STATUS: &str = "/webhooks/sms/status";
    let path = uri.path_and_query().map_or("/", |p| p.as_str());
    let first = |name: &str| {
        let value = headers.get(name)?.to_str().ok()?;
        value.split(',').next().map(|v| v.trim().to_owned())
    };
    let base = match &core.config.public_url {
        Some(public) => public.as_str().trim_end_matches('/').to_owned(),
        None => {
            let scheme = first("x-forwarded-proto").unwrap_or_else(|| "http".to_owned());
            let host = first("x-forwarded-host").or_else(|| first("host")).unwrap_or_default();
            format!("{scheme}://{host}")
        }
    };
    let callbacks = core.config.twilio.as_ref().and_then(|t| t.status_callback_url.as_ref());
    let callback = callbacks
        .zip(path.strip_prefix(STATUS))
        .map(|(url, rest)| format!("{}{rest}", url.as_str().trim_end_matches('/')));
    std::iter::once(format!("{base}{path}")).chain(callback).collect()
}

/// "whatsapp:+1…" or "+1…" as channel and bare address.
fn parse_address(text: &str) -> Result<(ChannelKind, String), Problem> {
    let (channel, number) = match text.strip_prefix("whatsapp:") {
        Some(number) => (ChannelKind::Whatsapp, number),
        None => (ChannelKind::Sms, text),
    };
    // Our own sender may be a short code; a contact may not (see parse_inbound).
    let right = !number.is_empty() && number.len() <= 16 && number.bytes().all(|b| b.is_ascii_digit() || b == b'+');
    if right { Ok((channel, number.to_owned())) } else { Err(malformed_field("To", "invalid", "is not an address")) }
}

/// One line of at most 80 characters, whatever they put into their profile.
fn profile_name(name: &str) -> String {
    let line: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn parse_inbound(form: &Form, config: &Config) -> Result<(ChannelKind, String, InboundText), Problem> {
    let sid = form.required(&["MessageSid", "SmsMessageSid", "SmsSid"])?;
    if sid.len() > 64 || !sid.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(malformed_field("MessageSid", "invalid", "is not a message SID"));
    }
    let (channel, to) = parse_address(form.required(&["To"])?)?;
    let from = form.required(&["From"])?;
    let from = PhoneNumber::parse_e164(from.strip_prefix("whatsapp:").unwrap_or(from))
        .map_err(|_| malformed_field("From", "invalid", "is not a phone number in E.164 form"))?;
    let body = form.get("Body").unwrap_or_default().replace('\0', "");
    if body.chars().count() > MAX_BODY {
        return Err(malformed_field("Body", "too_long", "is longer than any text"));
    }
    let media_count: usize = form.get("NumMedia").and_then(|n| n.parse().ok()).unwrap_or(0).min(20);
    // Whoever signed may name files of their own account only: of another the address is not even kept.
    let account = form.get("AccountSid").or(config.twilio.as_ref().map(|twilio| twilio.account_sid.as_str()));
    let provider = Provider { api: config.twilio_api() };
    let its_own = |address: &str| {
        let url = Url::parse(address).ok()?;
        let file = provider.file(&url)?;
        (Some(file.account_sid) == account && file.message_sid == sid).then(|| address.to_owned())
    };
    let media = (0..media_count).filter_map(|n| {
        let content_type = form.get(&format!("MediaContentType{n}")).unwrap_or_default().replace('\0', "");
        let url = its_own(form.get(&format!("MediaUrl{n}"))?).unwrap_or_default();
        Some(MediaItem { url, content_type })
    });
    let text = InboundText {
        provider_sid: sid.to_owned(),
        from,
        body,
        media: media.collect(),
        opt_out_type: form.get("OptOutType").map(str::to_uppercase),
        profile_name: form.get("ProfileName").map(profile_name).filter(|name| !name.is_empty()),
        at: None,
        raw: form.as_json(),
    };
    Ok((channel, to, text))
}
