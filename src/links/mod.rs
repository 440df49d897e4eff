//! Short links on the business's own domain: made for recipients, followed by them, and by programs that are told apart.

mod api;
mod model;
mod rules;
mod store;

pub use api::{redirect_router, router};
pub use model::{BatchClicks, LinkSettings};
pub use rules::is_target;
pub use store::{
    batch_clicks, clicked, mint,
    personal::{PERSONAL, erase, hand_over},
    prefix,
};
