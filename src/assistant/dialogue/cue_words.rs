//! The words and phrases that `cues` looks for, English and Spanish. Folded as texts are: lower case, no accents, no punctuation.

mod answers;
mod calendar;
mod matters;

pub(super) use self::{answers::*, calendar::*, matters::*};
