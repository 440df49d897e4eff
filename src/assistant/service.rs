//! One turn: every text of a conversation that waits for an answer, oldest first, under the conversation's lock, in one transaction
//! with the bookings it makes and the reply it writes.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{
    dialogue::{
        self, Action, BookingRef, Cues, Facts, Goal, LONGEST, Need, Offer, Outcome, Reply, ReplyKind, Second, State,
        Voice, Wanted,
    },
    store::{self, NewTurn},
    understanding::{self, Asked, Certainty, Choice, Context, Intent, Language, Understanding},
};
use crate::{
    accounts,
    booking::{self, Actor, BookingError, Provider, Service, SlotSearch},
    compliance::{self, ConsentSource, Evidence, Keyword, Purpose},
    contacts::OptInStatus,
    messaging::{self, ChannelKind, LockedThread, Mode, UnhandledText},
    platform::{
        db::{Db, Tx},
        ids::{ConversationId, MessageId, ProviderId},
        jobs::{Claimed, JobError, Settled},
    },
};

/// Answers what is unanswered in the conversation.
pub(super) async fn answer(db: &Db, settle: Duration, job: &Claimed, id: ConversationId) -> Result<Settled, JobError> {
    let started = std::time::Instant::now();
    let mut tx = db.tenant(job.organization_id).await?;
    // Taken before the thread's lock, so that a job settled elsewhere ends here at once.
    let settled = job.settle(&mut tx).await?;
    let Some(thread) = messaging::lock_thread(&mut tx, id).await? else {
        return Err(JobError::fail("there is no such conversation"));
    };
    if thread.unhandled.is_empty() {
        tx.commit().await?;
        return Ok(settled);
    }
    let mut turn = Turn::begin(&mut tx, &thread).await?;
    for text in &thread.unhandled {
        turn.hear(&mut tx, &thread, text).await?;
    }
    if let Some(wait) = turn.wait_for_more(db.clock().now(), settle, &thread) {
        drop(tx);
        let mut tx = db.tenant(job.organization_id).await?;
        let snoozed = job.snooze(&mut tx, wait).await?;
        tx.commit().await?;
        return Ok(snoozed);
    }
    turn.end(&mut tx, &thread, started.elapsed()).await?;
    tx.commit().await?;
    Ok(settled)
}

/// A turn as it goes through its texts.
struct Turn {
    facts: Facts,
    voice: Voice,
    services: Vec<Service>,
    providers: Vec<Provider>,
    before: &'static str,
    state: State,
    opted_out: bool,
    replies: Vec<(Reply, Purpose)>,
    /// Something was written that cannot be taken back by waiting.
    acted: bool,
    intent: &'static str,
    confidence: f32,
    action: &'static str,
    why: String,
}

impl Turn {
    async fn begin(tx: &mut Tx, thread: &LockedThread) -> Result<Self, JobError> {
        let organization = accounts::organization(tx).await?;
        let tz: Tz = thread.contact.timezone.as_deref().and_then(|z| z.parse().ok()).unwrap_or(organization.timezone);
        let services: Vec<Service> = booking::services(tx).await?.into_iter().filter(|s| s.active).collect();
        let providers = booking::providers(tx, None, 200).await?.into_iter().filter(|p| p.active).collect();
        let upcoming = booking::upcoming(tx, thread.contact.id).await?;
        let state = State::read(&thread.dialogue);
        Ok(Self {
            facts: Facts {
                now: tx.clock().now(),
                tz,
                services: services.iter().map(|s| s.id).collect(),
                for_groups: services.iter().filter(|s| s.capacity > 1).map(|s| s.id).collect(),
                upcoming: upcoming.iter().map(BookingRef::from).collect(),
                unread: false,
                misses: 0,
                cues: Cues::default(),
                second: None,
                provider: None,
            },
            voice: Voice {
                business: organization.name,
                support_phone: organization.support_phone_number,
                tz,
                services: services.iter().map(|s| s.name.clone()).collect(),
                language: Language::En,
            },
            services,
            providers,
            before: state.name(),
            state,
            opted_out: thread.contact.opt_in_status == OptInStatus::OptedOut,
            replies: Vec::new(),
            acted: false,
            intent: Intent::Other.as_str(),
            confidence: 1.0,
            action: "none",
            why: String::new(),
        })
    }

    /// Takes one text through consent first, then the dialogue.
    async fn hear(&mut self, tx: &mut Tx, thread: &LockedThread, text: &UnhandledText) -> Result<(), JobError> {
        if self.consent(tx, thread, text).await? {
            return Ok(());
        }
        if self.opted_out {
            self.note(Intent::Other.as_str(), 1.0, "silent", "the contact is opted out".to_owned());
            return Ok(());
        }
        let heard = self.understand(&text.body, text.created_at);
        self.voice.language = heard.language;
        self.facts.cues = Cues::read(&text.body, &heard);
        self.facts.second = Second::read(&text.body, &heard, text.created_at.with_timezone(&self.facts.tz));
        self.facts.provider = self.named_provider(&text.body);
        if let Some(opt_out) =
            heard.opt_out.as_ref().filter(|o| o.certainty == Certainty::Certain && heard.intent == Intent::OptOut)
        {
            let evidence = opt_out.evidence.clone();
            return self.opt_out(tx, thread, text, ConsentSource::FreeText, &evidence, true).await;
        }
        if thread.mode == Mode::Human {
            self.note(heard.intent.as_str(), heard.confidence, "silent", "a person answers here".to_owned());
            return Ok(());
        }
        let action = if text.body.trim().is_empty() && text.has_media {
            Action::NotUnderstood
        } else {
            dialogue::decide(&self.state, &heard, &self.facts)
        };
        self.note(heard.intent.as_str(), heard.confidence, action.name(), explain(&heard));
        let misses = if action.missed() { self.facts.misses.saturating_add(1) } else { 0 };
        let mut next = Some(action);
        while let Some(action) = next {
            next = self.carry_out(tx, thread, &action).await?;
        }
        self.facts.misses = misses;
        Ok(())
    }

    /// Keywords, in the light of the conversation. True: the text is dealt with.
    async fn consent(&mut self, tx: &mut Tx, thread: &LockedThread, text: &UnhandledText) -> Result<bool, JobError> {
        let keyword = compliance::keyword(&text.body);
        // On SMS the carrier answers and blocks its own keywords; a second answer would only fail with 21610.
        let carrier_answers = thread.channel == ChannelKind::Sms && compliance::carrier_keyword(&text.body);
        match (text.opt_out_type.as_deref(), keyword) {
            // Twilio's Advanced Opt-Out has answered already: no second answer.
            (Some("STOP"), _) => self.opt_out(tx, thread, text, ConsentSource::Keyword, &text.body, false).await?,
            (Some("START"), _) => self.opt_in(tx, thread, text, false).await?,
            (Some("HELP"), _) => self.note("help", 1.0, "silent", "the carrier answered HELP".to_owned()),
            (_, Some(Keyword::Stop)) => {
                self.opt_out(tx, thread, text, ConsentSource::Keyword, &text.body, !carrier_answers).await?;
            }
            (_, Some(Keyword::Cancel)) if self.facts.upcoming.is_empty() && self.state == State::Idle => {
                self.opt_out(tx, thread, text, ConsentSource::Keyword, &text.body, !carrier_answers).await?;
            }
            (_, Some(Keyword::Start)) => self.opt_in(tx, thread, text, true).await?,
            (_, Some(Keyword::Yes)) if self.opted_out => self.opt_in(tx, thread, text, true).await?,
            (_, Some(Keyword::Help)) if !self.opted_out => {
                self.note("help", 1.0, "help", "the keyword HELP".to_owned());
                let help = Reply { kind: ReplyKind::Fact, text: self.voice.help() };
                self.replies.push((help, Purpose::Conversational));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn opt_out(
        &mut self,
        tx: &mut Tx,
        thread: &LockedThread,
        text: &UnhandledText,
        source: ConsentSource,
        words: &str,
        confirm: bool,
    ) -> Result<(), JobError> {
        self.acted = true;
        self.note("opt_out", 1.0, "opt_out", "the contact asked for no more texts".to_owned());
        self.state = State::Idle;
        // Whatever else this turn had to say is not said any more; who is out already gets no second confirmation.
        self.replies.clear();
        if self.opted_out {
            return Ok(());
        }
        self.opted_out = true;
        let evidence = Evidence { channel: thread.channel.as_str(), words, message_id: text.id, source };
        compliance::opt_out(tx, thread.contact.id, &thread.contact_phone, evidence).await?;
        if confirm {
            let reply = Reply { kind: ReplyKind::Fact, text: self.voice.opted_out() };
            self.replies.push((reply, Purpose::OptOutConfirmation));
        }
        Ok(())
    }

    async fn opt_in(
        &mut self,
        tx: &mut Tx,
        thread: &LockedThread,
        text: &UnhandledText,
        confirm: bool,
    ) -> Result<(), JobError> {
        self.acted = true;
        self.opted_out = false;
        self.note("opt_in", 1.0, "opt_in", "the contact asked for texts".to_owned());
        let source = ConsentSource::Keyword;
        let evidence = Evidence { channel: thread.channel.as_str(), words: &text.body, message_id: text.id, source };
        compliance::opt_in(tx, thread.contact.id, &thread.contact_phone, evidence).await?;
        // What was done before stays said.
        self.replies.retain(|(reply, _)| reply.kind == ReplyKind::Fact);
        if confirm {
            let reply = Reply { kind: ReplyKind::Fact, text: self.voice.opted_in() };
            self.replies.push((reply, Purpose::Conversational));
        }
        Ok(())
    }

    fn note(&mut self, intent: &'static str, confidence: f32, action: &'static str, why: String) {
        self.intent = intent;
        self.confidence = confidence;
        self.action = action;
        self.why = why;
    }

    fn understand(&self, body: &str, at: DateTime<Utc>) -> Understanding {
        let offers = self.state.offers();
        let options: Vec<Choice<'_>> = match self.state.bookings() {
            [] if self.state.asks_to_confirm() => Vec::new(),
            [] => {
                offers.iter().map(|o| Choice { label: &o.label, start: Some(self.facts.local(o.start_time)) }).collect()
            }
            several => several
                .iter()
                .map(|b| Choice { label: &b.service_name, start: Some(self.facts.local(b.start_time)) })
                .collect(),
        };
        let settled = offers.first().map(|o| self.facts.local(o.start_time));
        let services: Vec<&str> = self.services.iter().map(|s| s.name.as_str()).collect();
        let context = Context {
            now: at.with_timezone(&self.facts.tz),
            asked: asked(&self.state),
            prior: None,
            prior_date: settled.map(|s| s.date()),
            prior_time: settled.filter(|_| self.state.asks_to_confirm()).map(|s| s.time()),
            options: &options,
            has_booking: !self.facts.upcoming.is_empty(),
            booking_start: self.facts.upcoming.first().map(|b| self.facts.local(b.start_time)),
            services: &services,
        };
        // A text that breaks the reading of it must not stand in the way of those behind it, STOP among them.
        std::panic::catch_unwind(|| understanding::understand(body, &context)).unwrap_or_else(|_| {
            tracing::error!("understanding.panicked");
            understanding::understand("", &context)
        })
    }

    /// The provider named in the text, by whole or first name.
    fn named_provider(&self, body: &str) -> Option<ProviderId> {
        let names: Vec<&str> = self.providers.iter().map(|p| p.name.as_str()).collect();
        dialogue::named(body, &names).map(|n| self.providers[n].id)
    }

    /// Lets the engine decide what is true, and says it.
    async fn carry_out(
        &mut self,
        tx: &mut Tx,
        thread: &LockedThread,
        action: &Action,
    ) -> Result<Option<Action>, JobError> {
        let outcome = match action {
            Action::Find { goal, wanted, .. } => self.find(tx, goal, wanted).await?,
            Action::Choose { goal, offer } => self.check(tx, goal, offer).await?,
            Action::Book { offer, .. } => match self.theirs_at(offer) {
                // The same time with somebody else is hardly meant.
                Some(theirs) => Outcome::AlreadyTheirs(theirs),
                None => {
                    let result = booking::book(tx, thread.contact.id, offer.slot_id, Actor::Contact).await;
                    self.changed(tx, result, &Goal::book(offer.service_id), offer).await?
                }
            },
            Action::Move { booking, offer } => {
                let result = booking::reschedule(tx, booking.booking_id, offer.slot_id, Actor::Contact).await;
                self.changed(tx, result, &Goal::Move { booking: booking.clone() }, offer).await?
            }
            Action::Cancel { booking } => match cancel(tx, booking).await? {
                true => Outcome::Done(booking.clone()),
                false => Outcome::Gone,
            },
            Action::CancelAll { bookings } => {
                let (mut done, mut gone) = (Vec::new(), Vec::new());
                for booking in bookings {
                    if cancel(tx, booking).await? { &mut done } else { &mut gone }.push(booking.clone());
                }
                Outcome::DoneOf { done, gone }
            }
            _ => Outcome::None,
        };
        if outcome.changed() {
            self.acted = true;
            self.facts.upcoming =
                booking::upcoming(tx, thread.contact.id).await?.iter().map(BookingRef::from).collect();
        }
        let follow_up = dialogue::follow_up(action, &outcome, &self.facts);
        let (next, reply) = dialogue::respond(&self.state, action, outcome, &self.voice, &self.facts);
        self.facts.unread = next != self.state || self.facts.unread;
        self.state = next;
        self.replies.push((reply, Purpose::Conversational));
        Ok(follow_up)
    }

    /// The contact's own appointment at the time of the offer.
    fn theirs_at(&self, offer: &Offer) -> Option<BookingRef> {
        self.facts.upcoming.iter().find(|b| b.start_time == offer.start_time).cloned()
    }

    async fn find(&self, tx: &mut Tx, goal: &Goal, wanted: &Wanted) -> Result<Outcome, JobError> {
        let mut exact = Vec::new();
        for minute in wanted.minutes() {
            exact.extend(self.search(tx, goal, &minute).await?.into_iter().next());
        }
        if !exact.is_empty() {
            return Ok(Outcome::Open(exact));
        }
        let open = self.search(tx, goal, wanted).await?;
        let offers = dialogue::choose_offers(&open, wanted, self.facts.tz);
        if !offers.is_empty() {
            let hit =
                wanted.exact.is_none_or(|time| offers.iter().any(|o| self.facts.local(o.start_time).time() == time));
            return Ok(if hit { Outcome::Open(offers) } else { Outcome::Near(offers) });
        }
        Ok(Outcome::NothingFits(self.next_best(tx, goal, wanted).await?))
    }

    /// The first that is open of ever wider wishes.
    async fn next_best(&self, tx: &mut Tx, goal: &Goal, wanted: &Wanted) -> Result<Vec<Offer>, JobError> {
        for wider in wanted.widened(self.facts.local_now().date()) {
            let open = self.search(tx, goal, &wider).await?;
            let offers = dialogue::choose_offers(&open, &wider, self.facts.tz);
            if !offers.is_empty() {
                return Ok(offers);
            }
        }
        Ok(Vec::new())
    }

    async fn search(&self, tx: &mut Tx, goal: &Goal, wanted: &Wanted) -> Result<Vec<Offer>, JobError> {
        let (from, to) = dialogue::instants(wanted, self.facts.tz);
        let except = match goal {
            Goal::Book { .. } => None,
            Goal::Move { booking } => Some(booking.slot_id),
        };
        let search = SlotSearch {
            service_id: goal.service_id(),
            provider_id: wanted.provider_id,
            from,
            to,
            window: wanted.window,
            tz: self.facts.tz,
            except,
            limit: 120,
        };
        Ok(booking::open_slots(tx, &search).await?.into_iter().map(Offer::from).collect())
    }

    async fn check(&self, tx: &mut Tx, goal: &Goal, offer: &Offer) -> Result<Outcome, JobError> {
        let theirs = match goal {
            Goal::Book { .. } => self.theirs_at(offer),
            Goal::Move { booking } if booking.slot_id == offer.slot_id => Some(booking.clone()),
            Goal::Move { .. } => None,
        };
        if let Some(theirs) = theirs {
            return Ok(Outcome::AlreadyTheirs(theirs));
        }
        let except = match goal {
            Goal::Book { .. } => None,
            Goal::Move { booking } => Some(booking.slot_id),
        };
        match booking::open_slot(tx, offer.slot_id, except).await? {
            Some(_) => Ok(Outcome::StillOpen),
            None => Ok(Outcome::Lost(self.near(tx, goal, offer).await?)),
        }
    }

    /// Open times around one that is gone.
    async fn near(&self, tx: &mut Tx, goal: &Goal, offer: &Offer) -> Result<Vec<Offer>, JobError> {
        let local = self.facts.local(offer.start_time);
        let day = local.date().max(self.facts.local_now().date());
        let wanted = Wanted { exact: Some(local.time()), ..Wanted::on(day) };
        let same_day = self.search(tx, goal, &wanted).await?;
        let mut offers = dialogue::choose_offers(&same_day, &wanted, self.facts.tz);
        if offers.len() < 2 {
            // The same time with somebody else, or nothing that day: add what comes next.
            let later = Wanted::soonest(day);
            let open = self.search(tx, goal, &later).await?;
            for next in dialogue::choose_offers(&open, &later, self.facts.tz) {
                if offers.len() < 4 && offers.iter().all(|o| o.slot_id != next.slot_id) {
                    offers.push(next);
                }
            }
            offers.sort_by_key(|o| o.start_time);
        }
        Ok(offers)
    }

    async fn changed(
        &self,
        tx: &mut Tx,
        result: Result<booking::Appointment, BookingError>,
        goal: &Goal,
        offer: &Offer,
    ) -> Result<Outcome, JobError> {
        match result {
            Ok(done) => Ok(Outcome::Done(BookingRef::from(&done))),
            Err(BookingError::SlotTaken | BookingError::SlotPast) => {
                Ok(Outcome::Lost(self.near(tx, goal, offer).await?))
            }
            Err(BookingError::AlreadyBooked) => {
                let theirs = self.facts.upcoming.iter().find(|b| b.slot_id == offer.slot_id).cloned();
                Ok(theirs.map_or(Outcome::Gone, Outcome::AlreadyTheirs))
            }
            Err(
                BookingError::NoSuchSlot
                | BookingError::NoSuchBooking
                | BookingError::NotActive
                | BookingError::NoSuchContact,
            ) => Ok(Outcome::Gone),
            Err(BookingError::Database(e)) => Err(e.into()),
        }
    }

    /// How long to wait for the rest, when all there is to say so far is small talk or a question back.
    fn wait_for_more(&self, now: DateTime<Utc>, settle: Duration, thread: &LockedThread) -> Option<Duration> {
        let only_filler = !self.replies.is_empty() && self.replies.iter().all(|(r, _)| r.kind == ReplyKind::Filler);
        if self.acted || !only_filler {
            return None;
        }
        let last = thread.unhandled.last()?.created_at;
        let due = last + TimeDelta::from_std(settle).ok()?;
        (due - now).to_std().ok().filter(|wait| !wait.is_zero())
    }

    /// Stores the state, the reply, and why.
    async fn end(self, tx: &mut Tx, thread: &LockedThread, took: Duration) -> Result<(), JobError> {
        let mut reply_id = None;
        for (text, purpose) in combined(&self.replies) {
            reply_id = Some(messaging::queue_reply(tx, thread, &text, purpose).await?);
        }
        let expires_at = self.state.expires_at(self.facts.now);
        messaging::save_thread(tx, thread, &self.state.write(), expires_at).await?;
        let message_ids: Vec<MessageId> = thread.unhandled.iter().map(|m| m.id).collect();
        let turn = NewTurn {
            conversation_id: thread.id,
            message_ids: &message_ids,
            reply_id,
            intent: self.intent,
            confidence: self.confidence,
            agent: "scheduling",
            state_before: self.before,
            state_after: self.state.name(),
            action: self.action,
            explanation: &self.why,
            duration: took,
        };
        store::insert_turn(tx, &turn).await?;
        Ok(())
    }
}

/// False: the appointment was not there (any more).
async fn cancel(tx: &mut Tx, booking: &BookingRef) -> Result<bool, JobError> {
    match booking::cancel(tx, booking.booking_id, Actor::Contact).await {
        Ok(_) => Ok(true),
        Err(BookingError::NotActive | BookingError::NoSuchBooking) => Ok(false),
        Err(BookingError::Database(e)) => Err(e.into()),
        Err(e) => Err(JobError::retry(e)),
    }
}

/// All that a turn has to say: every fact, and the last question; small talk only where there is nothing else. Usually one text; what
/// does not fit into one goes out as several, in order.
fn combined(replies: &[(Reply, Purpose)]) -> Vec<(String, Purpose)> {
    let substance = replies.iter().any(|(r, _)| r.kind != ReplyKind::Filler);
    let last_prompt = replies.iter().rposition(|(r, _)| r.kind == ReplyKind::Prompt);
    let mut texts: Vec<(String, Purpose)> = Vec::new();
    for (n, (reply, purpose)) in replies.iter().enumerate() {
        let said = match reply.kind {
            ReplyKind::Fact => replies[..n].iter().all(|(earlier, _)| earlier.text != reply.text),
            ReplyKind::Prompt => Some(n) == last_prompt,
            ReplyKind::Filler => !substance && n + 1 == replies.len(),
        };
        if !said {
            continue;
        }
        match texts.last_mut() {
            Some((text, p)) if p == purpose && text.chars().count() + 1 + reply.text.chars().count() <= LONGEST => {
                text.push('\n');
                text.push_str(&reply.text);
            }
            _ => texts.push((reply.text.clone(), *purpose)),
        }
    }
    texts
}

/// What the understanding should expect.
fn asked(state: &State) -> Asked {
    match state {
        State::Idle => Asked::Nothing,
        State::AwaitingInfo { need: Need::Day { .. } | Need::NewTime { .. } } => Asked::When,
        State::AwaitingInfo { need: Need::WhichToCancel { .. } | Need::WhichToMove { .. } } => Asked::Choice,
        State::ShowingSlots { .. } | State::RescheduleShowingSlots { .. } => Asked::Choice,
        State::ConfirmingBooking { .. }
        | State::ConfirmingCancel { .. }
        | State::ConfirmingCancelAll { .. }
        | State::ConfirmingReschedule { .. } => Asked::Confirm,
    }
}

/// One sentence for staff. Says how the text was read, not what it said.
fn explain(heard: &Understanding) -> String {
    let mut parts =
        vec![format!("read as {} ({:.0} %)", heard.intent.as_str().replace('_', " "), heard.confidence * 100.0)];
    if let Some(choice) = heard.choice {
        parts.push(format!("option {}", choice + 1));
    }
    if let Some(when) = &heard.when {
        match (when.date_bounds(), when.time_bounds()) {
            (Some((Some(from), _)), Some((Some(time), _))) => parts.push(format!("{from} {}", time.format("%H:%M"))),
            (Some((Some(from), _)), _) => parts.push(from.to_string()),
            (_, Some((Some(time), _))) => parts.push(time.format("%H:%M").to_string()),
            _ => parts.push("an open range of time".to_owned()),
        }
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(kind: ReplyKind, text: &str) -> (Reply, Purpose) {
        (Reply { kind, text: text.to_owned() }, Purpose::Conversational)
    }

    #[test]
    fn a_turn_says_facts_and_its_last_question() {
        let replies = [
            reply(ReplyKind::Filler, "Hi!"),
            reply(ReplyKind::Prompt, "Which day?"),
            reply(ReplyKind::Fact, "You're booked."),
            reply(ReplyKind::Prompt, "Which time?"),
            reply(ReplyKind::Filler, "You're welcome."),
        ];
        let said =
            |replies: &[(Reply, Purpose)]| combined(replies).into_iter().map(|(text, _)| text).collect::<Vec<_>>();
        assert_eq!(said(&replies), ["You're booked.\nWhich time?"]);
        assert_eq!(said(&replies[..1]), ["Hi!"]);
        assert!(said(&[]).is_empty());
    }

    #[test]
    fn what_does_not_fit_into_one_text_is_said_in_two() {
        let (long, question) = ("x".repeat(300), "y".repeat(300));
        let replies =
            [reply(ReplyKind::Fact, &long), reply(ReplyKind::Prompt, &question), reply(ReplyKind::Filler, "Welcome!")];
        let texts: Vec<String> = combined(&replies).into_iter().map(|(text, _)| text).collect();
        assert_eq!(texts, [long, question]);
    }
}
