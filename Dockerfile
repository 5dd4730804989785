# syntax=docker/dockerfile:1
# amd64 and arm64 on Node 24. The last Node with official 32-bit ARM builds is 22, and better-sqlite3 ships no binary
# for arm/v7, so the build stage compiles it there (about ten minutes under emulation).
FROM node:24-bookworm-slim AS base-amd64
FROM node:24-bookworm-slim AS base-arm64
FROM node:22-bookworm-slim AS base-arm

FROM base-${TARGETARCH} AS build
ARG TARGETARCH
WORKDIR /build
RUN if [ "$TARGETARCH" = arm ]; then \
      apt-get update && apt-get install -y --no-install-recommends python3 make g++ && rm -rf /var/lib/apt/lists/*; \
    fi
COPY package.json package-lock.json tsconfig.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY scripts/rolldown.config.ts scripts/rolldown.config.ts
COPY src src
COPY migrations migrations
COPY profiles profiles
RUN npm run build && npm prune --omit=dev --no-audit --no-fund
RUN if [ "$TARGETARCH" = arm ]; then npx --yes node-gyp rebuild --release --directory node_modules/better-sqlite3; fi
RUN node dist/cli.js --version

FROM base-${TARGETARCH}
ENV NODE_ENV=production GATEWAY_DATA_DIR=/data NODE_OPTIONS="--max-old-space-size=96 --max-semi-space-size=2" MALLOC_ARENA_MAX=2
WORKDIR /app
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY --from=build /build/migrations migrations
COPY --from=build /build/profiles profiles
COPY package.json ./
RUN ln -s /app/dist/cli.js /usr/local/bin/gateway && chmod +x dist/cli.js && install -d -o node -g node -m 0700 /data
USER node
VOLUME /data
# 0 = ok or degraded, 4 = a person must act: both mean the daemon lives. A broken token must not restart the container.
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s \
  CMD ["sh", "-c", "gateway status >/dev/null || [ $? -eq 4 ]"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["run"]
