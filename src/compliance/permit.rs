//! The permit without which no text reaches a channel, and the receipt of how it was decided.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    ledger::{self, Line},
    model::{ConsentChannel, ConsentPurpose, OrganizationCap, SuppressionReason},
    places::{self, Places},
    quiet_hours::{self, Cap, HouseHours, Policy, Question},
    receipt::{ConsentUsed, Outcome, PlaceUsed, Receipt, Spoken},
    store,
};
use crate::platform::{
    config::QuietHours,
    db::Tx,
    ids::{ContactId, MessageId, SenderId},
    phone::PhoneNumber,
};

/// For how long after their last text a contact is taken to be awake and waiting: an answer is not held by the hours.
const AWAKE: TimeDelta = TimeDelta::hours(2);

/// Why a text is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Purpose {
    /// Part of a conversation: the answer to what the contact wrote, or a word from staff.
    Conversational,
    /// What they did or booked makes it necessary: a reminder, a confirmation.
    Transactional,
    /// It advertises.
    Marketing,
    /// The one confirmation that follows an opt-out (47 CFR 64.1200(a)(12)).
    OptOutConfirmation,
}

impl Purpose {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conversational => "conversational",
            Self::Transactional => "transactional",
            Self::Marketing => "marketing",
            Self::OptOutConfirmation => "opt_out_confirmation",
        }
    }

    /// How long a text of this purpose is worth sending, unless its writer says. A confirmation of an opt-out is presumed to be part of
    /// the consent for five minutes.
    pub const fn lifetime(self) -> TimeDelta {
        match self {
            Self::OptOutConfirmation => TimeDelta::minutes(5),
            Self::Conversational | Self::Transactional => TimeDelta::hours(24),
            Self::Marketing => TimeDelta::hours(72),
        }
    }

    /// The consent it needs; none: an opt-out itself allows it.
    const fn consent(self) -> Option<ConsentPurpose> {
        match self {
            Self::Conversational => Some(ConsentPurpose::Conversational),
            Self::Transactional => Some(ConsentPurpose::Transactional),
            Self::Marketing => Some(ConsentPurpose::Marketing),
            Self::OptOutConfirmation => None,
        }
    }
}

/// Leave to hand one message to one number, given at the moment of sending. It cannot be made outside this module, copied, or kept
/// for another message.
#[derive(Debug)]
pub struct SendPermit {
    message_id: MessageId,
    to: PhoneNumber,
}

impl SendPermit {
    pub fn message_id(&self) -> MessageId {
        self.message_id
    }

    /// The only number this permit is for.
    pub fn to(&self) -> &PhoneNumber {
        &self.to
    }
}

/// What is asked leave for, with what is known of the contact at this moment.
#[derive(Debug)]
pub struct PermitRequest {
    pub message_id: MessageId,
    pub contact_id: ContactId,
    pub sender_id: SenderId,
    pub to: PhoneNumber,
    pub channel: ConsentChannel,
    pub purpose: Purpose,
    /// It is not sent after this moment.
    pub deadline: DateTime<Utc>,
    /// When they last texted.
    pub last_heard: Option<DateTime<Utc>>,
    /// The oldest text of theirs that nobody has read yet: it may be an opt-out.
    pub unread_since: Option<DateTime<Utc>>,
    /// Their own zone, IANA name.
    pub timezone: Option<String>,
    pub postal_code: Option<String>,
    /// By WhatsApp, for words of our own: until when its window is open. None: they need none.
    pub words_until: Option<DateTime<Utc>>,
    /// When they were handed the last marketing texts, latest first.
    pub marketed: Vec<DateTime<Utc>>,
    /// The hours of the installation's operator.
    pub house: Option<QuietHours>,
}

/// Why a text is not sent. Stored as the message's `error_code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    OptedOut,
    CarrierOptedOut,
    UnderReview,
    /// Staff put the number on the block list.
    Blocked,
    /// It is on a do-not-call list, of the organization or of the installation.
    DoNotCall,
    /// The carrier says that no text arrives there.
    BadNumber,
    /// They never agreed to be texted, or not for this.
    NoConsent,
    /// By WhatsApp, in words of our own, and they have not written for too long.
    OutsideWindow,
    /// It waited for too long.
    Expired,
    /// No minute before its deadline is lawful where they may be.
    NoLegalWindow,
    /// They were texted as often as they may be.
    FrequencyCap,
}

impl Refusal {
    pub const fn code(self) -> &'static str {
        match self {
            Self::OptedOut => "opted_out",
            Self::CarrierOptedOut => "carrier_opted_out",
            Self::UnderReview => "under_review",
            Self::Blocked => "blocked",
            Self::DoNotCall => "do_not_call",
            Self::BadNumber => "bad_number",
            Self::NoConsent => "no_consent",
            Self::OutsideWindow => "outside_window",
            Self::Expired => "expired",
            Self::NoLegalWindow => quiet_hours::Outcome::NO_LEGAL_WINDOW,
            Self::FrequencyCap => "frequency_cap",
        }
    }

    pub const fn sentence(self) -> &'static str {
        match self {
            Self::OptedOut => "Not sent: the contact opted out.",
            Self::CarrierOptedOut => "Not sent: the carrier blocks this sender for the contact (they replied STOP).",
            Self::UnderReview => "Not sent: a person must first decide whether the contact opted out.",
            Self::Blocked => "Not sent: staff put the number on the block list.",
            Self::DoNotCall => "Not sent: the number is on a do-not-call list.",
            Self::BadNumber => "Not sent: the carrier says that no text arrives at this number.",
            Self::NoConsent => "Not sent: the contact has not agreed to such texts.",
            Self::OutsideWindow => {
                "Not sent: WhatsApp takes free text only within 24 hours of the contact's last message. Use an approved template."
            }
            Self::Expired => "Not sent: it could not be sent before its deadline.",
            Self::NoLegalWindow => "Not sent: no minute before its deadline is lawful where the contact may be.",
            Self::FrequencyCap => {
                "Not sent: the contact was texted as often as they may be, and its deadline comes first."
            }
        }
    }
}

impl store::Block {
    /// What the block makes of a text of this purpose.
    const fn refuses(&self, purpose: Purpose) -> Option<Refusal> {
        Some(match (self.reason, purpose) {
            // The confirmation is the one text an opt-out itself allows; the carrier's own block stays closed.
            (SuppressionReason::OptedOut, Purpose::OptOutConfirmation) => return None,
            (SuppressionReason::OptedOut, _) => Refusal::OptedOut,
            (SuppressionReason::CarrierOptedOut, _) => Refusal::CarrierOptedOut,
            (SuppressionReason::UnderReview, _) => Refusal::UnderReview,
            (SuppressionReason::Blocked, _) => Refusal::Blocked,
            (SuppressionReason::DoNotCall, _) => Refusal::DoNotCall,
            (SuppressionReason::BadNumber, _) => Refusal::BadNumber,
        })
    }

    /// Since when, where and until when it holds.
    fn in_words(&self, refusal: Refusal) -> String {
        let until = self.expires_at.map_or(String::new(), |at| format!(", until {}", in_words(at)));
        format!("{} Since {}{until}; {}.", refusal.sentence(), in_words(self.since), self.scope.in_words())
    }
}

/// What became of a request.
#[derive(Debug)]
pub enum Verdict {
    Leave(SendPermit),
    /// Ask again then.
    Hold(DateTime<Utc>),
    Refuse(Refusal),
}

/// A verdict and how it came about.
#[derive(Debug)]
pub struct Decided {
    pub verdict: Verdict,
    pub receipt: Receipt,
}

/// Decides whether the message may go out now, on the block list, the ledger and the clock as they stand in `tx`.
pub async fn permit(tx: &mut Tx, request: PermitRequest) -> Result<Decided, sqlx::Error> {
    Ok(permit_all(tx, vec![request]).await?.remove(0))
}

/// Decides on each of these, in their order. What is known of all of them is read in as many statements as for one.
pub async fn permit_all(tx: &mut Tx, requests: Vec<PermitRequest>) -> Result<Vec<Decided>, sqlx::Error> {
    let now = tx.clock().now();
    let asked: Vec<_> = requests.iter().map(|request| (&request.to, request.sender_id)).collect();
    let blocks = store::active_suppressions(tx, &asked).await?;
    let contacts: Vec<ContactId> = requests.iter().map(|request| request.contact_id).collect();
    let ledgers = store::consent::lines_of_all(tx, &contacts).await?;
    let house = requests.iter().find_map(|request| request.house);
    let policy = store::quiet_hours::for_organization(tx, house.map(HouseHours::from)).await?;
    let own_cap = match requests.iter().any(|request| request.purpose == Purpose::Marketing) {
        true => store::caps::get(tx).await?,
        false => OrganizationCap::default(),
    };
    let decided = requests.into_iter().zip(blocks).map(|(request, blocks)| {
        let ledger = ledgers.get(&request.contact_id).map_or(&[][..], Vec::as_slice);
        let mut hearing = Hearing::open(now, request.purpose);
        let end = hearing.decide(&request, &Known { blocks: &blocks, ledger, policy: &policy, own_cap: &own_cap });
        let receipt = hearing.close(&end);
        let verdict = match end {
            End::Send => Verdict::Leave(SendPermit { message_id: request.message_id, to: request.to }),
            End::Hold { until, .. } => Verdict::Hold(until),
            End::Refuse { refusal, .. } => Verdict::Refuse(refusal),
        };
        Decided { verdict, receipt }
    });
    Ok(decided.collect())
}

/// Why staff or a program may not begin to text the contact now: what would be refused at sending, whatever the time of day.
pub async fn may_begin(
    tx: &mut Tx,
    contact: ContactId,
    to: &PhoneNumber,
    sender: SenderId,
    channel: ConsentChannel,
    purpose: Purpose,
) -> Result<Option<Refusal>, sqlx::Error> {
    let refused = refused(tx, contact, to, sender, channel, purpose).await?;
    Ok(refused.map(|(refusal, _)| refusal))
}

/// The same for a text that is written and waits, with the receipt that says so.
pub async fn refused(
    tx: &mut Tx,
    contact: ContactId,
    to: &PhoneNumber,
    sender: SenderId,
    channel: ConsentChannel,
    purpose: Purpose,
) -> Result<Option<(Refusal, Receipt)>, sqlx::Error> {
    let blocks = store::active_suppressions(tx, &[(to, sender)]).await?.concat();
    let ledger = store::consent::lines(tx, contact).await?;
    let mut hearing = Hearing::open(tx.clock().now(), purpose);
    let refusal = hearing.blocks(&blocks).or_else(|| hearing.consent(&ledger, channel));
    Ok(refusal.map(|refusal| (refusal, hearing.close(&refusal.into()))))
}

/// What the database knows of one request.
struct Known<'a> {
    blocks: &'a [store::Block],
    /// In the order it was written.
    ledger: &'a [Line],
    policy: &'a Policy,
    /// How often the organization itself wants to advertise.
    own_cap: &'a OrganizationCap,
}

/// How a hearing ends.
enum End {
    Send,
    Hold { until: DateTime<Utc>, code: &'static str, sentence: String },
    Refuse { refusal: Refusal, sentence: String },
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refuse { refusal, sentence: refusal.sentence().to_owned() }
    }
}

/// One decision in the making: each rule says its word, the first that objects ends it.
struct Hearing {
    now: DateTime<Utc>,
    purpose: Purpose,
    rules: Vec<Spoken>,
    consent: Option<ConsentUsed>,
    places: Option<Places>,
}

impl Hearing {
    const fn open(now: DateTime<Utc>, purpose: Purpose) -> Self {
        Self { now, purpose, rules: Vec::new(), consent: None, places: None }
    }

    fn decide(&mut self, request: &PermitRequest, known: &Known<'_>) -> End {
        // The blocks first: who opted out is told so, however late it is.
        if let Some(refusal) = self.blocks(known.blocks) {
            return refusal.into();
        }
        if self.now > request.deadline {
            let says = format!("It was to be sent by {}.", in_words(request.deadline));
            self.rules.push(Spoken::new("deadline", Outcome::Refuse, says));
            return Refusal::Expired.into();
        }
        if let Some(since) = request.unread_since.filter(|_| self.purpose != Purpose::OptOutConfirmation) {
            return self.wait_for_reader(since);
        }
        if let Some(refusal) = self.consent(known.ledger, request.channel) {
            return refusal.into();
        }
        if request.words_until.is_some_and(|until| self.now >= until) {
            let says = "They last wrote by WhatsApp more than 24 hours ago, and it is no approved template.";
            self.rules.push(Spoken::new("whatsapp_window", Outcome::Refuse, says));
            return Refusal::OutsideWindow.into();
        }
        self.hours(request, known)
    }

    /// Whether the number is blocked for a text of this purpose.
    fn blocks(&mut self, blocks: &[store::Block]) -> Option<Refusal> {
        let stands = blocks.iter().find_map(|block| Some((block, block.refuses(self.purpose)?)));
        self.rules.push(match stands {
            Some((block, refusal)) => Spoken::new("block_list", Outcome::Refuse, block.in_words(refusal)),
            None => Spoken::new("block_list", Outcome::Send, "The number is on no list of blocked ones."),
        });
        stands.map(|(_, refusal)| refusal)
    }

    /// What they wrote last may be an opt-out: until it is read nothing leaves that was written without it.
    fn wait_for_reader(&mut self, since: DateTime<Utc>) -> End {
        // Reading takes milliseconds; where it takes longer, something is wrong and asking often does not help.
        let wait = ((self.now - since) / 4).clamp(TimeDelta::milliseconds(100), TimeDelta::seconds(30));
        let sentence = "Waits until their last text has been read.".to_owned();
        self.rules.push(Spoken::new("unread_text", Outcome::Hold, &sentence));
        End::Hold { until: self.now + wait, code: "unread_text", sentence }
    }

    /// Whether the ledger allows it.
    fn consent(&mut self, ledger: &[Line], channel: ConsentChannel) -> Option<Refusal> {
        let Some(purpose) = self.purpose.consent() else {
            self.rules.push(Spoken::new("consent", Outcome::Send, "Their opt-out allows one confirmation."));
            return None;
        };
        let basis = ledger::basis(ledger, channel, purpose).filter(|basis| ledger::allows(purpose, basis.tier));
        let Some(basis) = basis else {
            self.rules.push(Spoken::new("consent", Outcome::Refuse, Refusal::NoConsent.sentence()));
            return Some(Refusal::NoConsent);
        };
        let says = format!("{} of {}.", basis.in_words(), in_words(basis.at));
        self.rules.push(Spoken::new("consent", Outcome::Send, says));
        self.consent =
            Some(ConsentUsed { event_id: basis.event, tier: basis.tier, method: basis.method, at: basis.at });
        None
    }

    /// Whether caps and hours allow it where the contact may be.
    fn hours(&mut self, request: &PermitRequest, known: &Known<'_>) -> End {
        // A confirmation that comes in the morning would be too late.
        let Some(purpose) = self.purpose.consent() else { return End::Send };
        let places = places::of_contact(&request.to, request.timezone.as_deref(), request.postal_code.as_deref());
        // The caps say when the next may go at the earliest; the hours are asked about that moment.
        let (earliest, cap) = self.caps(&places, purpose, known.own_cap, &request.marketed);
        let decision = quiet_hours::decide(&Question {
            places: &places,
            purpose,
            now: earliest,
            deadline: request.deadline,
            answers_recent_text: request.last_heard.is_some_and(|heard| earliest - heard < AWAKE),
            policy: known.policy,
        });
        let release = decision.outcome.release(request.message_id.0);
        let sentence = quiet_hours::sentence(&decision, earliest, release);
        self.rules.extend(Spoken::of_hours(&decision));
        if decision.answers_recent_text {
            self.rules.push(Spoken::new("quiet_hours", Outcome::Send, "An answer to somebody who has just texted."));
        }
        self.places = Some(places);
        if let (Some(until), Some(closes)) = (release.or(cap.is_some().then_some(earliest)), request.words_until)
            && until >= closes
            && earliest <= request.deadline
        {
            let says =
                format!("It could go on {}, and WhatsApp's window closes on {}.", in_words(until), in_words(closes));
            self.rules.push(Spoken::new("whatsapp_window", Outcome::Refuse, &says));
            let sentence = format!("Not sent: {says} Use an approved template.");
            return End::Refuse { refusal: Refusal::OutsideWindow, sentence };
        }
        match (cap, release) {
            _ if earliest > request.deadline => Refusal::FrequencyCap.into(),
            _ if decision.outcome == quiet_hours::Outcome::Never => {
                End::Refuse { refusal: Refusal::NoLegalWindow, sentence }
            }
            (Some(why), release) => {
                let until = release.unwrap_or(earliest);
                let sentence = format!("Held: {why} Will go on {}.", in_words(until));
                End::Hold { until, code: Refusal::FrequencyCap.code(), sentence }
            }
            (None, Some(until)) => End::Hold { until, code: "quiet_hours", sentence },
            (None, None) => End::Send,
        }
    }

    /// From when on the caps allow another text, and the one that says so where that is not now: those of law, and the organization's own.
    fn caps(
        &mut self,
        places: &Places,
        purpose: ConsentPurpose,
        own: &OrganizationCap,
        marketed: &[DateTime<Utc>],
    ) -> (DateTime<Utc>, Option<String>) {
        let mut earliest = (self.now, None);
        for (rule, cap) in quiet_hours::caps(places, purpose, self.now.date_naive()) {
            let (free, says) = cap_in_words(self.now, cap, &format!("{} hours", cap.hours), marketed);
            let spoken = Spoken::of_rule("cap", &rule, self.until(free), &says);
            self.hear_cap(&mut earliest, free, spoken);
        }
        if let Some(cap) = own.cap().filter(|_| purpose == ConsentPurpose::Marketing) {
            let days = if own.days == 1 { "a day".to_owned() } else { format!("{} days", own.days) };
            let (free, says) = cap_in_words(self.now, cap, &days, marketed);
            let mut spoken = Spoken::new(&format!("cap:{}", OrganizationCap::RULE), self.until(free), says);
            spoken.version = Some(own.version.to_string());
            spoken.source = Some("The organization's own setting".to_owned());
            self.hear_cap(&mut earliest, free, spoken);
        }
        earliest
    }

    fn until(&self, free: DateTime<Utc>) -> Outcome {
        if free > self.now { Outcome::Hold } else { Outcome::Send }
    }

    /// Keeps what a cap says, and its word where it holds for longest.
    fn hear_cap(&mut self, earliest: &mut (DateTime<Utc>, Option<String>), free: DateTime<Utc>, spoken: Spoken) {
        if free > earliest.0 {
            *earliest = (free, Some(spoken.says.clone()));
        }
        self.rules.push(spoken);
    }

    fn close(self, end: &End) -> Receipt {
        let (outcome, code, until, sentence) = match end {
            End::Send => (Outcome::Send, None, None, self.why_sent()),
            End::Hold { until, code, sentence } => (Outcome::Hold, Some(*code), Some(*until), sentence.clone()),
            End::Refuse { refusal, sentence } => (Outcome::Refuse, Some(refusal.code()), None, sentence.clone()),
        };
        let places_from = self.places.as_ref().map(|places| places.source.as_str().to_owned());
        let places = self.places.into_iter().flat_map(|places| places.candidates);
        Receipt {
            decided_at: self.now,
            outcome,
            code: code.map(str::to_owned),
            until,
            sentence,
            purpose: self.purpose,
            rules: self.rules,
            places: places.map(|p| PlaceUsed { zone: p.zone.name().to_owned(), region: p.region }).collect(),
            places_from,
            consent: self.consent,
        }
    }

    fn why_sent(&self) -> String {
        let consent = self.rules.iter().find(|rule| rule.rule == "consent").map_or("", |rule| rule.says.as_str());
        format!("Sent. {consent}").trim_end().to_owned()
    }
}

/// From when on a cap allows another text, and how it says so.
fn cap_in_words(now: DateTime<Utc>, cap: Cap, within: &str, marketed: &[DateTime<Utc>]) -> (DateTime<Utc>, String) {
    let span = TimeDelta::hours(cap.hours.into());
    let lately = marketed.iter().filter(|at| **at > now - span).count();
    // Once the first of the last so many is old enough.
    let free = usize::try_from(cap.texts).ok().and_then(|texts| marketed.get(texts.checked_sub(1)?));
    let free = free.map_or(now, |at| *at + span);
    (free, format!("{lately} marketing texts in {within}, of {} that may be.", cap.texts))
}

/// A moment as a person reads it: "21 November 2026, 2:03 pm UTC".
fn in_words(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %-I:%M %P UTC").to_string()
}
