//! API keys.

use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Staff;
use crate::{
    accounts::{
        keys::{self, KeyStatus, KeyView, NewApiKey},
        permission::Permission,
        store::keys as store,
    },
    platform::{
        http::{Core, Json, Page, Paging, Path, Query, SecretAnswer},
        ids::ApiKeyId,
        problem::{Problem, ProblemDocument, StatusCode},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list_api_keys, create_api_key)).routes(routes!(
        get_api_key,
        update_api_key,
        revoke_api_key
    ))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Part of a name or of the first characters.
    q: Option<String>,
    #[param(inline)]
    status: Option<KeyStatus>,
}

/// Keys of the organization, revoked ones included. Orders: created_at, name, last_used.
#[utoipa::path(get, path = "/api-keys", tag = "api keys", params(ListParams, Paging), responses(
    (status = 200, description = "One page", body = Page<KeyView>),
))]
async fn list_api_keys(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<ListParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<KeyView>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let now = core.clock.now();
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let page = store::list(&mut tx, params.q.as_deref(), params.status, None, &order).await?;
    Ok(Json(page.map(|row| KeyView::of(row, now))))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewKeyFields {
    /// 1 to 100 characters.
    #[schema(max_length = 100, example = "Website")]
    name: String,
    /// At least one, and none that you do not have yourself.
    #[schema(min_items = 1)]
    scopes: Vec<Permission>,
    /// In the future; null: until it is revoked.
    expires_at: Option<DateTime<Utc>>,
}

/// Make a key for a program. It is shown once.
#[utoipa::path(post, path = "/api-keys", tag = "api keys", request_body = NewKeyFields, responses(
    (status = 201, description = "The key", body = NewApiKey),
))]
async fn create_api_key(
    State(core): State<Core>,
    staff: Staff,
    Json(body): Json<NewKeyFields>,
) -> Result<(StatusCode, SecretAnswer, Json<NewApiKey>), Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let key = keys::create(&mut tx, &staff, &body.name, body.scopes, body.expires_at).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, SecretAnswer, Json(key)))
}

/// One key.
#[utoipa::path(get, path = "/api-keys/{id}", tag = "api keys", params(("id" = ApiKeyId, Path)), responses(
    (status = 200, description = "The key, without what is shown once", body = KeyView),
    (status = 404, description = "No such key", body = ProblemDocument),
))]
async fn get_api_key(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ApiKeyId>,
) -> Result<Json<KeyView>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(keys::get(&mut tx, id).await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyChanges {
    /// 1 to 100 characters.
    #[schema(max_length = 100)]
    name: String,
}

/// Give a key another name. What it may do stays: make another key for that.
#[utoipa::path(patch, path = "/api-keys/{id}", tag = "api keys", params(("id" = ApiKeyId, Path)), request_body = KeyChanges, responses(
    (status = 200, description = "The key", body = KeyView),
    (status = 404, description = "No such key", body = ProblemDocument),
    (status = 409, description = "The key of the configuration cannot be changed here", body = ProblemDocument),
))]
async fn update_api_key(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ApiKeyId>,
    Json(body): Json<KeyChanges>,
) -> Result<Json<KeyView>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let key = keys::rename(&mut tx, &staff, id, &body.name).await?;
    tx.commit().await?;
    Ok(Json(key))
}

/// Revoke a key, at once and for good. It stays in the list.
#[utoipa::path(delete, path = "/api-keys/{id}", tag = "api keys", params(("id" = ApiKeyId, Path)), responses(
    (status = 204, description = "It does not work any more"),
    (status = 404, description = "No such key", body = ProblemDocument),
    (status = 409, description = "The key of the configuration cannot be revoked here", body = ProblemDocument),
))]
async fn revoke_api_key(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ApiKeyId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    keys::revoke(&mut tx, &staff, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
