//! Anthropic's Messages API. Source: platform.claude.com/docs/en/api/messages (November 2026).

use reqwest::{RequestBuilder, header::HeaderMap};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::{Dialect, Provider, Reply, Thinking};
use crate::assistant::llm::{
    Flaw, Request,
    answer::{Call, Said},
    cost::{Reported, tokens},
};

pub(super) struct Messages;

impl Provider for Messages {
    /// Anthropic's own libraries leave the version to the path, gateways often have it in the base.
    fn path(&self, base: &Url) -> &'static [&'static str] {
        if base.path().trim_end_matches('/').ends_with("/v1") { &["messages"] } else { &["v1", "messages"] }
    }

    fn authorize(&self, request: RequestBuilder, key: Option<&SecretString>) -> RequestBuilder {
        let request = request.header("anthropic-version", "2023-06-01");
        match key {
            Some(key) => request.header("x-api-key", key.expose_secret()),
            None => request,
        }
    }

    fn body(&self, model: &str, request: &Request, dialect: &Dialect) -> Value {
        let tools: Vec<Value> = request
            .tools
            .iter()
            .map(|t| json!({ "name": t.name, "description": t.description, "input_schema": t.parameters }))
            .collect();
        let mut choice = match request.tools.as_slice() {
            _ if !dialect.forced => json!({ "type": "auto" }),
            [only] => json!({ "type": "tool", "name": only.name }),
            _ => json!({ "type": "any" }),
        };
        if dialect.single {
            choice["disable_parallel_tool_use"] = true.into();
        }
        let mut body = json!({
            "model": model,
            "max_tokens": request.max_tokens,
            "system": request.system,
            "messages": [{ "role": "user", "content": request.user }],
            "tools": tools,
            "tool_choice": choice,
        });
        // The scale ends at 1 here.
        if let Some(temperature) = request.temperature.filter(|_| dialect.temperature) {
            body["temperature"] = temperature.min(1.0).into();
        }
        match dialect.thinking() {
            Thinking::Off => body["thinking"] = json!({ "type": "disabled" }),
            Thinking::Low => body["output_config"] = json!({ "effort": "low" }),
            Thinking::Unsaid => {}
        }
        body
    }

    fn read(&self, body: &Value, _: &HeaderMap) -> Reply {
        let Some(content) = body["content"].as_array() else { return Reply::unreadable() };
        let blocks = |kind: &'static str| content.iter().filter(move |block| block["type"] == kind);
        let calls: Vec<Call> = blocks("tool_use")
            .filter_map(|b| Some(Call { tool: b["name"].as_str()?.to_owned(), arguments: b["input"].clone() }))
            .collect();
        let said = match body["stop_reason"].as_str() {
            Some("max_tokens" | "model_context_window_exceeded") => Err(Flaw::CutShort),
            Some("refusal") => Err(Flaw::Declined),
            _ if !calls.is_empty() => Ok(Said::Calls(calls)),
            _ => Ok(Said::Text(blocks("text").filter_map(|b| b["text"].as_str()).collect())),
        };
        Reply { said, reported: reported(&body["usage"]) }
    }
}

/// Cached input is counted apart; here it counts as any other, which errs upwards for what is read from the cache.
fn reported(usage: &Value) -> Option<Reported> {
    let input = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"];
    usage.is_object().then(|| Reported {
        input_tokens: input.iter().map(|name| tokens(&usage[*name])).fold(0, u32::saturating_add),
        output_tokens: tokens(&usage["output_tokens"]),
        cost_micros: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::llm::{ProviderKind, Tool};

    #[test]
    fn the_version_is_in_the_path_once() {
        for (base, path) in [
            ("https://api.anthropic.com", &["v1", "messages"][..]),
            ("https://api.anthropic.com/v1", &["messages"]),
            ("https://gateway.example/anthropic/v1/", &["messages"]),
        ] {
            assert_eq!(Messages.path(&Url::parse(base).expect("URL")), path, "{base}");
        }
    }

    #[test]
    fn one_tool_is_named_and_several_are_demanded() {
        let tool = |name| Tool { name, description: "d".into(), parameters: json!({ "type": "object" }) };
        let mut request = Request {
            system: "s".into(),
            user: "u".into(),
            tools: vec![tool("one")],
            max_tokens: 300,
            temperature: Some(1.5),
        };
        let dialect = Dialect::first_guess(ProviderKind::Anthropic, "claude-haiku-5-5");
        let body = Messages.body("claude-haiku-5-5", &request, &dialect);
        assert_eq!(body["tool_choice"], json!({ "type": "tool", "name": "one", "disable_parallel_tool_use": true }));
        assert_eq!((&body["temperature"], &body["thinking"]["type"]), (&json!(1.0), &json!("disabled")));
        assert_eq!(body["tools"][0]["input_schema"]["type"], "object");
        request.tools.push(tool("two"));
        assert_eq!(Messages.body("m", &request, &dialect)["tool_choice"]["type"], "any");
    }

    #[test]
    fn blocks_are_told_apart() {
        let read = |body: Value| Messages.read(&body, &HeaderMap::new());
        let reply = read(json!({
            "content": [
                { "type": "thinking", "thinking": "…" },
                { "type": "text", "text": "Let me see." },
                { "type": "tool_use", "id": "t", "name": "book", "input": { "service": "color" } },
            ],
            "stop_reason": "tool_use",
            "usage": { "input_tokens": 10, "cache_read_input_tokens": 100, "cache_creation_input_tokens": null, "output_tokens": 5 },
        }));
        let call = Call { tool: "book".to_owned(), arguments: json!({ "service": "color" }) };
        assert_eq!(reply.said, Ok(Said::Calls(vec![call])));
        let usage = reply.reported.expect("usage");
        assert_eq!((usage.input_tokens, usage.output_tokens), (110, 5));
        assert_eq!(read(json!({ "content": [], "stop_reason": "refusal" })).said, Err(Flaw::Declined));
        assert_eq!(read(json!({ "content": [], "stop_reason": "max_tokens" })).said, Err(Flaw::CutShort));
        assert_eq!(read(json!({ "type": "error" })).said, Err(Flaw::Unreadable));
    }
}
