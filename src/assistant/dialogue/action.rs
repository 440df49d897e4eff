//! What may be done about a text, and what is known when that is decided.

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::{
    cues::{Act, Cues, NoDay},
    second::Second,
    state::{BookingRef, Details, Need, Offer, State},
    wanted::Wanted,
};
use crate::platform::ids::{ProviderId, ServiceId};

/// What a new time is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// A new appointment of this service.
    Book { service_id: ServiceId, details: Details },
    /// Another time for an existing one.
    Move { booking: BookingRef },
}

impl Goal {
    pub fn book(service_id: ServiceId) -> Self {
        Self::Book { service_id, details: Details::default() }
    }

    pub const fn service_id(&self) -> ServiceId {
        match self {
            Self::Book { service_id, .. } => *service_id,
            Self::Move { booking } => booking.service_id,
        }
    }

    /// What the time that is looked for, on the table or in question is for.
    pub fn of(state: &State) -> Option<Self> {
        match state {
            State::AwaitingInfo { need: Need::Day { service_id, details } }
            | State::ShowingSlots { service_id, details, .. }
            | State::ConfirmingBooking { offer: Offer { service_id, .. }, details, .. } => {
                Some(Self::Book { service_id: *service_id, details: details.clone() })
            }
            State::AwaitingInfo { need: Need::NewTime { booking } }
            | State::RescheduleShowingSlots { booking, .. }
            | State::ConfirmingReschedule { booking, .. } => Some(Self::Move { booking: booking.clone() }),
            State::Idle
            | State::AwaitingInfo { .. }
            | State::AwaitingReport
            | State::ConfirmingCancel { .. }
            | State::ConfirmingCancelAll { .. } => None,
        }
    }

    /// The same for another service, where it is for a new appointment.
    pub fn of_service(self, service_id: Option<ServiceId>) -> Self {
        match (self, service_id) {
            (Self::Book { details, .. }, Some(service_id)) => Self::Book { service_id, details },
            (goal, _) => goal,
        }
    }

    /// What has to be known before a search.
    pub fn need(&self) -> Need {
        match self {
            Self::Book { service_id, details } => Need::Day { service_id: *service_id, details: details.clone() },
            Self::Move { booking } => Need::NewTime { booking: booking.clone() },
        }
    }
}

/// What the world looks like when a text is read.
#[derive(Clone, Debug)]
pub struct Facts {
    pub now: DateTime<Utc>,
    /// The wall clock the contact is spoken to in.
    pub tz: Tz,
    /// Services that can be booked, the default first.
    pub services: Vec<ServiceId>,
    /// Those of them that take several people at one time.
    pub for_groups: Vec<ServiceId>,
    /// The contact's coming appointments, soonest first.
    pub upcoming: Vec<BookingRef>,
    /// The state was entered within this very turn: the contact has not read its question yet.
    pub unread: bool,
    /// How many turns just before this one were not understood (`Action::missed`).
    pub misses: u8,
    /// What the words of the text say beyond its intent.
    pub cues: Cues,
    /// The second time the text names.
    pub second: Option<Second>,
    /// The provider the text names.
    pub provider: Option<ProviderId>,
    /// The provider the text rules out.
    pub without: Option<ProviderId>,
    /// The text names somebody who does not work here.
    pub nobody: bool,
}

impl Facts {
    pub fn local_now(&self) -> NaiveDateTime {
        self.local(self.now)
    }

    /// Whether the text is a plain yes, and to nothing else than what `state` asks.
    pub fn yes_to(&self, state: &State) -> bool {
        let fits = match self.cues.act {
            None => true,
            Some(Act::Book) => matches!(state, State::ConfirmingBooking { .. } | State::ConfirmingReschedule { .. }),
            Some(Act::Move) => matches!(state, State::ConfirmingReschedule { .. }),
            Some(Act::Cancel) => matches!(state, State::ConfirmingCancel { .. } | State::ConfirmingCancelAll { .. }),
        };
        self.cues.plain_yes && fits
    }

    pub fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.tz).naive_local()
    }
}

/// What is said in passing, before times are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// Several people were named; an appointment is for one.
    OnePerPerson,
    /// Two appointments were wished for; this is the first.
    OneAtATime,
    /// Somebody was named who does not work here.
    Nobody,
}

/// What to do about a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Look for open times and offer them.
    Find {
        goal: Goal,
        wanted: Box<Wanted>,
        aside: Option<Aside>,
    },
    /// A time was chosen: make sure it is still open, and ask to confirm.
    Choose {
        goal: Goal,
        offer: Offer,
    },
    Book {
        offer: Offer,
        details: Details,
    },
    Move {
        booking: BookingRef,
        offer: Offer,
    },
    Cancel {
        booking: BookingRef,
    },
    CancelAll {
        bookings: Vec<BookingRef>,
    },
    /// Ask for what is missing.
    Ask {
        need: Need,
    },
    AskToCancel {
        booking: BookingRef,
    },
    AskToCancelAll {
        bookings: Vec<BookingRef>,
    },
    /// The day named is gone, or never was: ask for another.
    AskForRealDay {
        goal: Goal,
        why: NoDay,
    },
    /// The question stays; say it again.
    AskAgain,
    /// Name the coming appointments.
    ListBookings,
    /// A nod, where nothing is open.
    Acknowledge,
    /// An answer came, and nothing was asked.
    NothingAsked,
    /// Say who this is.
    Introduce,
    /// Admit that a machine answers.
    SayMachine,
    /// There is nothing to cancel or move.
    NothingBooked,
    ListServices,
    /// The contact will answer another time: what is open stays open.
    TakeTime,
    /// The contact lets it be; an appointment that was in question stays.
    LetBe,
    Greet,
    Welcome,
    Goodbye,
    Help,
    /// A person is asked for: staff are told, and answer here.
    HandOver,
    /// Staff should know (late, outside), and nothing else is to be done.
    TellStaff,
    /// Bookings cannot be made: no service is set up.
    NothingOffered,
    /// A question this desk has no answer to.
    DontKnow,
    NotUnderstood,
}

impl Action {
    /// For the record of the turn.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Find { .. } => "find_times",
            Self::Choose { .. } => "choose_time",
            Self::Book { .. } => "book",
            Self::Move { .. } => "reschedule",
            Self::Cancel { .. } => "cancel",
            Self::CancelAll { .. } => "cancel_all",
            Self::Ask { .. } => "ask",
            Self::AskToCancel { .. } => "ask_to_cancel",
            Self::AskToCancelAll { .. } => "ask_to_cancel_all",
            Self::AskForRealDay { .. } => "ask_for_real_day",
            Self::AskAgain => "ask_again",
            Self::ListBookings => "list_appointments",
            Self::Acknowledge => "acknowledge",
            Self::NothingAsked => "nothing_asked",
            Self::Introduce => "introduce",
            Self::SayMachine => "say_machine",
            Self::NothingBooked => "nothing_booked",
            Self::ListServices => "list_services",
            Self::TakeTime => "take_time",
            Self::LetBe => "let_be",
            Self::Greet => "greet",
            Self::Welcome => "welcome",
            Self::Goodbye => "goodbye",
            Self::Help => "help",
            Self::HandOver => "hand_over",
            Self::TellStaff => "tell_staff",
            Self::NothingOffered => "nothing_offered",
            Self::DontKnow => "dont_know",
            Self::NotUnderstood => "not_understood",
        }
    }

    /// Whether the text led nowhere. `Facts::misses` counts these.
    pub const fn missed(&self) -> bool {
        matches!(self, Self::AskAgain | Self::DontKnow | Self::NotUnderstood)
    }
}
