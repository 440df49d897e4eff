//! Every table of the database, and what an erasure does to it. A test compares this with the database itself: a table that is not
//! accounted for fails it.

/// What a table has to do with people who text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// It holds data of theirs, which this function erases.
    Erased(&'static str),
    /// It holds none, because.
    Nothing(&'static str),
}

use Holds::{Erased, Nothing};

#[rustfmt::skip]
pub const TABLES: &[(&str, Holds)] = &[
    // ---- the installation and its staff
    ("organizations",       Nothing("the business itself")),
    ("users",               Nothing("staff")),
    ("memberships",         Nothing("staff")),
    ("roles",               Nothing("what staff may do")),
    ("sessions",            Nothing("devices of staff")),
    ("refresh_tokens",      Nothing("devices of staff")),
    ("recovery_codes",      Nothing("staff")),
    ("invitations",         Nothing("staff to be")),
    ("api_keys",            Nothing("keys of programs")),
    ("login_failures",      Nothing("who failed to sign in")),
    ("audit_log",           Erased("accounts::redact_audit")),
    ("idempotency_keys",    Erased("accounts::forget_answers")),
    ("jobs",                Erased("jobs::forget")),
    ("team_messages",       Erased("team::redact")),
    ("webhook_endpoints",   Nothing("the business's own systems")),
    ("webhook_deliveries",  Erased("integrations::erase")),
    ("webhook_attempts",    Erased("integrations::erase")),
    // ---- people
    ("contacts",            Erased("contacts::erase")),
    ("contact_imports",     Nothing("which lists were brought in; of erased people the hash of the number while one is at work")),
    ("contact_import_chunks", Erased("contacts::erase")),
    ("contact_import_rows", Erased("contacts::erase")),
    ("contact_import_errors", Erased("contacts::erase")),
    ("consent_events",      Erased("compliance::erase")),
    ("suppressions",        Erased("compliance::erase")),
    ("opt_out_reviews",     Erased("compliance::erase")),
    ("disclosures",         Nothing("what the business tells people")),
    ("suppression_batches", Nothing("which lists were brought in; their numbers are in suppressions")),
    ("installation_suppressions", Nothing("numbers that no organization may text: no organization's, and none may take one off")),
    ("number_hash_keys",    Nothing("a random key per organization")),
    ("conversations",       Erased("messaging::erase")),
    ("messages",            Erased("messaging::erase")),
    ("webhook_receipts",    Erased("messaging::erase")),
    ("delivery_events",     Erased("messaging::erase")),
    ("delivery_attempts",   Erased("messaging::erase")),
    ("turns",               Erased("assistant::erase")),
    ("bookings",            Erased("booking::erase")),
    ("booking_events",      Erased("booking::erase")),
    ("reports",             Erased("reports::erase and reports::redact")),
    ("report_comments",     Erased("reports::erase and reports::redact")),
    ("report_events",       Erased("reports::erase")),
    // ---- the business
    ("senders",             Nothing("the business's own numbers")),
    ("sender_hours",        Nothing("sums per hour")),
    ("analytics_quarters",  Nothing("sums per quarter of an hour: what was erased stays counted")),
    ("analytics_notes",     Nothing("what is to be added to those sums")),
    ("job_lines",           Nothing("which lines of jobs wait, and until when")),
    ("sender_credentials",  Nothing("accounts of the business's own numbers")),
    ("sender_reconciliations", Nothing("up to when texts were compared")),
    ("stray_reports",       Nothing("callbacks about nothing here, without numbers")),
    ("message_prices",      Nothing("what texts cost")),
    ("whatsapp_templates",  Nothing("the business's own texts")),
    ("templates",           Nothing("the business's own texts")),
    ("template_contents",   Nothing("the business's own texts")),
    ("simulations",         Nothing("how far a clock was set")),
    ("simulator_faults",    Erased("messaging::erase")),
    ("simulated_events",    Erased("messaging::erase, with the texts")),
    ("services",            Nothing("what can be booked")),
    ("providers",           Nothing("who offers it: staff")),
    ("slots",               Nothing("times and how many places are taken")),
    ("provider_busy",       Nothing("times in which a provider is busy")),
    ("availability_rules",  Nothing("hours of providers")),
    ("closed_days",         Nothing("days on which nothing is open")),
    ("report_numbers",      Nothing("a counter")),
    ("knowledge_entries",   Nothing("what the business says about itself")),
    ("assistant_settings",  Nothing("settings")),
    ("ai_providers",        Nothing("settings")),
    ("ai_usage",            Nothing("sums per day")),
    ("privacy_settings",    Nothing("settings")),
    ("frequency_caps",      Nothing("settings")),
    ("quiet_hours_overrides", Nothing("settings, with the reasons of staff")),
];
