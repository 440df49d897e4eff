//! Texts to many at once: decided on together, written in a few statements, handed over beside each other, and recorded together. What does
//! not go smoothly goes on as a text of its own (`delivery.rs`), with all the care that each has there.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use super::store::batch::BatchCount;
use super::{
    channels::{Accepted, Channel, Channels, Outgoing, OutgoingContent, SendError},
    delivery::{self, HELD_UP},
    jobs::{PollDelivery, SendMessage},
    lessons,
    media::MediaItem,
    model::{ChannelKind, MessageStatus},
    outcomes::{self, Said},
    rules::advance,
    service::{Queued, charged_parts},
    store::{self, batch},
    whatsapp::{self, Content, Handing, When},
};
use crate::{
    compliance::{self, Decided, PermitRequest, Purpose, Receipt, SendPermit, Verdict},
    contacts::{self, Contact},
    platform::{
        config::QuietHours,
        db::Tx,
        events::{self, Event},
        http::Core,
        ids::{ContactId, JobId, MessageId, OrganizationId, SenderId},
        jobs::{self, Claimed, JobError, JobKind, NewJob, Queue, Settled},
        phone::PhoneNumber,
    },
};

/// Calls to the provider that are under way at once, of one batch.
const AT_ONCE: usize = 64;
/// Longer than any call may take, and than a text waits for its turn to be called.
const LANDS_WITHIN: Duration = Duration::from_secs(60);

/// The sender of a batch.
#[derive(Clone, Debug)]
pub struct BatchSender {
    pub id: SenderId,
    pub channel: ChannelKind,
    pub(super) address: String,
    pub(super) messaging_service_sid: Option<String>,
    pub(super) own_account: bool,
    /// Why it is paused, if it is.
    pub pause_reason: Option<String>,
    pub archived: bool,
}

/// None: there is no such sender.
pub async fn batch_sender(tx: &mut Tx, id: SenderId) -> Result<Option<BatchSender>, sqlx::Error> {
    batch::sender(tx, id).await
}

/// Somebody who may be sent one of many texts, as they are at this moment.
#[derive(Debug)]
pub struct Reader {
    pub contact: Contact,
    wrote: batch::Wrote,
}

/// Reads these contacts in the order of their ids; who was erased is left out. `lock`: they are locked until the transaction ends. A text of
/// theirs that comes meanwhile waits: their opt-out is heard wholly before what is decided here, or finds it on its way.
pub async fn readers(
    tx: &mut Tx,
    contacts: &[ContactId],
    sender: &BatchSender,
    lock: bool,
) -> Result<Vec<Reader>, sqlx::Error> {
    let contacts = contacts::get_all(tx, contacts, lock).await?;
    let ids: Vec<Uuid> = contacts.iter().map(|contact| contact.id.0).collect();
    let wrote = batch::wrote(tx, &ids, sender).await?;
    let reader = |contact: Contact| Reader { wrote: wrote.get(&contact.id).copied().unwrap_or_default(), contact };
    Ok(contacts.into_iter().map(reader).collect())
}

/// What all texts of a batch have in common.
#[derive(Clone, Debug)]
pub struct Batch<'a> {
    pub id: Uuid,
    pub sender: &'a BatchSender,
    pub purpose: Purpose,
    /// Not sent after this moment.
    pub deadline: DateTime<Utc>,
    pub media: &'a [MediaItem],
    /// The hours of the installation's operator.
    pub house: Option<QuietHours>,
}

/// A text to somebody.
#[derive(Debug)]
pub struct Draft {
    pub reader: Reader,
    pub body: String,
    /// WhatsApp's template, for a closed window.
    pub content: Option<Content>,
}

/// What was decided on a text.
#[derive(Debug)]
pub enum Fate {
    /// It leaves now.
    Leaves(MessageId),
    /// It is not written: ask again then.
    Held { until: DateTime<Utc>, code: String },
    /// It is not written.
    Refused { code: String, sentence: String },
}

/// A text with the decision on it.
struct Judged {
    id: MessageId,
    draft: Draft,
    purpose: Purpose,
    segments: i16,
    decided: Decided,
}

/// What a text would be charged as.
pub fn batch_segments(sender: &BatchSender, body: &str, media: &[MediaItem]) -> i16 {
    charged_parts(sender.channel, body, media)
}

/// What would be decided on each, at this moment, with the receipt; nothing is written.
pub async fn try_batch(
    tx: &mut Tx,
    batch: &Batch<'_>,
    drafts: Vec<Draft>,
) -> Result<Vec<(ContactId, i16, Receipt)>, sqlx::Error> {
    let judged = judge(tx, batch, drafts).await?;
    Ok(judged.into_iter().map(|j| (j.draft.reader.contact.id, j.segments, j.decided.receipt)).collect())
}

async fn judge(tx: &mut Tx, batch: &Batch<'_>, drafts: Vec<Draft>) -> Result<Vec<Judged>, sqlx::Error> {
    let (now, channel) = (tx.clock().now(), batch.sender.channel);
    let mut judged = Vec::with_capacity(drafts.len());
    for mut draft in drafts {
        let inbound = draft.reader.wrote.last_inbound_at;
        let mut purpose = batch.purpose;
        if let Some(content) = &mut draft.content
            && whatsapp::handing(channel, Some(content), inbound, now) == Handing::Template
        {
            content.when = When::Always;
            draft.body.clone_from(&content.text);
            if content.advertises() {
                purpose = Purpose::Marketing;
            }
        }
        let segments = charged_parts(channel, &draft.body, batch.media);
        judged.push((MessageId::new(tx.clock()), draft, purpose, segments));
    }
    let advertised = judged.iter().filter(|(_, _, purpose, _)| *purpose == Purpose::Marketing);
    let advertised: Vec<Uuid> = advertised.map(|(_, draft, ..)| draft.reader.contact.id.0).collect();
    let mut marketed =
        if advertised.is_empty() { Default::default() } else { batch::marketed(tx, &advertised).await? };
    let mut requests = Vec::with_capacity(judged.len());
    for (id, draft, purpose, _) in &judged {
        let Reader { contact, wrote } = &draft.reader;
        requests.push(PermitRequest {
            message_id: *id,
            contact_id: contact.id,
            sender_id: batch.sender.id,
            to: PhoneNumber::parse_e164(&contact.phone_number).map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
            channel: channel.consent(),
            purpose: *purpose,
            deadline: batch.deadline,
            last_heard: contact.last_message_at,
            unread_since: wrote.unread_since,
            timezone: contact.timezone.clone(),
            postal_code: contact.postal_code.clone(),
            words_until: whatsapp::words_until(channel, draft.content.as_ref(), wrote.last_inbound_at),
            marketed: marketed.remove(&contact.id).unwrap_or_default(),
            house: batch.house,
        });
    }
    let decided = compliance::permit_all(tx, requests).await?;
    let judged = judged.into_iter().zip(decided);
    Ok(judged
        .map(|((id, draft, purpose, segments), decided)| Judged { id, draft, purpose, segments, decided })
        .collect())
}

/// A text on its way to the provider.
struct Parting {
    permit: SendPermit,
    text: Outgoing,
    segments: i16,
    purpose: Purpose,
}

/// Texts that are written as leaving: once that is committed, they are to be handed over at once.
#[must_use = "they are marked as leaving"]
pub struct Handover {
    organization: OrganizationId,
    channel: Arc<dyn Channel>,
    sender: SenderId,
    partings: Vec<Parting>,
    lands: JobId,
    marked: Instant,
}

/// Decides on each text at this moment, and writes those that may leave. The contacts are locked, see [`readers`].
pub async fn write_batch(
    tx: &mut Tx,
    core: &Core,
    channels: &Channels,
    batch: &Batch<'_>,
    drafts: Vec<Draft>,
) -> Result<(Vec<(ContactId, Fate)>, Option<Handover>), JobError> {
    let BatchSender { id: sender, channel: kind, own_account, .. } = *batch.sender;
    let channel = delivery::channel_through(tx, core, channels, kind, sender, own_account).await?;
    let judged = judge(tx, batch, drafts).await?;
    let (mut fates, mut partings) = (Vec::with_capacity(judged.len()), Vec::with_capacity(judged.len()));
    let mut leaving = batch::Leaving::default();
    let organization = tx.organization_id();
    for Judged { id, draft, purpose, segments, decided: Decided { verdict, receipt } } in judged {
        let contact = draft.reader.contact.id;
        let permit = match verdict {
            Verdict::Hold(until) => {
                fates.push((contact, Fate::Held { until, code: receipt.code.unwrap_or_default() }));
                continue;
            }
            Verdict::Refuse(refusal) => {
                metrics::counter!("frontdesk_messages_refused", "reason" => refusal.code()).increment(1);
                fates.push((contact, Fate::Refused { code: refusal.code().to_owned(), sentence: receipt.sentence }));
                continue;
            }
            Verdict::Leave(permit) => permit,
        };
        fates.push((contact, Fate::Leaves(id)));
        leaving.ids.push(id.0);
        leaving.contacts.push(contact.0);
        leaving.contents.push(draft.content.as_ref().map(|content| serde_json::json!(content)));
        leaving.segments.push(segments);
        leaving.purposes.push(purpose.as_str().to_owned());
        leaving.receipts.push(serde_json::to_value(&receipt).map_err(JobError::fail)?);
        leaving.bodies.push(draft.body.clone());
        let content = draft.content.filter(|content| content.when == When::Always);
        let text = Outgoing {
            organization_id: organization,
            message_id: id,
            channel: kind,
            from: batch.sender.address.clone(),
            messaging_service_sid: batch.sender.messaging_service_sid.clone(),
            body: draft.body,
            media: batch.media.iter().map(|item| item.url.clone()).collect(),
            content: content.map(|content| OutgoingContent { sid: content.sid, variables: content.variables }),
            status_callback: delivery::status_callback(&core.config, id),
        };
        partings.push(Parting { permit, text, segments, purpose });
    }
    if partings.is_empty() {
        return Ok((fates, None));
    }
    let threads = batch::write_in_conversations(tx, &leaving.contacts, sender).await?;
    leaving.conversations =
        leaving.contacts.iter().filter_map(|c| threads.get(&ContactId(*c))).map(|thread| thread.0).collect();
    let common = batch::Common {
        batch: batch.id,
        sender,
        channel: kind,
        media: serde_json::json!(batch.media),
        deadline: batch.deadline,
    };
    batch::insert_leaving(tx, &common, &leaving).await?;
    let message_ids = leaving.ids.iter().copied().map(MessageId).collect();
    let lands = jobs::enqueue_revocable(tx, NewJob::after(&LandBatch { message_ids }, LANDS_WITHIN)).await?;
    let marked = Instant::now();
    Ok((fates, Some(Handover { organization, channel, sender, partings, lands, marked })))
}

/// How a batch was handed over.
#[derive(Clone, Copy, Debug, Default)]
pub struct Landed {
    pub taken: usize,
    /// Refused, put back, or nobody knows.
    pub other: usize,
    /// From the first call to the last answer.
    pub took: Duration,
}

impl Handover {
    /// Hands the texts over, beside each other, and records what became of each.
    pub async fn hand_over(self, core: &Core, channels: &Channels) -> Result<Landed, sqlx::Error> {
        let Self { organization, channel, sender, partings, lands, marked } = self;
        let started = Instant::now();
        let calls = stream::iter(partings).map(|parting| async {
            // Nothing leaves so long after its permit: it asks for another.
            let outcome = if marked.elapsed() > HELD_UP {
                Err(SendError::NotTaken { reason: "it was held up".to_owned(), retry_after: None })
            } else {
                channel.send(&parting.permit, &parting.text).await
            };
            (parting, outcome)
        });
        let outcomes: Vec<_> = calls.buffer_unordered(AT_ONCE).collect().await;
        let took = started.elapsed();
        let hasty = |outcome: &Result<Accepted, SendError>| {
            matches!(outcome, Err(SendError::NotTaken { retry_after: Some(_), .. }))
        };
        if outcomes.iter().any(|(_, outcome)| hasty(outcome)) {
            channels.rates.slow_down(sender).await;
        }
        let mut tx = core.db.tenant(organization).await?;
        let (mut taken, mut others) = (Vec::with_capacity(outcomes.len()), Vec::new());
        for (parting, outcome) in outcomes {
            match outcome {
                Ok(accepted) => taken.push((parting, accepted)),
                Err(error) => others.push((parting, error)),
            }
        }
        let landed = Landed { taken: taken.len(), other: others.len(), took };
        record_taken(&mut tx, channel.as_ref(), taken).await?;
        for (parting, error) in others {
            record_other(&mut tx, channel.as_ref(), sender, parting, error).await?;
        }
        jobs::revoke(&mut tx, lands).await?;
        tx.commit().await?;
        Ok(landed)
    }
}

async fn record_taken(tx: &mut Tx, channel: &dyn Channel, taken: Vec<(Parting, Accepted)>) -> Result<(), sqlx::Error> {
    let sids: Vec<String> = taken.iter().map(|(_, accepted)| accepted.provider_sid.clone()).collect();
    let reported = batch::reported(tx, &sids).await?;
    // Most are only taken, and nobody has heard more.
    let plain = |accepted: &Accepted| {
        matches!(accepted.status, MessageStatus::Sending | MessageStatus::Sent)
            && accepted.error_code.is_none()
            && accepted.charge.is_none()
            && !reported.contains(&accepted.provider_sid)
    };
    let (mut ids, mut plain_sids, mut statuses) = (Vec::new(), Vec::new(), Vec::new());
    for (parting, accepted) in taken.iter().filter(|(_, accepted)| plain(accepted)) {
        ids.push(parting.text.message_id.0);
        plain_sids.push(accepted.provider_sid.clone());
        statuses.push(advance(MessageStatus::Sending, accepted.status).as_str().to_owned());
    }
    let noted = batch::record_taken(tx, &ids, &plain_sids, &statuses).await?;
    events::emit_all(tx, noted.iter().map(|id| Event::DeliveryChanged { message_id: *id })).await?;
    let reports = taken.first().is_some_and(|(parting, _)| parting.text.status_callback.is_some());
    let poll = if reports { channel.poll_after() } else { channel.poll_unreported(Duration::ZERO) };
    if let Some(wait) = poll {
        let polls = noted.iter().map(|id| NewJob::after(&PollDelivery { message_id: *id }, wait));
        jobs::enqueue_all(tx, polls.collect()).await?;
    }
    let noted: std::collections::HashSet<MessageId> = noted.into_iter().collect();
    for (parting, accepted) in taken.iter().filter(|(parting, _)| !noted.contains(&parting.text.message_id)) {
        delivery::take_accepted(tx, channel, parting.text.message_id, accepted, reports).await?;
    }
    Ok(())
}

/// What the provider did not simply take: it goes on as a text of its own.
async fn record_other(
    tx: &mut Tx,
    channel: &dyn Channel,
    sender: SenderId,
    parting: Parting,
    error: SendError,
) -> Result<(), sqlx::Error> {
    let id = parting.text.message_id;
    let wait = match error {
        SendError::Refused { code, message } => return delivery::take_refused(tx, id, &code, &message).await,
        SendError::NotTaken { reason, retry_after } => {
            store::mark_not_handed(tx, id, &reason).await?;
            retry_after.unwrap_or_default().max(Duration::from_secs(1))
        }
        SendError::PutOff { class, code, message, after } => {
            let explained = outcomes::explained(&code, Some(&message)).unwrap_or_default();
            store::mark_not_handed(tx, id, &format!("{code}: {explained}")).await?;
            if let Some(row) = store::lock_outbound(tx, id).await? {
                lessons::learn(tx, &row, outcomes::consequence(class, Said::Instead).lesson, &code).await?;
            }
            after
        }
        SendError::Unknown { .. } => {
            delivery::note_unknown(tx, id).await?;
            channel.lookup_waits()[0]
        }
    };
    let again = Queued { id, sender_id: sender, segments: parting.segments, purpose: parting.purpose };
    jobs::enqueue(tx, SendMessage::of(again.id, again.sender_id, again.segments, again.line()).delayed(wait)).await
}

/// Look after texts that were handed over together, where nobody recorded what became of them: the process died in it.
#[derive(Debug, Serialize, Deserialize)]
pub struct LandBatch {
    pub message_ids: Vec<MessageId>,
}

impl JobKind for LandBatch {
    const KIND: &'static str = "land_batch";
    const QUEUE: Queue = Queue::Default;
}

pub async fn land_batch(core: Core, job: Claimed, args: LandBatch) -> Result<Settled, JobError> {
    let mut tx = core.db.tenant(job.organization_id).await?;
    let settled = job.settle(&mut tx).await?;
    let ids: Vec<Uuid> = args.message_ids.iter().map(|id| id.0).collect();
    // Each is looked for at the provider before anything else.
    let again = batch::orphans(&mut tx, &ids).await?;
    let again = again.into_iter().map(|(id, sender, segments)| SendMessage::of(id, sender, segments, None));
    jobs::enqueue_all(&mut tx, again.collect()).await?;
    tx.commit().await?;
    Ok(settled)
}

/// Holds back what waits of a batch, or lets it go on.
pub async fn hold_batch(tx: &mut Tx, batch: Uuid, held: bool) -> Result<(), sqlx::Error> {
    batch::set_held(tx, batch, held).await
}

/// Takes back what waits of a batch.
pub async fn cancel_batch(tx: &mut Tx, batch: Uuid, code: &str, words: &str) -> Result<(), sqlx::Error> {
    const AT_ONCE: i64 = 500;
    loop {
        let cancelled = batch::cancel_queued(tx, batch, code, words, AT_ONCE).await?;
        let more = i64::try_from(cancelled.len()).is_ok_and(|n| n == AT_ONCE);
        events::emit_all(tx, cancelled.into_iter().map(|message_id| Event::DeliveryChanged { message_id })).await?;
        if !more {
            return Ok(());
        }
    }
}

/// How many texts of these batches stand where.
pub async fn batch_counts(tx: &mut Tx, batches: &[Uuid]) -> Result<Vec<batch::BatchCount>, sqlx::Error> {
    batch::counts(tx, batches).await
}
