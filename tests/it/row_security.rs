//! Row-level security, proven by trying: each statement that this program knows is planned and run as one organization with another's
//! ids. Lists are built at run time and not among these; their one builder (`platform/listing.rs`) is tried by the tests of the API.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use calls::{calls, known, unique_columns};
use frontdesk::platform::ids::OrganizationId;
use futures::TryStreamExt;
use rows::{fill, mirror};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Either, PgConnection, Row, ValueRef};

use crate::support::App;

mod calls;
mod rows;

const SETTING: &str = "current_setting('app.organization_id'";

/// A statement of the program, as `.sqlx` holds it.
struct Statement {
    name: String,
    sql: String,
    /// Postgres' names of the parameters' types.
    parameters: Vec<String>,
}

fn statements() -> Vec<Statement> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
    let mut statements = Vec::new();
    for entry in std::fs::read_dir(folder).expect(".sqlx") {
        let text = std::fs::read_to_string(entry.expect("entry").path()).expect("read");
        let query: Value = serde_json::from_str(&text).expect("JSON");
        let kinds = query["describe"]["parameters"]["Left"].as_array().expect("parameters");
        statements.push(Statement {
            name: String::new(),
            sql: query["query"].as_str().expect("query").to_owned(),
            parameters: kinds.iter().map(|k| k.as_str().unwrap_or("Other").to_owned()).collect(),
        });
    }
    statements.sort_by(|a, b| a.sql.cmp(&b.sql));
    for (n, statement) in statements.iter_mut().enumerate() {
        statement.name = format!("s{n}");
    }
    assert!(statements.len() > 120, "{}", statements.len());
    statements
}

async fn run(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map(drop)
}

async fn texts(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
        .fetch_all(connection)
        .await
        .unwrap_or_else(|e| panic!("{sql}: {e}"))
}

async fn become_tenant(connection: &mut PgConnection, organization: OrganizationId) {
    let sql = format!("SET LOCAL ROLE frontdesk_app; SET LOCAL app.organization_id = '{}'", organization.0);
    run(connection, &sql).await.expect("tenant");
}

async fn prepare(connection: &mut PgConnection, statements: &[Statement]) {
    for statement in statements {
        run(connection, &format!("PREPARE {} AS {}", statement.name, statement.sql))
            .await
            .unwrap_or_else(|e| panic!("{}: {e}", statement.sql));
    }
}

/// Tables that belong to organizations.
async fn tenant_tables(connection: &mut PgConnection) -> Vec<String> {
    texts(
        connection,
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id'
         WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1",
    )
    .await
}

/// What Postgres says where a role lacks a privilege: the statement cannot be run in a tenant's transaction at all.
fn is_denied(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|e| e.code()).is_some_and(|code| code == "42501")
}

// ---- the plans

/// Scans of tenants' tables in the plan that no comparison with the setting stands before.
fn unguarded(node: &Value, tables: &BTreeSet<String>, gate: bool, found: &mut Vec<String>) {
    let text = |name: &str| node[name].as_str().unwrap_or_default().to_owned();
    let kind = text("Node Type");
    let gate = gate || text("One-Time Filter").contains(SETTING);
    let children = node["Plans"].as_array().cloned().unwrap_or_default();
    let mut conditions = text("Filter") + &text("Index Cond") + &text("Recheck Cond") + &text("TID Cond");
    if kind.starts_with("Bitmap") {
        conditions += &serde_json::to_string(&children).expect("JSON");
    }
    let table = text("Relation Name");
    if kind.ends_with("Scan") && tables.contains(&table) && !gate && !conditions.contains(SETTING) {
        found.push(format!("{kind} on {table} where {conditions}"));
    }
    for child in &children {
        unguarded(child, tables, gate, found);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_plan_compares_each_table_with_the_setting() {
    let app = App::start().await;
    let mut tx = app.core.db.pool().begin().await.expect("transaction");
    let tables: BTreeSet<String> = tenant_tables(&mut tx).await.into_iter().collect();
    let statements = statements();
    prepare(&mut tx, &statements).await;
    run(&mut tx, "SET LOCAL plan_cache_mode = force_generic_plan").await.expect("generic");
    become_tenant(&mut tx, app.organization.id).await;
    let (mut wrong, mut planned, mut scans) = (Vec::new(), 0, 0);
    for statement in &statements {
        run(&mut tx, "SAVEPOINT one").await.expect("savepoint");
        let nulls = vec!["NULL"; statement.parameters.len()].join(", ");
        let call = if nulls.is_empty() { String::new() } else { format!("({nulls})") };
        let explain = format!("EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE {}{call}", statement.name);
        let plan: Result<Value, sqlx::Error> = sqlx::query_scalar(AssertSqlSafe(explain)).fetch_one(&mut *tx).await;
        match plan {
            Ok(plan) => {
                let mut found = Vec::new();
                unguarded(&plan[0]["Plan"], &tables, false, &mut found);
                planned += 1;
                scans +=
                    tables.iter().filter(|t| plan.to_string().contains(&format!("\"Relation Name\":\"{t}\""))).count();
                wrong.extend(found.iter().map(|f| format!("{f}\n    in {}", statement.sql)));
            }
            Err(error) if is_denied(&error) => {}
            Err(error) => panic!("{}: {error}", statement.sql),
        }
        run(&mut tx, "ROLLBACK TO SAVEPOINT one").await.expect("back");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(planned > 100 && scans > 100, "only {planned} plans, {scans} tables in them");
    // The same walk finds what is to be found where nobody guards: as the owner, who is above the policies.
    run(&mut tx, "RESET ROLE; EXPLAIN SELECT 1").await.expect("owner");
    let plan: Value =
        sqlx::query_scalar("EXPLAIN (VERBOSE, FORMAT JSON) SELECT * FROM contacts WHERE phone_number = 'x'")
            .fetch_one(&mut *tx)
            .await
            .expect("plan");
    let mut found = Vec::new();
    unguarded(&plan[0]["Plan"], &tables, false, &mut found);
    assert_eq!(found.len(), 1, "the walk sees nothing: {plan}");
}

// ---- by running

/// What a call came to: rows as text, or an error's code.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Came {
    Rows(Vec<String>, u64),
    Error(String),
}

async fn execute(connection: &mut PgConnection, call: &str) -> Came {
    let (mut rows, mut affected) = (Vec::new(), 0);
    let mut stream = sqlx::raw_sql(AssertSqlSafe(call.to_owned())).fetch_many(connection);
    loop {
        match stream.try_next().await {
            Ok(Some(Either::Left(done))) => affected += done.rows_affected(),
            Ok(Some(Either::Right(row))) => rows.push(
                (0..row.len())
                    .map(|n| {
                        let value = row.try_get_raw(n).expect("column");
                        if value.is_null() { "NULL".to_owned() } else { value.as_str().expect("text").to_owned() }
                    })
                    .collect::<Vec<_>>()
                    .join("|"),
            ),
            Ok(None) => {
                // Most have no order of their own.
                rows.sort();
                return Came::Rows(rows, affected);
            }
            Err(error) => {
                let code = error.as_database_error().and_then(|e| e.code()).map(|c| c.into_owned());
                return Came::Error(code.unwrap_or_else(|| panic!("{call}: {error}")));
            }
        }
    }
}

/// One value per table that changes with any of the organization's rows.
async fn fingerprint(connection: &mut PgConnection, tables: &[String], organization: OrganizationId) -> Vec<String> {
    let parts: Vec<String> = tables
        .iter()
        .map(|t| {
            format!(
                "SELECT '{t} ' || count(*) || ' ' || COALESCE(md5(string_agg(r, '' ORDER BY r)), '') FROM
                 (SELECT to_jsonb(x)::text AS r FROM {t} x WHERE organization_id = '{}') AS rows",
                organization.0
            )
        })
        .collect();
    texts(connection, &parts.join(" UNION ALL ")).await
}

/// Whose rows must not change, and how they are.
struct Victim<'a> {
    statements: &'a [Statement],
    tables: &'a [String],
    organization: OrganizationId,
    before: &'a [String],
}

fn writes(statement: &Statement) -> bool {
    ["INSERT INTO", "UPDATE", "DELETE FROM"].iter().any(|verb| statement.sql.contains(verb))
}

/// Runs every call as the organization, each undone again. Where one changed something, `victim`'s rows are looked at.
async fn try_all(
    connection: &mut PgConnection,
    calls: &[(usize, String)],
    as_organization: OrganizationId,
    victim: Option<&Victim<'_>>,
) -> HashMap<String, Came> {
    let mut came = HashMap::new();
    become_tenant(connection, as_organization).await;
    for (n, call) in calls {
        run(connection, "SAVEPOINT one").await.expect("savepoint");
        let result = execute(connection, call).await;
        if let (Came::Rows(_, 1..), Some(victim)) = (&result, victim)
            && writes(&victim.statements[*n])
        {
            run(connection, "RESET ROLE").await.expect("owner");
            let named = |t: &&String| victim.statements[*n].sql.contains(t.as_str());
            let tables: Vec<String> = victim.tables.iter().filter(named).cloned().collect();
            for (table, print) in tables.iter().zip(fingerprint(connection, &tables, victim.organization).await) {
                assert!(victim.before.contains(&print), "changed another's rows of {table}: {call}");
            }
        }
        run(connection, "ROLLBACK TO SAVEPOINT one; RELEASE SAVEPOINT one").await.expect("back");
        came.insert(call.clone(), result);
    }
    run(connection, "RESET ROLE").await.expect("owner");
    came
}

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_reads_or_changes_another_organizations_rows() {
    let app = App::builder()
        .with("WEBHOOKS_ALLOW_PRIVATE", "true")
        .with("ENCRYPTION_KEY", "0123456789abcdef0123456789abcdef")
        .start()
        .await;
    let (other, _) = app.second_organization().await;
    fill(&app).await;
    let ours = app.organization.id;
    let mut tx = app.core.db.pool().begin().await.expect("transaction");
    let tables = tenant_tables(&mut tx).await;
    mirror(&mut tx, &tables, ours, other).await;
    let before = fingerprint(&mut tx, &tables, other).await;
    let filled = before.iter().filter(|f| !f.contains(" 0 ")).count();
    assert_eq!(filled, tables.len(), "tables without rows to be protected: {before:#?}");
    let known = known(&mut tx, &tables, other).await;
    assert!(
        known.len() > 60 && known.iter().any(|row| row.columns.values().any(|v| v.starts_with("+1777"))),
        "{known:?}"
    );
    let unique = unique_columns(&mut tx).await;
    let statements = statements();
    prepare(&mut tx, &statements).await;
    let mut attempts: Vec<(usize, String)> = Vec::new();
    for (n, statement) in statements.iter().enumerate() {
        // As the other organization, and with its ids in the name of one's own.
        for organization in [other, ours] {
            attempts.extend(calls(statement, organization, &known, &unique).into_iter().map(|call| (n, call)));
        }
    }

    // That the attempts are worth something: the owner of the rows does reach them so.
    let by_owner = try_all(&mut tx, &attempts, other, None).await;
    let reaching: BTreeSet<usize> =
        attempts.iter().filter(|(_, call)| matches!(&by_owner[call], Came::Rows(_, 1..))).map(|(n, _)| *n).collect();
    let denied = |n: usize| {
        attempts.iter().filter(|(m, _)| *m == n).all(|(_, call)| by_owner[call] == Came::Error("42501".to_owned()))
    };
    let unreached: Vec<&str> = (0..statements.len())
        .filter(|n| !reaching.contains(n) && !denied(*n))
        .map(|n| statements[n].sql.as_str())
        .collect();
    assert!(
        unreached.len() * 12 < statements.len(),
        "{} statements reach nothing:\n{}",
        unreached.len(),
        unreached.join("\n")
    );

    // As ours, with the other's rows there, and with them gone: it must come to the same.
    let victim = Victim { statements: &statements, tables: &tables, organization: other, before: &before };
    let with_rows = try_all(&mut tx, &attempts, ours, Some(&victim)).await;
    run(&mut tx, "SET session_replication_role = replica").await.expect("no triggers");
    for table in &tables {
        run(&mut tx, &format!("DELETE FROM {table} WHERE organization_id = '{}'", other.0)).await.expect(table);
    }
    run(&mut tx, "SET session_replication_role = origin").await.expect("triggers");
    let without_rows = try_all(&mut tx, &attempts, ours, None).await;
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = BTreeSet::new();
    for (n, call) in &attempts {
        let (with, without) = (&with_rows[call], &without_rows[call]);
        let outcome = match with {
            Came::Rows(_, 0) => "nothing",
            Came::Rows(..) => "own rows",
            Came::Error(code) if code == "42501" => "denied",
            Came::Error(_) => "error",
        };
        *outcomes.entry(outcome).or_default() += 1;
        // An id or address that is unique in the installation is refused where somebody has it: nothing of the row is told by that.
        let quietly = statements[*n].sql.contains("DO NOTHING") && *with == Came::Rows(Vec::new(), 0);
        let refused = quietly || matches!(with, Came::Error(code) if code == "23505");
        // How large the file of a table is, that all organizations share, is no row of anybody's.
        let of_the_file = statements[*n].sql.contains("pg_relation_size(");
        if with != without && !refused && !of_the_file {
            wrong.insert(format!("{call}\n    {with:?}\n    {without:?}\n    in {}", statements[*n].sql));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.into_iter().take(10).collect::<Vec<_>>().join("\n"));
    assert!(outcomes["nothing"] > 1_000 && outcomes["denied"] > 100, "{outcomes:?}");
}

// ---- the role

#[tokio::test(flavor = "multi_thread")]
async fn the_apps_role_is_nobody_of_its_own() {
    let app = App::start().await;
    let pool = app.core.db.pool();
    let powers: Vec<bool> = sqlx::query_scalar(
        "SELECT unnest(ARRAY[rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin])
         FROM pg_roles WHERE rolname = 'frontdesk_app'",
    )
    .fetch_all(pool)
    .await
    .expect("role");
    assert_eq!(powers, [false; 6]);
    for (what, sql) in [
        ("member of", "SELECT roleid::regrole::text FROM pg_auth_members WHERE member = 'frontdesk_app'::regrole"),
        ("relations", "SELECT relname::text FROM pg_class WHERE relowner = 'frontdesk_app'::regrole"),
        ("functions", "SELECT proname::text FROM pg_proc WHERE proowner = 'frontdesk_app'::regrole"),
        ("schemas", "SELECT nspname::text FROM pg_namespace WHERE nspowner = 'frontdesk_app'::regrole"),
        ("may make in", "SELECT nspname::text FROM pg_namespace WHERE has_schema_privilege('frontdesk_app', oid, 'CREATE')"),
        // Both would act with their owner's rights, above the policies.
        ("views", "SELECT relname::text FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace"),
        (
            "definers",
            "SELECT p.proname::text FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
             AND has_function_privilege('frontdesk_app', p.oid, 'EXECUTE')",
        ),
        // A policy that holds for some commands only, or that lets everything through.
        (
            "loose policies",
            "SELECT p.polname::text || ' on ' || p.polrelid::regclass FROM pg_policy p
             WHERE p.polcmd <> '*' OR NOT p.polpermissive
                OR pg_get_expr(p.polqual, p.polrelid) NOT LIKE '%current_setting(''app.organization_id''%'
                OR (p.polwithcheck IS NOT NULL AND pg_get_expr(p.polwithcheck, p.polrelid) IS DISTINCT FROM pg_get_expr(p.polqual, p.polrelid))",
        ),
        (
            "several policies, of which one is enough",
            "SELECT polrelid::regclass::text FROM pg_policy GROUP BY polrelid HAVING count(*) > 1",
        ),
        (
            "may truncate",
            "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
             AND has_table_privilege('frontdesk_app', oid, 'TRUNCATE, TRIGGER, REFERENCES')",
        ),
    ] {
        let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(pool).await.expect(what);
        assert!(found.is_empty(), "{what}: {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_the_apps_role_stays_it() {
    let app = App::start().await;
    let mut connection = app.core.db.pool().acquire().await.expect("connection").detach();
    let owner: String =
        sqlx::query_scalar("SELECT current_user::text").fetch_one(&mut connection).await.expect("owner");
    // As if that role had logged in. (In the program it is the owner who steps down for a transaction; that nothing steps up again
    // within one is the next test's.)
    run(&mut connection, "SET SESSION AUTHORIZATION frontdesk_app").await.expect("as the role");
    for attempt in [
        format!("SET ROLE \"{owner}\""),
        "ALTER TABLE contacts DISABLE ROW LEVEL SECURITY".to_owned(),
        "ALTER TABLE contacts NO FORCE ROW LEVEL SECURITY".to_owned(),
        "ALTER POLICY tenant ON contacts USING (true)".to_owned(),
        "CREATE POLICY all_of_it ON contacts USING (true)".to_owned(),
        "DROP POLICY tenant ON contacts".to_owned(),
        "ALTER ROLE frontdesk_app BYPASSRLS".to_owned(),
        format!("GRANT \"{owner}\" TO frontdesk_app"),
        "CREATE TABLE loot (x text)".to_owned(),
        "CREATE FUNCTION loot() RETURNS text LANGUAGE sql AS 'SELECT 1'".to_owned(),
        "SET session_replication_role = replica".to_owned(),
        "SET row_security = off; SELECT * FROM contacts".to_owned(),
        "COPY contacts TO PROGRAM 'cat'".to_owned(),
        "SELECT pg_read_file('/etc/passwd')".to_owned(),
        "SELECT * FROM sessions".to_owned(),
        "SELECT * FROM refresh_tokens".to_owned(),
        "SELECT password_hash FROM users".to_owned(),
        "UPDATE users SET superuser = true".to_owned(),
        "TRUNCATE contacts".to_owned(),
        // Without a tenant there is nothing to compare with: an error, not everybody's rows.
        "SELECT * FROM contacts".to_owned(),
    ] {
        assert!(run(&mut connection, &attempt).await.is_err(), "{attempt}");
    }
    run(&mut connection, "RESET ROLE").await.expect("nothing to go back to");
    let role: String = sqlx::query_scalar("SELECT current_user::text").fetch_one(&mut connection).await.expect("role");
    assert_eq!(role, "frontdesk_app");
}

/// Where the program works outside every tenant, and why. This list only shrinks.
const OUTSIDE_TENANTS: &[(&str, &str)] = &[
    ("accounts/api/limits.rs", "addresses are counted for the installation"),
    ("accounts/api/organizations.rs", "superusers see every organization"),
    ("accounts/api/registration.rs", "an invitation's token says whose it is"),
    ("accounts/attempts.rs", "failed sign-ins are counted before anybody is known"),
    ("accounts/external.rs", "an outside token says whose it is"),
    ("accounts/identity.rs", "a credential says whose it is"),
    ("accounts/installation.rs", "users of the installation, for superusers"),
    ("accounts/organizations.rs", "an organization is made, or changed by a superuser"),
    ("accounts/own_account.rs", "a person and their sessions belong to the installation"),
    ("accounts/people.rs", "a user is made, who belongs to the installation"),
    ("accounts/registration.rs", "somebody joins, or founds an organization"),
    ("accounts/service.rs", "organizations, user names and keys are unique in the installation"),
    ("accounts/sign_in.rs", "tries are counted, and sessions made, before anybody is known"),
    ("analytics/store/fold.rs", "sums of every organization are kept up"),
    ("app/serve.rs", "the pool is closed at the end"),
    ("app/sealed.rs", "secrets of every organization are sealed again, from the command line"),
    ("booking/store/calendar.rs", "which organizations have slots to make"),
    ("compliance/api/installation.rs", "superusers keep the installation's own list of numbers"),
    ("compliance/store/numbers.rs", "the same, where the keys of erased numbers lay open"),
    ("links/api.rs", "a code says whose link it is"),
    ("messaging/reconcile.rs", "which organizations have texts to compare"),
    ("messaging/webhooks.rs", "the sender's address says whose text or report it is"),
    ("platform/db.rs", "what it is made of"),
    ("platform/jobs/executor.rs", "the ledger: claims"),
    ("platform/jobs/ledger.rs", "the ledger: a claim whose pace is used up is put back"),
    ("platform/jobs/relay.rs", "the ledger: what is due, of whomever"),
    ("privacy/store.rs", "which organizations keep something only for a time"),
];

/// Files that step out of the tenant's role for a statement that names the organization itself, and why.
const STEP_OUT: &[(&str, &str)] = &[
    ("accounts/store/personal.rs", "the audit log is append-only for tenants: erasure and retention"),
    ("compliance/store/personal.rs", "so are the consent ledger and the block list: erasure"),
];

#[test]
fn few_files_work_outside_tenants_and_none_steps_up() {
    fn walk(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() { walk(&path, files) } else { files.push(path) }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut files, mut outside) = (Vec::new(), BTreeSet::new());
    walk(&root, &mut files);
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "rs")) {
        let path = file.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
        let text = std::fs::read_to_string(file).expect("read");
        let code: Vec<&str> = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
        if code.iter().any(|l| [".system()", ".system_lookup()", ".pool()", "self.pool"].iter().any(|n| l.contains(n)))
        {
            outside.insert(path.clone());
        }
        let steps_out = code.iter().any(|l| l.contains(".step_out()"));
        assert_eq!(
            steps_out,
            STEP_OUT.iter().any(|(file, _)| *file == path),
            "{path}: stepping out of the tenant's role"
        );
        // A transaction of a tenant is one of the owner who stepped down: no statement may step up again.
        for word in [
            "RESET ROLE",
            "SET ROLE",
            "SET LOCAL ROLE",
            "RESET ALL",
            "DISCARD",
            "SESSION AUTHORIZATION",
            "row_security",
        ] {
            let said = code.iter().any(|l| l.contains(word) && !l.contains("allowed to SET ROLE"));
            // "RESET ROLE" holds "SET ROLE".
            let may = path == "platform/db.rs" || (path == "platform/idempotency.rs" && word.ends_with("SET ROLE"));
            assert!(!said || may, "{path} says {word}");
        }
    }
    let listed: BTreeSet<String> = OUTSIDE_TENANTS.iter().map(|(file, _)| (*file).to_owned()).collect();
    let new: Vec<&String> = outside.difference(&listed).collect();
    let gone: Vec<&String> = listed.difference(&outside).collect();
    assert!(new.is_empty(), "works outside tenants, unlisted: {new:?}");
    assert!(gone.is_empty(), "take these off the list: {gone:?}");
}
