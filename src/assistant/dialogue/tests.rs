//! Tests of the dialogue machine.
