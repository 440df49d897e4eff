//! Files of texts that came in, handed on from the provider to whoever may read the conversation.

use axum::{
    extract::State,
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};
use url::Url;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::Staff,
    messaging::{
        channels::{
            Account,
            media::{FetchError, Fetched, fetch},
        },
        credentials,
        media::{MediaItem, Provider, essence, offered, shown_inline},
        store::whatsapp::{self as store, InboundFile},
    },
    platform::{
        http::{Core, Path},
        ids::MessageId,
        problem::{Code, Problem, ProblemDocument},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(get_message_media))
}

/// The file, for the API description.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only described")]
struct MediaFile(Vec<u8>);

/// One file of a text that came in, fetched from the provider. Pictures, sound and film are shown; some other kinds of files are given to
/// be saved, and what could run code is not given at all (`media_unavailable`).
#[utoipa::path(get, path = "/messages/{id}/media/{n}", tag = "messages",
    params(("id" = MessageId, Path), ("n" = i32, Path, description = "Place in the text, from 0", minimum = 0, maximum = 19)), responses(
    (status = 200, description = "The file", body = MediaFile, content_type = "application/octet-stream"),
    (status = 404, description = "No such message or file, or it cannot be had", body = ProblemDocument),
))]
async fn get_message_media(
    State(core): State<Core>,
    staff: Staff,
    Path((id, n)): Path<(MessageId, i32)>,
) -> Result<Response, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let InboundFile { item, message_sid, sender_id } =
        store::inbound_media(&mut tx, id, n).await?.ok_or_else(|| Problem::not_found("file"))?;
    let own = credentials::of_sender(&mut tx, core.vault.as_ref(), sender_id).await?;
    // Nothing is held while Twilio is asked.
    drop(tx);
    let twilio = core.config.twilio.as_ref();
    let api = core.config.twilio_api();
    // The sender may have come to an account of its own since, or left it.
    let accounts = own.into_iter().chain(twilio.map(Account::from));
    let named = Url::parse(&item.url).ok();
    let of = named.as_ref().and_then(|url| Provider { api }.file(url)).map(|file| file.account_sid);
    let Some(account) = accounts.into_iter().find(|account| Some(account.account_sid.as_str()) == of) else {
        return Err(unavailable("It belongs to no account that is configured here."));
    };
    let file = fetch(api, &account, &message_sid, &item.url).await.map_err(|error| {
        match &error {
            FetchError::Elsewhere => tracing::warn!(message.id = %id, "media.elsewhere"),
            error => tracing::info!(message.id = %id, %error, "media.unavailable"),
        }
        unavailable(match error {
            FetchError::Elsewhere => "Its address is none of the provider's.",
            FetchError::Gone => "It is no longer at the provider.",
            FetchError::TooLarge => "It is larger than 16 MB.",
            FetchError::Refused(_) | FetchError::Unreachable(_) => "The provider does not give it out now.",
        })
    })?;
    answer(file, &item, n)
}

fn unavailable(detail: &str) -> Problem {
    Problem::new(Code::MediaUnavailable, detail)
}

fn answer(file: Fetched, item: &MediaItem, n: i32) -> Result<Response, Problem> {
    // What the store of files calls it; where that says nothing, what the webhook did.
    let said = essence(&file.content_type);
    let silent = matches!(said.as_str(), "" | "application/octet-stream" | "binary/octet-stream");
    let kind = if silent { essence(&item.content_type) } else { said };
    if !offered(&kind) {
        return Err(unavailable("Files of this kind are not shown."));
    }
    let end = kind.rsplit(['/', '-', '+']).next().unwrap_or("bin");
    let place = if shown_inline(&kind) { "inline" } else { "attachment" };
    let headers: [(HeaderName, String); 5] = [
        (header::CONTENT_DISPOSITION, format!("{place}; filename=\"media-{}.{end}\"", n + 1)),
        (header::CONTENT_TYPE, kind),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (header::CACHE_CONTROL, "private, max-age=3600".to_owned()),
    ];
    Ok((headers, file.bytes).into_response())
}
