//! Health, figures, background work.

use serde_json::json;

use super::{Case, Side};

pub async fn fill(side: &mut Side<'_>) {
    // As if a job had run out of tries.
    let id: uuid::Uuid = sqlx::query_scalar(
        "UPDATE jobs SET state = 'dead', last_error = 'no' WHERE id = (SELECT id FROM jobs WHERE organization_id = $1 AND state = 'done' LIMIT 1)
         RETURNING id",
    )
    .bind(side.organization.0)
    .fetch_one(side.app.core.db.pool())
    .await
    .expect("a job was done");
    side.keep("dead_job", &json!({ "id": id }));
}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("GET", "/health"),
        Case::new("GET", "/health/live"),
        Case::new("GET", "/analytics/dashboard"),
        Case::new("GET", "/analytics/dashboard.csv"),
        Case::new("GET", "/inbox"),
        Case::new("GET", "/jobs").shows(&["dead_job"]),
        Case::new("POST", "/jobs/{id}/retry").ids(&["dead_job"]),
        Case::new("GET", "/ws/events").tried_in("tests/it/live"),
        Case::new("GET", "/ws/campaigns/{id}").ids(&["campaign"]).tried_in("tests/it/live"),
    ]
}
