//! The description of the API (OpenAPI): what the handlers say of themselves, and what goes for every operation, added in one place.

use serde_json::Value;
use utoipa::{
    OpenApi,
    openapi::{
        Components, Content, Header, KnownFormat, ObjectBuilder, OpenApi as Document, PathItem, Ref, RefOr, Required,
        Response, ResponseBuilder, Schema, SchemaFormat, SecurityRequirement, Type,
        extensions::Extensions,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
        tag::TagBuilder,
    },
};
use utoipa_axum::router::OpenApiRouter;

use super::{health, live, routes};
use crate::accounts::{self, Access};

const ABOUT: &str = "A text-message front desk: contacts, conversations, slots, appointments.\n\n\
    Everything is in JSON. What goes wrong is told as `application/problem+json` with a `code` of a closed list. \
    Lists give `items` and `next_cursor`; give it back as `cursor` for what follows. \
    Every POST may carry an `Idempotency-Key`: repeated within a day it is not carried out again, and gets the first answer, with \
    `Idempotency-Replayed: true`. Rows that people edit have a `version`, shown as `ETag`; a change may say with `If-Match` on which \
    version it was made. `RateLimit` says how many requests may be made now. \
    The same API answers under `/api/v1`. `x-permission` names what a caller must be allowed.";

#[derive(OpenApi)]
#[openapi(info(title = "Frontdesk", description = ABOUT), paths(health::health, health::live))]
struct Description;

/// What each tag is about.
const TAGS: &[(&str, &str)] = &[
    ("analytics", "Figures, and what waits for staff."),
    ("api keys", "Keys for programs, with the permissions they need."),
    ("assistant", "How the assistant is set up, and the language models it may ask."),
    ("audit", "Who did what to which row, from where."),
    ("auth", "Signing in and out, one's own account, tokens and second factor."),
    ("booking", "Services, providers, times and appointments."),
    ("campaigns", "What many are sent: to whom, when, and what became of it."),
    ("compliance", "Consent: doubtful opt-outs, who must not be texted, and when texts may arrive."),
    ("contacts", "People with an address."),
    ("conversations", "Threads between a contact and a sender, and who answers in them."),
    ("health", "Whether the installation is well."),
    ("installation", "Organizations and users of the whole installation, for superusers."),
    ("jobs", "Background work."),
    ("knowledge", "What the assistant answers questions with."),
    ("links", "Short links on the business's own domain, and who followed them."),
    ("live", "Hearing at once which rows change."),
    ("messages", "Texts, both ways."),
    ("organization", "The settings of the organization one works in."),
    ("privacy", "Exporting and erasing what is kept of a contact, and how long things are kept."),
    ("reports", "Matters that somebody raised and staff settle."),
    ("segments", "Saved filters over contacts."),
    ("senders", "The addresses that texts come from."),
    ("simulator", "Texting the front desk without a phone."),
    ("staff", "Members, invitations, roles and permissions."),
    ("team", "Messages among the staff, and with the assistant."),
    ("templates", "Texts with variables, in variants: what campaigns send."),
    ("webhooks", "Endpoints of your own that are told what happens, and what was delivered to them."),
];

/// The description as served and as committed in `admin/openapi.json`.
pub fn open_api() -> Document {
    let router = OpenApiRouter::with_openapi(Description::openapi());
    let mut document = router.nest("/api", routes::api()).nest("/ws", live::router()).to_openapi();
    document.tags = Some(TAGS.iter().map(|(n, d)| TagBuilder::new().name(*n).description(Some(*d)).build()).collect());
    document.security = Some(["api_key", "bearer", "session"].map(|s| SecurityRequirement::new(s, [""; 0])).to_vec());
    let components = document.components.get_or_insert_default();
    add_security_schemes(components);
    add_headers(components);
    components.parameters.insert(ORGANIZATION.to_owned(), RefOr::T(organization_parameter()));
    for one in ALWAYS {
        components.responses.insert(one.name.to_owned(), RefOr::T(one.response()));
    }
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            complete(method, path, operation);
        }
    }
    document
}

/// The operations of a path with their methods, as the authorization table writes them.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("GET", &mut item.get),
        ("POST", &mut item.post),
        ("PUT", &mut item.put),
        ("PATCH", &mut item.patch),
        ("DELETE", &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn add_security_schemes(components: &mut Components) {
    let key = ApiKey::Header(ApiKeyValue::with_description("X-API-Key", "For programs; made under API keys."));
    let session = ApiKeyValue::with_description(accounts::SESSION_COOKIE, "The dashboard's, for its own pages only.");
    let bearer = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some("An access token.")).build();
    components.add_security_scheme("api_key", SecurityScheme::ApiKey(key));
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
}

/// Headers of answers: name of the component, name of the header, what it says.
const HEADERS: [(&str, &str, &str); 4] = [
    (
        "RateLimitPolicy",
        "RateLimit-Policy",
        "Requests granted (`q`) per `w` seconds, for the caller (`default`) and the address.",
    ),
    (
        "RateLimit",
        "RateLimit",
        "Requests that may be made now (`r`), and seconds until all that may be made at once may be again (`t`).",
    ),
    ("RetryAfter", "Retry-After", "Seconds to wait."),
    ("ETag", "ETag", "The version of the row, for `If-Match`."),
];

fn add_headers(components: &mut Components) {
    for (name, _, about) in HEADERS {
        let mut header = Header::new(ObjectBuilder::new().schema_type(Type::String));
        header.description = Some(about.to_owned());
        components.headers.insert(name.to_owned(), RefOr::T(header));
    }
}

fn refer_to_header(response: &mut Response, component: &str) {
    if let Some((name, header, _)) = HEADERS.iter().find(|(name, ..)| *name == component) {
        let reference = RefOr::Ref(Ref::new(format!("#/components/headers/{name}")));
        response.headers.entry((*header).to_owned()).or_insert(reference);
    }
}

/// The component of `X-Organization-ID`.
const ORGANIZATION: &str = "Organization";

fn organization_parameter() -> Parameter {
    let about = "For people who work in several organizations: the one this request is about. Left out: the session's, or the first.";
    ParameterBuilder::new()
        .name("X-Organization-ID")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(
            ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))),
        ))
        .build()
}

/// An answer that operations can give without saying so themselves.
struct Always {
    status: &'static str,
    /// Of the component.
    name: &'static str,
    about: &'static str,
}

impl Always {
    fn response(&self) -> Response {
        let mut response = ResponseBuilder::new().description(self.about).content(PROBLEM_JSON, problem()).build();
        if ["429", "503"].contains(&self.status) {
            refer_to_header(&mut response, "RetryAfter");
        }
        response
    }
}

const ALWAYS: [Always; 11] = [
    Always { status: "400", name: "Malformed", about: "The body is not JSON" },
    Always { status: "401", name: "Unauthenticated", about: "Nobody is signed in" },
    Always { status: "403", name: "Forbidden", about: "Not with these permissions, or from another site" },
    Always { status: "404", name: "NotFound", about: "There is no such row, or one may not work in that organization" },
    Always {
        status: "409",
        name: "Conflict",
        about: "The Idempotency-Key was used before, and its answer cannot be repeated (yet)",
    },
    Always { status: "413", name: "TooLarge", about: "The body is larger than 256 kB" },
    Always { status: "415", name: "NotJson", about: "The content type is not application/json" },
    Always { status: "422", name: "Invalid", about: "Some fields are not valid; `errors` says which" },
    Always { status: "429", name: "RateLimited", about: "Too many requests" },
    Always { status: "500", name: "Broken", about: "Something went wrong here" },
    Always { status: "503", name: "Unavailable", about: "The database cannot be reached; nothing was done" },
];

const PROBLEM_JSON: &str = "application/problem+json";
const PROBLEM: &str = "#/components/schemas/Problem";

fn problem() -> Content {
    Content::new(Some(Ref::new(PROBLEM)))
}

/// Adds to an operation what goes for all like it.
fn complete(method: &str, path: &str, operation: &mut Operation) {
    let access = accounts::access(method, path);
    let open = access == Some(Access::Anyone);
    let permission = match access {
        Some(Access::Needs(permission)) => permission.as_str(),
        Some(Access::SignedIn) => "signed_in",
        Some(Access::Superuser) => "superuser",
        Some(Access::Anyone) => "anyone",
        None => "nobody",
    };
    let extensions = Extensions::builder().add("x-permission", Value::from(permission)).build();
    operation.extensions.get_or_insert_default().merge(extensions);
    if open {
        operation.security = Some(Vec::new());
    }
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            tell_problems_apart(response);
        }
    }
    // Who looks after the installation asks no database and counts nothing.
    if path.starts_with("/api/health") {
        return;
    }
    let (post, body) = (method == "POST", operation.request_body.is_some());
    if operation.responses.responses.contains_key("412") {
        let about = "The ETag of the version the change was made on; left out or `*`: whichever there is.";
        add_header_parameter(operation, "If-Match", about, ObjectBuilder::new().schema_type(Type::String).build());
    }
    if post && !open {
        let about = "A new one for each request. The same request with the same key is carried out once, and answered alike for a day.";
        let schema = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255));
        add_header_parameter(
            operation,
            "Idempotency-Key",
            about,
            schema.pattern(Some("^[!-~]([ -~]*[!-~])?$")).build(),
        );
    }
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let named = parameters.iter().any(|p| matches!(p, RefOr::T(p) if p.parameter_in == ParameterIn::Path));
    for one in &ALWAYS {
        let can = match one.status {
            "400" | "415" => body,
            "401" => !open,
            "403" => !open || method != "GET",
            "404" => named || !open,
            "409" => post && !open,
            "413" => body || post,
            "422" => body || operation.parameters.as_ref().is_some_and(|p| !p.is_empty()),
            _ => true,
        };
        if can {
            let reference = RefOr::Ref(Ref::new(format!("#/components/responses/{}", one.name)));
            operation.responses.responses.entry(one.status.to_owned()).or_insert(reference);
        }
    }
    if !open {
        let reference = Ref::new(format!("#/components/parameters/{ORGANIZATION}"));
        operation.parameters.get_or_insert_default().push(RefOr::Ref(reference));
    }
    let versioned = operation.responses.responses.contains_key("412");
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            refer_to_header(response, "RateLimitPolicy");
            refer_to_header(response, "RateLimit");
            if versioned && status.starts_with('2') {
                refer_to_header(response, "ETag");
            }
        }
    }
}

/// Handlers only say `body = ProblemDocument`; it is sent under its own type.
fn tell_problems_apart(response: &mut Response) {
    let is_problem = |content: &RefOr<Content>| match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(reference)), .. }) => reference.ref_location == PROBLEM,
        _ => false,
    };
    if response.content.get("application/json").is_some_and(is_problem)
        && let Some(content) = response.content.shift_remove("application/json")
    {
        response.content.insert(PROBLEM_JSON.to_owned(), content);
    }
}

fn add_header_parameter(operation: &mut Operation, name: &str, about: &str, schema: impl Into<RefOr<Schema>>) {
    let parameters = operation.parameters.get_or_insert_default();
    let there = |p: &RefOr<Parameter>| matches!(p, RefOr::T(p) if p.name.eq_ignore_ascii_case(name));
    if !parameters.iter().any(there) {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(about))
            .schema(Some(schema));
        parameters.push(RefOr::T(parameter.build()));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn described() -> Vec<(String, Value)> {
        let document = serde_json::to_value(open_api()).expect("description");
        let paths = document["paths"].as_object().expect("paths").clone();
        paths
            .into_iter()
            .flat_map(|(path, item)| {
                let item = item.as_object().expect("item").clone();
                item.into_iter()
                    .map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
            })
            .collect()
    }

    fn whole(path: &str) -> String {
        if path.starts_with("/ws/") { path.to_owned() } else { format!("/api{path}") }
    }

    #[test]
    fn the_authorization_table_and_the_description_name_the_same_operations() {
        let described: BTreeSet<String> = described().into_iter().map(|(name, _)| name).collect();
        let table: BTreeSet<String> =
            accounts::AUTHORIZATION.iter().map(|(method, path, _)| format!("{method} {}", whole(path))).collect();
        let missing: Vec<_> = described.difference(&table).collect();
        assert!(missing.is_empty(), "no row in src/accounts/authorization.rs, so nobody may call: {missing:?}");
        let gone: Vec<_> = table.difference(&described).collect();
        assert!(gone.is_empty(), "rows of operations that do not exist: {gone:?}");
    }

    #[test]
    fn every_operation_says_what_goes_for_all() {
        let tags: Vec<&str> = TAGS.iter().map(|(name, _)| *name).collect();
        assert!(tags.is_sorted());
        for (name, operation) in described() {
            let responses = operation["responses"].as_object().expect("responses");
            let has = |status: &str| responses.contains_key(status);
            for tag in operation["tags"].as_array().expect("a tag") {
                assert!(
                    tags.contains(&tag.as_str().expect("text")),
                    "{name}: describe the tag {tag} in description.rs"
                );
            }
            assert_ne!(operation["x-permission"], "nobody", "{name}");
            if name.contains("/api/health") {
                continue;
            }
            assert!(["429", "500", "503"].iter().all(|s| has(s)), "{name}");
            let open = operation["x-permission"] == "anyone";
            assert_eq!(has("401") && has("403") && operation.get("security").is_none(), !open, "{name}");
            if operation.get("requestBody").is_some() {
                assert!(["400", "413", "415", "422"].iter().all(|s| has(s)), "{name}");
            }
            let takes = |header: &str| {
                operation["parameters"].as_array().is_some_and(|all| all.iter().any(|p| p["name"] == header))
            };
            assert_eq!(takes("Idempotency-Key"), name.starts_with("POST") && !open, "{name}");
            assert_eq!(takes("If-Match"), has("412"), "{name}");
            let organization = format!("#/components/parameters/{ORGANIZATION}");
            let chooses = operation["parameters"]
                .as_array()
                .is_some_and(|all| all.iter().any(|p| p["$ref"] == organization.as_str()));
            assert_eq!(chooses, !open, "{name}");
            assert!(open || has("404"), "{name}");
            for (status, response) in responses {
                if let Some(content) = response.get("content") {
                    let problem = status.starts_with(['4', '5']);
                    assert_eq!(content.get(PROBLEM_JSON).is_some(), problem, "{name} {status}");
                }
            }
        }
    }

    /// A misspelt field is told, and not taken as left out.
    #[test]
    fn no_request_body_takes_fields_that_it_does_not_know() {
        let document = serde_json::to_value(open_api()).expect("description");
        let (mut todo, mut seen, mut loose) = (Vec::new(), BTreeSet::new(), Vec::new());
        for (name, operation) in described() {
            todo.extend(operation.get("requestBody").map(|body| (name, body.clone())));
        }
        assert!(todo.len() > 60, "{}", todo.len());
        while let Some((name, part)) = todo.pop() {
            if part.get("properties").is_some_and(Value::is_object) && part["additionalProperties"] != false {
                loose.push(name.clone());
            }
            if let Some(schema) = part["$ref"].as_str().and_then(|r| r.strip_prefix("#/components/schemas/"))
                && seen.insert(schema.to_owned())
            {
                todo.push((format!("{schema} of {name}"), document["components"]["schemas"][schema].clone()));
            }
            match part {
                Value::Object(parts) => todo.extend(parts.into_iter().map(|(_, part)| (name.clone(), part))),
                Value::Array(parts) => todo.extend(parts.into_iter().map(|part| (name.clone(), part))),
                _ => {}
            }
        }
        assert!(loose.is_empty(), "deny_unknown_fields is missing: {loose:?}");
    }

    /// One that allows no field beside its own cannot be a part of another.
    #[test]
    fn no_answer_forbids_what_it_holds() {
        let document = serde_json::to_value(open_api()).expect("description");
        let schemas = document["components"]["schemas"].as_object().expect("schemas");
        let closed = schemas.iter().flat_map(|(name, schema)| {
            let parts = schema["allOf"].as_array().into_iter().flatten();
            let names = parts.filter_map(|part| part["$ref"].as_str()?.strip_prefix("#/components/schemas/"));
            names.filter(|part| schemas[*part]["additionalProperties"] == false).map(move |part| (name, part))
        });
        assert_eq!(closed.collect::<Vec<_>>(), []);
    }
}
