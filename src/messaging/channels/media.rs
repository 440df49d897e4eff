//! Fetching a file of a text that came in from Twilio, where it lies. Its address comes from a webhook: it is followed to Twilio only.

use std::{sync::LazyLock, time::Duration};

use reqwest::{Client, Response, StatusCode, header, redirect::Policy};
use url::Url;

use super::{Account, twilio::credentials};
use crate::messaging::media::{LARGEST, NamedFile, Provider};

/// Twilio's API sends whoever asks for a file on to its store, once.
const REDIRECTS: usize = 2;

/// A file as Twilio gave it.
#[derive(Debug)]
pub(in crate::messaging) struct Fetched {
    pub content_type: String,
    pub bytes: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
pub(in crate::messaging) enum FetchError {
    #[error("its address is none of Twilio's")]
    Elsewhere,
    #[error("it is no longer there")]
    Gone,
    #[error("it is larger than is shown here")]
    TooLarge,
    #[error("Twilio does not give it out: {0}")]
    Refused(StatusCode),
    #[error("Twilio cannot be reached: {0}")]
    Unreachable(#[from] reqwest::Error),
}

static HTTP: LazyLock<Client> = LazyLock::new(|| {
    Client::builder()
        .connect_timeout(Duration::from_secs(3))
        .timeout(Duration::from_secs(20))
        // Each step is looked at before it is taken.
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(concat!("frontdesk/", env!("CARGO_PKG_VERSION")))
        .build()
        .expect("the client is built of constants")
});

/// Fetches a file of this message from the API at `api`, as the account that it belongs to.
pub(in crate::messaging) async fn fetch(
    api: &Url,
    account: &Account,
    message_sid: &str,
    address: &str,
) -> Result<Fetched, FetchError> {
    let provider = Provider { api };
    let url = Url::parse(address).map_err(|_| FetchError::Elsewhere)?;
    let its_own = NamedFile { account_sid: &account.account_sid, message_sid };
    if provider.file(&url) != Some(its_own) {
        return Err(FetchError::Elsewhere);
    }
    let mut answer = asked_as(account, &url).await?;
    for _ in 0..REDIRECTS {
        if !answer.status().is_redirection() {
            break;
        }
        let location = answer.headers().get(header::LOCATION).and_then(|l| l.to_str().ok());
        let next = location.and_then(|l| url.join(l).ok()).ok_or(FetchError::Refused(answer.status()))?;
        if !provider.is_store(&next) {
            return Err(FetchError::Elsewhere);
        }
        // Nobody's credentials: its address is all it takes.
        answer = HTTP.get(next).send().await?;
    }
    if answer.status().is_redirection() { Err(FetchError::Elsewhere) } else { read(answer).await }
}

/// With the next credentials where these are not (or no more) right.
async fn asked_as(account: &Account, url: &Url) -> Result<Response, FetchError> {
    let mut refused = FetchError::Refused(StatusCode::UNAUTHORIZED);
    for basic in credentials(account) {
        let answer = HTTP.get(url.clone()).header(header::AUTHORIZATION, format!("Basic {basic}")).send().await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        refused = FetchError::Refused(answer.status());
    }
    Err(refused)
}

async fn read(mut answer: Response) -> Result<Fetched, FetchError> {
    match answer.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::GONE => return Err(FetchError::Gone),
        other => return Err(FetchError::Refused(other)),
    }
    let content_type = answer.headers().get(header::CONTENT_TYPE).and_then(|t| t.to_str().ok()).unwrap_or_default();
    let content_type = content_type.to_owned();
    let mut bytes = Vec::new();
    // What it says of its length is not believed.
    while let Some(chunk) = answer.chunk().await? {
        if bytes.len() + chunk.len() > LARGEST {
            return Err(FetchError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Fetched { content_type, bytes })
}
