# syntax=docker/dockerfile:1
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/ensure-built.js scripts/build-page.js scripts/
COPY src src
# The build of first use, done here: the image carries no sources, so nothing is compiled when it starts.
RUN node --input-type=module -e "import('./scripts/ensure-built.js').then((m) => m.ensureBuilt())" \
 && npm prune --omit=dev

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json README.md ./
COPY bin bin
COPY scripts/ensure-built.js scripts/build-page.js scripts/
COPY config config
COPY migrations migrations
COPY models models
COPY data data
USER node
EXPOSE 8080
# To reach it from outside set SELENOSCAN_HTTP_HOST=0.0.0.0 and SELENOSCAN_HTTP_TOKEN.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD node -e "fetch('http://127.0.0.1:8080/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
ENTRYPOINT ["node", "bin/selenoscan.js"]
CMD ["run"]
