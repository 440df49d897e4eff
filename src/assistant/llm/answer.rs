//! From what a model said to a call that fits: exactly one call, of a tool that was offered, with arguments that its schema allows.

use jsonschema::Validator;
use serde_json::{Deserializer, Value};

use super::{Flaw, LlmError, Tool};

/// What a model said, in whichever wire format.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Said {
    Calls(Vec<Call>),
    /// No call, only words.
    Text(String),
}

/// A call as the model made it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    pub tool: String,
    /// An object, or its JSON in a string.
    pub arguments: Value,
}

/// The schemas of the tools on offer.
pub(super) struct Schemas(Vec<(&'static str, Validator)>);

impl Schemas {
    pub(super) fn of(tools: &[Tool]) -> Result<Self, LlmError> {
        let compile = |tool: &Tool| match jsonschema::validator_for(&tool.parameters) {
            Ok(validator) => Ok((tool.name, validator)),
            Err(_) => Err(LlmError::BadTool(tool.name)),
        };
        Ok(Self(tools.iter().map(compile).collect::<Result<_, _>>()?))
    }

    pub(super) fn accept(&self, said: Said) -> Result<Call, Flaw> {
        let call = match said {
            Said::Calls(mut calls) => {
                // Some models say the same thing twice.
                calls.dedup();
                let call = calls.pop().ok_or(Flaw::NoCall)?;
                if calls.is_empty() { call } else { return Err(Flaw::SeveralCalls) }
            }
            Said::Text(text) => self.call_in_words(&text).ok_or(Flaw::NoCall)?,
        };
        let (_, validator) = self.0.iter().find(|(name, _)| *name == call.tool).ok_or(Flaw::UnknownTool)?;
        let arguments = match call.arguments {
            Value::String(json) => serde_json::from_str(&json).map_err(|_| Flaw::NoObject)?,
            // A tool without parameters is called with none.
            Value::Null => Value::Object(serde_json::Map::new()),
            other => other,
        };
        if !arguments.is_object() {
            return Err(Flaw::NoObject);
        }
        // The place is ours; the value that broke the rule may be a person's words, and is not repeated.
        validator.validate(&arguments).map_err(|e| Flaw::AgainstSchema(e.schema_path().as_str().to_owned()))?;
        Ok(Call { tool: call.tool, arguments })
    }

    /// A model that cannot call tools may still write the call down. Taken only where the text holds one JSON object, which either names a
    /// tool or can belong to the only one there is.
    fn call_in_words(&self, text: &str) -> Option<Call> {
        let start = text.find('{')?;
        let mut values = Deserializer::from_str(&text[start..]).into_iter::<Value>();
        let Some(Ok(Value::Object(mut object))) = values.next() else { return None };
        if text[start + values.byte_offset()..].contains('{') {
            return None;
        }
        let named = ["tool", "name"].iter().find_map(|key| Some((*key, object.get(*key)?.as_str()?.to_owned())));
        let given = ["arguments", "parameters", "input"].iter().find(|key| object.contains_key(**key));
        match (named, given, self.0.as_slice()) {
            (Some((_, tool)), Some(given), _) if object.len() == 2 => {
                Some(Call { tool, arguments: object.remove(*given)? })
            }
            (_, _, [(tool, _)]) => Some(Call { tool: (*tool).to_owned(), arguments: Value::Object(object) }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tool(name: &'static str, parameters: Value) -> Tool {
        Tool { name, description: String::new(), parameters }
    }

    fn book() -> Tool {
        let parameters = json!({
            "type": "object", "additionalProperties": false, "required": ["service"],
            "properties": {
                "service": { "type": "string", "enum": ["haircut", "color"] },
                "party": { "type": "integer", "minimum": 1, "maximum": 8 },
                "note": { "type": "string", "maxLength": 40 },
            },
        });
        tool("book", parameters)
    }

    fn hand_over() -> Tool {
        tool("hand_over", json!({ "type": "object", "additionalProperties": false, "properties": {} }))
    }

    fn both() -> Schemas {
        Schemas::of(&[book(), hand_over()]).expect("schemas")
    }

    fn call(tool: &str, arguments: Value) -> Said {
        Said::Calls(vec![Call { tool: tool.to_owned(), arguments }])
    }

    #[test]
    fn one_call_that_fits_is_taken_as_it_is() {
        let arguments = json!({ "service": "color", "party": 2 });
        for form in [arguments.clone(), Value::String(arguments.to_string())] {
            let taken = both().accept(call("book", form)).expect("fits");
            assert_eq!((taken.tool.as_str(), &taken.arguments), ("book", &arguments));
        }
        for none in [Value::Null, json!({}), json!("{}")] {
            assert_eq!(both().accept(call("hand_over", none)).expect("fits").arguments, json!({}));
        }
    }

    #[test]
    fn what_breaks_the_schema_is_refused_without_repeating_it() {
        for arguments in [
            json!({}),
            json!({ "service": "massage for +14155550101" }),
            json!({ "service": "color", "party": 0 }),
            json!({ "service": "color", "party": 2.5 }),
            json!({ "service": "color", "party": "2" }),
            json!({ "service": "color", "note": "x".repeat(41) }),
            json!({ "service": "color", "price": 0 }),
            json!({ "service": "color", "ignore_previous_instructions": true }),
            json!({ "service": ["color"] }),
        ] {
            match both().accept(call("book", arguments.clone())) {
                Err(flaw @ Flaw::AgainstSchema(_)) => {
                    let said = flaw.to_string();
                    assert!(!said.contains("4155550101") && !said.contains("ignore_previous"), "{said}");
                }
                other => panic!("{arguments}: {other:?}"),
            }
        }
    }

    #[test]
    fn other_ways_to_be_of_no_use() {
        let fit = || Call { tool: "hand_over".to_owned(), arguments: json!({}) };
        let other = Call { tool: "book".to_owned(), arguments: json!({ "service": "color" }) };
        for (said, flaw) in [
            (Said::Calls(vec![]), Flaw::NoCall),
            (Said::Calls(vec![fit(), other]), Flaw::SeveralCalls),
            (call("delete_everything", json!({})), Flaw::UnknownTool),
            (call("Book", json!({ "service": "color" })), Flaw::UnknownTool),
            (call("book", json!("{\"service\": \"col")), Flaw::NoObject),
            (call("book", json!(["color"])), Flaw::NoObject),
            (call("book", json!("\"color\"")), Flaw::NoObject),
        ] {
            assert_eq!(both().accept(said), Err(flaw));
        }
        assert_eq!(both().accept(Said::Calls(vec![fit(), fit()])).expect("the same twice"), fit());
    }

    #[test]
    fn a_call_in_words_counts_only_where_it_is_plain() {
        let fits = |schemas: &Schemas, text: &str| schemas.accept(Said::Text(text.to_owned()));
        let only = Schemas::of(&[book()]).expect("schema");
        for text in [
            r#"{"tool": "book", "arguments": {"service": "color"}}"#,
            "Sure!\n```json\n{\"name\": \"book\", \"parameters\": {\"service\": \"color\"}}\n```\nAnything else?",
        ] {
            assert_eq!(fits(&both(), text).expect(text).tool, "book");
            assert_eq!(fits(&only, text).expect(text).arguments, json!({ "service": "color" }));
        }
        assert_eq!(fits(&only, r#"```{"service": "haircut"}```"#).expect("the only tool").tool, "book");
        for text in [
            "",
            "I booked you in for Tuesday at 3.",
            r#"{"service": "color"}"#,
            r#"{"tool": "book", "arguments": {"service": "color"}} {"tool": "hand_over", "arguments": {}}"#,
            r#"{"tool": "book", "name": "hand_over", "arguments": {}}"#,
            r#"{"tool": "book", "arguments": {"service": "color"}"#,
            r#"[{"tool": "book"#,
            "{}{",
        ] {
            assert_eq!(fits(&both(), text), Err(Flaw::NoCall), "{text}");
        }
        let text = r#"{"tool": "book", "arguments": {"service": "anything"}}"#;
        assert!(matches!(fits(&both(), text), Err(Flaw::AgainstSchema(_))), "written down or not, it must fit");
        let text = r#"{"tool": "drop_tables", "arguments": {}}"#;
        assert_eq!(fits(&both(), text), Err(Flaw::UnknownTool));
    }

    #[test]
    fn a_schema_that_is_none_is_said_before_anything_is_sent() {
        let broken = tool("broken", json!({ "type": "no such type" }));
        assert_eq!(Schemas::of(&[broken]).err(), Some(LlmError::BadTool("broken")));
        let elsewhere = tool("elsewhere", json!({ "$ref": "http://127.0.0.1:1/schema.json" }));
        assert_eq!(Schemas::of(&[elsewhere]).err(), Some(LlmError::BadTool("elsewhere")), "nothing is fetched");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC*", braces in "[{}\\[\\]\":,a-z0-9 ]{0,60}") {
            let schemas = both();
            drop(schemas.accept(Said::Text(text.clone())));
            drop(schemas.accept(Said::Text(braces.clone())));
            drop(schemas.accept(call("book", Value::String(braces))));
            drop(schemas.accept(call(&text, Value::String(text.clone()))));
        }
    }
}
