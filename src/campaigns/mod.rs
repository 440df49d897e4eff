//! What many are sent: templates, with their language, variants and what is said of them before anybody is sent one.

mod advice;
mod api;
mod books;
mod clocks;
mod compiled;
mod drafts;
mod jobs;
mod lane;
mod launch;
mod model;
mod plan;
mod preview;
mod service;
mod states;
mod store;
pub mod template;
mod trial;
mod wishes;

pub use api::router;
pub use compiled::{CompiledTemplate, CompiledVariant, recipient};
pub use jobs::{
    ChooseWinner, Deed, EndCampaign, LaunchCampaign, NoteCampaignDeed, RunCampaignLane, choose_winner, end_campaign,
    launch_campaign, launch_campaign_died, note_campaign_deed, run_campaign_lane, run_campaign_lane_died,
};
pub use model::{Template, TemplateContent, TemplatePurpose, TemplateVariant};
pub use service::{compiled, exists};
pub use store::personal::{PERSONAL, erase};
