//! Becoming a user, by invitation or by founding an organization.

use chrono::{DateTime, TimeDelta, Utc};
use frontdesk::{
    accounts::BuiltInRole,
    platform::{
        crypto,
        ids::{InvitationId, OrganizationId},
    },
};
use serde_json::{Value, json};

use super::{PASSWORD, bearer, open, sign_in, sql, text, token, user};
use crate::support::App;

async fn invite(app: &App, organization: OrganizationId, email: &str, expires_at: DateTime<Utc>) -> String {
    let token = crypto::random_token(24);
    sqlx::query(
        "INSERT INTO invitations (organization_id, id, email, role, token_hash, created_at, expires_at)
         VALUES ($1, $2, $3, 'operator', $4, $5, $6)",
    )
    .bind(organization.0)
    .bind(InvitationId::new(&app.clock).0)
    .bind(email)
    .bind(crypto::token_hash("frontdesk invitation", &token))
    .bind(app.clock.now())
    .bind(expires_at)
    .execute(app.core.db.pool())
    .await
    .expect("invitation");
    token
}

fn newcomer(username: &str, token: Option<&str>) -> Value {
    json!({ "username": username, "display_name": "Olga", "password": "gravel tuba lantern", "invitation_token": token })
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_invited_joins_once() {
    let app = App::start().await;
    let week = app.clock.now() + TimeDelta::days(7);
    let token = invite(&app, app.organization.id, "olga@example.com", week).await;
    let preview = bearer(&app, "", "GET", &format!("/api/auth/invitations/{token}"), None).await.expect(200).json();
    assert_eq!(
        (&preview["organization"], &preview["role_name"], &preview["email"]),
        (&"Maple Street Studio".into(), &"Operator".into(), &"olga@example.com".into())
    );
    let mut body = newcomer("olga", Some(&token));
    body["email"] = "somebody@example.com".into();
    let done = open(&app, "/api/auth/register", body).await.expect(201).json();
    assert_eq!(done["organization"]["name"], "Maple Street Studio");
    let me = sign_in(&app, "olga@example.com", "gravel tuba lantern").await["me"].clone();
    assert_eq!((&me["user"]["email"], &me["user"]["role"]), (&"olga@example.com".into(), &"operator".into()));
    for used in [newcomer("olga2", Some(&token)), newcomer("olga2", Some("made up"))] {
        assert_eq!(open(&app, "/api/auth/register", used).await.expect(404).json()["code"], "not_found");
    }
    bearer(&app, "", "GET", &format!("/api/auth/invitations/{token}"), None).await.expect(404);
    let joined = "SELECT count(*) FROM audit_log WHERE action = 'user.joined' AND actor_name = 'Olga'";
    assert_eq!(app.count(joined).await, 1);
    assert_eq!(app.count("SELECT count(*) FROM invitations WHERE accepted_by IS NOT NULL").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_accepted_twice_at_once_lets_one_in() {
    let app = App::start().await;
    let token = invite(&app, app.organization.id, "olga@example.com", app.clock.now() + TimeDelta::days(7)).await;
    let tries = (0..4).map(|n| open(&app, "/api/auth/register", newcomer(&format!("olga{n}"), Some(&token))));
    let answers = futures::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|a| a.status == 201).count(), 1);
    assert!(answers.iter().all(|a| [201, 404, 409].contains(&a.status.as_u16())));
    assert_eq!(app.count("SELECT count(*) FROM users").await, 2, "the admin and one Olga");
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_that_are_over_are_none() {
    let app = App::start().await;
    let day = app.clock.now() + TimeDelta::days(1);
    let token = invite(&app, app.organization.id, "olga@example.com", day).await;
    let refused = || async {
        bearer(&app, "", "GET", &format!("/api/auth/invitations/{token}"), None).await.expect(404);
        open(&app, "/api/auth/register", newcomer("olga", Some(&token))).await.expect(404);
    };
    sql(&app, "UPDATE invitations SET revoked_at = now()").await;
    refused().await;
    sql(&app, "UPDATE invitations SET revoked_at = NULL").await;
    sql(&app, "UPDATE organizations SET disabled_at = now()").await;
    refused().await;
    sql(&app, "UPDATE organizations SET disabled_at = NULL").await;
    app.clock.advance(TimeDelta::days(1));
    refused().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_an_account_accepts_signed_in() {
    let app = App::start().await;
    let (other, _) = app.second_organization().await;
    user(&app, "vera", "only here to watch", BuiltInRole::Viewer).await;
    let vera = token(&app, "vera", "only here to watch").await;
    bearer(&app, &vera, "PUT", "/api/auth/me", Some(json!({ "display_name": "Vera", "email": "vera@example.com" })))
        .await
        .expect(200);
    let invitation = invite(&app, other, "vera@example.com", app.clock.now() + TimeDelta::days(7)).await;
    let again = newcomer("vera2", Some(&invitation));
    assert_eq!(open(&app, "/api/auth/register", again).await.expect(409).json()["code"], "email_taken");
    let accept =
        |token: String| bearer(&app, &vera, "POST", "/api/auth/invitations/accept", Some(json!({ "token": token })));
    assert_eq!(accept(invitation.clone()).await.expect(200).json()["name"], "Other");
    accept(invitation).await.expect(404);
    // A member stays what they are.
    let second = invite(&app, app.organization.id, "vera@example.com", app.clock.now() + TimeDelta::days(7)).await;
    assert_eq!(accept(second.clone()).await.expect(409).json()["code"], "already_exists");
    let me = bearer(&app, &vera, "GET", "/api/auth/me", None).await.expect(200).json();
    assert_eq!(me["user"]["role"], "viewer");
    app.api("POST", "/api/auth/invitations/accept", Some(json!({ "token": second }))).await.expect(403);
    assert_eq!(
        app.count(
            "SELECT count(*) FROM audit_log l JOIN organizations o ON o.id = l.organization_id
                   WHERE l.action = 'user.joined' AND o.name = 'Other'"
        )
        .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn founding_an_organization_is_closed_unless_opened() {
    let app = App::start().await;
    let mut body = newcomer("olga", None);
    body["organization_name"] = "Oak Lane Dental".into();
    body["email"] = "olga@example.com".into();
    assert_eq!(open(&app, "/api/auth/register", body.clone()).await.expect(403).json()["code"], "registration_closed");
    assert_eq!(app.count("SELECT count(*) FROM users").await, 1);

    let app = App::builder().with("ALLOW_REGISTRATION", "true").start().await;
    open(&app, "/api/auth/register", body.clone()).await.expect(201);
    app.run_jobs().await;
    let signed_in = sign_in(&app, "olga", "gravel tuba lantern").await;
    let me = &signed_in["me"];
    assert_eq!((&me["organization"]["name"], &me["user"]["role"]), (&"Oak Lane Dental".into(), &"admin".into()));
    assert_eq!(me["user"]["superuser"], false);
    let access = text(&signed_in["access_token"]);
    let contacts = bearer(&app, &access, "GET", "/api/contacts", None).await.expect(200).json();
    assert_eq!(contacts["items"], json!([]));
    let hello = json!({ "from": "+14155550101", "body": "hello" });
    bearer(&app, &access, "POST", "/api/simulator/messages", Some(hello)).await.expect(201);
    app.run_jobs().await;
    for (field, value, wanted) in [
        ("username", json!("OLGA"), 409),
        ("email", json!("Olga@Example.com"), 409),
        ("username", json!("a@b.co"), 422),
        ("username", json!("a\u{0}bc"), 422),
        ("email", json!("nowhere"), 422),
        ("email", Value::Null, 422),
        ("display_name", json!("  "), 422),
        ("organization_name", Value::Null, 422),
        ("organization_name", json!("x".repeat(101)), 422),
        ("password", json!("password123"), 422),
        ("password", json!("new-olga-1"), 422),
    ] {
        let mut wrong = body.clone();
        wrong["username"] = "new-olga".into();
        wrong["email"] = "new@example.com".into();
        wrong[field] = value.clone();
        let answer = open(&app, "/api/auth/register", wrong).await;
        assert_eq!(answer.status, wanted, "{field} {value}: {}", answer.text);
        if wanted == 422 {
            assert_eq!(answer.json()["errors"][0]["field"], field);
        }
    }
    token(&app, "admin", PASSWORD).await;
}
