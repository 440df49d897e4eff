//! From an action's outcome to the next state and the words. Plain GSM-7 characters, under 320 where it can be, never over 480.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{
    decide::{Action, Facts, Goal},
    state::{BookingRef, Need, Offer, State},
};

/// The longest reply, in characters.
pub const LONGEST: usize = 480;

/// What came of an action in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was to be done.
    None,
    /// What is open of what was wished for.
    Open(Vec<Offer>),
    /// The very time is not open; these are nearest.
    Near(Vec<Offer>),
    /// Nothing fits the wish; these come next.
    NothingFits(Vec<Offer>),
    /// The chosen time is still open.
    StillOpen,
    /// The chosen time went to somebody else; these are open.
    Lost(Vec<Offer>),
    /// Done, for this appointment.
    Done(BookingRef),
    /// The contact has this time already.
    AlreadyTheirs(BookingRef),
    /// The appointment was not there (any more).
    Gone,
}

/// How a reply behaves beside others of the same turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyKind {
    /// Says a fact; never dropped.
    Fact,
    /// Asks or offers; only the last one of a turn is sent.
    Prompt,
    /// Small talk, or a question back because too little was said: waits a moment for the rest, gives way to anything else.
    Filler,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub kind: ReplyKind,
    pub text: String,
}

/// Who speaks.
#[derive(Clone, Debug)]
pub struct Voice {
    pub business: String,
    pub support_phone: Option<String>,
    pub tz: Tz,
    /// Names of what can be booked.
    pub services: Vec<String>,
}

impl Voice {
    /// "Tue Nov 24 at 2:00 PM".
    pub fn time(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.tz).format("%a %b %-d at %-I:%M %p").to_string()
    }

    fn offer(&self, offer: &Offer) -> String {
        format!("{} with {}", self.time(offer.start_time), offer.provider_name)
    }

    fn booking(&self, booking: &BookingRef) -> String {
        format!("{} on {} with {}", booking.service_name, self.time(booking.start_time), booking.provider_name)
    }

    fn labelled(&self, offers: Vec<Offer>) -> Vec<Offer> {
        offers.into_iter().map(|o| Offer { label: self.offer(&o), ..o }).collect()
    }

    /// Gives a single time its words.
    fn with_label(&self, offer: &Offer) -> Offer {
        Offer { label: self.offer(offer), ..offer.clone() }
    }

    fn support(&self) -> String {
        self.support_phone.as_ref().map_or_else(String::new, |n| format!(" You can also call {n}."))
    }

    pub fn help(&self) -> String {
        let call = self.support_phone.as_ref().map_or_else(String::new, |n| format!(" or call {n}"));
        format!(
            "{}: text a day or time to book, CHANGE to move your appointment, WHEN to see it, or \"cancel my appointment\"{call}. Reply STOP to get no more texts.",
            self.business
        )
    }

    pub fn opted_out(&self) -> String {
        format!("You are unsubscribed from {} and will get no more texts. Reply START to resume.", self.business)
    }

    pub fn opted_in(&self) -> String {
        format!(
            "You will get texts from {} again. Text us a day or time to book. Reply STOP to get no more texts.",
            self.business
        )
    }
}

/// The next state and the words for it.
pub fn respond(state: &State, action: &Action, outcome: Outcome, voice: &Voice, facts: &Facts) -> (State, Reply) {
    match action {
        Action::Find { goal, .. } => found(goal, outcome, voice),
        Action::Choose { goal, offer } => match outcome {
            Outcome::Lost(offers) => lost(goal, offer, offers, voice),
            Outcome::AlreadyTheirs(booking) => {
                (State::Idle, fact(format!("You already have that: {}.", voice.booking(&booking))))
            }
            _ => ask_to_confirm(goal, offer, voice),
        },
        Action::Book { offer } => match outcome {
            Outcome::Done(booking) => (State::Idle, fact(booked(&booking, voice))),
            Outcome::AlreadyTheirs(booking) => {
                (State::Idle, fact(format!("You already have that: {}.", voice.booking(&booking))))
            }
            Outcome::Lost(offers) => lost(&Goal::Book { service_id: offer.service_id }, offer, offers, voice),
            _ => (State::Idle, prompt(no_longer(voice))),
        },
        Action::Move { booking, offer } => match outcome {
            Outcome::Done(moved) => {
                (State::Idle, fact(format!("Done! Your appointment is now: {}. See you then!", voice.booking(&moved))))
            }
            Outcome::AlreadyTheirs(booking) => {
                (State::Idle, fact(format!("You already have that: {}.", voice.booking(&booking))))
            }
            Outcome::Lost(offers) => lost(&Goal::Move { booking: booking.clone() }, offer, offers, voice),
            _ => (State::Idle, prompt(no_longer(voice))),
        },
        Action::Cancel { booking } => match outcome {
            Outcome::Done(_) => (
                State::Idle,
                fact(format!("Your {} is cancelled. Text us a day or time to book again.", voice.booking(booking))),
            ),
            _ => (State::Idle, prompt(no_longer(voice))),
        },
        Action::Ask { need } => (State::AwaitingInfo { need: need.clone() }, question(need, voice)),
        Action::AskToCancel { booking } => {
            (State::ConfirmingCancel { booking: booking.clone() }, cancel_question(booking, voice))
        }
        Action::AskAgain => (state.clone(), again(state, voice)),
        Action::ListBookings => (state.clone(), fact(bookings(&facts.upcoming, voice))),
        Action::NothingBooked => (
            State::Idle,
            prompt("You have no upcoming appointment. Text a day or time, like \"Friday at 2\", to book one."),
        ),
        Action::LetBe => (State::Idle, prompt(let_be(state, voice))),
        Action::Greet => (
            State::Idle,
            filler(format!(
                "Hi, this is {}! I can book, move or cancel an appointment. What day and time work for you?",
                voice.business
            )),
        ),
        Action::Welcome => (state.clone(), filler("You're welcome! Text us any time.")),
        Action::Acknowledge => (State::Idle, filler("OK! Text us any time.")),
        Action::Introduce => (
            state.clone(),
            fact(format!(
                "This is {}: people text us to book appointments. If that is not for you, sorry! Reply STOP to get no more texts.",
                voice.business
            )),
        ),
        Action::Goodbye if state.offers().is_empty() => (State::Idle, filler("Bye! Text us any time.")),
        // What is on the table stays there for a while.
        Action::Goodbye => (state.clone(), filler("OK! Nothing is booked yet; reply with a number whenever you like.")),
        Action::Help => (state.clone(), fact(voice.help())),
        Action::HandOver => (state.clone(), fact(hand_over(voice))),
        Action::ListServices => (
            state.clone(),
            fact(format!("You can book: {}. Text a day or time, and which one.", voice.services.join(", "))),
        ),
        Action::NothingOffered => {
            (State::Idle, fact(format!("Sorry, online booking isn't open right now.{}", voice.support())))
        }
        Action::NotUnderstood => (
            State::Idle,
            filler(
                "Sorry, I didn't get that. Text a day or time to book (\"tomorrow at 3\"), CHANGE to move your appointment, or WHEN to see it.",
            ),
        ),
    }
}

fn fact(text: impl Into<String>) -> Reply {
    Reply { kind: ReplyKind::Fact, text: clipped(text.into()) }
}

fn prompt(text: impl Into<String>) -> Reply {
    Reply { kind: ReplyKind::Prompt, text: clipped(text.into()) }
}

fn filler(text: impl Into<String>) -> Reply {
    Reply { kind: ReplyKind::Filler, text: clipped(text.into()) }
}

/// Names are the business's and can be long; the limit holds all the same.
fn clipped(text: String) -> String {
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST - 3).chain("...".chars()).collect() }
}

fn found(goal: &Goal, outcome: Outcome, voice: &Voice) -> (State, Reply) {
    match outcome {
        Outcome::Open(offers) if offers.len() == 1 => ask_to_confirm(goal, &offers[0], voice),
        Outcome::Open(offers) if !offers.is_empty() => offer(goal, "Here is what's open", offers, voice),
        Outcome::Near(offers) if !offers.is_empty() => offer(goal, "That time isn't open. Closest", offers, voice),
        Outcome::NothingFits(offers) if !offers.is_empty() => {
            offer(goal, "Nothing is open then. Next available", offers, voice)
        }
        _ => (
            State::Idle,
            prompt(format!("Sorry, nothing is open in the next weeks. Please try another day.{}", voice.support())),
        ),
    }
}

/// Puts times on the table: numbered, with day and time.
fn offer(goal: &Goal, lead: &str, offers: Vec<Offer>, voice: &Voice) -> (State, Reply) {
    let offers = voice.labelled(offers);
    let text = format!(
        "{lead}:\n{}\nReply with a number, or another day or time.",
        numbered(offers.iter().map(|o| o.label.as_str()))
    );
    let state = match goal {
        Goal::Book { service_id } => State::ShowingSlots { service_id: *service_id, offers },
        Goal::Move { booking } => State::RescheduleShowingSlots { booking: booking.clone(), offers },
    };
    (state, prompt(text))
}

fn numbered<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.enumerate().map(|(n, line)| format!("{}) {line}", n + 1)).collect::<Vec<_>>().join("\n")
}

fn lost(goal: &Goal, offer_lost: &Offer, offers: Vec<Offer>, voice: &Voice) -> (State, Reply) {
    let gone = voice.time(offer_lost.start_time);
    if offers.is_empty() {
        return (
            State::Idle,
            prompt(format!("Sorry, {gone} was just taken, and nothing else is open soon.{}", voice.support())),
        );
    }
    offer(goal, &format!("Sorry, {gone} was just taken. Still open"), offers, voice)
}

fn ask_to_confirm(goal: &Goal, offer: &Offer, voice: &Voice) -> (State, Reply) {
    let offer = voice.with_label(offer);
    // C, R and X: the carrier swallows YES and CANCEL from some people.
    match goal {
        Goal::Book { .. } => {
            let text = format!(
                "{}: {}. Reply C to confirm, R for another time, X to drop it.",
                offer.service_name, offer.label
            );
            (State::ConfirmingBooking { offer }, prompt(text))
        }
        Goal::Move { booking } => {
            let text = format!(
                "Move your {} from {} to {}? Reply C to confirm, R for another time, X to keep the old one.",
                booking.service_name,
                voice.time(booking.start_time),
                offer.label
            );
            (State::ConfirmingReschedule { booking: booking.clone(), offer }, prompt(text))
        }
    }
}

fn cancel_question(booking: &BookingRef, voice: &Voice) -> Reply {
    prompt(format!("Cancel your {}? Reply C to confirm, R to move it instead, X to keep it.", voice.booking(booking)))
}

fn question(need: &Need, voice: &Voice) -> Reply {
    let list = |bookings: &[BookingRef]| {
        let lines: Vec<String> = bookings.iter().map(|b| voice.booking(b)).collect();
        numbered(lines.iter().map(String::as_str))
    };
    match need {
        Need::Day { .. } => {
            filler("What day and time work for you? For example \"tomorrow afternoon\" or \"Friday at 2\".")
        }
        Need::NewTime { booking } => filler(format!("When would you like to move your {} to?", voice.booking(booking))),
        Need::WhichToCancel { bookings } => {
            prompt(format!("Which one should I cancel?\n{}\nReply with a number.", list(bookings)))
        }
        Need::WhichToMove { bookings } => {
            prompt(format!("Which one should I move?\n{}\nReply with a number.", list(bookings)))
        }
    }
}

/// The open question once more.
fn again(state: &State, voice: &Voice) -> Reply {
    match state {
        State::Idle => filler("Sorry, I didn't get that."),
        State::AwaitingInfo { need } => question(need, voice),
        State::ShowingSlots { offers, .. } | State::RescheduleShowingSlots { offers, .. } => prompt(format!(
            "Please pick one:\n{}\nReply with a number, or another day or time.",
            numbered(offers.iter().map(|o| o.label.as_str()))
        )),
        State::ConfirmingBooking { offer } => {
            let question = ask_to_confirm(&Goal::Book { service_id: offer.service_id }, offer, voice).1;
            prompt(format!("Not booked yet. {}", question.text))
        }
        State::ConfirmingReschedule { booking, offer } => {
            ask_to_confirm(&Goal::Move { booking: booking.clone() }, offer, voice).1
        }
        State::ConfirmingCancel { booking } => cancel_question(booking, voice),
    }
}

fn booked(booking: &BookingRef, voice: &Voice) -> String {
    format!("You're booked: {}. Text CHANGE to move it. See you then!", voice.booking(booking))
}

/// Nobody is promised an answer: this desk cannot ring for one.
fn hand_over(voice: &Voice) -> String {
    match &voice.support_phone {
        Some(number) => format!("This desk books appointments by text. To talk to a person, please call {number}."),
        None => "Sorry, this desk can only book, move and cancel appointments by text.".to_owned(),
    }
}

fn no_longer(voice: &Voice) -> String {
    format!("That appointment is no longer there. Text a day or time to book a new one.{}", voice.support())
}

fn bookings(upcoming: &[BookingRef], voice: &Voice) -> String {
    match upcoming {
        [] => "You have no upcoming appointment. Text a day or time to book one.".to_owned(),
        [one] => format!("Your appointment: {}.", voice.booking(one)),
        several => {
            let lines: Vec<String> = several.iter().take(5).map(|b| voice.booking(b)).collect();
            format!("Your appointments:\n{}", numbered(lines.iter().map(String::as_str)))
        }
    }
}

fn let_be(state: &State, voice: &Voice) -> String {
    match state {
        State::ConfirmingCancel { booking }
        | State::ConfirmingReschedule { booking, .. }
        | State::RescheduleShowingSlots { booking, .. }
        | State::AwaitingInfo { need: Need::NewTime { booking } } => {
            format!("OK, nothing changed. You still have your {}.", voice.booking(booking))
        }
        State::AwaitingInfo { need: Need::WhichToCancel { .. } | Need::WhichToMove { .. } } => {
            "OK, nothing changed.".to_owned()
        }
        _ => "OK, nothing is booked. Text us any time.".to_owned(),
    }
}
