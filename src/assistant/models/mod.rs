//! Which language models an organization's conversations may ask, and what they may cost.

pub(super) mod api;

use std::sync::Arc;

use super::{
    llm::{Attempt, Endpoint, Llm, Prices},
    store::models as store,
};
use crate::platform::{config::Config, crypto::Vault, db::Tx};

/// The way to all language models, with the vault that holds organizations' own keys. Cheap to clone.
#[derive(Clone)]
pub struct Models {
    pub(super) llm: Llm,
    pub(super) vault: Option<Arc<Vault>>,
}

/// What an organization allows, with the installation's settings where it changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allowance {
    pub ai_enabled: bool,
    /// Millionths of a US dollar per UTC day.
    pub daily_budget_micros: i64,
    /// Most messages of a conversation that a model is shown.
    pub history_messages: usize,
}

/// Why no model is asked. Stored as a turn's `model_error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotAsked {
    NotConfigured,
    SwitchedOff,
    OverBudget,
    /// Keys are there, but cannot be opened with this installation's ENCRYPTION_KEY.
    KeyLost,
}

impl NotAsked {
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotConfigured => "not_configured",
            Self::SwitchedOff => "switched_off",
            Self::OverBudget => "over_budget",
            Self::KeyLost => "key_lost",
        }
    }
}

impl Models {
    /// Without a vault no organization can store keys.
    pub fn new(config: &Config, vault: Option<Vault>) -> Self {
        Self::with_llm(Llm::new(&config.ai), vault)
    }

    /// With a given door to the models.
    pub fn with_llm(llm: Llm, vault: Option<Vault>) -> Self {
        Self { llm, vault: vault.map(Arc::new) }
    }

    /// The models that a conversation of this organization may ask now, in order, and how much of it they are shown.
    pub(super) async fn available(
        &self,
        tx: &mut Tx,
        config: &Config,
    ) -> Result<Result<(Vec<Endpoint>, Allowance), NotAsked>, sqlx::Error> {
        let allowance = allowance(tx, config).await?;
        if !allowance.ai_enabled {
            return Ok(Err(NotAsked::SwitchedOff));
        }
        let chain = match self.chain(tx).await? {
            Ok(chain) if chain.is_empty() => return Ok(Err(NotAsked::NotConfigured)),
            Ok(chain) => chain,
            Err(reason) => return Ok(Err(reason)),
        };
        if store::spent_today(tx).await? >= allowance.daily_budget_micros {
            return Ok(Err(NotAsked::OverBudget));
        }
        Ok(Ok((chain, allowance)))
    }

    /// The organization's own chain, or the installation's where it has none.
    async fn chain(&self, tx: &mut Tx) -> Result<Result<Vec<Endpoint>, NotAsked>, sqlx::Error> {
        let rows = store::providers(tx).await?;
        if rows.is_empty() {
            return Ok(Ok(self.llm.installation_chain().to_vec()));
        }
        let usable: Vec<Endpoint> = rows.iter().filter_map(|row| self.endpoint(tx, row)).collect();
        Ok(if usable.is_empty() { Err(NotAsked::KeyLost) } else { Ok(usable) })
    }

    /// The link of a chain as it is asked. None where its key cannot be opened any more, or the installation dropped its server.
    pub(super) fn endpoint(&self, tx: &Tx, row: &store::ProviderRow) -> Option<Endpoint> {
        let context = store::seal_context(tx.organization_id(), row.id);
        let key = match &row.sealed_key {
            Some(sealed) => Some(self.vault.as_ref()?.open(sealed, &context).ok()?),
            None => None,
        };
        let prices = match (row.input_price_micros, row.output_price_micros) {
            (Some(input), Some(output)) => Some(Prices { input, output }),
            _ => None,
        };
        self.llm.endpoint(row.provider, &row.model, key, prices).ok()
    }
}

pub(super) async fn allowance(tx: &mut Tx, config: &Config) -> Result<Allowance, sqlx::Error> {
    Ok(match store::settings(tx).await? {
        Some(row) => Allowance {
            ai_enabled: row.ai_enabled,
            daily_budget_micros: row.daily_budget_micros,
            history_messages: usize::try_from(row.history_messages).unwrap_or_default(),
        },
        None => Allowance {
            ai_enabled: true,
            daily_budget_micros: config.ai.daily_budget_micros,
            history_messages: config.ai.history_max,
        },
    })
}

/// Puts every try into the books.
pub(super) async fn account(tx: &mut Tx, attempts: &[Attempt]) -> Result<(), sqlx::Error> {
    for attempt in attempts {
        store::add_usage(tx, attempt).await?;
    }
    Ok(())
}

/// One sentence for staff when models are meant to be asked and are not.
pub async fn alert(models: &Models, tx: &mut Tx, config: &Config) -> Result<Option<String>, sqlx::Error> {
    Ok(match models.available(tx, config).await? {
        Ok(_) | Err(NotAsked::NotConfigured | NotAsked::SwitchedOff) => None,
        Err(NotAsked::OverBudget) => {
            Some("Today's budget for language models is used up; the built-in understanding answers alone.".to_owned())
        }
        Err(NotAsked::KeyLost) => Some(
            "The stored keys of the language models cannot be used any more: ENCRYPTION_KEY or the server's settings have changed."
                .to_owned(),
        ),
    })
}
