//! Twilio's lists, page by page, and their entries.
//!
//! Asked for directly: the crate's filters by date have names that Twilio does not know.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::Value;
use twilio::model::ApiV2010AccountMessage;
use url::Url;

use super::{TwilioChannel, address, as_the_model_has_it, twilio_date};
use crate::messaging::{
    channels::{Received, SendError},
    media::MediaItem,
    model::ChannelKind,
};

/// Entries per page (Twilio gives up to 1,000), and pages read at most: who needs more has not read the list to its end.
const PAGE: usize = 200;
const PAGES: usize = 50;

/// Twilio's dates have whole seconds, its clock is not ours, and a list ordered by one of an entry's dates need not be ordered by the
/// other.
const SLACK: TimeDelta = TimeDelta::minutes(10);

impl TwilioChannel {
    /// The account's messages with these filters, newest first, down to `since` or a little further.
    pub(super) async fn messages(
        &self,
        filters: &[(&str, &str)],
        since: DateTime<Utc>,
    ) -> Result<Vec<ApiV2010AccountMessage>, SendError> {
        let mut url = self.url(&format!("/2010-04-01/Accounts/{}/Messages.json", self.account()?.account_sid))?;
        url.query_pairs_mut().extend_pairs(filters).append_pair("PageSize", &PAGE.to_string());
        let mut found = Vec::new();
        for _ in 0..PAGES {
            let page = self.get(url.clone()).await?;
            let Some(listed) = page.get("messages").and_then(Value::as_array) else {
                return Err(SendError::Unknown { reason: "the list cannot be read".to_owned() });
            };
            // One entry that cannot be read must not hide the others.
            let entries = listed.iter().cloned().filter_map(|mut message| {
                as_the_model_has_it(&mut message);
                serde_json::from_value::<ApiV2010AccountMessage>(message).ok()
            });
            let before = found.len();
            found.extend(entries);
            let past = |m: &ApiV2010AccountMessage| created(m).is_some_and(|at| at < since - SLACK);
            let next = page.get("next_page_uri").and_then(Value::as_str).filter(|uri| !uri.is_empty());
            match next {
                Some(next) if !found[before..].last().is_some_and(past) => url = self.url(next)?,
                _ => return Ok(found),
            }
        }
        Err(SendError::Unknown { reason: "the list does not end".to_owned() })
    }

    pub(super) async fn inbound(
        &self,
        kind: ChannelKind,
        number: &str,
        since: DateTime<Utc>,
    ) -> Result<Vec<Received>, SendError> {
        let (to, from_date) = (address(kind, number), since.to_rfc3339_opts(SecondsFormat::Secs, true));
        // The name of the filter is "DateSent>": it ends in what compares.
        let listed = self.messages(&[("To", &to), ("DateSent>", &from_date)], since).await?;
        let mut texts: Vec<Received> = listed
            .into_iter()
            .filter(|m| m.direction.as_deref() == Some("inbound"))
            .filter_map(received)
            .filter(|text| text.at >= since)
            .collect();
        texts.sort_by(|a, b| (a.at, &a.provider_sid).cmp(&(b.at, &b.provider_sid)));
        Ok(texts)
    }

    /// The media of a message: what a webhook gives as `MediaUrl0` and `MediaContentType0`, and on.
    pub(super) async fn media(&self, sid: &str) -> Result<Vec<MediaItem>, SendError> {
        let account = &self.account()?.account_sid;
        let mut url = self.url(&format!("/2010-04-01/Accounts/{account}/Messages/{sid}/Media.json"))?;
        url.query_pairs_mut().append_pair("PageSize", "50");
        let page = self.get(url).await?;
        let listed = page.get("media_list").and_then(Value::as_array).into_iter().flatten();
        let files = listed.filter_map(|m| Some((m.get("uri")?.as_str()?.trim_end_matches(".json"), m)));
        let item = |(path, file): (&str, &Value)| {
            let content_type = file.get("content_type").and_then(Value::as_str).unwrap_or_default().to_owned();
            Ok(MediaItem { url: self.url(path)?.to_string(), content_type })
        };
        files.map(item).collect()
    }

    /// An address at Twilio. Never one elsewhere, whatever a list says: the credentials go there.
    fn url(&self, path: &str) -> Result<Url, SendError> {
        let strange = || SendError::Unknown { reason: "the list leads elsewhere".to_owned() };
        let url = self.api.join(path).map_err(|_| strange())?;
        if url.origin() == self.api.origin() { Ok(url) } else { Err(strange()) }
    }
}

pub(super) fn created(message: &ApiV2010AccountMessage) -> Option<DateTime<Utc>> {
    message.date_created.as_deref().and_then(twilio_date)
}

fn received(message: ApiV2010AccountMessage) -> Option<Received> {
    let raw = serde_json::to_value(&message).ok()?;
    let at = message.date_sent.as_deref().and_then(twilio_date).or_else(|| created(&message))?;
    Some(Received {
        provider_sid: message.sid.filter(|sid| !sid.is_empty())?,
        from: message.from?,
        body: message.body.unwrap_or_default(),
        media: message.num_media.and_then(|n| n.parse().ok()).unwrap_or(0),
        at,
        raw,
    })
}
