//! Which sender a text begins from. Pure.
//!
//! Whoever has talked with one sender goes on with it: a second number looks like a stranger, and an opt-out is kept per sender by carriers.
//! Somebody new hears from a sender near where they live, as far as that is known, since local numbers are answered; among equals from the one with the least to do.

use chrono_tz::Tz;

use super::model::ChannelKind;
use crate::{
    compliance::{PlaceSource, places_of_contact, same_clock},
    platform::{ids::SenderId, phone::PhoneNumber},
};

/// What is known of where somebody lives, beside their number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Known {
    #[default]
    Nothing,
    /// Their zone: it goes before the state, which is then that of the number.
    Zone,
    PostalCode,
}

/// Where a number belongs, as far as it shows or is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166.
    pub country: Option<String>,
    /// In North America.
    pub area_code: Option<String>,
    /// States (ISO 3166-2) that it may be in; empty where that is not known.
    pub states: Vec<String>,
    /// Zones that it may be in; empty for what is nowhere in particular, as toll-free numbers are.
    pub zones: Vec<Tz>,
    pub known: Known,
}

impl Place {
    /// What the number itself shows.
    pub fn of(number: &PhoneNumber) -> Self {
        Self::of_contact(number, None, None)
    }

    /// What the number shows and what is known of its owner: an IANA zone, a postal code of the United States or Canada.
    pub fn of_contact(number: &PhoneNumber, timezone: Option<&str>, postal_code: Option<&str>) -> Self {
        let places = places_of_contact(number, timezone, postal_code);
        let known = match places.source {
            PlaceSource::Zone => Known::Zone,
            PlaceSource::PostalCode => Known::PostalCode,
            PlaceSource::AreaCode | PlaceSource::Country | PlaceSource::Unknown => Known::Nothing,
        };
        let somewhere = places.source != PlaceSource::Unknown;
        Self {
            country: number.country(),
            area_code: number.area_code().map(str::to_owned),
            states: places.states().map(str::to_owned).collect(),
            zones: places.candidates.iter().filter(|_| somewhere).map(|place| place.zone).collect(),
            known,
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

    /// 0 is nearest. What is known of the contact goes before their area code: people take their numbers along.
    fn distance(&self, contact: &Place) -> u8 {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        if !same(&self.place.country, &contact.country) {
            return 7;
        }
        let area = same(&self.place.area_code, &contact.area_code);
        let state = self.place.states.iter().any(|state| contact.states.contains(state));
        let zone = self.place.zones.iter().any(|ours| contact.zones.iter().any(|theirs| same_clock(*ours, *theirs)));
        let (first, second) = match contact.known {
            Known::Zone => (zone, state),
            Known::PostalCode => (state, zone),
            Known::Nothing => (area, state),
        };
        match (first, second) {
            (true, true) if area => 0,
            (true, true) => 1,
            (true, false) => 2,
            (false, _) if area => 3,
            (false, true) => 4,
            (false, false) if zone => 5,
            (false, false) => 6,
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
        // 818 is another area of Los Angeles' state, 702 is in its zone and in no state of theirs.
        assert_eq!(choose(&senders[1..], &place("+18185550199"), &[]), Some(id(2)));
        assert_eq!(choose(&[sms(3, "+12125550100"), sms(2, "+12135550100")], &place("+17025550199"), &[]), Some(id(2)));
        assert_eq!(choose(&[sms(3, "+17025550100"), sms(2, "+12135550100")], &place("+14155550199"), &[]), Some(id(2)));
        // The same clock by another name.
        let detroit = place("+13135550199");
        assert_eq!(choose(&[sms(1, "+14155550100"), sms(2, "+12125550100")], &detroit, &[]), Some(id(2)));
        assert_eq!(choose(&senders, &place("+4930123456"), &[]), Some(id(1)), "else the first");
    }

    #[test]
    fn where_they_live_goes_before_the_area_of_their_number() {
        let number = PhoneNumber::parse_e164("+13055550199").expect("number");
        let contact = |zone: Option<&str>, postal: Option<&str>| Place::of_contact(&number, zone, postal);
        // Miami, Pensacola (its area code lies in two zones), New York, Honolulu, Chicago, and a toll-free number first.
        let senders = vec![
            sms(9, "+18335550100"),
            sms(1, "+13055550100"),
            sms(2, "+18505550100"),
            sms(3, "+12125550100"),
            sms(4, "+18085550100"),
            sms(5, "+13125550100"),
        ];
        let chosen = |zone, postal| choose(&senders, &contact(zone, postal), &[]);
        assert_eq!(chosen(None, None), Some(id(1)), "nothing is known: the area code");
        assert_eq!(chosen(None, Some("10001")), Some(id(3)), "they live in New York");
        assert_eq!(chosen(None, Some("96813")), Some(id(4)));
        assert_eq!(chosen(Some("Pacific/Honolulu"), None), Some(id(4)), "the zone, though their number is of Florida");
        assert_eq!(chosen(Some("America/Chicago"), Some("60601")), Some(id(5)));
        assert_eq!(chosen(None, Some("32501")), Some(id(2)), "the state and its zone before the state alone");
        assert_eq!(chosen(None, Some("33101")), Some(id(1)), "among those of the state the one of their area");
        assert_eq!(chosen(None, Some("nonsense")), Some(id(1)));
        // Nobody is in Montana, or on its clock: the area code, and without that the country.
        assert_eq!(chosen(None, Some("59601")), Some(id(1)));
        let far = [sms(7, "+442071838750"), sms(5, "+13125550100")];
        assert_eq!(choose(&far, &contact(None, Some("59601")), &[]), Some(id(5)));
        let texan = Place::of_contact(&number, None, Some("75201"));
        assert_eq!(choose(&[sms(3, "+12125550100"), sms(5, "+13125550100")], &texan, &[]), Some(id(5)), "their zone");
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
