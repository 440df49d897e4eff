//! What tests share: the servers, an application per test, stand-ins for Twilio and for model servers, and the real binary as a process.

mod app;
mod llm;
mod process;
mod receiver;
mod servers;
mod twilio;

pub use app::{API_KEY, AUTH_TOKEN, ApiResponse, App, Builder, NUMBER};
pub use llm::{ModelAnswer, ModelServer, stopped_clock};
pub use process::{Process, eventually, settings};
pub use receiver::{Receiver, Reply};
pub use servers::servers;
pub use twilio::{Answer, Callbacks, StandIn};
