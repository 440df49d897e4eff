//! Who speaks, in which language, and how times, offers and appointments are named.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{
    state::{BookingRef, Offer},
    wanted::Wish,
    wording::{self, Wording},
};
use crate::assistant::understanding::Language;

/// Appointments named in one reply.
pub(super) const NAMED: usize = 5;

#[derive(Clone, Debug)]
pub struct Voice {
    pub business: String,
    pub support_phone: Option<String>,
    pub tz: Tz,
    /// Names of what can be booked.
    pub services: Vec<String>,
    /// Names of those one can be with.
    pub providers: Vec<String>,
    /// The contact's.
    pub language: Language,
}

impl Voice {
    pub(super) const fn words(&self) -> &'static Wording {
        wording::of(self.language)
    }

    /// "Tue Nov 24 at 2:00 PM".
    pub fn time(&self, at: DateTime<Utc>) -> String {
        (self.words().time)(at.with_timezone(&self.tz).naive_local())
    }

    pub(super) fn offer(&self, offer: &Offer) -> String {
        (self.words().offer)(&self.time(offer.start_time), &offer.provider_name)
    }

    pub(super) fn booking(&self, booking: &BookingRef) -> String {
        (self.words().booking)(&booking.service_name, &self.time(booking.start_time), &booking.provider_name)
    }

    /// Numbered from 1, a line each, the first few.
    pub(super) fn bookings(&self, bookings: &[BookingRef]) -> String {
        numbered(bookings.iter().take(NAMED).map(|b| self.booking(b)))
    }

    /// The times as the contact reads them.
    pub(super) fn offers(&self, offers: &[Offer]) -> String {
        numbered(offers.iter().map(|o| self.offer(o)))
    }

    pub(super) fn labelled(&self, offers: Vec<Offer>) -> Vec<Offer> {
        offers.into_iter().map(|o| Offer { label: self.offer(&o), ..o }).collect()
    }

    /// A wish for one very time; any other is not named.
    pub(super) fn wish(&self, wish: &Wish) -> Option<String> {
        Some((self.words().time)(wish.day()?.and_time(wish.exact?)))
    }

    /// A sentence, and the number to call, where there is one.
    pub(super) fn or_call(&self, sentence: &str) -> String {
        match &self.support_phone {
            Some(phone) => format!("{sentence} {}", (self.words().call)(phone)),
            None => sentence.to_owned(),
        }
    }

    pub fn help(&self) -> String {
        (self.words().help)(&self.business, self.support_phone.as_deref())
    }

    pub fn opted_out(&self) -> String {
        (self.words().opted_out)(&self.business)
    }

    pub fn opted_out_of_marketing(&self) -> String {
        (self.words().opted_out_of_marketing)(&self.business)
    }

    pub fn opted_in(&self) -> String {
        (self.words().opted_in)(&self.business)
    }

    /// To a question whose answer is not known here.
    pub fn dont_know(&self) -> String {
        (self.words().dont_know)(self.support_phone.as_deref())
    }
}

fn numbered(lines: impl Iterator<Item = String>) -> String {
    lines.enumerate().map(|(n, line)| format!("{}) {line}", n + 1)).collect::<Vec<_>>().join("\n")
}
