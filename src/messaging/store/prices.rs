//! SQL on what texts cost.

use super::super::prices::{Prices, charged};
use crate::platform::{db::Tx, ids::MessageId};

pub(in crate::messaging) async fn get(tx: &mut Tx) -> Result<Option<Prices>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        Prices,
        "SELECT currency, sms_segment_micros AS sms_segment, mms_micros AS mms, whatsapp_micros AS whatsapp
         FROM message_prices WHERE organization_id = $1",
        organization.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

pub(in crate::messaging) async fn save(tx: &mut Tx, prices: &Prices) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "INSERT INTO message_prices (organization_id, currency, sms_segment_micros, mms_micros, whatsapp_micros, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (organization_id) DO UPDATE
           SET currency = $2, sms_segment_micros = $3, mms_micros = $4, whatsapp_micros = $5, updated_at = $6",
        organization.0,
        prices.currency,
        prices.sms_segment,
        prices.mms,
        prices.whatsapp,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Notes what the provider charged, as it writes it ("-0.00790", "USD"). What cannot be read, or is not known yet, changes nothing.
pub(in crate::messaging) async fn record_charge(
    tx: &mut Tx,
    id: MessageId,
    price: Option<&str>,
    unit: Option<&str>,
) -> Result<(), sqlx::Error> {
    let Some((amount, unit)) = price.zip(unit).and_then(|(price, unit)| charged(price, unit)) else {
        return Ok(());
    };
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE messages SET price = $3::text::numeric(14, 6), price_unit = $4 WHERE organization_id = $1 AND id = $2",
        organization.0,
        id.0,
        amount,
        unit,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}
