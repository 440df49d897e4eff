//! Exporting and erasing a contact, and how long things are kept.

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tokio::io::AsyncReadExt;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    erasure::{self, Erasure, ErasureReason},
    evidence,
    export::{self, ExportError},
    merging,
    store::{self, PrivacySettings},
};
use crate::{
    accounts::{Change, Staff},
    contacts::{self, Contact},
    platform::{
        http::{Core, IfMatch, Json, Path, Versioned},
        ids::ContactId,
        problem::{Code, FieldError, Problem, ProblemDocument},
    },
};

pub fn router() -> OpenApiRouter<Core> {
    OpenApiRouter::new()
        .routes(routes!(export_contact))
        .routes(routes!(export_consent_evidence))
        .routes(routes!(erase_contact))
        .routes(routes!(merge_contact))
        .routes(routes!(get_privacy_settings))
        .routes(routes!(put_privacy_settings))
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Database(error) => error.into(),
            ExportError::File(error) => {
                tracing::error!(%error, "export.file");
                Self::internal()
            }
        }
    }
}

/// The archive, for the API description.
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only described")]
struct Archive(Vec<u8>);

/// Everything that is kept of a contact, as a zip with JSON and CSV files and a README.txt. The download is noted in the audit log.
#[utoipa::path(get, path = "/contacts/{id}/export", tag = "privacy", params(("id" = ContactId, Path)), responses(
    (status = 200, description = "The archive", body = Archive, content_type = "application/zip"),
    (status = 404, description = "No such contact", body = ProblemDocument),
))]
async fn export_contact(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactId>,
) -> Result<Response, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    if contacts::get(&mut tx, id).await?.is_none() {
        return Err(Problem::not_found("contact"));
    }
    // Noted before anything is read: no archive leaves without its entry.
    staff.audit(&mut tx, Change::of("contact", "exported", id.0)).await?;
    tx.commit().await?;
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let (file, length) = export::export(&mut tx, &staff.organization, id).await?;
    drop(tx);
    Ok(download(file, length, &format!("contact-{id}.zip")))
}

/// A contact's consent as evidence, as a zip: every line of the ledger with the exact words disclosed and its hash, the texts it rests on with
/// what the provider handed over, the block list, times in UTC and on the person's clock, and how to check that nothing was changed. Who took
/// it out, and the last hash of the chain, are noted in the audit log.
#[utoipa::path(get, path = "/contacts/{id}/consent/evidence", tag = "privacy", params(("id" = ContactId, Path)), responses(
    (status = 200, description = "The archive", body = Archive, content_type = "application/zip"),
    (status = 404, description = "No such contact", body = ProblemDocument),
))]
async fn export_consent_evidence(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactId>,
) -> Result<Response, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let contact = contacts::get(&mut tx, id).await?.ok_or_else(|| Problem::not_found("contact"))?;
    let evidence = evidence::gather(&mut tx, &staff.organization, &contact, staff.actor()).await?;
    staff.audit(&mut tx, Change::of("contact", "consent_evidence_exported", id.0).after(&evidence.head())).await?;
    tx.commit().await?;
    let (file, length) = evidence.into_zip().await?;
    Ok(download(file, length, &format!("consent-{id}.zip")))
}

/// A file, sent piece by piece.
fn download(file: std::fs::File, length: u64, name: &str) -> Response {
    let chunks = futures::stream::try_unfold(tokio::fs::File::from_std(file), |mut file| async move {
        let mut chunk = Vec::with_capacity(64 * 1024);
        let read = file.read_buf(&mut chunk).await?;
        Ok::<_, std::io::Error>((read > 0).then(|| (Bytes::from(chunk), file)))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, Body::from_stream(chunks)).into_response()
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct EraseContact {
    /// The contact's phone number, so that nobody erases the wrong person.
    #[schema(max_length = 40, example = "+14155550101")]
    confirm: String,
    /// requested if left out.
    #[serde(default)]
    reason: ErasureReason,
}

/// Erase a contact for good, with their other numbers: appointments, texts, consent, everything. Coming appointments are cancelled first. If they had opted out, a
/// keyed hash of their number is kept, so that they are never texted again. It cannot be undone.
#[utoipa::path(post, path = "/contacts/{id}/erase", tag = "privacy", params(("id" = ContactId, Path)), request_body = EraseContact,
    responses(
    (status = 200, description = "Erased", body = Erasure),
    (status = 404, description = "No such contact, or erased before", body = ProblemDocument),
    (status = 409, description = "It is another contact's number: erase that contact", body = ProblemDocument),
))]
async fn erase_contact(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactId>,
    Json(body): Json<EraseContact>,
) -> Result<Json<Erasure>, Problem> {
    erasure::erase(&core.db, &staff, id, &body.confirm, body.reason).await.map(Json)
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct MergeContact {
    /// The contact that becomes another number of this one.
    contact_id: ContactId,
}

/// Merge another contact into this one, where both are one person. This one gets what it lacks, the tags and notes of both, and the other's
/// appointments and reports; texts that are begun go to its number only. The other becomes its second number: conversations and consent stay with
/// the number they were with, are shown here too, and a text from it is answered there. Who asks for no more texts by either number is heard for
/// this one. It cannot be undone.
#[utoipa::path(post, path = "/contacts/{id}/merge", tag = "contacts", params(("id" = ContactId, Path)), request_body = MergeContact,
    responses(
    (status = 200, description = "The contact that was kept", body = Contact),
    (status = 404, description = "No such contact", body = ProblemDocument),
    (status = 409, description = "One is merged already, both have one appointment, or the other asked for no more texts and this one did not", body = ProblemDocument),
    (status = 412, description = "Somebody else changed it meanwhile", body = ProblemDocument),
))]
async fn merge_contact(
    State(core): State<Core>,
    staff: Staff,
    Path(id): Path<ContactId>,
    if_match: IfMatch,
    Json(body): Json<MergeContact>,
) -> Result<Versioned<Contact>, Problem> {
    let row = merging::merge(&core.db, &staff, id, body.contact_id, if_match).await?;
    Ok(Versioned { version: row.version, row })
}

/// How long things are kept. Null: for ever.
#[utoipa::path(get, path = "/privacy/settings", tag = "privacy", responses(
    (status = 200, description = "The settings", body = PrivacySettings),
    (status = 401, description = "Not signed in", body = ProblemDocument),
))]
async fn get_privacy_settings(State(core): State<Core>, staff: Staff) -> Result<Versioned<PrivacySettings>, Problem> {
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let row = store::settings(&mut tx).await?;
    Ok(Versioned { version: row.version, row })
}

/// After how many days rows are deleted: 30 to 3650. Null, or left out: never.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PutPrivacySettings {
    /// Texts, with what the provider handed over and reported about them.
    #[schema(minimum = 30, maximum = 3650)]
    messages_days: Option<i32>,
    /// Why the assistant answered as it did.
    #[schema(minimum = 30, maximum = 3650)]
    turns_days: Option<i32>,
    /// What the provider handed over and reported, whatever becomes of the texts.
    #[schema(minimum = 30, maximum = 3650)]
    receipts_days: Option<i32>,
    /// Who of the staff did what.
    #[schema(minimum = 30, maximum = 3650)]
    audit_days: Option<i32>,
}

/// Set how long things are kept. Older rows are deleted within a day, for good. Consent and opt-outs are kept whatever is set here.
#[utoipa::path(put, path = "/privacy/settings", tag = "privacy",
    params(("If-Match" = Option<String>, Header, description = "The ETag of the settings this is a change of")),
    request_body = PutPrivacySettings, responses(
    (status = 200, description = "The settings as saved", body = PrivacySettings),
    (status = 412, description = "Somebody else changed them meanwhile", body = ProblemDocument),
))]
async fn put_privacy_settings(
    State(core): State<Core>,
    staff: Staff,
    if_match: IfMatch,
    Json(body): Json<PutPrivacySettings>,
) -> Result<Versioned<PrivacySettings>, Problem> {
    let given = [
        ("messages_days", body.messages_days),
        ("turns_days", body.turns_days),
        ("receipts_days", body.receipts_days),
        ("audit_days", body.audit_days),
    ];
    let errors: Vec<FieldError> = given
        .into_iter()
        .filter(|(_, days)| days.is_some_and(|days| !(30..=3650).contains(&days)))
        .map(|(field, _)| FieldError {
            field: field.to_owned(),
            code: "out_of_range",
            message: "must be from 30 to 3650, or null".to_owned(),
        })
        .collect();
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let mut tx = core.db.tenant(staff.organization_id()).await?;
    let before = store::settings(&mut tx).await?;
    if_match.check(before.version)?;
    let wanted = PrivacySettings {
        messages_days: body.messages_days,
        turns_days: body.turns_days,
        receipts_days: body.receipts_days,
        audit_days: body.audit_days,
        ..before.clone()
    };
    let Some(after) = store::save(&mut tx, &wanted).await? else {
        return Err(Problem::new(Code::VersionConflict, "Somebody else saved them first. Load them again."));
    };
    staff.audit(&mut tx, Change::of("privacy_settings", "updated", None).before(&before).after(&after)).await?;
    tx.commit().await?;
    Ok(Versioned { version: after.version, row: after })
}
