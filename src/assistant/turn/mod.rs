//! One turn: every text of a conversation that waits for an answer, oldest first, under the conversation's lock, in one transaction
//! with the bookings it makes and the replies it writes. A turn is a function of what the database holds and of what models answered
//! before it began: it calls nobody, and can be run again.

mod consent;
mod engine;
mod reading;
mod record;
mod replies;
mod reports;

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

pub(super) use record::Advised;

use self::{record::Record, replies::combined};
use super::{
    agents::{AgentKind, Claim, Proposal, Scene, asks_after_report},
    dialogue::{self, Action, BookingRef, Cues, Facts, Reply, ReplyKind, Second, State, Voice},
    knowledge::{KnowledgeEntry, asks_about_business},
    llm::{Endpoint, Request},
    models::{Models, NotAsked},
    orchestrator::{self, Routed, Style},
    store::{self, knowledge},
    understanding::{Certainty, Intent, Language, Understanding},
};
use crate::{
    accounts::{self, Organization},
    booking::{self, Provider, Service},
    compliance::{self, ConsentSource, Keyword, Purpose},
    contacts::{self, OptInStatus},
    messaging::{self, LockedThread, Mode, ThreadUpdate, UnhandledText, WaitingReason},
    platform::{config::Config, db::Tx, ids::MessageId, jobs::JobError, live::Kind},
};

/// Texts in a row that were not understood, from which on staff should have a look.
const LOST: u8 = 2;
/// Who writes so many words wants more than a menu: one that is not understood is enough.
const LONG_TEXT: usize = 10;

/// What a turn may lean on besides the database.
#[derive(Clone, Copy)]
pub(super) struct Means<'a> {
    pub config: &'a Config,
    pub models: &'a Models,
    /// What models answered about texts of this conversation as it stood at the version.
    pub advice: &'a Advice,
    /// Whether texts nobody is sure about are put before a model.
    pub may_ask: bool,
}

/// Answers of models by text, for one version of the conversation.
#[derive(Default)]
pub(super) struct Advice {
    pub version: i64,
    pub by_text: HashMap<MessageId, Advised>,
}

/// A question that should go to a model before the turn goes on.
pub(super) struct Question {
    pub text: MessageId,
    pub version: i64,
    pub request: Request,
    pub chain: Vec<Endpoint>,
}

/// What became of one text.
enum Heard {
    Done,
    Ask(Box<Question>),
}

/// A turn as it goes through its texts.
pub(super) struct Turn<'a> {
    thread: &'a LockedThread,
    means: Means<'a>,
    organization: Organization,
    facts: Facts,
    voice: Voice,
    services: Vec<Service>,
    providers: Vec<Provider>,
    /// Read when the first text may be a question.
    knowledge: Option<Vec<KnowledgeEntry>>,
    before: &'static str,
    state: State,
    /// As of the text that is being answered: an opt-out further down is still to come here, though it is in force since it arrived.
    opted_out: bool,
    /// Texts that revoked consent when they came in.
    revocations: Vec<MessageId>,
    /// A text of this turn asked for texts again.
    opted_in: bool,
    under_review: bool,
    human_until: Option<DateTime<Utc>>,
    waiting: Option<WaitingReason>,
    /// The text being answered has many words.
    long_text: bool,
    replies: Vec<(Reply, Purpose)>,
    /// Something was written that cannot be taken back by waiting.
    acted: bool,
    record: Record,
}

impl<'a> Turn<'a> {
    pub(super) async fn begin(tx: &mut Tx, thread: &'a LockedThread, means: Means<'a>) -> Result<Self, JobError> {
        let organization = accounts::organization(tx).await?;
        let tz: Tz = thread.contact.timezone.as_deref().and_then(|z| z.parse().ok()).unwrap_or(organization.timezone);
        let services: Vec<Service> = booking::services(tx).await?.into_iter().filter(|s| s.active).collect();
        let providers: Vec<Provider> =
            booking::providers(tx, None, 200).await?.into_iter().filter(|p| p.active).collect();
        let upcoming = booking::upcoming(tx, thread.contact.person()).await?;
        let state = State::read(&thread.dialogue);
        let texts: Vec<MessageId> = thread.unhandled.iter().map(|text| text.id).collect();
        let revocations = compliance::revoked_on_arrival(tx, thread.contact.id, &texts).await?;
        let opted_out_here = revocations.iter().any(|(_, purpose)| purpose.is_none());
        Ok(Self {
            thread,
            means,
            facts: Facts {
                now: tx.clock().now(),
                tz,
                services: services.iter().map(|s| s.id).collect(),
                for_groups: services.iter().filter(|s| s.capacity > 1).map(|s| s.id).collect(),
                upcoming: upcoming.iter().map(BookingRef::from).collect(),
                unread: false,
                misses: u8::try_from(thread.misses).unwrap_or(u8::MAX),
                cues: Cues::default(),
                second: None,
                provider: None,
                without: None,
                nobody: false,
            },
            voice: Voice {
                business: organization.name.clone(),
                support_phone: organization.support_phone_number.clone(),
                tz,
                services: services.iter().map(|s| s.name.clone()).collect(),
                providers: providers.iter().map(|p| p.name.clone()).collect(),
                language: thread.contact.language.as_deref().and_then(Language::from_code).unwrap_or(Language::En),
            },
            organization,
            services,
            providers,
            knowledge: None,
            before: state.name(),
            state,
            opted_out: thread.contact.opt_in_status == OptInStatus::OptedOut && !opted_out_here,
            revocations: revocations.into_iter().map(|(text, _)| text).collect(),
            opted_in: false,
            under_review: thread.contact.under_review,
            human_until: thread.human_until.filter(|_| thread.mode == Mode::Human),
            waiting: None,
            long_text: false,
            replies: Vec::new(),
            acted: false,
            record: Record::default(),
        })
    }

    /// Goes through the texts; stops at the first that a model should see.
    pub(super) async fn hear_all(&mut self, tx: &mut Tx) -> Result<Option<Box<Question>>, JobError> {
        let thread = self.thread;
        for text in &thread.unhandled {
            if let Heard::Ask(question) = self.hear(tx, text).await? {
                return Ok(Some(question));
            }
        }
        Ok(None)
    }

    /// Takes one text through consent first, then to the agent whose it is.
    async fn hear(&mut self, tx: &mut Tx, text: &UnhandledText) -> Result<Heard, JobError> {
        let heard = self.understand(dialogue::own_words(&text.body), text.created_at);
        self.speak_their_language(tx, &heard).await?;
        if self.consent(tx, text).await? {
            return Ok(Heard::Done);
        }
        if self.opted_out || self.under_review {
            let why = if self.opted_out { "the contact is opted out" } else { "an opt-out of theirs is under review" };
            self.record.consent(Intent::Other.as_str(), "silent", why);
            return Ok(Heard::Done);
        }
        let opt_out = heard.opt_out.as_ref().filter(|_| heard.intent == Intent::OptOut);
        let opt_out = opt_out.filter(|o| o.certainty == Certainty::Certain || !asks_after_report(&text.body));
        if let Some(opt_out) = opt_out {
            let evidence = opt_out.evidence.clone();
            match opt_out.certainty {
                Certainty::Certain => self.opt_out(tx, text, ConsentSource::FreeText, &evidence, true).await?,
                Certainty::Doubtful => self.review_opt_out(tx, text, &evidence).await?,
            }
            return Ok(Heard::Done);
        }
        if self.human_until.is_some() {
            self.wait_for_staff(WaitingReason::Wrote);
            self.record.note(AgentKind::Handoff.as_str(), &heard, "silent", "a person answers here".to_owned());
            return Ok(Heard::Done);
        }
        let services: Vec<&str> = self.voice.services.iter().map(String::as_str).collect();
        self.facts.cues = Cues::read(&text.body, &heard, &services);
        let at = text.created_at.with_timezone(&self.facts.tz);
        self.facts.second = Second::read(&text.body, &heard, &services, at);
        self.note_people(&text.body);
        self.long_text = text.body.split_whitespace().count() >= LONG_TEXT;
        if text.body.trim().is_empty() && text.has_media {
            self.record.note(AgentKind::Scheduling.as_str(), &heard, "", "a picture without words".to_owned());
            self.act(tx, Action::NotUnderstood).await?;
            return Ok(Heard::Done);
        }
        self.answer(tx, text, &heard).await
    }

    /// Answers in the language the contact writes, and remembers it.
    async fn speak_their_language(&mut self, tx: &mut Tx, heard: &Understanding) -> Result<(), JobError> {
        let Some(language) = heard.language else { return Ok(()) };
        self.voice.language = language;
        if self.thread.contact.language.as_deref() != Some(language.code()) {
            contacts::set_language(tx, self.thread.contact.id, language.code()).await?;
        }
        Ok(())
    }

    /// Lets the agent whose text it is propose, asks a model first where nobody is sure, and carries the proposals out.
    async fn answer(&mut self, tx: &mut Tx, text: &UnhandledText, heard: &Understanding) -> Result<Heard, JobError> {
        if self.knowledge.is_none()
            && (heard.question || heard.intent == Intent::Other || asks_about_business(&text.body))
        {
            self.knowledge = Some(knowledge::entries(tx).await?);
        }
        let local = orchestrator::route(&self.scene(text, heard));
        let Some(local) = local else { return Err(JobError::fail("no agent takes this text")) };
        let advised =
            self.means.advice.by_text.get(&text.id).filter(|_| self.means.advice.version == self.thread.version);
        let chosen = match (advised, local.claim.sure) {
            (Some(advised), _) => self.advised(advised, local, text, heard),
            (None, false) if self.means.may_ask && !self.revoked_later(text) => {
                if let Some(question) = self.question(tx, text, heard).await? {
                    return Ok(Heard::Ask(question));
                }
                local
            }
            _ => local,
        };
        self.carry_out_claim(tx, text, chosen, heard).await?;
        Ok(Heard::Done)
    }

    fn scene<'s>(&'s self, text: &'s UnhandledText, heard: &'s Understanding) -> Scene<'s> {
        Scene {
            body: &text.body,
            heard,
            cues: &self.facts.cues,
            state: &self.state,
            facts: &self.facts,
            voice: &self.voice,
            knowledge: self.knowledge.as_deref().unwrap_or_default(),
        }
    }

    /// What a model's answer comes to; the built-in reading where it comes to nothing.
    fn advised(&mut self, advised: &Advised, local: Routed, text: &UnhandledText, heard: &Understanding) -> Routed {
        let result = match &advised.answer {
            Ok((tool, arguments)) => orchestrator::accept(tool, arguments, &self.scene(text, heard)),
            Err(code) => Err(*code),
        };
        // A model that has no idea, or knows no answer, leaves the matter where it was.
        let followed = result.and_then(|routed| match routed.claim.proposals.as_slice() {
            [Proposal::Read(read)] if read.intent == Intent::Other => Err("unclear"),
            [Proposal::NotKnown] => Err("unclear"),
            _ => Ok(routed),
        });
        self.record.asked(&advised.used, followed.as_ref().err().copied());
        followed.unwrap_or(local)
    }

    /// A STOP further down makes every question moot.
    fn revoked_later(&self, text: &UnhandledText) -> bool {
        let later = self.thread.unhandled.iter().skip_while(|t| t.id != text.id);
        later.into_iter().any(|t| compliance::keyword(&t.body) == Some(Keyword::Stop))
    }

    /// The question to a model, where one may be asked.
    async fn question(
        &mut self,
        tx: &mut Tx,
        text: &UnhandledText,
        heard: &Understanding,
    ) -> Result<Option<Box<Question>>, JobError> {
        let (chain, allowance) = match self.means.models.available(tx, self.means.config).await? {
            Ok(available) => available,
            Err(reason) => {
                self.means.may_ask = false;
                if !matches!(reason, NotAsked::NotConfigured | NotAsked::SwitchedOff) {
                    self.record.not_asked(reason.code());
                }
                return Ok(None);
            }
        };
        // The text itself is shown apart from what came before it.
        let most = i64::try_from(allowance.history_messages).unwrap_or(0) + 50;
        let messages = messaging::history(tx, self.thread.id, most).await?;
        let earlier: Vec<_> = messages.into_iter().filter(|m| m.id < text.id).collect();
        let history = orchestrator::history(&earlier, allowance.history_messages);
        let ai = &self.means.config.ai;
        let style = Style { max_tokens: ai.max_tokens, temperature: ai.temperature };
        let request = orchestrator::request(&self.scene(text, heard), &history, style);
        Ok(Some(Box::new(Question { text: text.id, version: self.thread.version, request, chain })))
    }

    async fn carry_out_claim(
        &mut self,
        tx: &mut Tx,
        text: &UnhandledText,
        routed: Routed,
        heard: &Understanding,
    ) -> Result<(), JobError> {
        let Routed { agent, claim: Claim { proposals, why, .. } } = routed;
        self.record.note(agent.as_str(), heard, "", why);
        for proposal in proposals {
            match proposal {
                Proposal::Read(read) => {
                    self.record.intent(&read);
                    let action = dialogue::decide(&self.state, &read, &self.facts);
                    // About something else than a report: what to report is not asked any more.
                    if self.state == State::AwaitingReport
                        && !matches!(action, Action::LetBe | Action::AskAgain | Action::TakeTime)
                    {
                        self.state = State::Idle;
                    }
                    self.act(tx, action).await?;
                }
                Proposal::Answer { text } => {
                    self.record.action("answer");
                    self.facts.misses = 0;
                    self.say(ReplyKind::Fact, text);
                    if let Some(nudge) = self.voice.nudge(&self.state) {
                        self.say(ReplyKind::Prompt, nudge);
                    }
                }
                Proposal::NotKnown => self.act(tx, Action::DontKnow).await?,
                Proposal::HandOver => self.act(tx, Action::HandOver).await?,
                Proposal::OpenReport { subject } => self.open_report(tx, text, &subject).await?,
                Proposal::AskForReport => self.ask_for_report(),
                Proposal::TellOfReports { number } => self.tell_of_reports(tx, number).await?,
                Proposal::ReviewOptOut { evidence } => self.review_opt_out(tx, text, &evidence).await?,
            }
        }
        Ok(())
    }

    /// Carries an action out, and what follows from it.
    async fn act(&mut self, tx: &mut Tx, action: Action) -> Result<(), JobError> {
        self.record.action(action.name());
        let misses = if action.missed() { self.facts.misses.saturating_add(1) } else { 0 };
        let mut next = Some(action);
        while let Some(action) = next {
            next = self.carry_out(tx, &action).await?;
        }
        self.facts.misses = misses;
        if misses >= LOST || misses > 0 && self.long_text {
            self.wait_for_staff(WaitingReason::Question);
        }
        Ok(())
    }

    fn say(&mut self, kind: ReplyKind, text: String) {
        self.replies.push((Reply { kind, text }, Purpose::Conversational));
    }

    /// From here on a person answers; what the assistant had asked is off the table.
    fn hand_over(&mut self) {
        self.acted = true;
        self.state = State::Idle;
        self.human_until = Some(self.organization.human_until(self.facts.now, self.means.config.human_quiet));
        self.wait_for_staff(WaitingReason::AskedForPerson);
    }

    fn wait_for_staff(&mut self, reason: WaitingReason) {
        if self.waiting.is_none() || reason == WaitingReason::AskedForPerson {
            self.waiting = Some(reason);
        }
    }

    /// How long to wait for the rest, when all there is to say so far is small talk or a question back.
    pub(super) fn wait_for_more(&self, settle: Duration) -> Option<Duration> {
        let only_filler = !self.replies.is_empty() && self.replies.iter().all(|(r, _)| r.kind == ReplyKind::Filler);
        if self.acted || !only_filler { None } else { rest_of_settling(self.facts.now, settle, self.thread) }
    }

    /// Stores the state, the reply, and why.
    pub(super) async fn end(self, tx: &mut Tx, took: Duration) -> Result<(), JobError> {
        let mut reply_id = None;
        for (text, purpose) in combined(&self.replies) {
            reply_id = Some(messaging::queue_reply(tx, self.thread, &text, purpose).await?);
        }
        let update = ThreadUpdate {
            dialogue: self.state.write(),
            state_expires_at: self.state.expires_at(self.facts.now),
            misses: i16::from(self.facts.misses),
            human_until: self.human_until,
            waiting: self.waiting,
            opted_out: self.opted_out,
        };
        messaging::save_thread(tx, self.thread, &update).await?;
        let message_ids: Vec<MessageId> = self.thread.unhandled.iter().map(|m| m.id).collect();
        let turn = self.record.turn(self.thread.id, &message_ids, reply_id, [self.before, self.state.name()], took);
        store::insert_turn(tx, &turn).await?;
        tx.tell(Kind::Conversation, self.thread.id.0);
        Ok(())
    }
}

/// How much longer the last text may have something added to it.
pub(super) fn rest_of_settling(now: DateTime<Utc>, settle: Duration, thread: &LockedThread) -> Option<Duration> {
    // A text from later than now came before simulation mode set the clock back: it has settled.
    let last = Some(thread.unhandled.last()?.created_at).filter(|at| *at <= now)?;
    let due = last + TimeDelta::from_std(settle).ok()?;
    (due - now).to_std().ok().filter(|wait| !wait.is_zero())
}
