//! What filters are read as, and what is refused where.

use serde_json::{Value, json};

use super::{Activity, Condition, Filter, Moment, Node, TextField, parse};

fn read(filter: Value) -> Result<Node, Vec<String>> {
    let filter: Filter = serde_json::from_value(filter).expect("a filter in form");
    parse(&filter).map_err(|errors| errors.into_iter().map(|e| format!("{} {}", e.field, e.code)).collect())
}

fn one(field: &str, op: &str, value: Value) -> Value {
    json!({ "field": field, "op": op, "value": value })
}

fn condition(filter: Value) -> Condition {
    match read(filter.clone()) {
        Ok(Node::Condition(condition)) => condition,
        other => panic!("{filter}: {other:?}"),
    }
}

fn refused(filter: Value) -> String {
    read(filter.clone()).err().unwrap_or_else(|| panic!("{filter} was read")).join(", ")
}

#[test]
fn each_field_is_read() {
    let text = |field, texts: &[&str]| Condition::Text(field, texts.iter().map(|t| (*t).to_owned()).collect());
    assert_eq!(
        condition(one("lifecycle_stage", "is", json!("customer"))),
        text(TextField::LifecycleStage, &["customer"])
    );
    assert_eq!(
        condition(one("opt_in_status", "is", json!(["pending", "opted_in"]))),
        text(TextField::OptInStatus, &["pending", "opted_in"])
    );
    assert_eq!(condition(one("postal_code", "is", json!(" k1a 0b1"))), text(TextField::PostalCode, &["K1A 0B1"]));
    assert_eq!(
        condition(one("postal_code", "begins_with", json!(331))),
        Condition::PostalPrefix(vec!["331".to_owned()])
    );
    assert_eq!(condition(one("tags", "has_any", json!(["VIP "]))), Condition::Tags(vec!["vip".to_owned()]));
    assert_eq!(condition(one("custom.Age", "less", json!("30"))), Condition::CustomLess("Age".to_owned(), 30.0));
    assert_eq!(
        condition(one("custom.plan", "contains", json!("Gold"))),
        Condition::CustomContains("plan".to_owned(), "Gold".to_owned())
    );
    assert_eq!(condition(one("booked", "at_least", json!(3))), Condition::Times(Activity::Booked, 3));
    assert_eq!(condition(one("heard", "within_days", json!(30))), Condition::Did(Activity::Heard, Some(30)));
    assert_eq!(condition(json!({ "field": "no_show", "op": "ever" })), Condition::Did(Activity::NoShow, None));
    assert_eq!(
        condition(one("created", "since", json!("2026-11-21"))),
        Condition::Created(Moment::Since("2026-11-21".parse().expect("date")))
    );
    assert_eq!(
        condition(one("phone_number", "is", json!(["+14155550101"]))),
        Condition::Numbers(vec!["+14155550101".to_owned()])
    );
    assert_eq!(condition(one("id", "is", json!([]))), Condition::Ids(Vec::new()), "what an erasure leaves");
}

#[test]
fn what_is_asked_the_other_way_round_is_a_negation() {
    for filter in [
        one("language", "is_not", json!("en")),
        json!({ "field": "timezone", "op": "is_not_set" }),
        one("tags", "has_none", json!(["vip"])),
        one("visited", "not_within_days", json!(90)),
        json!({ "field": "clicked", "op": "never" }),
        one("created", "before", json!("2026-11-21")),
        json!({ "field": "custom.plan", "op": "is_not_set" }),
    ] {
        assert!(matches!(read(filter.clone()), Ok(Node::Not(_))), "{filter}");
    }
}

#[test]
fn everybody_is_an_empty_list_and_nothing_else() {
    assert_eq!(read(json!({ "all": [] })), Ok(Node::All(Vec::new())));
    assert_eq!(refused(json!({ "any": [] })), "filter.any required");
    assert_eq!(refused(json!({})), "filter invalid_value");
    assert_eq!(refused(json!({ "all": [], "any": [] })), "filter invalid_value");
    assert_eq!(refused(json!({ "all": [], "field": "language" })), "filter invalid_value");
    assert_eq!(refused(json!({ "field": "language", "value": "en" })), "filter invalid_value");
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let wrong = json!({ "all": [
        one("language", "is", json!("fr")),
        { "any": [one("tags", "is", json!("vip")), { "not": one("shoe_size", "is", json!("9")) }] },
    ] });
    assert_eq!(
        refused(wrong),
        "filter.all[0].value invalid_value, filter.all[1].any[0].op invalid_value, filter.all[1].any[1].not.field invalid_value"
    );
    for (field, op, value) in [
        ("lifecycle_stage", "is", json!("friend")),
        ("lifecycle_stage", "is", json!([])),
        ("lifecycle_stage", "is_set", json!(null)),
        ("timezone", "is", json!("Mars/Olympus")),
        ("language", "begins_with", json!("e")),
        ("postal_code", "begins_with", json!("33;")),
        ("custom.", "is", json!("x")),
        ("custom.a", "is", json!("a\0b")),
        ("custom.a", "less", json!("many")),
        ("custom.a", "contains", json!(["a", "b"])),
        ("custom.a", "ever", json!(null)),
        ("texted", "at_least", json!(2)),
        ("heard", "within_days", json!(0)),
        ("heard", "within_days", json!(1.5)),
        ("heard", "within_days", json!(40_000)),
        ("heard", "ever", json!(3)),
        ("created", "since", json!("21.11.2026")),
        ("created", "since", json!("99999-01-01")),
        ("created", "ever", json!(null)),
        ("import", "is", json!("mine")),
        ("id", "is", json!(["+14155550101"])),
        ("id", "is_not", json!([])),
        ("phone_number", "is", json!(["4155550101"])),
    ] {
        refused(json!({ "field": field, "op": op, "value": value }));
    }
}

#[test]
fn depth_and_length_have_an_end() {
    let english = || one("language", "is", json!("en"));
    let deep = |n: usize| {
        (0..n).fold(english(), |inner, k| if k % 2 == 0 { json!({ "not": inner }) } else { json!({ "all": [inner] }) })
    };
    assert!(read(deep(3)).is_ok());
    assert!(refused(deep(4)).ends_with("too_deep"));
    assert!(refused(deep(60)).ends_with("too_deep"), "and no deeper is looked");
    let many = |n: usize| json!({ "any": vec![english(); n] });
    assert!(read(many(50)).is_ok());
    assert_eq!(refused(many(51)), "filter.any too_many");
    assert_eq!(refused(json!({ "all": [many(30), many(30)] })), "filter too_many");
    let listed = |n: usize| one("phone_number", "is", json!(vec!["+14155550101"; n]));
    assert!(read(listed(10_000)).is_ok());
    assert_eq!(refused(listed(10_001)), "filter.value too_many");
    assert_eq!(refused(json!({ "any": [listed(6_000), listed(6_000)] })), "filter.any[1].value too_many");
}

#[test]
fn who_is_erased_is_taken_out_of_every_list() {
    let id = "019abcde-0000-7000-8000-000000000001";
    let mut filter: Filter = serde_json::from_value(json!({ "any": [
        one("id", "is", json!([id.to_uppercase(), "019abcde-0000-7000-8000-000000000002"])),
        { "not": one("phone_number", "is", json!("+14155550101")) },
        one("custom.friend", "is", json!("+14155550101")),
    ] }))
    .expect("filter");
    assert!(filter.forget(id, "+14155550101"));
    assert_eq!(
        serde_json::to_value(&filter).expect("json"),
        json!({ "any": [
            one("id", "is", json!(["019abcde-0000-7000-8000-000000000002"])),
            { "not": one("phone_number", "is", json!([])) },
            one("custom.friend", "is", json!("+14155550101")),
        ] })
    );
    assert!(filter.check().is_ok());
    assert!(!filter.forget(id, "+14155550101"));
}
