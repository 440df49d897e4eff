//! Tests of the understanding, by table and by property.
