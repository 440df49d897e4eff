//! Editing what the business says about itself.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{KnowledgeEntry, Topic, answering, rank};
use crate::{
    accounts::{Change, Staff},
    assistant::store::knowledge::{self as store, EntryFields, EntryFilter},
    compliance::guard,
    platform::{
        http::{Core, Json, Page, Paging, Path, Query},
        ids::KnowledgeEntryId,
        problem::{Code, FieldError, Problem, ProblemDocument, StatusCode},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(list_knowledge))
        .routes(routes!(create_knowledge))
        .routes(routes!(get_knowledge))
        .routes(routes!(update_knowledge))
        .routes(routes!(delete_knowledge))
        .routes(routes!(match_knowledge))
}

/// What staff writes.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct KnowledgeFields {
    topic: Topic,
    /// 1 to 120 characters.
    #[schema(example = "Opening hours", min_length = 1, max_length = 120)]
    title: String,
    /// Up to 20, of up to 60 characters each.
    #[serde(default)]
    #[schema(max_items = 20)]
    keywords: Vec<String>,
    /// 1 to 480 characters.
    #[schema(example = "We are open Monday to Friday, 9 to 5.", min_length = 1, max_length = 480)]
    answer_en: String,
    /// Up to 480 characters.
    #[schema(max_length = 480)]
    answer_es: Option<String>,
    #[serde(default = "yes")]
    active: bool,
}

const fn yes() -> bool {
    true
}

impl KnowledgeFields {
    /// Trims everything and says what is wrong, field by field.
    fn checked(mut self) -> Result<Self, Problem> {
        self.title = self.title.trim().to_owned();
        self.answer_en = self.answer_en.trim().to_owned();
        self.answer_es = self.answer_es.map(|a| a.trim().to_owned()).filter(|a| !a.is_empty());
        self.keywords = self.keywords.iter().map(|k| k.trim().to_owned()).filter(|k| !k.is_empty()).collect();
        let mut errors = Vec::new();
        let mut length = |field: &str, text: &str, most: usize| {
            if !(1..=most).contains(&text.chars().count()) || text.contains('\0') {
                errors.push(FieldError {
                    field: field.to_owned(),
                    code: "invalid_length",
                    message: format!("must have 1 to {most} characters"),
                });
            }
        };
        length("title", &self.title, 120);
        length("answer_en", &self.answer_en, 480);
        if let Some(answer) = &self.answer_es {
            length("answer_es", answer, 480);
        }
        for keyword in &self.keywords {
            length("keywords", keyword, 60);
        }
        if self.keywords.len() > 20 {
            errors.push(FieldError {
                field: "keywords".to_owned(),
                code: "too_many",
                message: "must be at most 20".to_owned(),
            });
        }
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        let spanish = self.answer_es.as_deref().unwrap_or_default();
        guard::check(&[("answer_en", &self.answer_en), ("answer_es", spanish)], &[])?;
        Ok(self)
    }

    fn fields(&self) -> EntryFields<'_> {
        EntryFields {
            topic: self.topic,
            title: &self.title,
            keywords: &self.keywords,
            answer_en: &self.answer_en,
            answer_es: self.answer_es.as_deref(),
            active: self.active,
        }
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct KnowledgeParams {
    /// Part of a title or an answer.
    q: Option<String>,
    #[param(inline)]
    topic: Option<Topic>,
    /// Only those that are used (true), or are not (false).
    active: Option<bool>,
}

/// Everything the assistant may answer questions with, in the order it was written. Orders: created_at, updated_at, title.
#[utoipa::path(get, path = "/knowledge", tag = "knowledge", params(KnowledgeParams, Paging), responses(
    (status = 200, description = "One page", body = Page<KnowledgeEntry>),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 422, description = "A parameter is not valid", body = ProblemDocument),
))]
async fn list_knowledge(
    State(core): State<Core>,
    staff: Staff,
    Query(params): Query<KnowledgeParams>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<KnowledgeEntry>>, Problem> {
    let order = paging.order(store::ORDERS)?;
    let filter = EntryFilter { text: params.q.as_deref(), topic: params.topic, active: params.active };
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    Ok(Json(store::list_entries(&mut tx, &filter, &order).await?))
}

/// Add an answer.
#[utoipa::path(post, path = "/knowledge", tag = "knowledge", request_body = KnowledgeFields, responses(
    (status = 201, description = "The entry", body = KnowledgeEntry),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 409, description = "There are as many entries as there may be", body = ProblemDocument),
    (status = 422, description = "A field is not valid", body = ProblemDocument),
))]
async fn create_knowledge(
    State(core): State<Core>,
    staff: Staff,
    Json(fields): Json<KnowledgeFields>,
) -> Result<(StatusCode, Json<KnowledgeEntry>), Problem> {
    let fields = fields.checked()?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let Some(entry) = store::insert_entry(&mut tx, &fields.fields()).await? else {
        let detail = format!("{} entries are the most; join or delete some.", store::MOST);
        return Err(Problem::new(Code::TooManyEntries, detail));
    };
    staff.audit(&mut tx, Change::created("knowledge_entry", entry.id.0, &entry)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(entry)))
}

/// One answer.
#[utoipa::path(get, path = "/knowledge/{id}", tag = "knowledge", params(("id" = KnowledgeEntryId, Path)), responses(
    (status = 200, description = "The entry", body = KnowledgeEntry),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 404, description = "No such entry", body = ProblemDocument),
))]
async fn get_knowledge(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<KnowledgeEntryId>,
) -> Result<Json<KnowledgeEntry>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    store::entry(&mut tx, id).await?.map(Json).ok_or_else(|| Problem::not_found("entry"))
}

/// Rewrite an answer.
#[utoipa::path(put, path = "/knowledge/{id}", tag = "knowledge", params(("id" = KnowledgeEntryId, Path)),
    request_body = KnowledgeFields, responses(
    (status = 200, description = "The entry", body = KnowledgeEntry),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 404, description = "No such entry", body = ProblemDocument),
    (status = 422, description = "A field is not valid", body = ProblemDocument),
))]
async fn update_knowledge(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<KnowledgeEntryId>,
    Json(fields): Json<KnowledgeFields>,
) -> Result<Json<KnowledgeEntry>, Problem> {
    let fields = fields.checked()?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::lock_entry(&mut tx, id).await?.ok_or_else(|| Problem::not_found("entry"))?;
    let entry = store::update_entry(&mut tx, id, &fields.fields()).await?;
    let entry = entry.ok_or_else(|| Problem::not_found("entry"))?;
    staff.audit(&mut tx, Change::updated("knowledge_entry", id.0, &before, &entry)).await?;
    tx.commit().await?;
    Ok(Json(entry))
}

/// Delete an answer.
#[utoipa::path(delete, path = "/knowledge/{id}", tag = "knowledge", params(("id" = KnowledgeEntryId, Path)), responses(
    (status = 204, description = "Deleted"),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 404, description = "No such entry", body = ProblemDocument),
))]
async fn delete_knowledge(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<KnowledgeEntryId>,
) -> Result<StatusCode, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::lock_entry(&mut tx, id).await?.ok_or_else(|| Problem::not_found("entry"))?;
    store::delete_entry(&mut tx, id).await?;
    staff.audit(&mut tx, Change::deleted("knowledge_entry", id.0, &before)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct KnowledgeQuestion {
    /// 1 to 600 characters.
    #[schema(example = "how late are you open on fridays?", min_length = 1, max_length = 600)]
    text: String,
}

#[derive(Serialize, utoipa::ToSchema)]
struct KnowledgeMatches {
    /// Best first.
    entries: Vec<KnowledgeMatch>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct KnowledgeMatch {
    id: KnowledgeEntryId,
    title: String,
    /// 0 to 1.
    score: f32,
    /// Whether this entry would be sent.
    answers: bool,
}

/// Try a question: which entries would answer it, without any language model.
#[utoipa::path(post, path = "/knowledge/match", tag = "knowledge", request_body = KnowledgeQuestion, responses(
    (status = 200, description = "The entries that have to do with it", body = KnowledgeMatches),
    (status = 401, description = "Not signed in", body = ProblemDocument),
    (status = 422, description = "The text is not valid", body = ProblemDocument),
))]
async fn match_knowledge(
    State(core): State<Core>,
    staff: Staff,
    Json(question): Json<KnowledgeQuestion>,
) -> Result<Json<KnowledgeMatches>, Problem> {
    if !(1..=600).contains(&question.text.chars().count()) {
        return Err(Problem::invalid_field("text", "invalid_length", "must have 1 to 600 characters"));
    }
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let entries = store::entries(&mut tx).await?;
    let answers = answering(&question.text, &entries);
    let matches = rank(&question.text, &entries).into_iter().take(10).map(|m| KnowledgeMatch {
        id: entries[m.entry].id,
        title: entries[m.entry].title.clone(),
        score: m.score,
        answers: answers.contains(&m.entry),
    });
    Ok(Json(KnowledgeMatches { entries: matches.collect() }))
}
