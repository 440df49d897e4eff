//! The command line.

use std::io::{BufRead, Write};

use anyhow::Context;
use clap::{Parser, Subcommand};
use secrecy::{ExposeSecret, SecretString};

use super::{
    bootstrap::bootstrap,
    description::open_api,
    sealed,
    seed::seed_demo,
    serve::{self, Backing, Role},
    subscriptions::route,
};
use crate::{
    accounts::{self, BuiltInRole, NewStaff},
    assistant::{
        llm::{Llm, Request},
        understanding::protocol,
    },
    messaging::TwilioChannel,
    platform::{
        clock::Clock,
        config::{AiConfig, Config, TwilioConfig},
        db::{self, Db},
        jobs::{Dispatcher, Transport, redis_ping},
        telemetry,
    },
};

/// A text-message front desk in one binary.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the front desk until told to stop.
    Serve {
        #[arg(long, value_enum, default_value_t = Role::All)]
        role: Role,
    },
    /// Bring the database schema up to date.
    Migrate,
    /// Add a demo business (providers, services, slots) to the organization that is there.
    Seed,
    /// Add a member of staff; the password is read from standard input.
    CreateUser {
        username: String,
        #[arg(long, default_value = "admin", value_parser = ["admin", "campaign_manager", "operator", "viewer"])]
        role: String,
        /// May do everything in every organization of the installation.
        #[arg(long)]
        superuser: bool,
    },
    /// Seal every stored secret with ENCRYPTION_KEY. What an earlier key sealed opens with ENCRYPTION_KEYS_PREVIOUS, which can go afterwards.
    RotateKeys,
    /// Say whether the configuration is right and what it points at can be reached.
    CheckConfig,
    /// Understand texts: JSON lines in, JSON lines out.
    Understand,
    /// Print the OpenAPI description.
    Openapi,
    /// The language models.
    Ai {
        #[command(subcommand)]
        command: AiCommand,
    },
}

#[derive(Subcommand)]
enum AiCommand {
    /// Ask each configured model one small question and say how it went.
    Test,
}

/// Runs the command line. An error's whole chain is printed by `main`.
pub async fn run() -> anyhow::Result<()> {
    let cli = Cli::parse();
    match cli.command {
        Command::Understand => return understand(),
        Command::Openapi => {
            println!("{}", open_api().to_pretty_json()?);
            return Ok(());
        }
        _ => {}
    }
    let config = Config::from_env()?;
    // What a test of the models has to say, it prints.
    if !matches!(cli.command, Command::Ai { .. }) {
        telemetry::init_logging(&config.log_level);
    }
    match cli.command {
        Command::Serve { role } => serve::serve(config, role).await,
        Command::Migrate => {
            let (_, backing) = with_database(&Config { auto_migrate: true, ..config }).await?;
            backing.stop().await;
            Ok(())
        }
        Command::Seed => seed(&config).await,
        Command::CreateUser { username, role, superuser } => create_user(&config, &username, &role, superuser).await,
        Command::RotateKeys => rotate_keys(&config).await,
        Command::CheckConfig => check_config(&config).await,
        Command::Ai { command: AiCommand::Test } => test_models(&config).await,
        Command::Understand | Command::Openapi => Ok(()),
    }
}

async fn with_database(config: &Config) -> anyhow::Result<(Db, Backing)> {
    let backing = Backing::find(config).await?;
    let pool = serve::ready_pool(config, &backing.database_url).await?;
    Ok((Db::new(pool, Clock::system(), route, Dispatcher::silent()), backing))
}

async fn seed(config: &Config) -> anyhow::Result<()> {
    let (db, backing) = with_database(config).await?;
    let password = backing.admin_password(config)?;
    let organization = bootstrap(&db, config, password.as_ref()).await?;
    match seed_demo(&db, &organization).await? {
        0 => println!("{} has services already; nothing was added.", organization.name),
        slots => println!("Added a demo to {}: 2 providers, 3 services, {slots} slots.", organization.name),
    }
    backing.stop().await;
    Ok(())
}

async fn create_user(config: &Config, username: &str, role: &str, superuser: bool) -> anyhow::Result<()> {
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password)?;
    let password = password.trim_end_matches(['\r', '\n']);
    accounts::check_password(password, &[username]).map_err(|why| anyhow::anyhow!("the password {why}"))?;
    let (db, backing) = with_database(config).await?;
    let organization = accounts::ensure_organization(&db, config).await?;
    let password = SecretString::from(password);
    let role = BuiltInRole::from_name(role).context("role")?;
    let new = NewStaff { username, password: &password, role, superuser };
    accounts::create_user(&db, organization.id, &new).await?;
    println!("{username} can sign in now.");
    backing.stop().await;
    Ok(())
}

async fn rotate_keys(config: &Config) -> anyhow::Result<()> {
    let (db, backing) = with_database(config).await?;
    let vault = backing.vault(config)?.context("ENCRYPTION_KEY is not set: nothing can be sealed")?;
    let report = sealed::rotate_keys(&db, &vault).await?;
    let mut lost = 0;
    for (what, rotated) in &report {
        println!("{what:<38} {} sealed again, {} were already", rotated.sealed_again, rotated.current_already);
        lost += rotated.lost;
        if rotated.lost > 0 {
            println!("{:<38} {} cannot be opened with any key given", "", rotated.lost);
        }
    }
    backing.stop().await;
    anyhow::ensure!(
        lost == 0,
        "{lost} secret(s) cannot be opened: add the key that sealed them to ENCRYPTION_KEYS_PREVIOUS"
    );
    println!("Everything is sealed with ENCRYPTION_KEY; ENCRYPTION_KEYS_PREVIOUS is not needed any more.");
    Ok(())
}

/// Reaching this point means that every setting could be read.
async fn check_config(config: &Config) -> anyhow::Result<()> {
    println!("settings   ok");
    let mut failures = 0;
    let mut report = |what: &str, result: Result<String, String>| match result {
        Ok(detail) => println!("{what:<10} ok{}{detail}", if detail.is_empty() { "" } else { ", " }),
        Err(error) => {
            failures += 1;
            println!("{what:<10} {error}");
        }
    };
    match &config.database_url {
        Some(url) => {
            let result = match Db::connect(url.expose_secret(), 2).await {
                Ok(pool) if db::needs_migration(&pool).await => Ok("migrations wait to be applied".to_owned()),
                Ok(_) => Ok(String::new()),
                Err(error) => Err(format!("cannot be reached: {error}")),
            };
            report("database", result);
        }
        None => report("database", Ok(format!("a private one under {}", config.data_dir.display()))),
    }
    match &config.redis_url {
        Some(url) => {
            let result = match Transport::lazy(url.expose_secret()) {
                Ok(transport) => redis_ping(&transport).await.map(|()| String::new()),
                Err(error) => Err(error.to_string()),
            };
            report("redis", result);
        }
        None => report("redis", Ok(format!("a private one under {}", config.data_dir.display()))),
    }
    match &config.twilio {
        Some(twilio) => report("twilio", check_twilio(twilio).await),
        None => report("twilio", Ok("not configured: the simulator is the only channel".to_owned())),
    }
    report("ai", Ok(models(&config.ai)));
    for remark in twilio_remarks(config) {
        println!("           {remark}");
    }
    anyhow::ensure!(failures == 0, "{failures} part(s) cannot be reached");
    Ok(())
}

/// Whether Twilio takes the credentials.
async fn check_twilio(twilio: &TwilioConfig) -> Result<String, String> {
    let account = format!("account {} at {}", twilio.account_sid, twilio.api_url);
    let channel = TwilioChannel::new(twilio).map_err(|e| e.to_string())?;
    let right = channel.check().await.map_err(|e| format!("{account} cannot be reached: {e}"))?;
    let names =
        twilio.api_key.iter().map(|_| "TWILIO_API_KEY_SID").chain(["TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_SECONDARY"]);
    let wrong: Vec<&str> = names.zip(&right).filter(|(_, right)| !**right).map(|(name, _)| name).collect();
    match wrong.as_slice() {
        [] => Ok(account),
        // While tokens are exchanged one of them may be right only soon, or no more.
        some if some.len() < right.len() => Ok(format!("{account}; {} is not right (now)", some.join(" and "))),
        all => Err(format!("{account} does not take {}", all.join(" nor "))),
    }
}

/// What is missing though every setting could be read.
fn twilio_remarks(config: &Config) -> Vec<&'static str> {
    let mut remarks = Vec::new();
    if let Some(twilio) = &config.twilio {
        if config.public_url.is_none() {
            remarks.push("PUBLIC_URL is not set: signatures are checked on forwarded headers");
            if twilio.status_callback_url.is_none() {
                remarks.push("and Twilio has no address to report deliveries to: it is asked about each text");
            }
        } else if config.public_url.as_ref().is_some_and(|url| url.scheme() != "https") {
            remarks.push("PUBLIC_URL is not https: what people write is sent to it in the open");
        }
    }
    if config.encryption_key.is_none() && config.database_url.is_some() {
        remarks.push("ENCRYPTION_KEY is not set: senders cannot have Twilio accounts of their own");
    }
    remarks
}

/// The chain, without asking any of it.
fn models(ai: &AiConfig) -> String {
    if ai.chain.is_empty() {
        return "off: the built-in understanding answers by itself".to_owned();
    }
    let chain: Vec<String> = ai.chain.iter().map(|choice| format!("{} {}", choice.provider, choice.model)).collect();
    let dollars = ai.daily_budget_micros / 10_000;
    format!("{}, at most ${}.{:02} a day per organization", chain.join(", then "), dollars / 100, dollars % 100)
}

/// Asks each model of the installation by itself, so that a fallback that would fail is found before it is needed.
async fn test_models(config: &Config) -> anyhow::Result<()> {
    let llm = Llm::new(&config.ai);
    let chain = llm.installation_chain();
    if chain.is_empty() {
        println!("no language model is configured: the built-in understanding answers by itself.");
        println!(
            "To have one asked where that is unsure, set for example OPENAI_API_KEY, or AI_PROVIDER with AI_MODEL and"
        );
        println!("the provider's key; docs/AI.md names them all.");
        anyhow::bail!("nothing to test");
    }
    let mut working = 0;
    for endpoint in chain {
        let outcome = llm.ask(std::slice::from_ref(endpoint), &Request::small_question(&config.ai)).await;
        let usage = outcome.usage();
        let what = format!("{:<18} {}", endpoint.provider, endpoint.model);
        let cost = format!(
            "{} + {} tokens, {}${:.6}",
            usage.input_tokens,
            usage.output_tokens,
            if usage.cost_estimated { "about " } else { "" },
            usage.cost_micros as f64 / 1e6,
        );
        match outcome.answer {
            Ok(answer) => {
                working += 1;
                println!("{what}  ok, {} ms, {cost}", answer.latency.as_millis());
            }
            Err(error) => println!("{what}  {}: {error} ({} tries, {cost})", error.code(), outcome.attempts.len()),
        }
    }
    anyhow::ensure!(working > 0, "no model works; the built-in understanding answers by itself");
    Ok(())
}

fn understand() -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        match protocol::answer_line(&line) {
            Ok(answer) => writeln!(out, "{answer}")?,
            Err(error) => {
                out.flush()?;
                eprintln!("{error}");
            }
        }
    }
    out.flush().context("write the answers")
}
