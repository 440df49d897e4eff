//! Senders: the addresses an organization texts from.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Change, Staff},
    messaging::{
        model::{ChannelKind, SenderView},
        store::senders,
    },
    platform::{
        http::{Core, IfMatch, Json, Page, Paging, Patch, Path, Query, Versioned},
        ids::SenderId,
        phone::PhoneNumber,
        problem::{Code, FieldError, Problem, ProblemDocument},
    },
};

pub(super) fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new().routes(routes!(list_senders, create_sender)).routes(routes!(update_sender, delete_sender))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct SenderParams {
    #[param(inline)]
    channel: Option<ChannelKind>,
    /// true: archived ones, and only those.
    #[serde(default)]
    archived: bool,
}

/// Senders in the order they were added, which is the order they are chosen in. Orders: created_at, name.
#[utoipa::path(get, path = "/senders", tag = "senders", params(SenderParams, Paging), responses(
    (status = 200, description = "One page", body = Page<SenderView>),
))]
async fn list_senders(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<SenderParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<SenderView>>, Problem> {
    let order = paging.order(senders::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(senders::list(&mut tx, params.channel, params.archived, &order).await?))
}

/// The channels that senders are added for; every organization has one simulator.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum SenderChannel {
    Sms,
    Whatsapp,
}

/// An address to text from. It must be one of the installation's Twilio account.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSender {
    #[schema(inline)]
    channel: SenderChannel,
    /// In any usual spelling.
    #[schema(example = "+14155550100", max_length = 40)]
    address: String,
    /// Sends through this Twilio messaging service: MG and 32 hexadecimal digits.
    #[schema(example = "MG0123456789abcdef0123456789abcdef")]
    messaging_service_sid: Option<String>,
    /// 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80)]
    display_name: String,
}

fn checked_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if !(1..=80).contains(&name.chars().count()) || name.contains('\0') {
        return Err(Problem::invalid_field("display_name", "invalid_length", "must have 1 to 80 characters"));
    }
    Ok(name.to_owned())
}

fn checked_service(sid: String) -> Result<String, Problem> {
    let hex = sid.strip_prefix("MG").unwrap_or_default();
    if hex.len() != 32 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        let message = "must be MG and 32 hexadecimal digits";
        return Err(Problem::invalid_field("messaging_service_sid", "invalid", message));
    }
    Ok(sid)
}

fn versioned(sender: SenderView) -> Versioned<SenderView> {
    Versioned { version: sender.version, row: sender }
}

/// Add a sender.
#[utoipa::path(post, path = "/senders", tag = "senders", request_body = NewSender, responses(
    (status = 201, description = "The sender", body = SenderView),
    (status = 409, description = "The address is there already, here or elsewhere in the installation; or simulation_mode", body = ProblemDocument),
))]
async fn create_sender(
    State(core): State<Core>,
    staff: Staff,
    Json(new): Json<NewSender>,
) -> Result<(StatusCode, Versioned<SenderView>), Problem> {
    let channel = match new.channel {
        SenderChannel::Sms => ChannelKind::Sms,
        SenderChannel::Whatsapp => ChannelKind::Whatsapp,
    };
    let address = PhoneNumber::parse_typed(&new.address, &core.config.default_region)
        .map_err(|e| Problem::invalid_field("address", "invalid_phone_number", e.to_string()))?;
    let name = checked_name(&new.display_name)?;
    let service = new.messaging_service_sid.map(checked_service).transpose()?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let Some(id) =
        senders::insert(&mut tx, channel, address.as_str(), service.as_deref(), &name).await.map_err(on_constraint)?
    else {
        return Err(match senders::find(&mut tx, channel, address.as_str()).await? {
            Some(id) => {
                let error = FieldError { field: "address".to_owned(), code: "already_exists", message: id.to_string() };
                let detail = format!("The sender {id}, which may be archived, has this address.");
                Problem { errors: vec![error], ..Problem::new(Code::AlreadyExists, detail) }
            }
            None => Problem::new(Code::AddressTaken, "This address cannot be had here."),
        });
    };
    let sender = senders::lock(&mut tx, id).await?.ok_or_else(Problem::internal)?;
    staff.audit(&mut tx, Change::created("sender", id.0, &sender)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, versioned(sender)))
}

fn on_constraint(error: sqlx::Error) -> Problem {
    match error.as_database_error().and_then(|e| e.constraint()) {
        Some("senders_none_in_simulation") => Problem::new(
            Code::SimulationMode,
            "The organization is in simulation mode, in which nothing of it may reach a person. End that first.",
        ),
        _ => error.into(),
    }
}

/// What may change of a sender. Its address may not: conversations belong to it.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SenderChange {
    /// 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80)]
    display_name: Option<String>,
    /// MG and 32 hexadecimal digits; null: sends from the address itself.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    messaging_service_sid: Patch<String>,
    /// No text begins from an archived sender; texts to it are still taken in.
    archived: Option<bool>,
}

/// Change a sender.
#[utoipa::path(patch, path = "/senders/{id}", tag = "senders", params(("id" = SenderId, Path)), request_body = SenderChange, responses(
    (status = 200, description = "The sender", body = SenderView),
    (status = 404, description = "No such sender", body = ProblemDocument),
    (status = 409, description = "The simulator stays", body = ProblemDocument),
    (status = 412, description = "Somebody else changed it meanwhile", body = ProblemDocument),
))]
async fn update_sender(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SenderId>,
    if_match: IfMatch,
    Json(change): Json<SenderChange>,
) -> Result<Versioned<SenderView>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = senders::lock(&mut tx, id).await?.ok_or_else(|| Problem::not_found("sender"))?;
    if_match.check(before.version)?;
    let name = match change.display_name {
        Some(name) => checked_name(&name)?,
        None => before.display_name.clone(),
    };
    let service = change.messaging_service_sid.try_map(checked_service)?.apply(before.messaging_service_sid.clone());
    let archived = change.archived.unwrap_or(before.archived_at.is_some());
    if before.channel == ChannelKind::Simulator && (archived || service.is_some()) {
        return Err(simulator_stays());
    }
    senders::update(&mut tx, id, service.as_deref(), &name, archived).await?;
    let after = senders::lock(&mut tx, id).await?.ok_or_else(Problem::internal)?;
    staff.audit(&mut tx, Change::updated("sender", id.0, &before, &after)).await?;
    tx.commit().await?;
    Ok(versioned(after))
}

fn simulator_stays() -> Problem {
    Problem::new(Code::InUse, "The simulator cannot be removed, and sends through nothing.")
}

/// Remove a sender. One that conversations name is archived instead, and keeps its address. A sender from the installation's own settings
/// comes back at the next start.
#[utoipa::path(delete, path = "/senders/{id}", tag = "senders", params(("id" = SenderId, Path)), responses(
    (status = 204, description = "Removed or archived"),
    (status = 404, description = "No such sender", body = ProblemDocument),
    (status = 409, description = "The simulator stays", body = ProblemDocument),
))]
async fn delete_sender(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<SenderId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = senders::lock(&mut tx, id).await?.ok_or_else(|| Problem::not_found("sender"))?;
    if before.channel == ChannelKind::Simulator {
        return Err(simulator_stays());
    }
    if senders::delete(&mut tx, id).await? {
        staff.audit(&mut tx, Change::deleted("sender", id.0, &before)).await?;
    } else {
        senders::update(&mut tx, id, before.messaging_service_sid.as_deref(), &before.display_name, true).await?;
        staff.audit(&mut tx, Change::of("sender", "archived", id.0)).await?;
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
