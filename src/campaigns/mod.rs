//! What many are sent: templates, with their language, variants and what is said of them before anybody is sent one.

mod advice;
mod api;
mod compiled;
mod drafts;
mod model;
mod preview;
mod service;
mod store;
pub mod template;

pub use api::router;
pub use compiled::{CompiledTemplate, CompiledVariant, recipient};
pub use model::{Template, TemplateContent, TemplatePurpose, TemplateVariant};
pub use service::compiled;
