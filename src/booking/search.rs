//! What open slots are looked for. Pure data; `store::open_slots` runs it.

use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;

use crate::platform::ids::{ProviderId, ServiceId, SlotId};

/// Part of the day by the wall clock, end exclusive; null sides are open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeWindow {
    pub from: Option<NaiveTime>,
    pub to: Option<NaiveTime>,
}

/// Open slots of one service that begin in `[from, to)`, inside the window in `tz`.
#[derive(Clone, Debug)]
pub struct SlotSearch {
    pub service_id: ServiceId,
    pub provider_id: Option<ProviderId>,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub window: TimeWindow,
    pub tz: Tz,
    /// A slot not to find: the one being moved from.
    pub except: Option<SlotId>,
    pub limit: i64,
}
