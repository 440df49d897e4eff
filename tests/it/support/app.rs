//! An application on its own database, in this process. Jobs run when the test says so; time moves when the test says so.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use chrono::{DateTime, TimeDelta, Utc};
use frontdesk::{
    accounts::{Organization, Permission},
    app,
    assistant::{
        Models,
        llm::{Limits, Llm},
    },
    messaging::{self, ChannelKind, Channels, Rates, SimulatorChannel, TwilioChannel},
    platform::{
        clock::Clock,
        config::Config,
        crypto::{self, hmac_sha1_base64},
        db::Db,
        http::Core,
        ids::{ApiKeyId, OrganizationId},
        jobs::{Dispatcher, Executor, Transport},
        listen,
        live::{self, Hub},
        telemetry,
    },
};
use serde_json::Value;
use sqlx::PgPool;
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt;

use super::{StandIn, servers};

pub const AUTH_TOKEN: &str = "12345678901234567890123456789012";
/// The number of the organization's SMS and WhatsApp senders.
pub const NUMBER: &str = "+15005550006";
pub const API_KEY: &str = "test-api-key";
const PUBLIC_URL: &str = "https://desk.example.com";

pub struct App {
    pub core: Core,
    pub router: Router,
    pub executor: Executor,
    pub channels: Channels,
    pub organization: Organization,
    pub twilio: StandIn,
    pub clock: Clock,
    /// Where the database is, for another process on it.
    pub database_url: String,
    /// Ends what runs beside the test.
    pub stop: DropGuard,
    sids: std::sync::atomic::AtomicU32,
}

pub struct ApiResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl ApiResponse {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.text))
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }
}

/// Settings that differ from the usual ones.
pub struct Builder {
    settings: HashMap<&'static str, String>,
    start: DateTime<Utc>,
    seed: bool,
    limits: Option<Limits>,
    live: live::Limits,
    database_url: Option<String>,
    redis_url: Option<String>,
}

impl Builder {
    /// Environment variable `name`; an empty value unsets it.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.settings.insert(name, value.to_owned());
        self
    }

    pub fn without_demo(mut self) -> Self {
        self.seed = false;
        self
    }

    /// How long and how often language models are asked.
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// How browsers' connections are treated.
    pub fn with_live(mut self, limits: live::Limits) -> Self {
        self.live = limits;
        self
    }

    /// On the database of another, as a second process of it.
    pub fn beside(mut self, app: &App) -> Self {
        self.database_url = Some(app.database_url.clone());
        self.start = app.clock.now();
        self
    }

    /// On another Redis than the usual one.
    pub fn on_redis(mut self, url: &str) -> Self {
        self.redis_url = Some(url.to_owned());
        self
    }

    /// The time at the start; the demo's four weeks of slots begin on that day.
    pub fn at(mut self, start: DateTime<Utc>) -> Self {
        self.start = start;
        self
    }

    pub async fn start(mut self) -> App {
        let servers = servers().await;
        let database_url = match self.database_url.take() {
            Some(url) => url,
            None => servers.database().await.url,
        };
        let redis_url = self.redis_url.take().unwrap_or_else(|| servers.redis_url.clone());
        let clock = Clock::manual(self.start);
        let twilio = StandIn::with_clock(clock.clone()).await;
        self.settings.entry("TWILIO_API_URL").or_insert_with(|| twilio.url.clone());
        let config = Config::read(&|name| self.settings.get(name).cloned()).expect("test settings");
        let pool = PgPool::connect(&database_url).await.expect("database");
        let transport = Transport::lazy(&redis_url).expect("Redis URL");
        let stop = CancellationToken::new();
        let publisher = live::publisher();
        live::spawn_publisher(&publisher, transport.connection(), stop.clone());
        let vault = config.vault();
        let db = Db::new(pool, clock.clone(), app::route, Dispatcher::silent()).with_vault(vault.clone());
        let db = db.with_live(publisher);
        let organization = app::bootstrap(&db, &config, config.admin.password.as_ref()).await.expect("bootstrap");
        if self.seed {
            app::seed_demo(&db, &organization).await.expect("demo");
        }
        let channels = Channels {
            twilio: config.twilio.as_ref().map(|t| Arc::new(TwilioChannel::new(t).expect("Twilio")) as Arc<_>),
            simulator: Arc::new(SimulatorChannel::new(db.clone())),
            rates: Rates::new(transport.connection(), clock.clone(), &config),
        };
        let core = Core { db: db.clone(), clock: clock.clone(), config: Arc::new(config), vault: vault.clone() };
        let llm = match self.limits {
            Some(limits) => Llm::with_limits(&core.config.ai, limits),
            None => Llm::new(&core.config.ai),
        };
        let models = Models::with_llm(llm, vault);
        let hub = Hub::new(&transport, self.live);
        tokio::spawn(hub.clone().run(stop.clone()));
        let router =
            app::router(core.clone(), models.clone(), channels.clone(), transport, hub, telemetry::init_metrics());
        let executor = Executor::new(db, app::registry(&core, &channels, &models));
        let (stop, sids) = (stop.drop_guard(), std::sync::atomic::AtomicU32::new(1));
        App { core, router, executor, channels, organization, twilio, clock, database_url, stop, sids }
    }
}

impl App {
    /// Usual settings, on a Saturday morning in New York: Saturday 2026-11-21, 10:00.
    pub fn builder() -> Builder {
        // TLS is not used, but clients are built.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let settings = [
            ("PUBLIC_URL", PUBLIC_URL),
            ("BUSINESS_NAME", "Maple Street Studio"),
            ("SUPPORT_PHONE_NUMBER", "+15005550100"),
            ("DEFAULT_TIMEZONE", "America/New_York"),
            ("TWILIO_ACCOUNT_SID", "AC22222222222222222222222222222222"),
            ("TWILIO_AUTH_TOKEN", AUTH_TOKEN),
            ("TWILIO_PHONE_NUMBER", NUMBER),
            ("ADMIN_API_KEY", API_KEY),
            ("ADMIN_USERNAME", "admin"),
            ("ADMIN_PASSWORD", "correct horse battery"),
            ("REPLY_SETTLE_MS", "0"),
            // Tests ask fast; those of the limits set them.
            ("TWILIO_MAX_SENDS_PER_SECOND", "0"),
            ("RATE_LIMIT_PER_MINUTE", "0"),
            ("RATE_LIMIT_ADDRESS_PER_MINUTE", "0"),
        ];
        Builder {
            settings: settings.into_iter().map(|(k, v)| (k, v.to_owned())).collect(),
            start: "2026-11-21T15:00:00Z".parse().expect("time"),
            seed: true,
            limits: None,
            live: live::Limits::default(),
            database_url: None,
            redis_url: None,
        }
    }

    /// Listens for connections of another kind than [`Self::request`] makes; gives back "127.0.0.1:port".
    pub async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("listen");
        let address = listener.local_addr().expect("address").to_string();
        tokio::spawn(listen::serve(listener, self.router.clone(), listen::HEAD_WITHIN, CancellationToken::new()));
        address
    }

    pub async fn start() -> Self {
        Self::builder().start().await
    }

    pub async fn request(&self, request: Request<Body>) -> ApiResponse {
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 16 << 20).await.expect("body");
        ApiResponse { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// A request of a program with the organization's key.
    pub async fn api(&self, method: &str, path: &str, body: Option<Value>) -> ApiResponse {
        self.api_as(API_KEY, method, path, body).await
    }

    /// A key of the organization with these permissions only.
    pub async fn key_with(&self, organization: OrganizationId, permissions: &[Permission]) -> String {
        let key = crypto::random_token(24);
        let scopes: Vec<String> = permissions.iter().map(|p| p.as_str().to_owned()).collect();
        sqlx::query(
            "INSERT INTO api_keys (organization_id, id, name, key_hash, created_at, scopes) VALUES ($1, $2, 'of a test', $3, $4, $5)",
        )
        .bind(organization.0)
        .bind(ApiKeyId::new(&self.clock).0)
        .bind(crypto::token_hash("frontdesk api key", &key))
        .bind(self.clock.now())
        .bind(&scopes)
        .execute(self.core.db.pool())
        .await
        .expect("key");
        key
    }

    /// Another organization with a simulator, an SMS number of its own (+15005550077), and a key that may do everything in it.
    pub async fn second_organization(&self) -> (OrganizationId, String) {
        let id = OrganizationId::new(&self.clock);
        sqlx::query("INSERT INTO organizations (id, name, timezone, created_at) VALUES ($1, 'Other', 'UTC', $2)")
            .bind(id.0)
            .bind(self.clock.now())
            .execute(self.core.db.pool())
            .await
            .expect("organization");
        for (channel, address) in [(ChannelKind::Simulator, "simulator"), (ChannelKind::Sms, "+15005550077")] {
            messaging::ensure_sender(&self.core.db, id, channel, address, None, address).await.expect("sender");
        }
        let key = self.key_with(id, Permission::ALL).await;
        (id, key)
    }

    /// A request with another key.
    pub async fn api_as(&self, key: &str, method: &str, path: &str, body: Option<Value>) -> ApiResponse {
        let mut request = Request::builder().method(method).uri(path).header("x-api-key", key);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        self.request(request.body(body.map_or_else(Body::empty, |b| Body::from(b.to_string()))).expect("request")).await
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> impl Future<Output = Value> {
        let path = path.to_owned();
        async move { self.api("GET", &path, None).await.expect(200).json() }
    }

    /// Whole list, one page.
    pub async fn items(&self, path: &str) -> Vec<Value> {
        self.get(path).await["items"].as_array().expect("items").clone()
    }

    /// A SID nobody had.
    pub fn sid(&self) -> String {
        format!("SM{:032x}", self.sids.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }

    /// A webhook signed as Twilio signs it.
    pub fn signed(&self, path: &str, fields: &[(&str, &str)]) -> Request<Body> {
        self.signed_by(AUTH_TOKEN, path, fields)
    }

    /// As Twilio signs for an account with this token.
    pub fn signed_by(&self, token: &str, path: &str, fields: &[(&str, &str)]) -> Request<Body> {
        let url = format!("{PUBLIC_URL}{path}");
        let mut sorted = fields.to_vec();
        sorted.sort_unstable();
        let data = sorted.iter().fold(url, |data, (name, value)| data + name + value);
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Request::builder()
            .method("POST")
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("x-twilio-signature", hmac_sha1_base64(token, data.as_bytes()))
            .body(Body::from(body))
            .expect("request")
    }

    /// A text by SMS, taken in but not yet answered.
    pub async fn sms(&self, from: &str, body: &str) -> ApiResponse {
        let sid = self.sid();
        self.request(
            self.signed(
                "/webhooks/sms/inbound",
                &[("MessageSid", &sid), ("From", from), ("To", NUMBER), ("Body", body)],
            ),
        )
        .await
    }

    /// Texts by SMS and gives back what Twilio took for the sender in answer.
    pub async fn text(&self, from: &str, body: &str) -> Vec<String> {
        let before = self.twilio.taken_by(from).len();
        self.sms(from, body).await.expect(200);
        self.run_jobs().await;
        // A second later, so that no two texts are of one instant.
        self.clock.advance(TimeDelta::seconds(1));
        self.twilio.taken_by(from).into_iter().skip(before).map(|t| t.body).collect()
    }

    /// Texts and expects exactly one reply.
    #[track_caller]
    pub fn ask(&self, from: &str, body: &str) -> impl Future<Output = String> {
        let caller = std::panic::Location::caller();
        let (from, body) = (from.to_owned(), body.to_owned());
        async move {
            let replies = self.text(&from, &body).await;
            assert_eq!(replies.len(), 1, "{body:?} was answered with {replies:?} ({caller})");
            replies.into_iter().next().expect("one")
        }
    }

    /// Runs everything due now.
    pub async fn run_jobs(&self) {
        self.executor.run_due().await;
    }

    /// Nothing is left to do, nothing died, and nothing was asked of Twilio against its contract.
    pub async fn finish(self) {
        let violations = self.twilio.violations();
        assert!(violations.is_empty(), "{violations:?}");
        let left: Vec<(String, String, Option<String>)> =
            // The deadline of a review is weeks away, and its job with it; what is kept of a list is swept in a month.
            sqlx::query_as(
                "SELECT kind, state, last_error FROM jobs
                 WHERE state <> 'done' AND NOT (kind IN ('close_overdue_review', 'sweep_contact_import') AND state = 'queued')",
            )
                .fetch_all(self.core.db.pool())
                .await
                .expect("jobs");
        assert!(left.is_empty(), "unfinished jobs: {left:?}");
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.core.db.pool()).await.expect(sql)
    }
}
