//! Consent comes before everything else: keywords, opt-outs in plain words, and texts that only may be one.

use super::Turn;
use crate::{
    assistant::dialogue::{Reply, ReplyKind, State},
    compliance::{self, ConsentPurpose, ConsentSource, DoubtfulText, Evidence, Keyword, Purpose},
    messaging::{ChannelKind, UnhandledText},
    platform::{db::Tx, jobs::JobError},
};

impl Turn<'_> {
    /// Keywords, in the light of the conversation. True: the text is dealt with.
    pub(super) async fn consent(&mut self, tx: &mut Tx, text: &UnhandledText) -> Result<bool, JobError> {
        let keyword = compliance::keyword(&text.body);
        // On SMS the carrier answers and blocks its own keywords; a second answer would only fail with 21610.
        let carrier_answers = self.thread.channel == ChannelKind::Sms && compliance::carrier_keyword(&text.body);
        match (text.opt_out_type.as_deref(), keyword) {
            // Twilio's Advanced Opt-Out has answered already: no second answer.
            (Some("STOP"), _) => self.opt_out(tx, text, ConsentSource::Keyword, &text.body, false).await?,
            (Some("START"), _) => self.opt_in(tx, text, false).await?,
            (Some("HELP"), _) => self.record.consent("help", "silent", "the carrier answered HELP"),
            (_, Some(Keyword::Stop)) => {
                self.opt_out(tx, text, ConsentSource::Keyword, &text.body, !carrier_answers).await?;
            }
            (_, Some(Keyword::StopMarketing)) if !self.opted_out => self.opt_out_of_marketing(tx, text).await?,
            (_, Some(Keyword::Cancel)) if self.facts.upcoming.is_empty() && self.state == State::Idle => {
                self.opt_out(tx, text, ConsentSource::Keyword, &text.body, !carrier_answers).await?;
            }
            (_, Some(Keyword::Start)) => self.opt_in(tx, text, true).await?,
            (_, Some(Keyword::Yes)) if self.opted_out => self.opt_in(tx, text, true).await?,
            (_, Some(Keyword::Help)) if !self.opted_out => {
                self.record.consent("help", "help", "the keyword HELP");
                let help = Reply { kind: ReplyKind::Fact, text: self.voice.help() };
                self.replies.push((help, Purpose::Conversational));
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub(super) async fn opt_out(
        &mut self,
        tx: &mut Tx,
        text: &UnhandledText,
        source: ConsentSource,
        words: &str,
        confirm: bool,
    ) -> Result<(), JobError> {
        self.acted = true;
        self.record.consent("opt_out", "opt_out", "the contact asked for no more texts");
        self.state = State::Idle;
        // Nobody may write to them: there is nothing to hold.
        self.human_until = None;
        // Whatever else this turn had to say is not said any more; who is out already gets no second confirmation.
        self.replies.retain(|(_, purpose)| *purpose == Purpose::OptOutConfirmation);
        if self.opted_out {
            return Ok(());
        }
        self.opted_out = true;
        self.under_review = false;
        // A keyword holds since it came in; unless they asked for texts in between.
        if self.opted_in || !self.revocations.contains(&text.id) {
            let evidence = self.evidence(text, words, source);
            compliance::opt_out(tx, self.thread.contact.id, &self.thread.contact_phone, evidence).await?;
        }
        // Where the carrier blocks this sender it has answered a STOP of theirs, and would refuse ours.
        if confirm && !compliance::carrier_blocks(tx, &self.thread.contact_phone, self.thread.sender_id).await? {
            let reply = Reply { kind: ReplyKind::Fact, text: self.voice.opted_out() };
            self.replies.push((reply, Purpose::OptOutConfirmation));
        }
        Ok(())
    }

    /// No more promotions; they are told what still comes, and how to end that too.
    async fn opt_out_of_marketing(&mut self, tx: &mut Tx, text: &UnhandledText) -> Result<(), JobError> {
        self.acted = true;
        self.record.consent("opt_out", "opt_out_of_marketing", "the contact asked for no more promotions");
        let new = self.revocations.contains(&text.id) || {
            let evidence = self.evidence(text, &text.body, ConsentSource::Keyword);
            compliance::opt_out_of(tx, self.thread.contact.id, ConsentPurpose::Marketing, evidence).await?
        };
        // Said once.
        if new {
            let reply = Reply { kind: ReplyKind::Fact, text: self.voice.opted_out_of_marketing() };
            self.replies.push((reply, Purpose::Conversational));
        }
        Ok(())
    }

    async fn opt_in(&mut self, tx: &mut Tx, text: &UnhandledText, confirm: bool) -> Result<(), JobError> {
        self.acted = true;
        let evidence = self.evidence(text, &text.body, ConsentSource::Keyword);
        if !compliance::opt_in(tx, self.thread.contact.id, &self.thread.contact_phone, evidence).await? {
            self.record.consent("opt_in", "late_opt_in", "asked for texts, and then for none: the first came late");
            return Ok(());
        }
        self.opted_out = false;
        self.opted_in = true;
        self.under_review = false;
        self.record.consent("opt_in", "opt_in", "the contact asked for texts");
        // What was done before stays said.
        self.replies.retain(|(reply, _)| reply.kind == ReplyKind::Fact);
        if confirm {
            let reply = Reply { kind: ReplyKind::Fact, text: self.voice.opted_in() };
            self.replies.push((reply, Purpose::Conversational));
        }
        Ok(())
    }

    fn evidence<'t>(&'t self, text: &UnhandledText, words: &'t str, source: ConsentSource) -> Evidence<'t> {
        let channel = self.thread.channel.as_str();
        Evidence { channel, words, message_id: text.id, said_at: text.created_at, source }
    }

    /// Lays a text that may be an opt-out before a person. Nothing is said to the contact until that is decided.
    pub(super) async fn review_opt_out(
        &mut self,
        tx: &mut Tx,
        text: &UnhandledText,
        evidence: &str,
    ) -> Result<(), JobError> {
        self.acted = true;
        self.under_review = true;
        self.replies.clear();
        self.record.consent("opt_out", "review_opt_out", "may want no more texts: a person must read it");
        let doubtful = DoubtfulText {
            contact_id: self.thread.contact.id,
            conversation_id: self.thread.id,
            message_id: text.id,
            channel: self.thread.channel.as_str(),
            words: &text.body,
            evidence,
            received_at: text.created_at,
        };
        compliance::open_review(tx, &self.thread.contact_phone, self.organization.timezone, doubtful).await?;
        Ok(())
    }
}
