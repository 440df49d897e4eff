//! What tests share: the servers, an application per test, a stand-in for Twilio, and the real binary as a process.

mod app;
mod process;
mod servers;
mod twilio;

pub use app::{API_KEY, AUTH_TOKEN, ApiResponse, App, NUMBER};
pub use process::{Process, eventually, settings};
pub use servers::servers;
pub use twilio::{Answer, StandIn};
