//! The stand-in's status callbacks: signed, late, twice, out of order, or never.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use frontdesk::platform::crypto::hmac_sha1_base64;

use super::{
    super::{AUTH_TOKEN, NUMBER},
    Taken,
};

/// Where reports really go, and how.
#[derive(Clone)]
pub struct Callbacks {
    /// "http://127.0.0.1:port" of the process that runs now; what is sent while none does is lost.
    pub to: Arc<Mutex<Option<String>>>,
    client: reqwest::Client,
}

impl Callbacks {
    pub fn new() -> Self {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().expect("client");
        Self { to: Arc::default(), client }
    }

    /// Where they go from now on.
    pub fn point_to(&self, url: Option<&str>) {
        *self.to.lock().expect("callbacks") = url.map(str::to_owned);
    }

    /// Reports "delivered", and of some texts "sent": before or after it, or twice; some before the answer to the send.
    pub(super) fn follow(&self, taken: &Taken) {
        let Some(callback) = taken.form.get("StatusCallback").cloned() else { return };
        let this = self.clone();
        let (sid, to) = (taken.sid.clone(), taken.to.clone());
        let n = usize::from_str_radix(&sid[24..], 16).unwrap_or(0);
        tokio::spawn(async move {
            let order: &[&str] = match n % 5 {
                0 => &["delivered", "sent"],
                1 => &["sent", "sent", "delivered"],
                _ => &["delivered"],
            };
            for (step, status) in order.iter().enumerate() {
                if n % 3 != 0 || step > 0 {
                    tokio::time::sleep(Duration::from_millis(40 + (n % 7) as u64 * 30)).await;
                }
                this.report(&callback, &sid, &to, status).await;
            }
        });
    }

    async fn report(&self, callback: &str, sid: &str, to: &str, status: &str) {
        let Some(base) = self.to.lock().expect("callbacks").clone() else { return };
        let mut fields = vec![
            ("AccountSid", "AC22222222222222222222222222222222"),
            ("From", NUMBER),
            ("MessageSid", sid),
            ("MessageStatus", status),
            ("To", to),
        ];
        fields.sort_unstable();
        let data = fields.iter().fold(callback.to_owned(), |data, (name, value)| data + name + value);
        let path = url::Url::parse(callback).expect("callback").path().to_owned();
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let request = self
            .client
            .post(format!("{base}{path}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-twilio-signature", hmac_sha1_base64(AUTH_TOKEN, data.as_bytes()))
            .body(form);
        // Best effort, as Twilio's are: nobody tries it again.
        drop(request.send().await);
    }
}
