//! Which sender a text begins from. Pure.
//!
//! Whoever has talked with one sender goes on with it: a second number looks like a stranger, and an opt-out is kept per sender by carriers.
//! Somebody new hears from a sender near them, since local numbers are answered; among equals from the one with the least to do.

use super::model::ChannelKind;
use crate::platform::{ids::SenderId, phone::PhoneNumber};

/// Where a number belongs, as far as it shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166.
    pub country: Option<String>,
    /// In North America.
    pub area_code: Option<String>,
    /// States that the area may be in; empty where that is not known.
    pub states: Vec<String>,
    /// IANA zones that the area may be in.
    pub zones: Vec<String>,
}

impl Place {
    /// What the number itself shows.
    pub fn of(number: &PhoneNumber) -> Self {
        Self {
            country: number.country(),
            area_code: number.area_code().map(str::to_owned),
            states: Vec::new(),
            zones: Vec::new(),
        }
    }
}

/// A sender that may be chosen.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub id: SenderId,
    pub channel: ChannelKind,
    pub place: Place,
    /// Neither paused nor archived.
    pub in_use: bool,
    /// Seconds of work that wait for it.
    pub backlog: f64,
    /// Of the texts it handed over lately.
    pub tried: i64,
    pub failed: i64,
}

/// A sender that fails more often than this is passed over where there is a better one.
const SICK: f64 = 0.25;
/// Fewer texts than this say nothing about a sender.
const TELLING: i64 = 20;

impl Candidate {
    fn error_rate(&self) -> f64 {
        if self.tried < TELLING { 0.0 } else { self.failed as f64 / self.tried as f64 }
    }

    /// 0 is nearest.
    fn distance(&self, contact: &Place) -> u8 {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        let shared = |a: &[String], b: &[String]| a.iter().any(|one| b.contains(one));
        let country = same(&self.place.country, &contact.country);
        match () {
            () if country && same(&self.place.area_code, &contact.area_code) => 0,
            () if country && shared(&self.place.states, &contact.states) => 1,
            () if country && shared(&self.place.zones, &contact.zones) => 2,
            () if country => 3,
            () => 4,
        }
    }
}

/// The channel that is taken where nobody asked for one and nothing was said before.
fn rank(channel: ChannelKind) -> u8 {
    match channel {
        ChannelKind::Sms => 0,
        ChannelKind::Whatsapp => 1,
        ChannelKind::Simulator => 2,
        ChannelKind::Web => 3,
    }
}

/// The sender of the contact's latest conversation that may still be used. `history`: the senders of their conversations, latest first.
pub fn sticky(candidates: &[Candidate], history: &[SenderId]) -> Option<SenderId> {
    history.iter().copied().find(|id| candidates.iter().any(|c| c.id == *id && c.in_use))
}

/// The sender that a text to this contact begins from: the one they know, else the nearest healthy one with the least to do. Never one that
/// is paused or archived. None: there is none in use. Candidates come in the order they were added, which decides between equals.
pub fn choose(candidates: &[Candidate], contact: &Place, history: &[SenderId]) -> Option<SenderId> {
    if let Some(known) = sticky(candidates, history) {
        return Some(known);
    }
    let cost = |c: &Candidate| {
        let sick = c.error_rate() > SICK;
        (rank(c.channel), sick, c.distance(contact), (c.backlog * 10.0) as u64, (c.error_rate() * 100.0) as u8)
    };
    // The first of equals.
    candidates.iter().filter(|c| c.in_use).min_by_key(|c| cost(c)).map(|c| c.id)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn id(n: u128) -> SenderId {
        SenderId(Uuid::from_u128(n))
    }

    fn place(number: &str) -> Place {
        Place::of(&PhoneNumber::parse_e164(number).expect(number))
    }

    fn sms(n: u128, number: &str) -> Candidate {
        Candidate {
            id: id(n),
            channel: ChannelKind::Sms,
            place: place(number),
            in_use: true,
            backlog: 0.0,
            tried: 0,
            failed: 0,
        }
    }

    /// San Francisco, Los Angeles, London, and a toll-free number.
    fn four() -> Vec<Candidate> {
        vec![sms(1, "+14155550100"), sms(2, "+12135550100"), sms(3, "+442071838750"), sms(4, "+18335550100")]
    }

    #[test]
    fn whoever_they_know_goes_before_whoever_is_near() {
        let contact = place("+14155550199");
        assert_eq!(choose(&four(), &contact, &[id(3), id(2)]), Some(id(3)));
        let mut known_is_paused = four();
        known_is_paused[2].in_use = false;
        assert_eq!(choose(&known_is_paused, &contact, &[id(3), id(2)]), Some(id(2)), "the one before");
        assert_eq!(choose(&known_is_paused, &contact, &[id(3), id(9)]), Some(id(1)), "else as if new");
    }

    #[test]
    fn the_nearest_by_area_then_state_then_zone_then_country() {
        let senders = four();
        assert_eq!(choose(&senders, &place("+12135550199"), &[]), Some(id(2)));
        assert_eq!(choose(&senders, &place("+442079460018"), &[]), Some(id(3)));
        // 212 is far from all, but in the country of the first.
        assert_eq!(choose(&senders, &place("+12125550199"), &[]), Some(id(1)));
        let mut known = senders.clone();
        known[1].place.zones = vec!["America/New_York".to_owned()];
        let mut contact = place("+12125550199");
        contact.zones = vec!["America/New_York".to_owned()];
        assert_eq!(choose(&known, &contact, &[]), Some(id(2)), "the zone");
        known[3].place.states = vec!["NY".to_owned()];
        contact.states = vec!["NJ".to_owned(), "NY".to_owned()];
        assert_eq!(choose(&known, &contact, &[]), Some(id(4)), "the state goes before the zone");
        assert_eq!(choose(&senders, &place("+4930123456"), &[]), Some(id(1)), "else the first");
    }

    #[test]
    fn never_a_paused_one_and_a_sick_one_only_for_want_of_another() {
        let contact = place("+14155550199");
        let mut senders = four();
        (senders[0].tried, senders[0].failed) = (100, 40);
        assert_eq!(choose(&senders, &contact, &[]), Some(id(2)), "though the first is in the same area");
        (senders[0].tried, senders[0].failed) = (10, 9);
        assert_eq!(choose(&senders, &contact, &[]), Some(id(1)), "ten texts say nothing");
        for sender in &mut senders[1..] {
            sender.in_use = false;
        }
        (senders[0].tried, senders[0].failed) = (100, 99);
        assert_eq!(choose(&senders, &contact, &[]), Some(id(1)));
        senders[0].in_use = false;
        assert_eq!(choose(&senders, &contact, &[id(1)]), None);
        assert_eq!(choose(&[], &contact, &[]), None);
    }

    #[test]
    fn among_equals_the_least_loaded() {
        let contact = place("+14155550199");
        let mut senders = vec![sms(1, "+14155550100"), sms(2, "+14155550101")];
        assert_eq!(choose(&senders, &contact, &[]), Some(id(1)));
        senders[0].backlog = 30.0;
        assert_eq!(choose(&senders, &contact, &[]), Some(id(2)));
        senders[1].channel = ChannelKind::Whatsapp;
        assert_eq!(choose(&senders, &contact, &[]), Some(id(1)), "the channel is not changed for that");
    }

    #[test]
    fn services_have_no_area() {
        for (number, area) in
            [("+14155550100", Some("415")), ("+18005550100", None), ("+18885550100", None), ("+442071838750", None)]
        {
            let place = place(number);
            assert_eq!(place.area_code.as_deref(), area, "{number}");
        }
        assert_eq!(place("+18005550100").country.as_deref(), Some("US"));
        assert_eq!(place("+16045550100").country.as_deref(), Some("CA"));
    }
}
