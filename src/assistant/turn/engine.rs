//! What the booking engine makes of an action. The engine decides what is true; the dialogue machine finds the words.

use super::Turn;
use crate::{
    assistant::dialogue::{self, Action, BookingRef, Goal, Offer, Outcome, Wanted},
    booking::{self, Actor, BookingError, SlotSearch},
    compliance::Purpose,
    messaging::WaitingReason,
    platform::{db::Tx, ids::ProviderId, jobs::JobError},
};

impl Turn<'_> {
    /// Lets the engine decide what is true, and says it.
    pub(super) async fn carry_out(&mut self, tx: &mut Tx, action: &Action) -> Result<Option<Action>, JobError> {
        let outcome = match action {
            Action::Find { goal, wanted, .. } => self.find(tx, goal, wanted).await?,
            Action::Choose { goal, offer } => self.check(tx, goal, offer).await?,
            Action::Book { offer, .. } => match self.theirs_at(offer) {
                // The same time with somebody else is hardly meant.
                Some(theirs) => Outcome::AlreadyTheirs(theirs),
                None => {
                    let result = booking::book(tx, self.thread.contact.person(), offer.slot_id, Actor::Contact).await;
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
                booking::upcoming(tx, self.thread.contact.person()).await?.iter().map(BookingRef::from).collect();
        }
        let follow_up = dialogue::follow_up(action, &outcome, &self.facts);
        let (next, reply) = dialogue::respond(&self.state, action, outcome, &self.voice, &self.facts);
        self.facts.unread = next != self.state || self.facts.unread;
        self.state = next;
        self.replies.push((reply, Purpose::Conversational));
        match action {
            Action::HandOver => self.hand_over(),
            Action::TellStaff => self.wait_for_staff(WaitingReason::Notice),
            Action::DontKnow => self.wait_for_staff(WaitingReason::Question),
            _ => {}
        }
        Ok(follow_up)
    }

    /// The contact's own appointment at the time of the offer.
    fn theirs_at(&self, offer: &Offer) -> Option<BookingRef> {
        self.facts.upcoming.iter().find(|b| b.start_time == offer.start_time).cloned()
    }

    async fn find(&self, tx: &mut Tx, goal: &Goal, wanted: &Wanted) -> Result<Outcome, JobError> {
        for preferred in wanted.by_preference() {
            let hit = match self.open_or_near(tx, goal, &preferred).await? {
                Some(Outcome::Near(_)) if preferred.provider_id != wanted.provider_id && !wanted.kept => None,
                hit => hit,
            };
            match (hit, goal) {
                (Some(Outcome::Open(offers)), Goal::Book { .. }) if offers.len() == 1 => {
                    let theirs = self.theirs_at(&offers[0]);
                    return Ok(theirs.map_or(Outcome::Open(offers), Outcome::AlreadyTheirs));
                }
                (Some(hit), _) => return Ok(hit),
                (None, _) => {}
            }
        }
        Ok(Outcome::NothingFits(self.next_best(tx, goal, wanted).await?))
    }

    /// What is open of a wish, or nearest to its very time; none where nothing fits.
    async fn open_or_near(&self, tx: &mut Tx, goal: &Goal, wanted: &Wanted) -> Result<Option<Outcome>, JobError> {
        let mut exact = Vec::new();
        for minute in wanted.minutes() {
            exact.extend(self.search(tx, goal, &minute).await?.into_iter().next());
        }
        if !exact.is_empty() {
            return Ok(Some(Outcome::Open(exact)));
        }
        let open = self.search(tx, goal, wanted).await?;
        let offers = dialogue::choose_offers(&open, wanted, self.facts.tz);
        if offers.is_empty() {
            return Ok(None);
        }
        let hit = wanted.exact.is_none_or(|time| offers.iter().any(|o| self.facts.local(o.start_time).time() == time));
        Ok(Some(if hit { Outcome::Open(offers) } else { Outcome::Near(offers) }))
    }

    /// The first that is open of ever wider wishes.
    async fn next_best(&self, tx: &mut Tx, goal: &Goal, wanted: &Wanted) -> Result<Vec<Offer>, JobError> {
        let wider = wanted.widened(self.facts.local_now().date());
        for wider in wider.iter().flat_map(Wanted::by_preference) {
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
        let mut open = Vec::new();
        for provider_id in self.searched(wanted) {
            let search = SlotSearch {
                service_id: goal.service_id(),
                provider_id,
                from,
                to,
                window: wanted.window,
                tz: self.facts.tz,
                except,
                limit: 120,
            };
            open.extend(booking::open_slots(tx, &search).await?.into_iter().map(Offer::from));
        }
        open.sort_by_key(|o| o.start_time);
        open.dedup_by_key(|o| o.start_time);
        open.retain(|o| wanted.admits(self.facts.local(o.start_time), o.provider_id));
        Ok(open)
    }

    /// Whose times are looked at; none: everybody's.
    fn searched(&self, wanted: &Wanted) -> Vec<Option<ProviderId>> {
        match (wanted.provider_id, wanted.except.provider_id) {
            (None, Some(without)) => self.providers.iter().map(|p| p.id).filter(|p| *p != without).map(Some).collect(),
            (provider_id, _) => vec![provider_id],
        }
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
        let mut offers = dialogue::nearest(&same_day, &wanted, self.facts.tz);
        if offers.len() < 2 {
            let later = Wanted { exact: wanted.exact, ..Wanted::after_day(day) };
            let open = self.search(tx, goal, &later).await?;
            offers.extend(dialogue::nearest(&open, &later, self.facts.tz));
            offers.truncate(4);
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
            Err(BookingError::SlotTaken | BookingError::SlotPast | BookingError::SlotClosed) => {
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
                | BookingError::HoldExpired
                | BookingError::NotStarted
                | BookingError::ReopenTooLate
                | BookingError::NoSuchContact,
            ) => Ok(Outcome::Gone),
            Err(BookingError::Database(e)) => Err(e.into()),
        }
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
