//! Templates from the outside: what they become, what is said of wrong ones, and that nothing makes them fall over.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn now() -> DateTime<Utc> {
    "2026-11-22T01:30:00Z".parse().expect("time")
}

fn business() -> Business<'static> {
    Business {
        name: "Maple Street Studio",
        support_phone_number: Some("+15005550100"),
        zone: chrono_tz::America::New_York,
        now: now(),
    }
}

/// Ana of Los Angeles, gold, a VIP.
fn for_ana(source: &str) -> Result<String, RenderFault> {
    let (business, tags) = (business(), ["vip".to_owned(), "spring".to_owned()]);
    let custom = [
        ("plan", "Gold"),
        ("visits", "10"),
        ("car model", "Mini"),
        ("next", "2026-12-01"),
        ("at", "2026-12-01T23:30:00Z"),
        ("wall", "2026-12-01 15:30"),
        ("opens", "09:00"),
        ("odd", "soon"),
        ("bad", "{{plan}}"),
        ("empty", "  "),
    ];
    let custom: BTreeMap<String, String> = custom.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    let who = Recipient {
        first_name: Some("ANA"),
        last_name: Some("o'brien-McDonald"),
        email: Some("ana@example.com"),
        language: Some("en"),
        lifecycle_stage: "customer",
        timezone: Some("America/Los_Angeles"),
        tags: &tags,
        ..Recipient::nobody(&business, &custom)
    };
    render(source, &who)
}

fn for_nobody(source: &str) -> Result<String, RenderFault> {
    let (business, nothing) = (business(), BTreeMap::new());
    render(source, &Recipient::nobody(&business, &nothing))
}

fn render(source: &str, who: &Recipient<'_>) -> Result<String, RenderFault> {
    let body = Body::parse(source).unwrap_or_else(|fault| panic!("{source}: {fault}"));
    let mut out = "what stood there before".to_owned();
    body.render(who, &mut out).map(|()| out)
}

fn texts(cases: &[(&str, &str)]) {
    for (source, text) in cases {
        assert_eq!(for_ana(source).as_deref(), Ok(*text), "{source}");
    }
}

#[test]
fn variables_and_their_filters() {
    texts(&[
        ("Hi {{ first_name }}!", "Hi ANA!"),
        ("Hi {{first_name|title}}!", "Hi Ana!"),
        ("{{ last_name | title }}", "O'Brien-McDonald"),
        ("{{ first_name | lower }} {{ custom.plan | upper }}", "ana GOLD"),
        ("{{ postal_code | default(\"unknown\") }}", "unknown"),
        ("{{ postal_code | default: 'unknown' }}", "unknown"),
        ("{{ postal_code | default(custom.plan) | lower }}", "gold"),
        ("{{ postal_code | default(custom.nothing) | default(“there”) }}", "there"),
        ("{{ custom.empty | default(\"none\") }}", "none"),
        ("{{ custom[\"car model\"] }} {{ contact.first_name }}", "Mini ANA"),
        ("{{ custom.visits }} visits to {{ business_name }}, call {{ support_phone_number }}", {
            "10 visits to Maple Street Studio, call +15005550100"
        }),
        ("{{ \"a \\\"quoted\\\" word\" }}", "a \"quoted\" word"),
        ("{{ postal_code | default(12.5) }}", "12.5"),
    ]);
}

#[test]
fn one_pair_of_braces_holds_known_names_only() {
    texts(&[
        ("Hi {first_name}, {business_name} here", "Hi ANA, Maple Street Studio here"),
        ("Hi { first_name }: {custom.plan}", "Hi ANA: Gold"),
        ("{unknown} {} {first name} } {", "{unknown} {} {first name} } {"),
        ("{\"json\": 1} {first_name", "{\"json\": 1} {first_name"),
        ("{now}", "{now}"),
        ("{a{first_name}", "{aANA"),
    ]);
}

#[test]
fn days_and_times_are_those_of_the_recipient() {
    texts(&[
        // Half past five in Los Angeles, still Saturday there.
        ("{{ now | date }} {{ now | time }}", "Saturday, November 21 5:30 PM"),
        ("{{ custom.next | date }}", "Tuesday, December 1"),
        ("{{ custom.next | date(\"%a %b %d, %Y; %-m/%e/%y 100%%\") }}", "Tue Dec 01, 2026; 12/1/26 100%"),
        ("{{ custom.at | date }} at {{ custom.at | time }}", "Tuesday, December 1 at 3:30 PM"),
        ("{{ custom.at | time(\"%H:%M %-H %I %P\") }}", "15:30 15 03 pm"),
        ("{{ custom.wall | time }} {{ custom.opens | time }}", "3:30 PM 9:00 AM"),
        ("{{ custom.odd | date | default(\"soon enough\") }}", "soon enough"),
        ("{{ custom.next | time | default(\"all day\") }}", "all day"),
        ("{% if now | time(\"%H\") < 12 %}Good morning{% else %}Good afternoon{% endif %}", "Good afternoon"),
    ]);
    assert_eq!(for_ana("{{ custom.odd | date }}"), Err(RenderFault::NotADate("custom.odd".to_owned())));
    assert_eq!(for_ana("{{ custom.next | time }}"), Err(RenderFault::NotADate("custom.next".to_owned())));
    let (business, nothing) = (business(), BTreeMap::new());
    let who =
        Recipient { language: Some("es"), timezone: Some("Mars/Olympus"), ..Recipient::nobody(&business, &nothing) };
    let text = render("{{ now | date(\"%A %e de %B, %a %b\") }} {{ now | time }}", &who);
    assert_eq!(text.as_deref(), Ok("sabado 21 de noviembre, sab nov 8:30 PM"), "an unknown zone is the business's");
}

#[test]
fn conditions() {
    texts(&[
        ("{% if tag(\"VIP\") %}a{% elsif custom.plan == \"gold\" %}b{% else %}c{% endif %}", "a"),
        ("{% if tag(\"new\") %}a{% elsif custom.plan == \"gold\" %}b{% else %}c{% endif %}", "b"),
        ("{% if tag(\"new\") %}a{% elif custom.plan == \"tin\" %}b{% else %}c{% endif %}", "c"),
        ("{% if tag(\"new\") %}a{% else if tag('vip') %}b{% endif %}", "b"),
        ("{% if first_name and not postal_code %}a{% endif %}", "a"),
        ("{% if postal_code or (tag(\"vip\") and not tag(\"new\")) %}a{% endif %}", "a"),
        ("{% if tag(\"new\") and tag(\"vip\") or first_name %}a{% endif %}", "a"),
        ("{% if tag(\"new\") and (tag(\"vip\") or first_name) %}a{% endif %}b", "b"),
        ("{% if custom.visits > 9 %}many{% endif %}", "many"),
        ("{% if custom.visits >= 10.0 and custom.visits <= \"10\" %}ten{% endif %}", "ten"),
        ("{% if custom.visits < 9 %}few{% else %}not few{% endif %}", "not few"),
        ("{% if custom.next < \"2026-12-02\" %}before{% endif %}", "before"),
        ("{% if lifecycle_stage != \"lead\" %}known{% endif %}", "known"),
        ("{% if custom.none != \"x\" %}differs{% endif %}", "differs"),
        ("{% if custom.none == \"x\" or custom.none < 3 or custom.none > 3 %}a{% endif %}b", "b"),
        ("{% if custom.none != custom.other %}a{% endif %}b", "b"),
        ("{% if custom.none | default(\"x\") == \"x\" %}same{% endif %}", "same"),
        ("{% if custom.none %}{{ custom.none }}{% endif %}fine", "fine"),
        ("{% if true == custom.none %}a{% else %}{% if first_name %}in{% endif %}{% endif %}", "in"),
    ]);
}

#[test]
fn a_tag_alone_on_its_line_leaves_no_line_behind() {
    texts(&[
        ("Hi\n{% if first_name %}\n  VIP\n  {% else %}\nno\n{% endif %}\nBye", "Hi\n  VIP\nBye"),
        ("Hi\r\n{% if first_name %} \r\nVIP\n{% endif %}", "Hi\r\nVIP"),
        ("Hi {% if first_name %}\nVIP{% endif %}\nBye", "Hi \nVIP\nBye"),
        ("\n\n Hi \n\n", "Hi"),
    ]);
}

#[test]
fn links_are_their_address_until_a_recipient_has_their_own() {
    let body =
        Body::parse("See {{ link(\"https://example.com/a?b=1\") }} or {{ link('http://b.example/') }}.").expect("body");
    assert_eq!(body.links(), ["https://example.com/a?b=1", "http://b.example/"]);
    let (business, nothing, own) = (business(), BTreeMap::new(), ["https://go.example/x1".to_owned()]);
    let mut out = String::new();
    body.render(&Recipient::nobody(&business, &nothing), &mut out).expect("text");
    assert_eq!(out, "See https://example.com/a?b=1 or http://b.example/.");
    body.render(&Recipient { links: &own, ..Recipient::nobody(&business, &nothing) }, &mut out).expect("text");
    assert_eq!(out, "See https://go.example/x1 or http://b.example/.");
}

#[test]
fn what_is_missing_is_the_fault_of_the_recipient() {
    let missing = |name: &str| Err(RenderFault::MissingVariable(name.to_owned()));
    assert_eq!(for_nobody("Hi {{ first_name }}"), missing("first_name"));
    assert_eq!(for_nobody("Hi {first_name}"), missing("first_name"));
    assert_eq!(for_nobody("Hi {{ custom[\"a \\\"b\"] | upper }}"), missing("custom[\"a \\\"b\"]"));
    assert_eq!(for_nobody("Hi {{ first_name | default(last_name) }}"), missing("first_name"));
    assert_eq!(for_ana("Your plan: {{ custom.bad }}"), missing("custom.bad"), "what nobody filled in is no value");
    assert_eq!(for_ana("{% if postal_code %}x{% endif %}"), Err(RenderFault::Empty));
    assert_eq!(for_ana(&"ñ".repeat(1600)).map(|t| t.chars().count()), Ok(1600));
    assert_eq!(for_ana(&"ñ".repeat(1601)), Err(RenderFault::TooLong));
    let (business, custom) = (business(), BTreeMap::from([("a".to_owned(), "{".to_owned())]));
    let who = Recipient::nobody(&business, &custom);
    assert_eq!(render("{{ custom.a }}{ x", &who), Err(RenderFault::Unresolved), "braces that meet only in the text");
}

#[test]
fn faults_say_where_and_what() {
    for (source, line, column, words) in [
        ("Hi {{ fist_name }}", 1, 7, "There is no variable fist_name. Did you mean first_name?"),
        ("Hi\nñ {{ plan }}", 2, 6, "There is no variable plan. What you keep of contacts yourselves is custom.plan."),
        ("Hi {{ first_name", 1, 4, "What begins here is never closed with }}."),
        ("Hi {{ first_name }", 1, 18, "Here two braces should stand: }}."),
        ("{{ }}", 1, 1, "Nothing stands between {{ and }}."),
        ("{{ first_name last_name }}", 1, 15, "Here }} should follow, or a filter such as | default(\"there\")."),
        ("{{ first_name | defualt(\"x\") }}", 1, 17, "There is no filter defualt. Did you mean default?"),
        (
            "{{ first_name | shout }}",
            1,
            17,
            "There is no filter shout. There are default, upper, lower, title, date, time.",
        ),
        ("{{ first_name | default }}", 1, 17, "Say what stands in its place: default(\"there\")."),
        ("{{ first_name | upper(\"x\") }}", 1, 23, "upper takes nothing in brackets."),
        ("{{ now }}", 1, 4, "Say how it is written: {{ now | date }} or {{ now | time }}."),
        (
            "{{ now | date(\"%Q\") }}",
            1,
            15,
            "%Q is not known in a date. There are %A %a %B %b %d %-d %m %Y %y %H %I %-I %M %p.",
        ),
        ("{{ first_name | default(\"x) }}", 1, 25, "This quotation mark is never closed."),
        ("{{ first_name | default(\"{{x\") }}", 1, 25, "A text in quotation marks cannot hold {{ or {%."),
        ("{% if first_name %}x", 1, 1, "This if has no endif."),
        ("{% if first_name %}x{% else %}y", 1, 1, "This if has no endif."),
        ("x{% endif %}", 1, 2, "This endif ends no if."),
        ("x{% else %}", 1, 2, "This stands outside an if."),
        ("{% if first_name %}{% else %}{% else %}{% endif %}", 1, 30, "After else only endif can follow."),
        ("{% for x in y %}", 1, 4, "There are no loops in templates."),
        ("{% iff %}", 1, 4, "iff is not known here. There are if, elsif, else and endif."),
        ("{% %}", 1, 4, "After {% comes if, elsif, else or endif."),
        ("{% if first_name = \"x\" %}", 1, 18, "Write == to compare."),
        ("{% if first_name && email %}", 1, 18, "Write and for &&."),
        ("{% if first_name || email %}", 1, 18, "Write or for ||."),
        ("{% if !email %}", 1, 7, "Write not for !."),
        (
            "{% if \"x\" %}a{% endif %}",
            1,
            6,
            "This does not depend on the contact. Ask for a variable, such as first_name.",
        ),
        ("{% if tag(vip) %}a{% endif %}", 1, 11, "A tag is asked for like this: tag(\"vip\")."),
        ("{{ tag(\"vip\") }}", 1, 4, "tag asks whether a contact has a tag: {% if tag(\"vip\") %}."),
        ("{{ custom }}", 1, 10, "Say which: custom.plan, or custom[\"car model\"]."),
        ("{{ custom.first-visit }}", 1, 16, "- has no meaning here."),
        ("{{ link(\"https://a.example:99999/\") }}", 1, 9, "A link begins with https:// and the name of a site."),
        ("{{ link(\"example.com\") }}", 1, 9, "A link begins with https:// and the name of a site."),
        (
            "{{ link(\"https://example.com\") | upper }}",
            1,
            32,
            "Here }} should follow, or a filter such as | default(\"there\").",
        ),
        ("{{ if }}", 1, 4, "if stands between {% and %}."),
        ("{{ first_name ? }}", 1, 15, "? has no meaning here."),
    ] {
        let fault = Body::parse(source).expect_err(source);
        assert_eq!((fault.line, fault.column, fault.message.as_str()), (line, column, words), "{source}");
    }
    assert_eq!(Body::parse("ab\nñ {{ email").expect_err("unclosed").position, 5);
}

#[test]
fn there_are_limits() {
    let nested = |n: usize| format!("{}x{}", "{% if email %}".repeat(n), "{% endif %}".repeat(n));
    assert!(Body::parse(&nested(8)).is_ok());
    assert!(Body::parse(&nested(9)).expect_err("deep").message.contains("8 deep"));
    let brackets = |n: usize| format!("{{% if {}email{} %}}x{{% endif %}}", "(".repeat(n), ")".repeat(n));
    assert!(Body::parse(&brackets(8)).is_ok() && Body::parse(&brackets(9)).is_err());
    assert!(Body::parse(&format!("{{% if {}email %}}", "not ".repeat(1000))).is_err());
    assert!(Body::parse(&"x".repeat(4800)).is_ok() && Body::parse(&"x".repeat(4801)).is_err());
    assert!(Body::parse(&"{email}".repeat(400)).is_ok() && Body::parse(&"{email}".repeat(401)).is_err());
    assert!(
        Body::parse(&"{{ link(\"https://a.example\") }}".repeat(6)).expect_err("links").message.contains("5 links")
    );
    assert!(Body::parse(&format!("{{{{ email{} }}}}", "|upper".repeat(9))).is_err());
    let arms = format!("{{% if email %}}{}{{% endif %}}", "{% elsif email %}".repeat(12));
    assert!(Body::parse(&arms).is_err());
}

#[test]
fn which_variables_are_needed() {
    let needed = |source: &str| {
        let used = Body::parse(source).expect("body").variables();
        let shown = used.iter().map(|u| format!("{}{}", u.variable.name(), if u.needed { "!" } else { "" }));
        shown.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        needed("{{ first_name }} {{ last_name | default(\"x\") }} {custom.plan}"),
        "first_name! last_name custom.plan!"
    );
    assert_eq!(needed("{{ first_name | default(\"x\") }} {{ first_name }}"), "first_name!");
    assert_eq!(needed("{% if first_name %}{{ first_name }}{% endif %}"), "first_name");
    assert_eq!(
        needed("{% if first_name and tag(\"x\") %}{{ first_name }}{% else %}{{ first_name }}{% endif %}"),
        "first_name!"
    );
    assert_eq!(needed("{% if custom.plan == \"gold\" %}{{ custom.plan }}{% endif %}"), "custom.plan");
    assert_eq!(needed("{% if custom.plan != \"gold\" %}{{ custom.plan }}{% endif %}"), "custom.plan!");
    assert_eq!(needed("{% if email or first_name %}{{ first_name }}{% endif %}"), "first_name! email");
    assert_eq!(needed("{{ first_name | default(business_name) }}"), "first_name! business_name!");
}

#[test]
fn readings_show_every_piece() {
    let business = business();
    let readings = |source: &str| Body::parse(source).expect("body").readings(&business);
    assert_eq!(readings("Hi {{ first_name | default(\"there\") }}"), ["Hi Ana", "Hi there"]);
    assert_eq!(
        readings("{% if email %}a{% elsif tag(\"x\") %}b{% else %}c{% endif %} {{ custom.x }}"),
        ["a Ana", "b Ana", "c Ana"]
    );
    assert_eq!(
        readings(
            "{% if email %}a{% else %}b{% if first_name %}c{% elsif last_name %}d{% endif %}{% endif %}{% if email %}-{% endif %}"
        ),
        ["a-", "bc", "bd-", "b"],
        "one in another"
    );
    let asks = "Reply {{ custom.word | default(\"YES\") }} to confirm";
    assert!(readings(asks).contains(&"Reply YES to confirm".to_owned()));
}

#[test]
fn variants_by_weight_and_nobody_changes_sides() {
    let seed = Uuid::from_u128(7);
    let contacts: Vec<Uuid> = (0..20_000u128).map(|n| Uuid::from_u128(n << 64 | 9)).collect();
    let all = [(0, 50), (1, 30), (2, 20)];
    let chosen =
        |weights: &[(u8, u32)]| contacts.iter().map(|c| choose(seed, *c, weights).expect("one")).collect::<Vec<_>>();
    let before = chosen(&all);
    assert_eq!(before, chosen(&all), "always the same");
    for (place, share) in [(0, 0.5), (1, 0.3), (2, 0.2)] {
        let got = before.iter().filter(|p| **p == place).count() as f64 / 20_000.0;
        assert!((got - share).abs() < 0.02, "variant {place}: {got}");
    }
    // One is stopped: only its contacts go elsewhere.
    for (was, is) in before.iter().zip(chosen(&[(0, 50), (1, 30), (2, 0)])) {
        assert!(*was == is || *was == 2, "{was} to {is}");
    }
    // One is taken out: the one behind it keeps its own.
    for (was, is) in before.iter().zip(chosen(&[(0, 50), (2, 20)])) {
        assert!([0, 2][is] == *was || *was == 1, "{was} to {is}");
    }
    let other = contacts.iter().map(|c| choose(Uuid::from_u128(8), *c, &all).expect("one"));
    assert!(before.iter().zip(other).any(|(a, b)| *a != b), "another campaign draws anew");
    assert_eq!(choose(seed, contacts[0], &[(0, 0), (1, 0)]), None);
    assert_eq!(choose(seed, contacts[0], &[]), None);
    assert_eq!(choose(seed, contacts[0], &[(0, 0), (1, 1)]), Some(1));
}

/// Sources in which things of the language are more frequent than in noise.
fn sources() -> impl Strategy<Value = String> {
    let pieces = proptest::sample::select(vec![
        "{{ first_name }}",
        "{{ first_name | default(\"there\") }}",
        "{first_name}",
        "{custom.a}",
        "{{ custom[\"b c\"] | date | upper }}",
        "{% if tag(\"vip\") %}",
        "{% elsif custom.a == \"gold\" and not email %}",
        "{% else %}",
        "{% endif %}",
        "{{",
        "}}",
        "{%",
        "%}",
        "{",
        "}",
        "\"",
        "'",
        "“",
        "\\",
        "|",
        "(",
        ")",
        "custom.a",
        "now | time",
        "not ",
        "== 5",
        "\n",
        " ",
        "é👍",
        "text",
    ]);
    prop_oneof![proptest::collection::vec(pieces, 0..30).prop_map(|p| p.concat()), any::<String>()]
}

proptest! {
    #[test]
    fn nothing_makes_it_fall_over_and_no_braces_are_left(
        source in sources(), name in proptest::option::of(".{0,12}"), value in "[{}% a-z0-9:T-]{0,20}",
    ) {
        match Body::parse(&source) {
            Err(fault) => {
                prop_assert!(fault.position <= source.chars().count());
                prop_assert!(fault.line >= 1 && fault.column >= 1 && !fault.message.is_empty());
            }
            Ok(body) => {
                let business = business();
                let custom = BTreeMap::from([("a".to_owned(), value.clone()), ("b c".to_owned(), value)]);
                let who = Recipient { first_name: name.as_deref(), ..Recipient::nobody(&business, &custom) };
                let mut out = String::new();
                if body.render(&who, &mut out).is_ok() {
                    let left = ["{{", "{%"].iter().any(|braces| out.contains(braces));
                    prop_assert!(!left);
                    prop_assert!(!out.is_empty() && out.chars().count() <= LONGEST_TEXT);
                }
                prop_assert!(body.variables().len() < 400);
                prop_assert!(!body.readings(&business).is_empty());
            }
        }
    }

    #[test]
    fn text_without_braces_is_itself(text in "[^{}]{1,300}") {
        let rendered = for_nobody(&text);
        match text.trim() {
            "" => prop_assert_eq!(rendered, Err(RenderFault::Empty)),
            trimmed => prop_assert_eq!(rendered.as_deref(), Ok(trimmed)),
        }
    }

    #[test]
    fn a_variable_is_read_back_from_its_name(key in "[^\\\\\"{}\\p{C}]{1,30}") {
        prop_assume!(!key.trim().is_empty());
        let variable = Variable::Custom(key.trim().into());
        let body = Body::parse(&format!("{{{{ {} }}}}", variable.name())).expect("a name");
        let used = body.variables();
        prop_assert_eq!(&used[0].variable, &variable);
    }

    #[test]
    fn any_format_writes_or_refuses(format in "[%a-zA-Z-]{0,12}", value in "[0-9TZ: -]{0,20}") {
        if let Ok(format) = dates::Format::parse(&format)
            && let Some(moment) = dates::Moment::read(&value, chrono_tz::America::New_York)
        {
            let mut out = String::new();
            format.write(moment, false, &mut out);
        }
    }
}

/// Not a test of time: prints it. `cargo test --release -- --ignored --nocapture renders_per_second`.
#[test]
#[ignore = "measures"]
fn renders_per_second() {
    let source = "Hi {{ first_name | default(\"there\") }}, {business_name} here. {% if tag(\"vip\") and custom.plan == \"gold\" %}Your gold \
                  table is kept until {{ now | date }}.{% else %}We kept a table for you.{% endif %} Reply STOP to opt out.";
    let body = Body::parse(source).expect("body");
    let (business, tags) = (business(), ["vip".to_owned()]);
    let custom = BTreeMap::from([("plan".to_owned(), "gold".to_owned())]);
    let who = Recipient { first_name: Some("Ana"), tags: &tags, ..Recipient::nobody(&business, &custom) };
    let (mut out, mut bytes) = (String::new(), 0);
    let start = std::time::Instant::now();
    for _ in 0..1_000_000 {
        body.render(&who, &mut out).expect("text");
        bytes += out.len();
    }
    println!("a million texts of {} bytes in {:?}", bytes / 1_000_000, start.elapsed());
    let start = std::time::Instant::now();
    let sum: usize =
        (0..1_000_000u128).filter_map(|n| choose(Uuid::from_u128(1), Uuid::from_u128(n), &[(0, 50), (1, 50)])).sum();
    println!("a million choices ({sum} of the second) in {:?}", start.elapsed());
}
