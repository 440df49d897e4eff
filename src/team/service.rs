//! Use cases of messages among the team. Whatever a message is asked for, it is looked for among those of the one who asks.

use super::{
    model::{LONGEST, Party, Question, TeamMessage},
    store::{self, NewMessage},
};
use crate::{
    accounts,
    platform::{
        db::Tx,
        events::{self, Event},
        http::IfMatch,
        ids::{TeamMessageId, UserId},
        live::Kind,
        problem::{Code, Problem},
    },
};

/// The message, if `me` is one of its ends.
pub(super) async fn get(tx: &mut Tx, me: UserId, id: TeamMessageId) -> Result<TeamMessage, Problem> {
    store::one(tx, me, id).await?.ok_or_else(|| Problem::not_found("message"))
}

/// Has the browsers of both ends told that a message is new or changed, and nobody else's.
fn tell_ends(tx: &mut Tx, id: TeamMessageId, ends: [Party; 2]) {
    for user in ends.into_iter().filter_map(Party::user) {
        tx.tell_only(user, Kind::TeamMessage, id.0);
    }
}

/// Sends a message; with a parent it goes into its thread, which must be with the same person.
pub(super) async fn send(
    tx: &mut Tx,
    me: UserId,
    recipient: Party,
    parent: Option<TeamMessageId>,
    body: &str,
) -> Result<TeamMessage, Problem> {
    if recipient == Party::User(me) {
        return Err(Problem::invalid_field("recipient", "oneself", "must be somebody else"));
    }
    let answers = match parent {
        None => None,
        Some(parent) => {
            let parent = get(tx, me, parent).await?;
            if parent.other_end(me) != recipient {
                let message = "answers a message from or to somebody else";
                return Err(Problem::invalid_field("parent_id", "other_person", message));
            }
            Some((parent.id, parent.thread_id))
        }
    };
    write(tx, me, recipient, answers, body).await
}

/// Answers a message to its other end.
pub(super) async fn reply(tx: &mut Tx, me: UserId, to: TeamMessageId, body: &str) -> Result<TeamMessage, Problem> {
    let parent = get(tx, me, to).await?;
    write(tx, me, parent.other_end(me), Some((parent.id, parent.thread_id)), body).await
}

async fn write(
    tx: &mut Tx,
    me: UserId,
    recipient: Party,
    answers: Option<(TeamMessageId, TeamMessageId)>,
    body: &str,
) -> Result<TeamMessage, Problem> {
    if let Party::User(user) = recipient
        && !accounts::is_colleague(tx, user).await?
    {
        return Err(Problem::not_found("colleague"));
    }
    let id = store::insert(tx, &NewMessage { sender: Party::User(me), recipient, answers, body }).await?;
    let to_assistant = recipient == Party::Assistant;
    events::emit(tx, Event::TeamMessageSent { message_id: id, to_assistant }).await?;
    tell_ends(tx, id, [Party::User(me), recipient]);
    get(tx, me, id).await
}

/// One's own message, locked; somebody else's is not there to be changed.
async fn own(tx: &mut Tx, me: UserId, id: TeamMessageId) -> Result<TeamMessage, Problem> {
    store::lock(tx, id).await?;
    let message = get(tx, me, id).await?;
    if message.sender.id == Party::User(me) { Ok(message) } else { Err(Problem::not_found("message of yours")) }
}

/// The message before and after it was rewritten.
pub(super) async fn edit(
    tx: &mut Tx,
    me: UserId,
    id: TeamMessageId,
    if_match: IfMatch,
    body: &str,
) -> Result<(TeamMessage, TeamMessage), Problem> {
    let before = own(tx, me, id).await?;
    if_match.check(before.version)?;
    if before.deleted_at.is_some() {
        return Err(Problem::new(Code::WrongState, "The message was taken back."));
    }
    store::edit(tx, id, body).await?;
    tell_ends(tx, id, [before.sender.id, before.recipient.id]);
    Ok((before, get(tx, me, id).await?))
}

/// Takes a message back. None: it was before.
pub(super) async fn delete(tx: &mut Tx, me: UserId, id: TeamMessageId) -> Result<Option<TeamMessage>, Problem> {
    let message = own(tx, me, id).await?;
    if message.deleted_at.is_some() {
        return Ok(None);
    }
    store::bury(tx, id).await?;
    tell_ends(tx, id, [message.sender.id, message.recipient.id]);
    Ok(Some(message))
}

/// Marks a message that `me` got as read.
pub(super) async fn read(tx: &mut Tx, me: UserId, id: TeamMessageId) -> Result<TeamMessage, Problem> {
    let message = get(tx, me, id).await?;
    if message.recipient.id != Party::User(me) {
        return Err(Problem::not_found("message to you"));
    }
    store::mark_read(tx, me, Some(id), None).await?;
    tell_ends(tx, id, [message.sender.id, message.recipient.id]);
    get(tx, me, id).await
}

/// What a member asked the assistant; none where it is no question to it (any more).
pub async fn question(tx: &mut Tx, id: TeamMessageId) -> Result<Option<Question>, sqlx::Error> {
    store::question(tx, id).await
}

/// Writes the assistant's answer into the thread of the question.
pub async fn answer(tx: &mut Tx, question: &Question, text: &str) -> Result<TeamMessageId, sqlx::Error> {
    let body: String = text.chars().take(LONGEST).collect();
    let answer = NewMessage {
        sender: Party::Assistant,
        recipient: Party::User(question.asked_by),
        answers: Some((question.id, question.thread_id)),
        body: &body,
    };
    let id = store::insert(tx, &answer).await?;
    events::emit(tx, Event::TeamMessageSent { message_id: id, to_assistant: false }).await?;
    tx.tell_only(question.asked_by, Kind::TeamMessage, id.0);
    Ok(id)
}
