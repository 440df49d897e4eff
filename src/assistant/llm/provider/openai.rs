//! OpenAI's chat completions, which OpenRouter, Vercel AI Gateway, LiteLLM and many servers of one's own speak too.
//! Source: platform.openai.com/docs/api-reference/chat, openrouter.ai/docs, vercel.com/docs/ai-gateway, docs.litellm.ai (November 2026).

use reqwest::{RequestBuilder, header::HeaderMap};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::{Dialect, Provider, Reply, Thinking};
use crate::assistant::llm::{
    Flaw, ProviderKind, Request,
    answer::{Call, Said},
    cost::{Reported, micros_of_dollars, tokens},
};

/// The kind decides the few things in which the servers differ.
pub(super) struct ChatCompletions(pub ProviderKind);

impl Provider for ChatCompletions {
    fn path(&self, _: &Url) -> &'static [&'static str] {
        &["chat", "completions"]
    }

    fn authorize(&self, request: RequestBuilder, key: Option<&SecretString>) -> RequestBuilder {
        match key {
            Some(key) => request.bearer_auth(key.expose_secret()),
            None => request,
        }
    }

    fn body(&self, model: &str, request: &Request, dialect: &Dialect) -> Value {
        let tools: Vec<Value> = request
            .tools
            .iter()
            .map(|tool| {
                let function =
                    json!({ "name": tool.name, "description": tool.description, "parameters": tool.parameters });
                json!({ "type": "function", "function": function })
            })
            .collect();
        let mut body = json!({
            "model": model,
            "messages": [
                { "role": "system", "content": request.system },
                { "role": "user", "content": request.user },
            ],
            "tools": tools,
            "tool_choice": match request.tools.as_slice() {
                _ if !dialect.forced => json!("auto"),
                [only] => json!({ "type": "function", "function": { "name": only.name } }),
                _ => json!("required"),
            },
        });
        body[if dialect.new_limit { "max_completion_tokens" } else { "max_tokens" }] = request.max_tokens.into();
        if let Some(temperature) = request.temperature.filter(|_| dialect.temperature) {
            body["temperature"] = temperature.into();
        }
        if dialect.single {
            body["parallel_tool_calls"] = false.into();
        }
        let effort = match dialect.thinking() {
            Thinking::Off => Some("none"),
            Thinking::Low => Some("low"),
            Thinking::Unsaid => None,
        };
        if let Some(effort) = effort {
            match self.0 {
                ProviderKind::Openrouter | ProviderKind::Vercel => body["reasoning"] = json!({ "effort": effort }),
                _ => body["reasoning_effort"] = effort.into(),
            }
        }
        body
    }

    fn read(&self, body: &Value, headers: &HeaderMap) -> Reply {
        let choice = &body["choices"][0];
        let message = &choice["message"];
        if !message.is_object() {
            // OpenRouter reports a failing model in an answer with status 200.
            return Reply { reported: self.reported(body, headers), ..Reply::unreadable() };
        }
        let finish = choice["finish_reason"].as_str().unwrap_or_default();
        let calls: Vec<Call> = message["tool_calls"].as_array().into_iter().flatten().filter_map(call).collect();
        let said = if finish == "length" {
            Err(Flaw::CutShort)
        } else if finish == "error" {
            Err(Flaw::Unreadable)
        } else if finish == "content_filter" || message["refusal"].as_str().is_some_and(|r| !r.is_empty()) {
            Err(Flaw::Declined)
        } else if calls.is_empty() {
            Ok(Said::Text(message["content"].as_str().unwrap_or_default().to_owned()))
        } else {
            Ok(Said::Calls(calls))
        };
        Reply { said, reported: self.reported(body, headers) }
    }
}

fn call(entry: &Value) -> Option<Call> {
    let function = &entry["function"];
    Some(Call { tool: function["name"].as_str()?.to_owned(), arguments: function["arguments"].clone() })
}

impl ChatCompletions {
    fn reported(&self, body: &Value, headers: &HeaderMap) -> Option<Reported> {
        let usage = body.get("usage").filter(|usage| usage.is_object())?;
        Some(Reported {
            input_tokens: tokens(&usage["prompt_tokens"]),
            output_tokens: tokens(&usage["completion_tokens"]),
            cost_micros: self.dollars(body, headers).and_then(micros_of_dollars),
        })
    }

    /// Servers other than these three may mean anything by a cost.
    fn dollars(&self, body: &Value, headers: &HeaderMap) -> Option<f64> {
        let usage = &body["usage"];
        match self.0 {
            ProviderKind::Openrouter => {
                // With a key of the model's own maker, OpenRouter charges a fee only, and the maker the rest.
                let upstream = usage["cost_details"]["upstream_inference_cost"].as_f64();
                let upstream = upstream.filter(|_| usage["is_byok"].as_bool() == Some(true)).unwrap_or(0.0);
                Some(usage["cost"].as_f64()? + upstream)
            }
            ProviderKind::Vercel => {
                let gateway = &body["choices"][0]["message"]["provider_metadata"]["gateway"]["cost"];
                number(&usage["cost"]).or_else(|| number(gateway))
            }
            ProviderKind::Litellm => headers.get("x-litellm-response-cost")?.to_str().ok()?.parse().ok(),
            _ => None,
        }
    }
}

/// A number, or the text of one.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::llm::{Prices, Tool, Usage};

    fn request(tools: &[&'static str]) -> Request {
        let tool =
            |name: &&'static str| Tool { name, description: "d".into(), parameters: json!({ "type": "object" }) };
        let tools = tools.iter().map(tool).collect();
        Request { system: "s".into(), user: "u".into(), tools, max_tokens: 300, temperature: Some(0.5) }
    }

    fn body(kind: ProviderKind, model: &str, tools: &[&'static str]) -> Value {
        ChatCompletions(kind).body(model, &request(tools), &Dialect::first_guess(kind, model))
    }

    #[test]
    fn each_server_gets_the_words_it_knows() {
        let openai = body(ProviderKind::Openai, "gpt-6-luna", &["one"]);
        assert_eq!(openai["max_completion_tokens"], 300);
        assert_eq!(openai["reasoning_effort"], "none", "it refuses tools while it thinks");
        assert_eq!(openai["tool_choice"]["function"]["name"], "one");
        assert_eq!(openai["parallel_tool_calls"], false);
        assert_eq!(openai["tools"][0]["function"]["parameters"]["type"], "object");
        assert!(openai.get("max_tokens").is_none() && openai.get("stream").is_none());
        let old = body(ProviderKind::Openai, "gpt-4.1-mini", &["one"]);
        assert!(old.get("reasoning_effort").is_none(), "it refuses the word");
        let openrouter = body(ProviderKind::Openrouter, "openai/gpt-6-luna", &["one", "two"]);
        assert_eq!(openrouter["reasoning"], json!({ "effort": "none" }));
        assert_eq!((&openrouter["max_tokens"], &openrouter["tool_choice"]), (&json!(300), &json!("required")));
        let local = body(ProviderKind::OpenaiCompatible, "qwen", &["one"]);
        for name in ["reasoning", "reasoning_effort", "parallel_tool_calls", "max_completion_tokens"] {
            assert!(local.get(name).is_none(), "{name}");
        }
    }

    fn cost(kind: ProviderKind, answer: Value, header: Option<&str>, prices: Option<Prices>) -> (i64, bool) {
        let mut headers = HeaderMap::new();
        if let Some(value) = header {
            headers.insert("x-litellm-response-cost", value.parse().expect("header"));
        }
        let reported = ChatCompletions(kind).read(&answer, &headers).reported.expect("usage");
        let usage = Usage::reported(reported, prices);
        assert_eq!((usage.input_tokens, usage.output_tokens), (1_000, 50));
        (usage.cost_micros, usage.cost_estimated)
    }

    #[test]
    fn costs_come_from_the_provider_else_from_prices_else_are_cautious() {
        let usage = json!({ "prompt_tokens": 1_000, "completion_tokens": 50 });
        let with = |more: Value| {
            let mut usage = usage.clone();
            usage.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
            json!({ "choices": [], "usage": usage })
        };
        let prices = Some(Prices { input: 100_000, output: 500_000 });
        let plain = || with(json!({}));
        let own = json!({ "cost": 0.000_01, "is_byok": true, "cost_details": { "upstream_inference_cost": 0.000_2 } });
        let gateway = json!({ "usage": usage, "choices": [{ "message": { "provider_metadata": { "gateway": { "cost": "0.0005" } } } }] });
        for (name, (kind, answer, header, prices), expected) in [
            (
                "openrouter says",
                (ProviderKind::Openrouter, with(json!({ "cost": 0.000_123_4 })), None, prices),
                (124, false),
            ),
            ("own key", (ProviderKind::Openrouter, with(own), None, None), (210, false)),
            ("vercel says", (ProviderKind::Vercel, with(json!({ "cost": "0.0005" })), None, None), (500, false)),
            ("vercel says elsewhere", (ProviderKind::Vercel, gateway, None, None), (500, false)),
            ("litellm says", (ProviderKind::Litellm, plain(), Some("3.2e-05"), None), (32, false)),
            ("litellm says None", (ProviderKind::Litellm, plain(), Some("None"), prices), (125, false)),
            ("prices", (ProviderKind::Openai, plain(), None, prices), (125, false)),
            ("cautious", (ProviderKind::Openai, plain(), None, None), (6_250, true)),
            ("free", (ProviderKind::Openrouter, with(json!({ "cost": 0 })), None, None), (0, false)),
            ("below nothing", (ProviderKind::Openrouter, with(json!({ "cost": -1.0 })), None, prices), (125, false)),
            ("beyond belief", (ProviderKind::Vercel, with(json!({ "cost": 1e300 })), None, prices), (125, false)),
            (
                "somebody's own idea",
                (ProviderKind::OpenaiCompatible, with(json!({ "cost": 7 })), None, prices),
                (125, false),
            ),
        ] {
            assert_eq!(cost(kind, answer, header, prices), expected, "{name}");
        }
    }

    #[test]
    fn odd_answers_are_told_apart() {
        let read = |answer: Value| ChatCompletions(ProviderKind::Openai).read(&answer, &HeaderMap::new());
        let choice = |choice: Value| read(json!({ "choices": [choice] })).said;
        for odd in
            [json!({}), json!([]), json!(null), json!({ "choices": [] }), json!({ "choices": [{ "message": 3 }] })]
        {
            assert_eq!(read(odd.clone()).said, Err(Flaw::Unreadable), "{odd}");
        }
        let cut = json!({ "finish_reason": "length", "message": { "tool_calls": [{ "function": { "name": "x", "arguments": "{" } }] } });
        assert_eq!(choice(cut), Err(Flaw::CutShort));
        assert_eq!(choice(json!({ "message": { "refusal": "I cannot." } })), Err(Flaw::Declined));
        assert_eq!(choice(json!({ "finish_reason": "content_filter", "message": {} })), Err(Flaw::Declined));
        assert_eq!(choice(json!({ "message": { "content": null } })), Ok(Said::Text(String::new())));
        assert_eq!(
            read(json!({ "choices": [], "usage": { "prompt_tokens": -3, "completion_tokens": 1e30 } }))
                .reported
                .map(|r| r.input_tokens),
            Some(0)
        );
    }
}
