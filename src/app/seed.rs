//! A demo business to try things on: two providers, three services, four weeks of half-hour slots on working days.

use chrono::{NaiveTime, Weekday};

use crate::{
    accounts::Organization,
    booking::{self, NewProvider, NewService, WeeklyHours},
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
pub async fn seed_demo(db: &Db, organization: &Organization) -> anyhow::Result<u64> {
    let mut tx = db.tenant(organization.id).await?;
    if !booking::services(&mut tx).await?.is_empty() {
        return Ok(0);
    }
    let hours = WeeklyHours {
        days: vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
        opens: NaiveTime::from_hms_opt(9, 0, 0).expect("constant time"),
        closes: NaiveTime::from_hms_opt(17, 0, 0).expect("constant time"),
        slot_minutes: 30,
    };
    let tz = organization.timezone;
    let today = db.clock().now().with_timezone(&tz).date_naive();
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
            slots += booking::ensure_slots(&mut tx, service, *provider, &hours, tz, today, DAYS).await?;
        }
    }
    tx.commit().await?;
    Ok(slots)
}
