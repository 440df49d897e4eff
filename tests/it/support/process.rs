//! The real binary as a process, to be killed.

use std::{
    collections::HashMap,
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// A running `frontdesk`.
pub struct Process {
    child: Child,
    /// "http://127.0.0.1:port".
    pub url: String,
    /// Lines of its log so far.
    pub log: Arc<Mutex<Vec<String>>>,
}

impl Process {
    pub fn command(settings: &HashMap<&str, String>) -> Command {
        let mut command = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_frontdesk")));
        // Nothing of the caller's environment but what programs need.
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").envs(settings.iter());
        // A .env of the working directory must not leak in.
        command.current_dir(std::env::temp_dir()).stdin(Stdio::null()).stderr(Stdio::inherit()).kill_on_drop(true);
        command
    }

    /// Starts `serve` and waits until it says where it listens.
    pub async fn serve(settings: &HashMap<&str, String>) -> Self {
        Self::serve_role(settings, "all").await
    }

    pub async fn serve_role(settings: &HashMap<&str, String>, role: &str) -> Self {
        let mut child = Self::command(settings)
            .args(["serve", "--role", role])
            .stdout(Stdio::piped())
            .spawn()
            .expect("start frontdesk");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        let url = loop {
            let line = lines.next_line().await.expect("read").expect("frontdesk ended before it listened");
            let log: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            if log["message"] == "listening" {
                break log["url"].as_str().expect("url").to_owned();
            }
        };
        // Keep reading, or the pipe fills and the process stops.
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines_of_log = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                lines_of_log.lock().expect("log").push(line);
            }
        });
        Self { child, url, log }
    }

    /// kill -9.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("kill");
    }

    /// SIGTERM, and how it ended.
    pub async fn terminate(mut self) -> std::process::ExitStatus {
        let pid = self.child.id().expect("running");
        let killed = std::process::Command::new("kill").arg(pid.to_string()).status().expect("kill");
        assert!(killed.success());
        tokio::time::timeout(Duration::from_secs(60), self.child.wait())
            .await
            .expect("stops within a minute")
            .expect("status")
    }
}

/// Settings of a process on its own database, with the stand-in as Twilio.
pub async fn settings(twilio: &super::StandIn) -> HashMap<&'static str, String> {
    let servers = super::servers().await;
    HashMap::from([
        ("DATABASE_URL", servers.database().await.url),
        ("REDIS_URL", servers.redis_database()),
        ("DATABASE_CONNECTIONS", "10".to_owned()),
        ("APP_PORT", "0".to_owned()),
        ("PUBLIC_URL", "https://desk.example.com".to_owned()),
        ("TWILIO_ACCOUNT_SID", "AC22222222222222222222222222222222".to_owned()),
        ("TWILIO_AUTH_TOKEN", super::AUTH_TOKEN.to_owned()),
        ("TWILIO_PHONE_NUMBER", super::NUMBER.to_owned()),
        ("TWILIO_API_URL", twilio.url.clone()),
        ("ADMIN_API_KEY", super::API_KEY.to_owned()),
        ("ADMIN_PASSWORD", "correct horse battery".to_owned()),
        ("REPLY_SETTLE_MS", "0".to_owned()),
        // Tests send fast; those of the pace set it.
        ("TWILIO_MAX_SENDS_PER_SECOND", "0".to_owned()),
        ("LOG_LEVEL", "warn,frontdesk=info".to_owned()),
    ])
}

impl Process {
    /// Delivers a signed text. None: no answer came.
    pub async fn sms(&self, client: &reqwest::Client, sid: &str, from: &str, body: &str) -> Option<u16> {
        Self::sms_to(&self.url, client, sid, from, body).await
    }

    /// The same to whichever process listens there.
    pub async fn sms_to(url: &str, client: &reqwest::Client, sid: &str, from: &str, body: &str) -> Option<u16> {
        let path = "/webhooks/sms/inbound";
        let mut fields = [("MessageSid", sid), ("From", from), ("To", super::NUMBER), ("Body", body)];
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        fields.sort_unstable();
        let data =
            fields.iter().fold(format!("https://desk.example.com{path}"), |data, (name, value)| data + name + value);
        let request = client
            .post(format!("{url}{path}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header(
                "x-twilio-signature",
                frontdesk::platform::crypto::hmac_sha1_base64(super::AUTH_TOKEN, data.as_bytes()),
            )
            .body(form);
        request.send().await.ok().map(|answer| answer.status().as_u16())
    }
}

/// Asks again and again until it is so, for at most two minutes: a real process decides when.
pub async fn eventually(what: &str, mut check: impl AsyncFnMut() -> bool) {
    for _ in 0..1200 {
        if check().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("never came true: {what}");
}
