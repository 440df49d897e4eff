# The dashboard.
FROM node:20-bookworm-slim AS dashboard
WORKDIR /src/admin
COPY admin/package.json admin/package-lock.json admin/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY admin/ ./
RUN npm run build

# The binary, with the dashboard inside. Queries are checked against .sqlx, so no database is needed.
FROM rust:1.95-bookworm AS binary
WORKDIR /src
ENV SQLX_OFFLINE=true
COPY Cargo.toml Cargo.lock build.rs ./
COPY .sqlx .sqlx
COPY migrations migrations
COPY src src
COPY --from=dashboard /src/admin/dist admin/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin frontdesk && cp target/release/frontdesk /usr/local/bin/frontdesk

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin frontdesk
COPY --from=binary /usr/local/bin/frontdesk /usr/local/bin/frontdesk
USER 10001
WORKDIR /tmp
ENV APP_HOST=0.0.0.0 APP_PORT=8000
EXPOSE 8000
# bash speaks HTTP well enough to ask; nothing is installed for it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${APP_PORT} && printf 'GET /api/health/live HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["frontdesk"]
CMD ["serve"]
