//! Signing in, one's own account, staff.

use serde_json::json;

use super::{By, Case, Side};

pub async fn fill(_: &mut Side<'_>) {}

pub fn cases() -> Vec<Case> {
    vec![
        Case::new("POST", "/admin/auth/login")
            .body(|_| json!({ "username": "admin+141555501", "password": "correct horse battery" })),
        Case::new("POST", "/admin/auth/logout"),
        Case::new("GET", "/admin/auth/me").by(By::Superuser),
    ]
}
