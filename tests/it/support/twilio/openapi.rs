//! Requests and answers held against Twilio's published OpenAPI description itself, where TWILIO_OPENAPI names the file. The file is
//! Twilio's and is not part of this project; the hand-written contract beside this is.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

const MESSAGES: &str = "/2010-04-01/Accounts/{AccountSid}/Messages.json";
const MESSAGE: &str = "/2010-04-01/Accounts/{AccountSid}/Messages/{Sid}.json";

pub struct Description {
    create: jsonschema::Validator,
    create_properties: Value,
    list_parameters: Value,
    message: jsonschema::Validator,
    list: jsonschema::Validator,
}

/// The description, if there is one to hold things against.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where the file lies")]
pub fn description() -> Option<&'static Description> {
    static DESCRIPTION: OnceLock<Option<Description>> = OnceLock::new();
    DESCRIPTION
        .get_or_init(|| {
            let path = std::env::var("TWILIO_OPENAPI").ok()?;
            let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
            Some(Description::of(&serde_json::from_str(&text).expect("OpenAPI in JSON")))
        })
        .as_ref()
}

/// OpenAPI 3.0 says "nullable"; JSON Schema says so in the type.
fn as_json_schema(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let mut out: Map<String, Value> = fields.iter().map(|(k, v)| (k.clone(), as_json_schema(v))).collect();
            if fields.get("nullable") == Some(&Value::Bool(true))
                && let Some(kind) = fields.get("type").cloned()
            {
                out.insert("type".to_owned(), json!([kind, "null"]));
            }
            Value::Object(out)
        }
        Value::Array(items) => items.iter().map(as_json_schema).collect(),
        other => other.clone(),
    }
}

impl Description {
    fn of(document: &Value) -> Self {
        let components = as_json_schema(&document["components"]);
        let validator = |schema: &Value| {
            let mut whole = as_json_schema(schema);
            whole["components"] = components.clone();
            jsonschema::validator_for(&whole).expect("a schema")
        };
        let create = &document["paths"][MESSAGES]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
            ["schema"];
        let answer = |path: &str, method: &str, status: &str| {
            validator(&document["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"])
        };
        Self {
            create: validator(create),
            create_properties: create["properties"].clone(),
            list_parameters: document["paths"][MESSAGES]["get"]["parameters"].clone(),
            message: answer(MESSAGE, "get", "200"),
            list: answer(MESSAGES, "get", "200"),
        }
    }

    /// A form is text; the schema speaks of numbers, truths and lists.
    fn typed(schema: &Value, values: &[&str]) -> Value {
        let one = |text: &str, kind: Option<&str>| match kind {
            Some("integer") => text.parse::<i64>().map_or_else(|_| json!(text), |n| json!(n)),
            Some("number") => text.parse::<f64>().map_or_else(|_| json!(text), |n| json!(n)),
            Some("boolean") => text.parse::<bool>().map_or_else(|_| json!(text), |b| json!(b)),
            _ => json!(text),
        };
        match schema["type"].as_str() {
            Some("array") => values.iter().map(|v| one(v, schema["items"]["type"].as_str())).collect(),
            kind => one(values[0], kind),
        }
    }

    pub fn violations_of_create(&self, given: &[(String, String)]) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut form = Map::new();
        for (name, _) in given {
            let schema = &self.create_properties[name];
            if schema.is_null() {
                wrong.push(format!("OpenAPI: no parameter {name}"));
                continue;
            }
            let values: Vec<&str> = given.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect();
            form.insert(name.clone(), Self::typed(schema, &values));
        }
        wrong.extend(self.create.iter_errors(&Value::Object(form)).map(|e| format!("OpenAPI: {e}")));
        wrong
    }

    pub fn violations_of_list(&self, given: &[(String, String)]) -> Vec<String> {
        let parameters = self.list_parameters.as_array().expect("parameters");
        let mut wrong = Vec::new();
        for (name, value) in given {
            match parameters.iter().find(|p| p["in"] == "query" && p["name"] == name.as_str()) {
                None => wrong.push(format!("OpenAPI: no parameter {name} of the list")),
                Some(p) => {
                    let schema = as_json_schema(&p["schema"]);
                    let validator = jsonschema::validator_for(&schema).expect("a schema");
                    let value = Self::typed(&schema, &[value]);
                    wrong.extend(validator.iter_errors(&value).map(|e| format!("OpenAPI: {name}: {e}")));
                }
            }
        }
        wrong
    }

    /// What the stand-in says must be what Twilio could say.
    pub fn violations_of_message(&self, answer: &Value) -> Vec<String> {
        self.message.iter_errors(answer).map(|e| format!("OpenAPI, answer: {e}")).collect()
    }

    pub fn violations_of_list_answer(&self, answer: &Value) -> Vec<String> {
        self.list.iter_errors(answer).map(|e| format!("OpenAPI, list: {e}")).collect()
    }
}
