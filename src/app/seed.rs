//! A demo business to try things on: two providers, three services, half-hour slots on working days. Four weeks of them are made at once;
//! their weekly hours keep making more.

use crate::{
    accounts::Organization,
    booking::{self, ClockTime, FirstHours, NewProvider, NewService, Weekday},
    platform::db::Db,
};

/// Name, description, buffer in minutes. The first is what a contact gets who names none.
const SERVICES: [(&str, &str, i32); 3] = [
    ("Consultation", "A first meeting, half an hour.", 0),
    ("Haircut", "Wash, cut and finish.", 0),
    ("Massage", "Half an hour, with ten minutes to air the room.", 10),
];
const PROVIDERS: [&str; 2] = ["Alex Rivera", "Sam Chen"];
const DAYS: u64 = 28;

/// Adds the demo to an organization that has no services yet. Returns the number of slots made; none the second time.
pub async fn seed_demo(db: &Db, organization: &Organization) -> anyhow::Result<i64> {
    let mut tx = db.tenant(organization.id).await?;
    if !booking::services(&mut tx).await?.is_empty() {
        return Ok(0);
    }
    let hours = FirstHours {
        days: Weekday::WORKING.to_vec(),
        opens: ClockTime::hour(9),
        closes: ClockTime::hour(17),
        horizon_days: 60,
        days_at_once: DAYS,
    };
    let tz = organization.timezone;
    let mut providers = Vec::new();
    for name in PROVIDERS {
        providers.push(booking::ensure_provider(&mut tx, &NewProvider { name, timezone: tz }).await?);
    }
    let mut slots = 0;
    for (position, (name, description, buffer_minutes)) in (0..).zip(SERVICES) {
        let service =
            NewService { name, description: Some(description), duration_minutes: 30, buffer_minutes, position };
        let service = booking::ensure_service(&mut tx, &service).await?;
        for provider in &providers {
            slots += booking::open_hours(&mut tx, service, *provider, &hours).await?;
        }
    }
    tx.commit().await?;
    Ok(slots)
}
