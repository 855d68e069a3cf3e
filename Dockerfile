# One file, one build, three small images: runner (with ffmpeg), frame-node and metric-node.

FROM node:20-bookworm-slim AS page
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock clippy.toml ./
COPY crates crates
COPY tests tests
RUN cargo build --release --locked -p frame-node -p metric-node
# Last, because only the runner embeds the page.
COPY --from=page /src/frontend/dist frontend/dist
RUN cargo build --release --locked -p runner

FROM debian:bookworm-slim AS base
RUN useradd --system --uid 10001 --no-create-home streamview
USER streamview

FROM base AS frame-node
COPY --from=build /src/target/release/frame-node /usr/local/bin/
ENTRYPOINT ["frame-node"]

FROM base AS metric-node
COPY --from=build /src/target/release/metric-node /usr/local/bin/
ENTRYPOINT ["metric-node"]

FROM base AS runner
USER root
RUN apt-get update \
 && apt-get install -y --no-install-recommends ffmpeg \
 && rm -rf /var/lib/apt/lists/*
USER streamview
COPY --from=build /src/target/release/runner /usr/local/bin/
EXPOSE 8000 5555
ENTRYPOINT ["runner"]
