//! The closed list of what can go wrong with a request: one line each, in one place, so that programs can rely on it.

use axum::http::StatusCode;

macro_rules! codes {
    ($($name:ident = $text:literal, $status:ident, $title:literal;)+) => {
        /// What went wrong. Programs decide by this.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
        pub enum Code {
            $(#[doc = $title] #[serde(rename = $text)] $name,)+
        }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)+ }
            }

            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)+ }
            }
        }
    };
}

codes! {
    // ---- the request itself
    MalformedRequest      = "malformed_request",       BAD_REQUEST,           "The request could not be read";
    InvalidRequest        = "invalid_request",         UNPROCESSABLE_ENTITY,  "Some fields are not valid";
    NotFound              = "not_found",               NOT_FOUND,             "Not found";
    MethodNotAllowed      = "method_not_allowed",      METHOD_NOT_ALLOWED,    "Not with this method";
    VersionConflict       = "version_conflict",        PRECONDITION_FAILED,   "Somebody else changed it meanwhile";
    AlreadyExists         = "already_exists",          CONFLICT,              "There is one already";
    InUse                 = "in_use",                  CONFLICT,              "It is still used";
    UpgradeRequired       = "upgrade_required",        UPGRADE_REQUIRED,      "Ask for a WebSocket";
    TooManyConnections    = "too_many_connections",    TOO_MANY_REQUESTS,     "Too many live connections";
    RateLimited           = "rate_limited",            TOO_MANY_REQUESTS,     "Too many requests";
    IdempotencyKeyReused  = "idempotency_key_reused",  UNPROCESSABLE_ENTITY,  "The key stands for another request";
    IdempotencyInProgress = "idempotency_in_progress", CONFLICT,              "The request is at work";
    IdempotencyOutcomeUnknown = "idempotency_outcome_unknown", CONFLICT,      "Done, but the answer is lost";
    IdempotencyAnswerWithheld = "idempotency_answer_withheld", CONFLICT,      "Done, and the answer is not repeated";
    // ---- who asks
    Unauthenticated       = "unauthenticated",         UNAUTHORIZED,          "Sign in first";
    InvalidCredentials    = "invalid_credentials",     UNAUTHORIZED,          "Wrong user name or password";
    Forbidden             = "forbidden",               FORBIDDEN,             "Not with your role";
    BadOrigin             = "bad_origin",              FORBIDDEN,             "This request came from another site";
    TooManyAttempts       = "too_many_attempts",       TOO_MANY_REQUESTS,     "Too many failed sign-ins";
    SecondFactorRequired  = "second_factor_required",  UNAUTHORIZED,          "A code of the second factor is needed too";
    SecondFactorInvalid   = "second_factor_invalid",   UNAUTHORIZED,          "That code does not work";
    InvalidRefreshToken   = "invalid_refresh_token",   UNAUTHORIZED,          "Sign in again";
    RegistrationClosed    = "registration_closed",     FORBIDDEN,             "By invitation only";
    EmailTaken            = "email_taken",             CONFLICT,              "A user with that e-mail address exists";
    UsernameTaken         = "username_taken",          CONFLICT,              "A user of that name exists";
    // ---- staff
    BeyondOwnPermissions  = "beyond_own_permissions",  FORBIDDEN,             "More than you may do yourself";
    OwnAccount            = "own_account",             CONFLICT,              "Somebody else has to do that";
    LastAdmin             = "last_admin",              CONFLICT,              "There would be no admin left";
    LastSuperuser         = "last_superuser",          CONFLICT,              "There would be no superuser left";
    NotEditable           = "not_editable",            CONFLICT,              "It cannot be changed here";
    TooManyRoles          = "too_many_roles",          CONFLICT,              "No more roles";
    // ---- booking
    SlotTaken             = "slot_taken",              CONFLICT,              "That time is taken";
    SlotPast              = "slot_past",               CONFLICT,              "That time is past";
    AlreadyBooked         = "already_booked",          CONFLICT,              "Already booked";
    NotActive             = "not_active",              CONFLICT,              "No longer active";
    SlotClosed            = "slot_closed",             CONFLICT,              "That time is not offered";
    SlotExists            = "slot_exists",             CONFLICT,              "There is such a slot";
    CapacityBelowTaken    = "capacity_below_taken",    CONFLICT,              "More places are taken";
    HoldExpired           = "hold_expired",            CONFLICT,              "The hold is over";
    NotStarted            = "not_started",             CONFLICT,              "It has not begun";
    ReopenTooLate         = "reopen_too_late",         CONFLICT,              "Too long ago to reopen";
    // ---- contacts
    ContactMerged         = "contact_merged",          CONFLICT,              "It is another contact's number";
    TextsUnwelcome        = "texts_unwelcome",         CONFLICT,              "They would be texted against their word";
    // ---- texting
    ContactUnderReview    = "contact_under_review",    CONFLICT,              "The contact may not be texted";
    ContactOptedOut       = "contact_opted_out",       CONFLICT,              "The contact may not be texted";
    ContactBlocked        = "contact_blocked",         CONFLICT,              "The contact may not be texted";
    SendRefused           = "send_refused",            CONFLICT,              "A rule forbids the text";
    NoConsent             = "no_consent",              CONFLICT,              "The contact may not be texted";
    NoSender              = "no_sender",               CONFLICT,              "Nothing to text from";
    AddressTaken          = "address_taken",           CONFLICT,              "The address is somebody else's";
    NotCancelable         = "not_cancelable",          CONFLICT,              "Too late to take it back";
    RealSenders           = "real_senders",            CONFLICT,              "There are real senders";
    SimulationMode        = "simulation_mode",         CONFLICT,              "Not in simulation mode";
    NotSimulated          = "not_simulated",           CONFLICT,              "Only in simulation mode";
    AlreadyDecided        = "already_decided",         CONFLICT,              "Decided before";
    CarrierKeyword        = "carrier_keyword",         UNPROCESSABLE_ENTITY,  "The carrier would swallow the answer";
    OutsideWindow         = "outside_window",          CONFLICT,              "WhatsApp takes no free text now";
    NotApproved           = "not_approved",            CONFLICT,              "WhatsApp has not approved it";
    MediaUnavailable      = "media_unavailable",       NOT_FOUND,             "The file cannot be had";
    UnknownRecipient      = "unknown_recipient",       NOT_FOUND,             "Nobody here has that number";
    InvalidSignature      = "invalid_signature",       FORBIDDEN,             "The signature is not valid";
    LinksOff              = "links_off",               CONFLICT,              "Short links are not turned on";
    // ---- the assistant
    NoEncryptionKey       = "no_encryption_key",       CONFLICT,              "No key to seal it with";
    TooManyProviders      = "too_many_providers",      CONFLICT,              "The chain is full";
    TooManyEntries        = "too_many_entries",        CONFLICT,              "No more entries";
    // ---- reports and messages of the team
    WrongState            = "wrong_state",             CONFLICT,              "Not in the state it is in";
    // ---- webhooks
    TooManyEndpoints      = "too_many_endpoints",      CONFLICT,              "No more endpoints";
    EndpointDisabled      = "endpoint_disabled",       CONFLICT,              "The endpoint is switched off";
    DeliveryPending       = "delivery_pending",        CONFLICT,              "It is still being tried";
    // ---- this installation
    InternalError         = "internal_error",          INTERNAL_SERVER_ERROR, "Something went wrong here";
    NoRoom                = "no_room",                 SERVICE_UNAVAILABLE,   "No more live connections here";
    DatabaseUnavailable   = "database_unavailable",    SERVICE_UNAVAILABLE,   "The database cannot be reached";
}

// By hand: the derive does not see names that a macro passes on.
impl utoipa::PartialSchema for Code {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let names = Self::ALL.iter().map(|one| one.as_str());
        let line = |one: &Self| format!("- `{}` ({}): {}", one.as_str(), one.status().as_u16(), one.title());
        let meanings = Self::ALL.iter().map(line).collect::<Vec<_>>().join("\n");
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .enum_values(Some(names))
            .description(Some(meanings))
            .into()
    }
}

impl utoipa::ToSchema for Code {
    fn name() -> std::borrow::Cow<'static, str> {
        "ProblemCode".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_stands_once_and_is_an_error() {
        let mut names: Vec<&str> = Code::ALL.iter().map(|c| c.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.status().is_client_error() || code.status().is_server_error(), "{code:?}");
            assert_eq!(serde_json::to_value(code).expect("name"), code.as_str());
        }
    }
}
