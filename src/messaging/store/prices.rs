//! SQL on what texts cost.

use chrono::{DateTime, Utc};

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

/// Notes what the provider charged for one try, as it writes it ("-0.00790", "USD"). Each try counts once, however often it is told of. What
/// cannot be read, is not known yet or is in another currency than the other tries changes nothing.
pub(in crate::messaging) async fn record_charge(
    tx: &mut Tx,
    id: MessageId,
    provider_sid: &str,
    price: Option<&str>,
    unit: Option<&str>,
) -> Result<(), sqlx::Error> {
    let Some((amount, unit)) = price.zip(unit).and_then(|(price, unit)| charged(price, unit)) else {
        return Ok(());
    };
    let organization = tx.organization_id();
    sqlx::query!(
        "WITH known AS (
           SELECT COALESCE(charges, '{}') || jsonb_build_object($3::text, $4::text) AS charges FROM messages
           WHERE organization_id = $1 AND id = $2 AND COALESCE(price_unit, $5) = $5)
         UPDATE messages m
         SET charges = known.charges, price_unit = $5,
             price = (SELECT sum(value::numeric) FROM jsonb_each_text(known.charges))::numeric(14, 6)
         FROM known WHERE m.organization_id = $1 AND m.id = $2",
        organization.0,
        id.0,
        provider_sid,
        amount,
        unit,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Texts that were delivered between `after` and `before`, and of whose price nothing was heard or asked.
pub(in crate::messaging) async fn unpriced(
    tx: &mut Tx,
    after: DateTime<Utc>,
    before: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<MessageId>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_scalar!(
        r#"SELECT id AS "id: MessageId" FROM messages
           WHERE organization_id = $1 AND direction = 'outbound' AND channel IN ('sms', 'whatsapp') AND price IS NULL
             AND price_asked_at IS NULL AND delivered_at > $2 AND delivered_at <= $3
           ORDER BY delivered_at LIMIT $4"#,
        organization.0,
        after,
        before,
        limit,
    )
    .fetch_all(&mut **tx)
    .await
}

/// The price is asked for now. Returns the provider's ids of the text's tries that it is asked for.
pub(in crate::messaging) async fn mark_asked(tx: &mut Tx, id: MessageId) -> Result<Vec<String>, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_scalar!(
        r#"WITH m AS (UPDATE messages SET price_asked_at = $3 WHERE organization_id = $1 AND id = $2 RETURNING provider_sid)
           SELECT provider_sid AS "sid!" FROM m WHERE provider_sid IS NOT NULL
           UNION SELECT provider_sid FROM delivery_attempts WHERE organization_id = $1 AND message_id = $2"#,
        organization.0,
        id.0,
        now,
    )
    .fetch_all(&mut **tx)
    .await
}
