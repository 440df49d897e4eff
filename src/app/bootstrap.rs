//! What every start makes sure of: the organization, its senders, its administrator and its key.

use secrecy::SecretString;

use crate::{
    accounts::{self, Organization},
    messaging::{self, ChannelKind},
    platform::{config::Config, db::Db},
};

/// Makes what is missing. `admin_password` is the configured one, or the one kept for the embedded default.
pub async fn bootstrap(
    db: &Db,
    config: &Config,
    admin_password: Option<&SecretString>,
) -> anyhow::Result<Organization> {
    let organization = accounts::ensure_organization(db, config).await?;
    messaging::ensure_sender(db, organization.id, ChannelKind::Simulator, "simulator", None, "Simulator").await?;
    if let Some(twilio) = &config.twilio
        && let Some(number) = &twilio.phone_number
    {
        let service = twilio.messaging_service_sid.as_deref();
        messaging::ensure_sender(db, organization.id, ChannelKind::Sms, number.as_str(), service, "SMS").await?;
        messaging::ensure_sender(db, organization.id, ChannelKind::Whatsapp, number.as_str(), None, "WhatsApp").await?;
    }
    match admin_password {
        Some(password) => accounts::ensure_admin(db, organization.id, &config.admin.username, password).await?,
        None => {
            tracing::warn!("ADMIN_PASSWORD is not set: nobody can sign in until `frontdesk create-user` made a user")
        }
    }
    accounts::ensure_api_key(db, organization.id, config.admin.api_key.as_ref()).await?;
    Ok(organization)
}
