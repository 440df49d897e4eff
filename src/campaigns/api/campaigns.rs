//! Campaigns: written, tried, begun, watched and ended.

use axum::{Extension, extract::State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Change, Staff},
    campaigns::{
        books::{self, CampaignBooks},
        plan::{Audience, Campaign, CampaignState, CampaignTarget, Step, StepCondition, TargetState},
        states,
        store::{
            campaigns::{self as rows, Hold},
            targets,
        },
        trial::{self, CampaignTest, DryRun},
        wishes::{CampaignDraft, CampaignEdit, CampaignQuietHours, WinnerWish, Wishes},
    },
    contacts,
    messaging::{ChannelKind, Channels},
    platform::{
        db::Tx,
        http::{Core, IfMatch, Json, Page, Paging, Path, Query, Versioned},
        ids::{CampaignId, CampaignStepId, ContactId, SenderId, TemplateId, UserId},
        phone::PhoneNumber,
        problem::{Problem, ProblemDocument, StatusCode},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_campaigns, create_campaign))
        .routes(routes!(get_campaign, update_campaign, delete_campaign))
        .routes(routes!(start_campaign))
        .routes(routes!(pause_campaign))
        .routes(routes!(resume_campaign))
        .routes(routes!(cancel_campaign))
        .routes(routes!(duplicate_campaign))
        .routes(routes!(dry_run_campaign))
        .routes(routes!(test_campaign))
        .routes(routes!(list_campaign_targets))
}

/// A text of a campaign.
#[derive(Serialize, utoipa::ToSchema)]
struct CampaignStep {
    id: CampaignStepId,
    /// From 0.
    position: i16,
    /// Null: the template is gone; a campaign that has begun keeps its words.
    template_id: Option<TemplateId>,
    /// As it is called, or was when the campaign began.
    template_name: Option<String>,
    /// After the text of the step before.
    wait_minutes: i32,
    condition: StepCondition,
    /// The variant that was better: whoever is still to be sent the step is sent this one.
    winner: Option<String>,
}

/// A campaign.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Campaign)]
struct CampaignView {
    id: CampaignId,
    name: String,
    state: CampaignState,
    audience: Option<Audience>,
    channel: Option<ChannelKind>,
    /// Empty: any.
    sender_ids: Vec<SenderId>,
    starts_at: Option<DateTime<Utc>>,
    /// On each recipient's clock.
    #[schema(example = "12:00")]
    local_time: Option<String>,
    quiet_hours: Option<CampaignQuietHours>,
    max_per_minute: Option<i32>,
    ends_at: Option<DateTime<Utc>>,
    stop_on_reply: bool,
    pause_above: Option<f32>,
    winner: Option<WinnerWish>,
    /// When the better variant was chosen.
    winner_at: Option<DateTime<Utc>>,
    /// Why it paused by itself.
    pause_reason: Option<String>,
    launched_at: Option<DateTime<Utc>>,
    /// The whole audience is noted down; until then its number grows.
    frozen_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    created_by: Option<UserId>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
    steps: Vec<CampaignStep>,
    /// Null until it begins.
    books: Option<CampaignBooks>,
}

async fn view(tx: &mut Tx, campaign: Campaign) -> Result<CampaignView, sqlx::Error> {
    let steps = rows::steps(tx, campaign.id).await?;
    let books = match campaign.launched_at {
        Some(_) => Some(books::of(tx, &campaign, &steps).await?),
        None => None,
    };
    let wishes = Wishes::of(&campaign, &steps);
    let names = rows::template_names(tx, campaign.id).await?;
    let time = |time: chrono::NaiveTime| time.format("%H:%M").to_string();
    let shown = steps.into_iter().map(|step| {
        let kept = step.template.map(|template| template.name);
        let template_name = kept.or_else(|| names.iter().find(|(id, _)| *id == step.id).map(|(_, name)| name.clone()));
        CampaignStep {
            id: step.id,
            position: step.position,
            template_id: step.template_id,
            template_name,
            wait_minutes: step.wait_minutes,
            condition: step.condition,
            winner: step.winner,
        }
    });
    Ok(CampaignView {
        steps: shown.collect(),
        books,
        id: campaign.id,
        name: campaign.name,
        state: campaign.state,
        audience: wishes.audience,
        channel: campaign.channel,
        sender_ids: wishes.sender_ids,
        starts_at: campaign.starts_at,
        local_time: campaign.local_time.map(time),
        quiet_hours: wishes
            .quiet_hours
            .map(|quiet| CampaignQuietHours { from: time(quiet.from), until: time(quiet.until) }),
        max_per_minute: campaign.max_per_minute,
        ends_at: campaign.ends_at,
        stop_on_reply: campaign.stop_on_reply,
        pause_above: campaign.pause_above,
        winner: wishes.winner,
        winner_at: campaign.winner_at,
        pause_reason: campaign.pause_reason,
        launched_at: campaign.launched_at,
        frozen_at: campaign.frozen_at,
        ended_at: campaign.ended_at,
        created_by: campaign.created_by,
        created_at: campaign.created_at,
        updated_at: campaign.updated_at,
        version: campaign.version,
    })
}

async fn shown(tx: &mut Tx, id: CampaignId) -> Result<Versioned<CampaignView>, Problem> {
    let campaign = rows::get(tx, id, Hold::No).await?.ok_or_else(states::no_such)?;
    let view = view(tx, campaign).await?;
    Ok(Versioned { version: view.version, row: view })
}

/// What the audit log holds of a campaign.
fn noted(campaign: &Campaign, steps: &[Step]) -> serde_json::Value {
    let wishes = Wishes::of(campaign, steps);
    serde_json::json!({
        "name": wishes.name,
        "audience": wishes.audience,
        "channel": wishes.channel,
        "sender_ids": wishes.sender_ids,
        "starts_at": wishes.starts_at,
        "local_time": wishes.local_time,
        "quiet_from": wishes.quiet_hours.map(|quiet| quiet.from),
        "quiet_until": wishes.quiet_hours.map(|quiet| quiet.until),
        "max_per_minute": wishes.max_per_minute,
        "ends_at": wishes.ends_at,
        "stop_on_reply": wishes.stop_on_reply,
        "pause_above": wishes.pause_above,
        "winner": wishes.winner,
        "steps": wishes.steps,
    })
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct CampaignParams {
    /// Part of the name.
    q: Option<String>,
    #[param(inline)]
    state: Option<CampaignState>,
}

/// Campaigns, the latest change first, with their books. Orders: updated_at, created_at, name.
#[utoipa::path(get, path = "/campaigns", tag = "campaigns", params(CampaignParams, Paging), responses(
    (status = 200, description = "One page", body = Page<CampaignView>),
))]
async fn list_campaigns(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<CampaignParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<CampaignView>>, Problem> {
    let order = paging.order(rows::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let page = rows::list(&mut tx, params.q.as_deref(), params.state, &order).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for campaign in page.items {
        items.push(view(&mut tx, campaign).await?);
    }
    Ok(Json(Page { items, next_cursor: page.next_cursor }))
}

/// One campaign, with its books: where everybody of its audience stands.
#[utoipa::path(get, path = "/campaigns/{id}", tag = "campaigns", params(("id" = CampaignId, Path)), responses(
    (status = 200, description = "The campaign", body = CampaignView),
    (status = 404, description = "No such campaign", body = ProblemDocument),
))]
async fn get_campaign(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<CampaignId>,
) -> Result<Versioned<CampaignView>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    shown(&mut tx, id).await
}

/// Write a campaign. Nothing is sent before it is started.
#[utoipa::path(post, path = "/campaigns", tag = "campaigns", request_body = CampaignDraft, responses(
    (status = 201, description = "The campaign, a draft", body = CampaignView),
    (status = 404, description = "No such template, segment or sender", body = ProblemDocument),
))]
async fn create_campaign(
    State(core): State<Core>,
    staff: Staff,
    Json(draft): Json<CampaignDraft>,
) -> Result<(StatusCode, Versioned<CampaignView>), Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let wishes = draft.checked(&mut tx).await?;
    let created = add(&mut tx, &staff, &wishes).await?;
    tx.commit().await?;
    Ok(created)
}

async fn add(tx: &mut Tx, staff: &Staff, wishes: &Wishes) -> Result<(StatusCode, Versioned<CampaignView>), Problem> {
    let id = rows::insert(tx, wishes, staff.user_id()).await?;
    set_steps(tx, id, wishes).await?;
    let (campaign, steps) = states::locked(tx, id).await?;
    staff.audit(tx, Change::created("campaign", id.0, &noted(&campaign, &steps))).await?;
    Ok((StatusCode::CREATED, shown(tx, id).await?))
}

async fn set_steps(tx: &mut Tx, id: CampaignId, wishes: &Wishes) -> Result<(), Problem> {
    if rows::set_steps(tx, id, wishes).await? { Ok(()) } else { Err(Problem::not_found("template")) }
}

/// Change a campaign that has not begun. One that waits for its time goes back to being a draft.
#[utoipa::path(patch, path = "/campaigns/{id}", tag = "campaigns", params(("id" = CampaignId, Path)), request_body = CampaignEdit, responses(
    (status = 200, description = "The campaign", body = CampaignView),
    (status = 404, description = "No such campaign, template, segment or sender", body = ProblemDocument),
    (status = 409, description = "It has begun", body = ProblemDocument),
    (status = 412, description = "Somebody else changed it meanwhile", body = ProblemDocument),
))]
async fn update_campaign(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<CampaignId>,
    if_match: IfMatch,
    Json(edit): Json<CampaignEdit>,
) -> Result<Versioned<CampaignView>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let (before, steps) = states::locked(&mut tx, id).await?;
    if_match.check(before.version)?;
    states::editable(&before)?;
    let wishes = edit.applied(&mut tx, &before, &steps).await?;
    rows::update(&mut tx, id, &wishes).await?;
    set_steps(&mut tx, id, &wishes).await?;
    states::back_to_draft(&mut tx, &before).await?;
    let (after, new_steps) = states::locked(&mut tx, id).await?;
    let change = Change::updated("campaign", id.0, &noted(&before, &steps), &noted(&after, &new_steps));
    staff.audit(&mut tx, change).await?;
    let shown = shown(&mut tx, id).await?;
    tx.commit().await?;
    Ok(shown)
}

/// Delete a campaign that has not begun.
#[utoipa::path(delete, path = "/campaigns/{id}", tag = "campaigns", params(("id" = CampaignId, Path)), responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "No such campaign", body = ProblemDocument),
    (status = 409, description = "It has begun", body = ProblemDocument),
))]
async fn delete_campaign(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<CampaignId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let (before, steps) = states::locked(&mut tx, id).await?;
    states::editable(&before)?;
    rows::delete_draft(&mut tx, id).await?;
    staff.audit(&mut tx, Change::deleted("campaign", id.0, &noted(&before, &steps))).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A step from one state to another.
#[derive(Clone, Copy)]
enum Move {
    Start,
    Pause,
    Resume,
    Cancel,
}

async fn go(core: &Core, staff: &Staff, id: CampaignId, step: Move) -> Result<Versioned<CampaignView>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let (campaign, steps) = states::locked(&mut tx, id).await?;
    let verb = match step {
        Move::Start => {
            states::start(&mut tx, &campaign, &steps).await?;
            "started"
        }
        Move::Pause => {
            states::pause(&mut tx, &campaign, &steps).await?;
            "paused"
        }
        Move::Resume => {
            states::resume(&mut tx, &campaign, &steps).await?;
            "resumed"
        }
        Move::Cancel => {
            states::cancel(&mut tx, &campaign, &steps).await?;
            "cancelled"
        }
    };
    staff.audit(&mut tx, Change::of("campaign", verb, id.0)).await?;
    let shown = shown(&mut tx, id).await?;
    tx.commit().await?;
    Ok(shown)
}

/// Start a campaign, or have it start at its time. Its templates are kept as they are now, and its audience is noted down when it begins:
/// from then on it is fixed. Whether each recipient may be texted is decided anew at the moment their text leaves.
#[utoipa::path(post, path = "/campaigns/{id}/start", tag = "campaigns", params(("id" = CampaignId, Path)), responses(
    (status = 200, description = "The campaign, running or scheduled", body = CampaignView),
    (status = 404, description = "No such campaign", body = ProblemDocument),
    (status = 409, description = "It has begun, or none of its senders is in use", body = ProblemDocument),
))]
async fn start_campaign(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<CampaignId>,
) -> Result<Versioned<CampaignView>, Problem> {
    go(&core, &staff, id, Move::Start).await
}

/// Pause a campaign. After the answer nothing more of it is handed over; what was being handed over at that moment arrives.
#[utoipa::path(post, path = "/campaigns/{id}/pause", tag = "campaigns", params(("id" = CampaignId, Path)), responses(
    (status = 200, description = "The campaign, paused", body = CampaignView),
    (status = 404, description = "No such campaign", body = ProblemDocument),
    (status = 409, description = "It is not running", body = ProblemDocument),
))]
async fn pause_campaign(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<CampaignId>,
) -> Result<Versioned<CampaignView>, Problem> {
    go(&core, &staff, id, Move::Pause).await
}

/// Go on with a paused campaign, where it was: nobody is passed over, nobody texted twice.
#[utoipa::path(post, path = "/campaigns/{id}/resume", tag = "campaigns", params(("id" = CampaignId, Path)), responses(
    (status = 200, description = "The campaign, running", body = CampaignView),
    (status = 404, description = "No such campaign", body = ProblemDocument),
    (status = 409, description = "It is not paused, or none of its senders is in use", body = ProblemDocument),
))]
async fn resume_campaign(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<CampaignId>,
) -> Result<Versioned<CampaignView>, Problem> {
    go(&core, &staff, id, Move::Resume).await
}

/// End a campaign: whoever has not been texted is not.
#[utoipa::path(post, path = "/campaigns/{id}/cancel", tag = "campaigns", params(("id" = CampaignId, Path)), responses(
    (status = 200, description = "The campaign, cancelled", body = CampaignView),
    (status = 404, description = "No such campaign", body = ProblemDocument),
    (status = 409, description = "It is not under way", body = ProblemDocument),
))]
async fn cancel_campaign(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<CampaignId>,
) -> Result<Versioned<CampaignView>, Problem> {
    go(&core, &staff, id, Move::Cancel).await
}

/// Add a copy of a campaign, as a draft without its dates.
#[utoipa::path(post, path = "/campaigns/{id}/duplicate", tag = "campaigns", params(("id" = CampaignId, Path)), responses(
    (status = 201, description = "The copy, a draft", body = CampaignView),
    (status = 404, description = "No such campaign", body = ProblemDocument),
))]
async fn duplicate_campaign(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<CampaignId>,
) -> Result<(StatusCode, Versioned<CampaignView>), Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let campaign = rows::get(&mut tx, id, Hold::No).await?.ok_or_else(states::no_such)?;
    let steps = rows::steps(&mut tx, id).await?;
    let created = add(&mut tx, &staff, &Wishes::of(&campaign, &steps).copy()).await?;
    tx.commit().await?;
    Ok(created)
}

/// What would become of everybody if the campaign began now: how many are texted at once, how many later and when, how many never and why,
/// and what it costs. Nothing is written.
#[utoipa::path(post, path = "/campaigns/{id}/dry-run", tag = "campaigns", params(("id" = CampaignId, Path)), responses(
    (status = 200, description = "What would become of them", body = DryRun),
    (status = 404, description = "No such campaign", body = ProblemDocument),
))]
async fn dry_run_campaign(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<CampaignId>,
) -> Result<Json<DryRun>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let campaign = rows::get(&mut tx, id, Hold::No).await?.ok_or_else(states::no_such)?;
    let steps = rows::steps(&mut tx, id).await?;
    trial::dry_run(&mut tx, &core, &campaign, &steps).await.map(Json)
}

/// Whom to send a test.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TestReader {
    /// A contact; or `phone_number`.
    contact_id: Option<ContactId>,
    /// Of a contact.
    #[schema(example = "+14155550101")]
    phone_number: Option<String>,
    /// From 0; left out: the first.
    #[schema(minimum = 0, maximum = 9)]
    step: Option<i16>,
}

/// Send one text of a campaign to a contact, to see how it reads. It is a real text: what they agreed to is asked as ever.
#[utoipa::path(post, path = "/campaigns/{id}/test", tag = "campaigns", params(("id" = CampaignId, Path)), request_body = TestReader, responses(
    (status = 200, description = "What became of it", body = CampaignTest),
    (status = 404, description = "No such campaign or contact", body = ProblemDocument),
    (status = 409, description = "None of its senders is in use", body = ProblemDocument),
))]
async fn test_campaign(
    State(core): State<Core>,
    Extension(channels): Extension<Channels>,
    staff: Staff,
    Path(id): Path<CampaignId>,
    Json(reader): Json<TestReader>,
) -> Result<Json<CampaignTest>, Problem> {
    let step = usize::try_from(reader.step.unwrap_or(0));
    let step = step.map_err(|_| Problem::invalid_field("step", "out_of_range", "must be 0 to 9"))?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let campaign = rows::get(&mut tx, id, Hold::No).await?.ok_or_else(states::no_such)?;
    let steps = rows::steps(&mut tx, id).await?;
    let contact = match (reader.contact_id, &reader.phone_number) {
        (Some(contact), None) => contact,
        (None, Some(number)) => {
            let number = PhoneNumber::parse_typed(number, &core.config.default_region)
                .map_err(|_| Problem::invalid_field("phone_number", "invalid", "is no phone number"))?;
            contacts::find(&mut tx, &number).await?.ok_or_else(|| Problem::not_found("contact"))?
        }
        _ => return Err(Problem::invalid_field("contact_id", "required", "give a contact or a number")),
    };
    staff.audit(&mut tx, Change::of("campaign", "tested", id.0)).await?;
    trial::test(&core, &channels, tx, &campaign, &steps, step, contact).await.map(Json)
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct TargetParams {
    #[param(inline)]
    state: Option<TargetState>,
    /// Why they wait, were skipped or stopped.
    reason: Option<String>,
}

/// The recipients of a campaign, each with where they stand. Order: contact_id.
#[utoipa::path(get, path = "/campaigns/{id}/targets", tag = "campaigns", params(("id" = CampaignId, Path), TargetParams, Paging), responses(
    (status = 200, description = "One page", body = Page<CampaignTarget>),
    (status = 404, description = "No such campaign", body = ProblemDocument),
))]
async fn list_campaign_targets(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<CampaignId>,
    Query(params): Query<TargetParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<CampaignTarget>>, Problem> {
    let order = paging.order(targets::ORDERS)?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    rows::get(&mut tx, id, Hold::No).await?.ok_or_else(states::no_such)?;
    Ok(Json(targets::list(&mut tx, id, params.state, params.reason.as_deref(), &order).await?))
}
