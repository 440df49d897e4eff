//! Comparing with the provider what webhooks may have missed: texts that came in, and how far those have come that left. Nothing here
//! trusts that a webhook arrives, and nothing is taken in twice.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    channels::{Channel, Channels, Received, SendError, pick},
    credentials, delivery,
    model::Sender,
    reports,
    service::{self, InboundText},
    store::{
        self, attempts, prices,
        reconcile::{self as rows, SenderRow},
    },
};
use crate::platform::{
    config::Config,
    db::{Db, Tx},
    http::Core,
    ids::{MessageId, OrganizationId},
    jobs::{self, Claimed, JobError, JobKind, NewJob, Queue, Settled},
    phone::PhoneNumber,
};

/// A list begins so long before what was compared last: entries may turn up late.
const OVERLAP: TimeDelta = TimeDelta::minutes(30);
/// A younger text may still be on its way by webhook, which says more of it.
const GRACE: TimeDelta = TimeDelta::minutes(2);
/// A sender that was never compared: not further back than this.
const FIRST_LOOK: TimeDelta = TimeDelta::hours(24);
/// Nothing more is heard of a text that left so long ago.
const GIVEN_UP_AFTER: TimeDelta = TimeDelta::hours(30);
/// What a text costs is known at the provider some minutes after it was delivered.
const PRICED_AFTER: TimeDelta = TimeDelta::minutes(15);
/// Texts asked about in one run, and how long a run may take; the rest follows in the next.
const BATCH: i64 = 200;
const LONGEST_RUN: Duration = Duration::from_secs(60);

/// Compare the organization's texts with the provider.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReconcileProvider {}

impl JobKind for ReconcileProvider {
    const KIND: &'static str = "reconcile_provider";
    const QUEUE: Queue = Queue::Default;
    const MAX_ATTEMPTS: i32 = 5;
    /// One call beyond the longest run.
    const LEASE: Duration = Duration::from_secs(120);
}

/// How often; where no account is configured, senders may have accounts of their own.
fn interval(config: &Config) -> TimeDelta {
    let every = config.twilio.as_ref().map_or(Duration::from_secs(600), |t| t.reconcile);
    TimeDelta::from_std(every).unwrap_or(TimeDelta::minutes(10))
}

/// Enqueues that work for every organization that is due and has none waiting. Returns how many were.
pub async fn enqueue_due_reconciliations(core: &Core) -> Result<usize, sqlx::Error> {
    let before = core.clock.now() - interval(&core.config);
    let due = due(&core.db, before).await?;
    for organization in &due {
        let mut tx = core.db.tenant(*organization).await?;
        jobs::enqueue(&mut tx, NewJob::now(&ReconcileProvider {})).await?;
        tx.commit().await?;
    }
    Ok(due.len())
}

async fn due(db: &Db, before: DateTime<Utc>) -> Result<Vec<OrganizationId>, sqlx::Error> {
    rows::due(&mut *db.system_lookup().await?, before, ReconcileProvider::KIND).await
}

/// How often a process asks who is due.
pub fn looks_every(config: &Config) -> Duration {
    (interval(config) / 5)
        .to_std()
        .unwrap_or(Duration::from_secs(60))
        .clamp(Duration::from_secs(2), Duration::from_secs(60))
}

pub async fn reconcile_provider(
    core: Core,
    channels: Channels,
    job: Claimed,
    _: ReconcileProvider,
) -> Result<Settled, JobError> {
    let run = Run { core: &core, channels: &channels, organization: job.organization_id, began: Instant::now() };
    let mut tx = core.db.tenant(job.organization_id).await?;
    let senders = rows::senders(&mut tx).await?;
    drop(tx);
    for sender in senders {
        run.take_in(&sender).await?;
    }
    run.ask_after_the_stuck().await?;
    run.settle_the_unknown().await?;
    run.ask_for_prices().await?;
    let mut tx = core.db.tenant(job.organization_id).await?;
    let settled = job.settle(&mut tx).await?;
    tx.commit().await?;
    Ok(settled)
}

struct Run<'a> {
    core: &'a Core,
    channels: &'a Channels,
    organization: OrganizationId,
    began: Instant,
}

impl Run<'_> {
    fn time_is_up(&self) -> bool {
        self.began.elapsed() > LONGEST_RUN
    }

    async fn tx(&self) -> Result<Tx, sqlx::Error> {
        self.core.db.tenant(self.organization).await
    }

    /// Takes in what came to the sender and no webhook brought.
    async fn take_in(&self, sender: &SenderRow) -> Result<(), JobError> {
        if self.time_is_up() {
            return Ok(());
        }
        let now = self.core.clock.now();
        let from = sender.listed_until.unwrap_or_else(|| sender.created_at.max(now - FIRST_LOOK));
        let until = now - GRACE.min(interval(&self.core.config));
        let result = match self.channel(sender).await? {
            Some(channel) => self.compare(channel.as_ref(), sender, from - OVERLAP, until).await?,
            None => Err("there is no account to ask, or its credentials cannot be opened".to_owned()),
        };
        let mut tx = self.tx().await?;
        match result {
            Ok(taken_in) => rows::note(&mut tx, sender.id, Some(until), from, taken_in, None).await?,
            Err(error) => {
                tracing::warn!(sender.id = %sender.id, %error, "reconcile.not_listed");
                rows::note(&mut tx, sender.id, None, from, 0, Some(&error)).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    async fn channel(&self, sender: &SenderRow) -> Result<Option<std::sync::Arc<dyn Channel>>, sqlx::Error> {
        let Some(channel) = self.channels.of(sender.channel).cloned() else { return Ok(None) };
        if !sender.own_account {
            return Ok(Some(channel));
        }
        let mut tx = self.tx().await?;
        let account = credentials::of_sender(&mut tx, self.core.vault.as_ref(), sender.id).await?;
        Ok(account.and_then(|account| channel.through(&account)))
    }

    /// How many texts were taken in, or why it could not be found out.
    async fn compare(
        &self,
        channel: &dyn Channel,
        sender: &SenderRow,
        since: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Result<i64, String>, sqlx::Error> {
        let listed = match channel.received(sender.channel, &sender.address, since).await {
            Ok(listed) => listed,
            Err(error) => return Ok(Err(in_words(&error))),
        };
        let listed: Vec<Received> = listed.into_iter().filter(|text| text.at <= until).collect();
        let sids: Vec<String> = listed.iter().map(|text| text.provider_sid.clone()).collect();
        let mut tx = self.tx().await?;
        let missed = rows::missed(&mut tx, &sids).await?;
        drop(tx);
        let mut taken_in = 0;
        for text in listed.into_iter().filter(|text| missed.contains(&text.provider_sid)) {
            let Ok(from) = PhoneNumber::parse_e164(text.from.strip_prefix("whatsapp:").unwrap_or(&text.from)) else {
                continue;
            };
            let media = match text.media {
                0 => Vec::new(),
                _ => match channel.media_of(&text.provider_sid).await {
                    Ok(media) => media,
                    Err(error) => return Ok(Err(in_words(&error))),
                },
            };
            let inbound = InboundText {
                provider_sid: text.provider_sid,
                from,
                body: text.body.replace('\0', ""),
                media,
                opt_out_type: None,
                profile_name: None,
                at: Some(text.at),
                raw: text.raw,
            };
            let mut tx = self.tx().await?;
            // The receipt decides: a webhook may have come meanwhile.
            if service::receive(&mut tx, &Sender { id: sender.id, channel: sender.channel }, &inbound).await?.is_some()
            {
                tx.commit().await?;
                taken_in += 1;
                metrics::counter!("frontdesk_webhooks_missed").increment(1);
                tracing::warn!(sender.id = %sender.id, "reconcile.taken_in");
            }
        }
        Ok(Ok(taken_in))
    }

    /// Asks how far texts have come that left long ago.
    async fn ask_after_the_stuck(&self) -> Result<(), JobError> {
        let (mut tx, every) = (self.tx().await?, interval(&self.core.config));
        let now = tx.clock().now();
        let stuck = rows::stuck(&mut tx, now - GIVEN_UP_AFTER, now - every, every, BATCH).await?;
        drop(tx);
        for id in stuck {
            if self.time_is_up() {
                return Ok(());
            }
            if let Err(reason) = self.ask_after(id).await? {
                tracing::warn!(message.id = %id, reason, "reconcile.not_asked");
                return Ok(());
            }
        }
        Ok(())
    }

    /// An error is about the provider, not about this text.
    async fn ask_after(&self, id: MessageId) -> Result<Result<(), String>, JobError> {
        let mut tx = self.tx().await?;
        let known = store::lock_outbound(&mut tx, id).await?.and_then(|row| Some((row.provider_sid.clone()?, row)));
        let Some((sid, row)) = known else {
            return Ok(Ok(()));
        };
        let Ok(channel) = delivery::channel_of(&mut tx, self.core, self.channels, &row).await else {
            return Ok(Ok(()));
        };
        rows::mark_asked(&mut tx, id).await?;
        let now = tx.clock().now();
        tx.commit().await?;
        let age = (now - row.sent_at.unwrap_or(row.created_at)).to_std().unwrap_or_default();
        let heard = match channel.status(&sid, age).await {
            Ok(heard) => heard,
            // Twilio keeps messages for 13 months; this one was deleted there.
            Err(SendError::Refused { .. }) => return Ok(Ok(())),
            Err(error) => return Ok(Err(in_words(&error))),
        };
        let mut tx = self.tx().await?;
        if let Some(row) = store::lock_outbound(&mut tx, id).await? {
            reports::hear(&mut tx, &row, &heard).await?;
            tx.commit().await?;
        }
        Ok(Ok(()))
    }

    /// Asks once what delivered texts cost: callbacks do not tell.
    async fn ask_for_prices(&self) -> Result<(), JobError> {
        let mut tx = self.tx().await?;
        let now = tx.clock().now();
        let unpriced = prices::unpriced(&mut tx, now - GIVEN_UP_AFTER, now - PRICED_AFTER, BATCH).await?;
        drop(tx);
        for id in unpriced {
            if self.time_is_up() {
                return Ok(());
            }
            let mut tx = self.tx().await?;
            let Some(row) = store::lock_outbound(&mut tx, id).await? else { continue };
            let Ok(channel) = delivery::channel_of(&mut tx, self.core, self.channels, &row).await else { continue };
            let sids = prices::mark_asked(&mut tx, id).await?;
            tx.commit().await?;
            for sid in sids {
                let heard = match channel.status(&sid, GIVEN_UP_AFTER.to_std().unwrap_or_default()).await {
                    Ok(heard) => heard,
                    Err(SendError::Refused { .. }) => continue,
                    // About the provider, not about this text: the others are asked for in the next run.
                    Err(_) => return Ok(()),
                };
                let mut tx = self.tx().await?;
                if let Some(row) = store::lock_outbound(&mut tx, id).await? {
                    reports::hear(&mut tx, &row, &heard).await?;
                    tx.commit().await?;
                }
            }
        }
        Ok(())
    }

    /// Looks for texts that were given up or taken back before it was known whether they had left.
    async fn settle_the_unknown(&self) -> Result<(), JobError> {
        let mut tx = self.tx().await?;
        let before = tx.clock().now() - interval(&self.core.config);
        let unknown = rows::left_unknown(&mut tx, before, BATCH).await?;
        drop(tx);
        for id in unknown {
            if self.time_is_up() {
                return Ok(());
            }
            let mut tx = self.tx().await?;
            let Some(row) = store::lock_outbound(&mut tx, id).await? else { continue };
            let Ok(channel) = delivery::channel_of(&mut tx, self.core, self.channels, &row).await else { continue };
            drop(tx);
            let to = PhoneNumber::parse_e164(&row.phone_number).map_err(JobError::fail)?;
            let text = delivery::outgoing(&self.core.config, self.organization, &row);
            let Ok(found) = channel.find(&to, &text, row.handed_at.unwrap_or(row.created_at)).await else {
                return Ok(());
            };
            let mut tx = self.tx().await?;
            let sids: Vec<String> = found.iter().map(|f| f.accepted.provider_sid.clone()).collect();
            let taken = store::taken_sids(&mut tx, &sids).await?;
            let Some(row) = store::lock_outbound(&mut tx, id).await? else { continue };
            let Ok(picked) = pick(found, &taken) else { continue };
            match picked {
                Some(a) => {
                    reports::hear(&mut tx, &row, &a).await?;
                }
                None => attempts::mark_known(&mut tx, id).await?,
            }
            tx.commit().await?;
        }
        Ok(())
    }
}

fn in_words(error: &SendError) -> String {
    match error {
        SendError::NotTaken { reason, .. } | SendError::Unknown { reason } => reason.clone(),
        SendError::PutOff { code, message, .. } | SendError::Refused { code, message } => format!("{code}: {message}"),
    }
}
