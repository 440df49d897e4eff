//! The one table of who may call which operation. An operation that is not in it is refused to everybody; tests walk the API
//! description and try each row.

use std::{collections::HashMap, sync::LazyLock};

use super::permission::Permission as P;

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody. Its handler does not ask who it is.
    Anyone,
    /// Whoever is signed in: their own matters.
    SignedIn,
    /// Staff and keys with this permission.
    Needs(P),
    /// Superusers of the installation.
    Superuser,
}

use Access::{Anyone, Needs, SignedIn, Superuser};

/// Method, path template (below `/api`, but for those that begin with `/ws`), and who may.
#[rustfmt::skip]
pub const TABLE: &[(&str, &str, Access)] = &[
    ("GET",    "/health",                               Anyone),
    ("GET",    "/health/live",                          Anyone),

    // ---- signing in and one's own account
    ("POST",   "/admin/auth/login",                     Anyone),
    ("POST",   "/admin/auth/logout",                    Anyone),
    ("GET",    "/admin/auth/me",                        SignedIn),
    ("POST",   "/auth/login",                           Anyone),
    ("POST",   "/auth/refresh",                         Anyone),
    ("POST",   "/auth/logout",                          SignedIn),
    ("POST",   "/auth/logout-all",                      SignedIn),
    ("GET",    "/auth/me",                              SignedIn),
    ("PUT",    "/auth/me",                              SignedIn),
    ("PUT",    "/auth/me/password",                     SignedIn),
    ("PUT",    "/auth/me/phone",                        SignedIn),
    ("POST",   "/auth/me/totp",                         SignedIn),
    ("DELETE", "/auth/me/totp",                         SignedIn),
    ("POST",   "/auth/me/totp/confirm",                 SignedIn),
    ("POST",   "/auth/me/recovery-codes",               SignedIn),
    ("GET",    "/auth/sessions",                        SignedIn),
    ("DELETE", "/auth/sessions/{id}",                   SignedIn),
    ("GET",    "/auth/organizations",                   SignedIn),
    ("PUT",    "/auth/organization",                    SignedIn),
    ("POST",   "/auth/register",                        Anyone),
    ("GET",    "/auth/invitations/{token}",             Anyone),
    ("POST",   "/auth/invitations/accept",              SignedIn),

    // ---- the organization and its staff
    ("GET",    "/organization",                         SignedIn),
    ("PATCH",  "/organization",                         Needs(P::SettingsManage)),
    ("GET",    "/users",                                Needs(P::UsersRead)),
    ("POST",   "/users",                                Needs(P::UsersManage)),
    ("GET",    "/users/{id}",                           Needs(P::UsersRead)),
    ("PATCH",  "/users/{id}",                           Needs(P::UsersManage)),
    ("DELETE", "/users/{id}",                           Needs(P::UsersManage)),
    ("GET",    "/invitations",                          Needs(P::UsersManage)),
    ("POST",   "/invitations",                          Needs(P::UsersManage)),
    ("DELETE", "/invitations/{id}",                     Needs(P::UsersManage)),
    ("GET",    "/permissions",                          SignedIn),
    ("GET",    "/roles",                                Needs(P::UsersRead)),
    ("POST",   "/roles",                                Needs(P::UsersManage)),
    ("GET",    "/roles/{id}",                           Needs(P::UsersRead)),
    ("PATCH",  "/roles/{id}",                           Needs(P::UsersManage)),
    ("DELETE", "/roles/{id}",                           Needs(P::UsersManage)),
    ("GET",    "/api-keys",                             Needs(P::ApiKeysManage)),
    ("POST",   "/api-keys",                             Needs(P::ApiKeysManage)),
    ("GET",    "/api-keys/{id}",                        Needs(P::ApiKeysManage)),
    ("PATCH",  "/api-keys/{id}",                        Needs(P::ApiKeysManage)),
    ("DELETE", "/api-keys/{id}",                        Needs(P::ApiKeysManage)),
    ("GET",    "/audit",                                Needs(P::AuditRead)),
    ("GET",    "/audit/export",                         Needs(P::AuditRead)),

    // ---- the installation
    ("GET",    "/organizations",                        Superuser),
    ("POST",   "/organizations",                        Superuser),
    ("PATCH",  "/organizations/{id}",                   Superuser),
    ("GET",    "/installation/users",                   Superuser),
    ("PATCH",  "/installation/users/{id}",              Superuser),
    ("GET",    "/installation/suppressions",            Superuser),
    ("POST",   "/installation/suppressions",            Superuser),
    ("DELETE", "/installation/suppressions/{id}",       Superuser),

    // ---- contacts and consent
    ("GET",    "/contacts",                             Needs(P::ContactsRead)),
    ("POST",   "/contacts",                             Needs(P::ContactsWrite)),
    ("GET",    "/contacts/duplicates",                  Needs(P::ContactsRead)),
    ("POST",   "/contacts/{id}/merge",                  Needs(P::ContactsWrite)),
    ("GET",    "/contacts/export",                      Needs(P::ContactsExport)),
    ("POST",   "/contacts/import/preview",              Needs(P::ContactsWrite)),
    ("POST",   "/contacts/import/execute",              Needs(P::ContactsWrite)),
    ("GET",    "/contacts/imports",                     Needs(P::ContactsRead)),
    ("GET",    "/contacts/imports/{id}",                Needs(P::ContactsRead)),
    ("POST",   "/contacts/imports/{id}/preview",        Needs(P::ContactsWrite)),
    ("POST",   "/contacts/imports/{id}/cancel",         Needs(P::ContactsWrite)),
    ("POST",   "/contacts/imports/{id}/undo",           Needs(P::ContactsWrite)),
    ("GET",    "/contacts/imports/{id}/errors.csv",     Needs(P::ContactsWrite)),
    ("GET",    "/contacts/{id}",                        Needs(P::ContactsRead)),
    ("PATCH",  "/contacts/{id}",                        Needs(P::ContactsWrite)),
    ("POST",   "/contacts/{id}/archive",                Needs(P::ContactsWrite)),
    ("POST",   "/contacts/{id}/unarchive",              Needs(P::ContactsWrite)),
    ("GET",    "/contacts/{id}/timeline",               Needs(P::ContactsRead)),
    ("GET",    "/segments",                             Needs(P::ContactsRead)),
    ("POST",   "/segments",                             Needs(P::ContactsWrite)),
    ("POST",   "/segments/count",                       Needs(P::ContactsRead)),
    ("GET",    "/segments/{id}",                        Needs(P::ContactsRead)),
    ("PATCH",  "/segments/{id}",                        Needs(P::ContactsWrite)),
    ("DELETE", "/segments/{id}",                        Needs(P::ContactsWrite)),
    ("POST",   "/segments/{id}/archive",                Needs(P::ContactsWrite)),
    ("POST",   "/segments/{id}/restore",                Needs(P::ContactsWrite)),
    ("GET",    "/segments/{id}/contacts",               Needs(P::ContactsRead)),
    ("GET",    "/contacts/{id}/consent",                Needs(P::ContactsRead)),
    ("POST",   "/contacts/{id}/consent",                Needs(P::ContactsWrite)),
    ("GET",    "/contacts/{id}/consent/evidence",       Needs(P::ContactsExport)),
    ("GET",    "/compliance/disclosures",               Needs(P::ComplianceRead)),
    ("POST",   "/compliance/disclosures",               Needs(P::ComplianceWrite)),
    ("GET",    "/suppressions",                         Needs(P::ComplianceRead)),
    ("POST",   "/suppressions",                         Needs(P::ComplianceWrite)),
    ("DELETE", "/suppressions/{id}",                    Needs(P::ComplianceWrite)),
    ("POST",   "/suppressions/import",                  Needs(P::ComplianceWrite)),
    ("GET",    "/suppressions/batches",                 Needs(P::ComplianceRead)),
    ("POST",   "/suppressions/batches/{id}/undo",       Needs(P::ComplianceWrite)),
    ("GET",    "/contacts/{id}/export",                 Needs(P::ContactsExport)),
    ("POST",   "/contacts/{id}/erase",                  Needs(P::ContactsErase)),
    ("GET",    "/compliance/rules",                     Needs(P::ComplianceRead)),
    ("GET",    "/compliance/check",                     Needs(P::ComplianceRead)),
    ("GET",    "/compliance/overrides",                 Needs(P::ComplianceRead)),
    ("POST",   "/compliance/overrides",                 Needs(P::ComplianceWrite)),
    ("DELETE", "/compliance/overrides/{id}",            Needs(P::ComplianceWrite)),
    ("GET",    "/compliance/frequency-cap",             Needs(P::ComplianceRead)),
    ("PUT",    "/compliance/frequency-cap",             Needs(P::ComplianceWrite)),
    ("GET",    "/opt-out-reviews",                      Needs(P::ComplianceRead)),
    ("POST",   "/opt-out-reviews/{id}/decision",        Needs(P::ComplianceWrite)),

    // ---- messages and conversations
    ("GET",    "/messages",                             Needs(P::ConversationsRead)),
    ("POST",   "/messages",                             Needs(P::MessagesSend)),
    ("GET",    "/messages/{id}/media/{n}",              Needs(P::ConversationsRead)),
    ("GET",    "/whatsapp-templates",                   Needs(P::CampaignsRead)),
    ("POST",   "/whatsapp-templates",                   Needs(P::CampaignsWrite)),
    ("GET",    "/whatsapp-templates/{id}",              Needs(P::CampaignsRead)),
    ("PATCH",  "/whatsapp-templates/{id}",              Needs(P::CampaignsWrite)),
    ("DELETE", "/whatsapp-templates/{id}",              Needs(P::CampaignsWrite)),
    ("POST",   "/messages/preview",                     Needs(P::MessagesSend)),
    ("GET",    "/message-prices",                       Needs(P::ConversationsRead)),
    ("PUT",    "/message-prices",                       Needs(P::SendersManage)),
    ("GET",    "/messages/{id}",                        Needs(P::ConversationsRead)),
    ("GET",    "/messages/{id}/receipt",                Needs(P::ConversationsRead)),
    ("POST",   "/messages/{id}/cancel",                 Needs(P::MessagesSend)),
    ("GET",    "/conversations",                        Needs(P::ConversationsRead)),
    ("GET",    "/conversations/{id}",                   Needs(P::ConversationsRead)),
    ("PATCH",  "/conversations/{id}",                   Needs(P::ConversationsWrite)),
    ("GET",    "/conversations/{id}/messages",          Needs(P::ConversationsRead)),
    ("GET",    "/conversations/{id}/turns",             Needs(P::ConversationsRead)),
    ("POST",   "/conversations/{id}/messages",          Needs(P::MessagesSend)),
    ("PUT",    "/conversations/{id}/mode",              Needs(P::ConversationsWrite)),
    ("POST",   "/conversations/{id}/attended",          Needs(P::ConversationsWrite)),
    ("POST",   "/simulator/messages",                   Needs(P::SimulatorUse)),
    ("GET",    "/simulator/clock",                      SignedIn),
    ("PUT",    "/simulator/clock",                      Needs(P::SimulatorUse)),
    ("PUT",    "/simulator/mode",                       Needs(P::SettingsManage)),
    ("GET",    "/simulator/faults",                     Needs(P::SimulatorUse)),
    ("POST",   "/simulator/faults",                     Needs(P::SimulatorUse)),
    ("DELETE", "/simulator/faults/{id}",                Needs(P::SimulatorUse)),
    ("GET",    "/simulator/log",                        Needs(P::SimulatorUse)),
    ("GET",    "/senders",                              Needs(P::SendersManage)),
    ("POST",   "/senders",                              Needs(P::SendersManage)),
    ("GET",    "/senders/{id}",                         Needs(P::SendersManage)),
    ("PATCH",  "/senders/{id}",                         Needs(P::SendersManage)),
    ("POST",   "/senders/{id}/pause",                   Needs(P::SendersManage)),
    ("POST",   "/senders/{id}/resume",                  Needs(P::SendersManage)),
    ("DELETE", "/senders/{id}",                         Needs(P::SendersManage)),
    ("GET",    "/senders/{id}/credentials",             Needs(P::SendersManage)),
    ("PUT",    "/senders/{id}/credentials",             Needs(P::SendersManage)),
    ("DELETE", "/senders/{id}/credentials",             Needs(P::SendersManage)),

    // ---- campaigns
    ("GET",    "/templates",                            Needs(P::CampaignsRead)),
    ("POST",   "/templates",                            Needs(P::CampaignsWrite)),
    ("POST",   "/templates/preview",                    Needs(P::CampaignsRead)),
    ("GET",    "/templates/variables",                  Needs(P::CampaignsRead)),
    ("GET",    "/templates/{id}",                       Needs(P::CampaignsRead)),
    ("PATCH",  "/templates/{id}",                       Needs(P::CampaignsWrite)),
    ("POST",   "/templates/{id}/archive",               Needs(P::CampaignsWrite)),
    ("POST",   "/templates/{id}/restore",               Needs(P::CampaignsWrite)),
    ("POST",   "/templates/{id}/duplicate",             Needs(P::CampaignsWrite)),
    ("POST",   "/templates/{id}/preview",               Needs(P::CampaignsRead)),
    ("GET",    "/campaigns",                            Needs(P::CampaignsRead)),
    ("POST",   "/campaigns",                            Needs(P::CampaignsWrite)),
    ("GET",    "/campaigns/{id}",                       Needs(P::CampaignsRead)),
    ("PATCH",  "/campaigns/{id}",                       Needs(P::CampaignsWrite)),
    ("DELETE", "/campaigns/{id}",                       Needs(P::CampaignsWrite)),
    ("POST",   "/campaigns/{id}/start",                 Needs(P::CampaignsSend)),
    ("POST",   "/campaigns/{id}/pause",                 Needs(P::CampaignsSend)),
    ("POST",   "/campaigns/{id}/resume",                Needs(P::CampaignsSend)),
    ("POST",   "/campaigns/{id}/cancel",                Needs(P::CampaignsSend)),
    ("POST",   "/campaigns/{id}/duplicate",             Needs(P::CampaignsWrite)),
    ("POST",   "/campaigns/{id}/dry-run",               Needs(P::CampaignsRead)),
    ("POST",   "/campaigns/{id}/test",                  Needs(P::CampaignsSend)),
    ("GET",    "/campaigns/{id}/targets",               Needs(P::CampaignsRead)),
    ("GET",    "/analytics/campaigns/{id}",             Needs(P::CampaignsRead)),
    ("GET",    "/analytics/campaigns/{id}/export",      Needs(P::CampaignsRead)),

    ("GET",    "/links",                                Needs(P::CampaignsRead)),
    ("POST",   "/links",                                Needs(P::CampaignsWrite)),
    ("GET",    "/links/settings",                       Needs(P::CampaignsRead)),
    ("PUT",    "/links/settings",                       Needs(P::SettingsManage)),
    ("GET",    "/links/{id}",                           Needs(P::CampaignsRead)),

    // ---- booking
    ("GET",    "/services",                            Needs(P::BookingRead)),
    ("POST",   "/services",                            Needs(P::CatalogWrite)),
    ("GET",    "/services/{id}",                       Needs(P::BookingRead)),
    ("PATCH",  "/services/{id}",                       Needs(P::CatalogWrite)),
    ("DELETE", "/services/{id}",                       Needs(P::CatalogWrite)),
    ("GET",    "/providers",                           Needs(P::BookingRead)),
    ("POST",   "/providers",                           Needs(P::CatalogWrite)),
    ("GET",    "/providers/{id}",                      Needs(P::BookingRead)),
    ("PATCH",  "/providers/{id}",                      Needs(P::CatalogWrite)),
    ("DELETE", "/providers/{id}",                      Needs(P::CatalogWrite)),
    ("GET",    "/slots",                               Needs(P::BookingRead)),
    ("POST",   "/slots",                               Needs(P::CatalogWrite)),
    ("POST",   "/slots/generate",                      Needs(P::CatalogWrite)),
    ("POST",   "/slots/clear",                         Needs(P::CatalogWrite)),
    ("GET",    "/slots/{id}",                          Needs(P::BookingRead)),
    ("PATCH",  "/slots/{id}",                          Needs(P::CatalogWrite)),
    ("DELETE", "/slots/{id}",                          Needs(P::CatalogWrite)),
    ("GET",    "/availability",                        Needs(P::BookingRead)),
    ("POST",   "/availability",                        Needs(P::CatalogWrite)),
    ("GET",    "/availability/{id}",                   Needs(P::BookingRead)),
    ("PATCH",  "/availability/{id}",                   Needs(P::CatalogWrite)),
    ("DELETE", "/availability/{id}",                   Needs(P::CatalogWrite)),
    ("GET",    "/availability/exceptions",             Needs(P::BookingRead)),
    ("POST",   "/availability/exceptions",             Needs(P::CatalogWrite)),
    ("DELETE", "/availability/exceptions/{id}",        Needs(P::CatalogWrite)),
    ("GET",    "/appointments",                        Needs(P::BookingRead)),
    ("POST",   "/appointments",                        Needs(P::BookingWrite)),
    ("GET",    "/appointments/{id}",                   Needs(P::BookingRead)),
    ("PATCH",  "/appointments/{id}",                   Needs(P::BookingWrite)),
    ("POST",   "/appointments/{id}/confirm",           Needs(P::BookingWrite)),
    ("POST",   "/appointments/{id}/cancel",            Needs(P::BookingWrite)),
    ("POST",   "/appointments/{id}/reschedule",        Needs(P::BookingWrite)),
    ("POST",   "/appointments/{id}/complete",          Needs(P::BookingWrite)),
    ("POST",   "/appointments/{id}/no-show",           Needs(P::BookingWrite)),
    ("POST",   "/appointments/{id}/reopen",            Needs(P::BookingWrite)),

    // ---- the assistant
    ("GET",    "/knowledge",                            Needs(P::AssistantRead)),
    ("POST",   "/knowledge",                            Needs(P::KnowledgeWrite)),
    ("POST",   "/knowledge/match",                      Needs(P::AssistantRead)),
    ("GET",    "/knowledge/{id}",                       Needs(P::AssistantRead)),
    ("PUT",    "/knowledge/{id}",                       Needs(P::KnowledgeWrite)),
    ("DELETE", "/knowledge/{id}",                       Needs(P::KnowledgeWrite)),
    ("GET",    "/assistant/settings",                   Needs(P::AssistantRead)),
    ("PUT",    "/assistant/settings",                   Needs(P::AssistantManage)),
    ("GET",    "/assistant/usage",                      Needs(P::AssistantRead)),
    ("GET",    "/assistant/providers",                  Needs(P::AssistantRead)),
    ("POST",   "/assistant/providers",                  Needs(P::AssistantManage)),
    ("PUT",    "/assistant/providers/order",            Needs(P::AssistantManage)),
    ("DELETE", "/assistant/providers/{id}",             Needs(P::AssistantManage)),
    ("POST",   "/assistant/providers/{id}/test",        Needs(P::AssistantManage)),

    // ---- messages of the team
    ("GET",    "/team/people",                          Needs(P::TeamWrite)),
    ("POST",   "/team/messages",                        Needs(P::TeamWrite)),
    ("GET",    "/team/messages/received",               Needs(P::TeamWrite)),
    ("GET",    "/team/messages/sent",                   Needs(P::TeamWrite)),
    ("GET",    "/team/messages/history",                Needs(P::TeamWrite)),
    ("GET",    "/team/messages/unread-count",           Needs(P::TeamWrite)),
    ("POST",   "/team/messages/read-all",               Needs(P::TeamWrite)),
    ("GET",    "/team/messages/{id}",                   Needs(P::TeamWrite)),
    ("PATCH",  "/team/messages/{id}",                   Needs(P::TeamWrite)),
    ("DELETE", "/team/messages/{id}",                   Needs(P::TeamWrite)),
    ("POST",   "/team/messages/{id}/read",              Needs(P::TeamWrite)),
    ("POST",   "/team/messages/{id}/reply",             Needs(P::TeamWrite)),

    // ---- reports; whoever lacks reports.read sees those they opened or were given
    ("GET",    "/reports",                              Needs(P::ReportsRead)),
    ("POST",   "/reports",                              Needs(P::TeamWrite)),
    ("GET",    "/reports/mine",                         Needs(P::TeamWrite)),
    ("GET",    "/reports/{id}",                         SignedIn),
    ("PATCH",  "/reports/{id}",                         Needs(P::ReportsWrite)),
    ("GET",    "/reports/{id}/comments",                SignedIn),
    ("POST",   "/reports/{id}/comments",                SignedIn),
    ("GET",    "/reports/{id}/history",                 SignedIn),
    ("POST",   "/reports/{id}/start",                   Needs(P::ReportsWrite)),
    ("POST",   "/reports/{id}/resolve",                 Needs(P::ReportsWrite)),
    ("POST",   "/reports/{id}/reopen",                  Needs(P::ReportsWrite)),
    // ---- webhooks
    ("GET",    "/webhook-endpoints",                    Needs(P::WebhooksManage)),
    ("POST",   "/webhook-endpoints",                    Needs(P::WebhooksManage)),
    ("GET",    "/webhook-endpoints/{id}",               Needs(P::WebhooksManage)),
    ("PATCH",  "/webhook-endpoints/{id}",               Needs(P::WebhooksManage)),
    ("DELETE", "/webhook-endpoints/{id}",               Needs(P::WebhooksManage)),
    ("POST",   "/webhook-endpoints/{id}/rotate-secret", Needs(P::WebhooksManage)),
    ("POST",   "/webhook-endpoints/{id}/test",          Needs(P::WebhooksManage)),
    ("POST",   "/webhook-endpoints/{id}/replay",        Needs(P::WebhooksManage)),
    ("GET",    "/webhook-endpoints/{id}/deliveries",    Needs(P::WebhooksManage)),
    ("GET",    "/webhook-deliveries/{id}",              Needs(P::WebhooksManage)),
    ("POST",   "/webhook-deliveries/{id}/replay",       Needs(P::WebhooksManage)),
    // ---- privacy
    ("GET",    "/privacy/settings",                     Needs(P::SettingsManage)),
    ("PUT",    "/privacy/settings",                     Needs(P::SettingsManage)),

    // ---- figures and work
    ("GET",    "/analytics/dashboard",                  Needs(P::AnalyticsRead)),
    ("GET",    "/analytics/dashboard.csv",              Needs(P::AnalyticsRead)),
    ("GET",    "/inbox",                                Needs(P::AnalyticsRead)),
    ("GET",    "/jobs",                                 Needs(P::JobsRead)),
    ("POST",   "/jobs/{id}/retry",                      Needs(P::JobsWrite)),

    // ---- live updates; of each kind of row those hear who may read it
    ("GET",    "/ws/events",                            SignedIn),
    ("GET",    "/ws/campaigns/{id}",                    Needs(P::CampaignsRead)),
];

static BY_OPERATION: LazyLock<HashMap<(&str, &str), Access>> =
    LazyLock::new(|| TABLE.iter().map(|(method, path, access)| ((*method, *path), *access)).collect());

/// Who may call the operation; none: nobody, it is not in the table. `path` is the whole template, below `/api` or `/api/v1` as a rule.
pub fn access(method: &str, path: &str) -> Option<Access> {
    let below = path.strip_prefix("/api/v1").or_else(|| path.strip_prefix("/api"));
    let below = below.or_else(|| path.starts_with("/ws/").then_some(path))?;
    BY_OPERATION.get(&(method, below)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_operation_stands_twice() {
        assert_eq!(BY_OPERATION.len(), TABLE.len());
    }

    #[test]
    fn both_names_of_an_operation_mean_the_same() {
        assert_eq!(access("GET", "/api/v1/contacts"), Some(Needs(P::ContactsRead)));
        assert_eq!(access("GET", "/api/contacts"), Some(Needs(P::ContactsRead)));
        assert_eq!(access("DELETE", "/api/nothing"), None);
        assert_eq!(access("GET", "/contacts"), None);
        assert_eq!(access("GET", "/ws/events"), Some(SignedIn));
    }
}
