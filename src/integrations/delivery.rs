//! The call itself: one POST, not longer than 15 seconds, to no address that is not public. Names are looked up here and the addresses
//! judged at the moment of connecting, so that a name that leads elsewhere tomorrow is judged tomorrow.

use std::{
    collections::HashMap,
    error::Error,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use reqwest::{
    Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header,
    redirect::Policy,
};

use super::rules;
use crate::platform::ids::WebhookEndpointId;

/// Connecting, sending and being answered.
const LONGEST_CALL: Duration = Duration::from_secs(15);
/// Calls to one endpoint at once, in this process: a slow one holds a part of the queue only.
const AT_ONCE: usize = 4;
/// More of an answer's body is not read …
const READ_BYTES: usize = 64 * 1024;
/// … and of what is read, this much is kept.
const KEPT_BYTES: usize = 1024;

/// Makes the calls. Cheap to clone.
#[derive(Clone)]
pub struct Deliverer {
    http: Client,
    allow_private: bool,
    busy: Arc<Mutex<HashMap<WebhookEndpointId, usize>>>,
}

/// What is posted.
pub(super) struct Call<'a> {
    pub url: &'a str,
    pub id: &'a str,
    /// Unix seconds.
    pub timestamp: i64,
    pub signatures: String,
    pub body: String,
}

/// What came of a call.
#[derive(Debug)]
pub(super) struct Outcome {
    pub duration: Duration,
    pub answer: Result<Answer, String>,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub retry_after: Option<Duration>,
    /// The beginning of the body.
    pub body: String,
}

/// One of the places at an endpoint; free again when dropped.
pub(super) struct Place {
    busy: Arc<Mutex<HashMap<WebhookEndpointId, usize>>>,
    endpoint: WebhookEndpointId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut busy = self.busy.lock().expect("no holder panics");
        if let Some(count) = busy.get_mut(&self.endpoint) {
            *count -= 1;
            if *count == 0 {
                busy.remove(&self.endpoint);
            }
        }
    }
}

impl Deliverer {
    /// # Panics
    /// Where TLS is not set up.
    pub fn new(allow_private: bool) -> Self {
        Self::with_lookup(allow_private, Arc::new(|name| Box::pin(system_lookup(name))))
    }

    fn with_lookup(allow_private: bool, lookup: Lookup) -> Self {
        let http = Client::builder()
            .dns_resolver(Arc::new(PublicOnly { allow_private, lookup }))
            .connect_timeout(LONGEST_CALL)
            .timeout(LONGEST_CALL)
            // A redirect would be a second address that nobody wrote down.
            .redirect(Policy::none())
            // A proxy of the environment would do the connecting, out of our sight.
            .no_proxy()
            .pool_idle_timeout(Duration::from_secs(30))
            .user_agent(concat!("frontdesk/", env!("CARGO_PKG_VERSION"), " webhooks"))
            .build()
            .expect("TLS is set up before anything else");
        Self { http, allow_private, busy: Arc::default() }
    }

    /// A place at the endpoint; none: as many calls as may be are under way to it.
    pub(super) fn place(&self, endpoint: WebhookEndpointId) -> Option<Place> {
        let mut busy = self.busy.lock().expect("no holder panics");
        let count = busy.entry(endpoint).or_default();
        if *count >= AT_ONCE {
            return None;
        }
        *count += 1;
        Some(Place { busy: Arc::clone(&self.busy), endpoint })
    }

    pub(super) async fn call(&self, call: Call<'_>, now: DateTime<Utc>) -> Outcome {
        let started = Instant::now();
        // Literal addresses never reach the resolver: they are judged here, again at each call.
        let answer = match rules::endpoint_url(call.url, self.allow_private) {
            Ok(url) => self.post(url, call, now).await,
            Err(problem) => Err(format!("the address {}", problem.message())),
        };
        Outcome { duration: started.elapsed(), answer }
    }

    async fn post(&self, url: Url, call: Call<'_>, now: DateTime<Utc>) -> Result<Answer, String> {
        let request = self
            .http
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", call.id)
            .header("webhook-timestamp", call.timestamp)
            .header("webhook-signature", call.signatures)
            .body(call.body);
        let mut response = request.send().await.map_err(|error| reason(&error))?;
        let retry_after = response.headers().get(header::RETRY_AFTER).and_then(|v| v.to_str().ok());
        let retry_after = retry_after.and_then(|value| rules::retry_after(value, now));
        let status = response.status().as_u16();
        let mut body = Vec::new();
        let mut read = 0;
        // An answer whose body never ends, or ends too late, is an answer all the same.
        while let Ok(Some(chunk)) = response.chunk().await {
            read += chunk.len();
            let room = KEPT_BYTES.saturating_sub(body.len()).min(chunk.len());
            body.extend_from_slice(&chunk[..room]);
            if read >= READ_BYTES {
                break;
            }
        }
        Ok(Answer { status, retry_after, body: String::from_utf8_lossy(&body).replace('\0', "\u{fffd}") })
    }
}

/// The last cause in the chain says most; none of them may hold the address, which can hold a secret in its query.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {} seconds", LONGEST_CALL.as_secs());
    }
    let mut cause: &dyn Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if error.is_connect() { format!("no connection: {cause}") } else { format!("no answer: {cause}") }
}

type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

async fn system_lookup(name: String) -> io::Result<Vec<SocketAddr>> {
    Ok(tokio::net::lookup_host((name, 0)).await?.collect())
}

/// Gives the connector public addresses only.
struct PublicOnly {
    allow_private: bool,
    lookup: Lookup,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let (allow_private, found) = (self.allow_private, (self.lookup)(name.as_str().to_owned()));
        Box::pin(async move {
            let mut addresses = found.await?;
            addresses.retain(|address| allow_private || rules::is_public(address.ip()));
            if addresses.is_empty() {
                return Err("the name leads to no public address".into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::platform::{clock::Clock, ids::WebhookEndpointId};

    fn deliverer(allow_private: bool, lookup: Lookup) -> Deliverer {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        Deliverer::with_lookup(allow_private, lookup)
    }

    fn leads_to(addresses: Vec<SocketAddr>) -> Lookup {
        Arc::new(move |_| {
            let addresses = addresses.clone();
            Box::pin(async move { Ok(addresses) })
        })
    }

    async fn call(deliverer: &Deliverer, url: &str) -> Outcome {
        let call = Call { url, id: "msg_1", timestamp: 1, signatures: "v1,x".to_owned(), body: "{}".to_owned() };
        deliverer.call(call, "2026-11-21T15:00:00Z".parse().expect("time")).await
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_called_however_it_is_spelt() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listen");
        let port = listener.local_addr().expect("address").port();
        let inside: Vec<SocketAddr> =
            ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0"]
                .iter()
                .map(|ip| SocketAddr::new(ip.parse().expect("ip"), 0))
                .collect();
        let client = deliverer(false, leads_to(inside));
        let outcome = call(&client, &format!("https://rebind.example.com:{port}/")).await;
        let error = outcome.answer.expect_err("refused");
        assert!(error.contains("no public address"), "{error}");
        for spelling in
            ["127.0.0.1", "2130706433", "0x7f.1", "017700000001", "[::1]", "[::ffff:127.0.0.1]", "localhost"]
        {
            let error = call(&client, &format!("https://{spelling}:{port}/")).await.answer.expect_err(spelling);
            assert!(error.contains("public address"), "{spelling}: {error}");
        }
        let real = Deliverer::new(false);
        assert!(call(&real, &format!("https://localhost:{port}/")).await.answer.is_err());
        let nobody = tokio::time::timeout(Duration::from_millis(100), listener.accept()).await;
        assert!(nobody.is_err(), "somebody connected");
    }

    #[tokio::test]
    async fn of_several_addresses_only_the_public_are_tried() {
        let addresses = vec![
            SocketAddr::from(([127, 0, 0, 1], 0)),
            SocketAddr::from(([8, 8, 8, 8], 0)),
            SocketAddr::from(([192, 168, 0, 1], 0)),
        ];
        let resolver = PublicOnly { allow_private: false, lookup: leads_to(addresses) };
        let left: Vec<SocketAddr> = resolver
            .resolve("example.com".parse().expect("name"))
            .await
            .map_err(|e| e.to_string())
            .expect("one")
            .collect();
        assert_eq!(left, [SocketAddr::from(([8, 8, 8, 8], 0))]);
    }

    #[tokio::test]
    async fn a_server_can_be_called_where_private_addresses_are_allowed_and_its_redirect_is_not_followed() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listen");
        let port = listener.local_addr().expect("address").port();
        tokio::spawn(async move {
            let mut count = 0;
            while let Ok((mut io, _)) = listener.accept().await {
                count += 1;
                let mut buffer = [0; 4096];
                drop(io.read(&mut buffer).await);
                let head = format!(
                    "HTTP/1.1 302 Found\r\nlocation: /else\r\nretry-after: 7\r\nconnection: close\r\n\r\n{count} "
                );
                drop(io.write_all(head.as_bytes()).await);
                drop(io.write_all(&vec![b'x'; 200_000]).await);
            }
        });
        let client = deliverer(true, leads_to(vec![SocketAddr::from(([127, 0, 0, 1], 0))]));
        let answer = call(&client, &format!("http://receiver.example.com:{port}/x")).await.answer.expect("an answer");
        assert_eq!((answer.status, answer.retry_after), (302, Some(Duration::from_secs(7))));
        assert_eq!(answer.body.len(), 1024);
        assert!(answer.body.starts_with("1 xxx"), "called once");
    }

    #[test]
    fn an_endpoint_has_so_many_places() {
        let deliverer = deliverer(true, leads_to(Vec::new()));
        let clock = Clock::system();
        let (one, two) = (WebhookEndpointId::new(&clock), WebhookEndpointId::new(&clock));
        let mut held: Vec<Place> = (0..AT_ONCE).map(|_| deliverer.place(one).expect("free")).collect();
        assert!(deliverer.place(one).is_none());
        assert!(deliverer.place(two).is_some(), "another endpoint has its own");
        held.pop();
        assert!(deliverer.place(one).is_some());
        held.clear();
        assert!(deliverer.busy.lock().expect("lock").is_empty(), "nothing is kept of idle endpoints");
    }
}
