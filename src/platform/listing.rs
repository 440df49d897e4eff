//! Queries of lists: fixed text, bound filters, one of the orders offered, one page by key. Only stores use it.

use sqlx::{FromRow, Postgres, QueryBuilder, Row, postgres::PgRow};
use uuid::Uuid;

use super::{
    db::Tx,
    http::{Order, Page, SortKind},
};
use crate::platform::http::SortValue;

/// A list of one organization's rows in the making.
///
/// ```ignore
/// let mut list = List::new(tx, &order, "c.id", "c.id, c.name, c.created_at", "contacts c", "c.organization_id");
/// list.filter("c.phone_number = ", filter.phone_number);
/// list.page::<Contact>(tx).await
/// ```
pub struct List<'a> {
    order: &'a Order,
    id: &'static str,
    query: QueryBuilder<Postgres>,
}

impl<'a> List<'a> {
    /// `id` is the column that breaks ties, `organization` the one that holds the tenant. All four texts are constants of the program.
    pub fn new(
        tx: &Tx,
        order: &'a Order,
        id: &'static str,
        columns: &'static str,
        from: &'static str,
        organization: &'static str,
    ) -> Self {
        let mut query = QueryBuilder::new("SELECT ");
        query.push(columns).push(", ").push(order.key.sql).push(" AS list_sort_value, ").push(id).push(" AS list_id");
        query.push(" FROM ").push(from).push(" WHERE ").push(organization).push(" = ");
        query.push_bind(tx.organization_id().0);
        Self { order, id, query }
    }

    /// A list of the whole installation's rows, for a system transaction.
    pub fn of_installation(order: &'a Order, id: &'static str, columns: &'static str, from: &'static str) -> Self {
        let mut query = QueryBuilder::new("SELECT ");
        query.push(columns).push(", ").push(order.key.sql).push(" AS list_sort_value, ").push(id).push(" AS list_id");
        query.push(" FROM ").push(from).push(" WHERE true");
        Self { order, id, query }
    }

    /// Narrows the list where there is a value: `list.filter("status = ", status)`.
    pub fn filter<T>(&mut self, condition: &'static str, value: Option<T>)
    where
        T: for<'q> sqlx::Encode<'q, Postgres> + sqlx::Type<Postgres> + Send + 'static,
    {
        if let Some(value) = value {
            self.query.push(" AND ").push(condition).push_bind(value);
        }
    }

    /// Narrows to rows that another table of the tenant's knows by a value: `before` ends where the organization stands, `then` where the
    /// value does.
    pub fn lookup(&mut self, tx: &Tx, before: &'static str, then: &'static str, value: Option<String>) {
        if let Some(value) = value {
            self.query
                .push(" AND ")
                .push(before)
                .push_bind(tx.organization_id().0)
                .push(then)
                .push_bind(value)
                .push(")");
        }
    }

    /// The query so far, for what narrows by more than a value: it begins with AND.
    pub fn query(&mut self) -> &mut QueryBuilder<Postgres> {
        &mut self.query
    }

    /// Narrows to rows where the column is one of these: `list.any_of("m.contact_id", ids)`.
    pub fn any_of(&mut self, column: &'static str, values: Option<Vec<Uuid>>) {
        match values.as_deref() {
            None => {}
            // One value is what the planner knows best.
            Some([one]) => {
                self.query.push(" AND ").push(column).push(" = ").push_bind(*one);
            }
            Some(_) => {
                self.query.push(" AND ").push(column).push(" = ANY(").push_bind(values).push(")");
            }
        }
    }

    /// Narrows by a condition of its own: `list.condition(archived, "archived_at IS NOT NULL")`.
    pub fn condition(&mut self, wanted: bool, condition: &'static str) {
        if wanted {
            self.query.push(" AND ").push(condition);
        }
    }

    /// Narrows to rows of which one of the expressions holds the text, in any case.
    pub fn search(&mut self, expressions: &[&'static str], text: Option<&str>) {
        let Some(text) = text.map(str::trim).filter(|t| !t.is_empty()) else { return };
        let pattern = format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        self.query.push(" AND (");
        for (n, expression) in expressions.iter().enumerate() {
            self.query.push(if n == 0 { "" } else { " OR " }).push(*expression).push(" ILIKE ");
            self.query.push_bind(pattern.clone());
        }
        self.query.push(")");
    }

    /// Reads the page.
    pub async fn page<T>(mut self, tx: &mut Tx) -> Result<Page<T>, sqlx::Error>
    where
        T: for<'r> FromRow<'r, PgRow>,
    {
        let (order, sql) = (self.order, self.order.key.sql);
        if let Some(after) = &order.after {
            self.query.push(" AND (").push(sql).push(", ").push(self.id);
            self.query.push(if order.descending { ") < (" } else { ") > (" });
            match &after.value {
                SortValue::Time(at) => self.query.push_bind(*at),
                SortValue::Text(text) => self.query.push_bind(text.clone()),
                SortValue::Number(n) => self.query.push_bind(*n),
                SortValue::Id(id) => self.query.push_bind(*id),
            };
            self.query.push(", ").push_bind(after.id).push(")");
        }
        let direction = if order.descending { " DESC" } else { " ASC" };
        self.query.push(" ORDER BY ").push(sql).push(direction).push(", ").push(self.id).push(direction);
        self.query.push(" LIMIT ").push_bind(order.limit as i64 + 1);
        let mut rows = self.query.build().fetch_all(&mut **tx).await?;
        let more = rows.len() > order.limit;
        rows.truncate(order.limit);
        let next_cursor = match rows.last() {
            Some(last) if more => {
                let value = match order.key.kind {
                    SortKind::Time => SortValue::Time(last.try_get("list_sort_value")?),
                    SortKind::Text => SortValue::Text(last.try_get("list_sort_value")?),
                    SortKind::Number => SortValue::Number(last.try_get("list_sort_value")?),
                    SortKind::Id => SortValue::Id(last.try_get("list_sort_value")?),
                };
                order.cursor(value, last.try_get::<Uuid, _>("list_id")?)
            }
            _ => None,
        };
        let items = rows.iter().map(T::from_row).collect::<Result<_, _>>()?;
        Ok(Page { items, next_cursor })
    }
}
