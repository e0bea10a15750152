# syntax=docker/dockerfile:1
# Two images from one file: `docker build .` scores on the CPU; `docker build --target cuda .` on an NVIDIA GPU, whose
# driver the container runtime brings in. Neither needs to write anywhere but to /var/lib/selenoscan and /tmp.
ARG NODE=node:24.21.0-bookworm-slim

FROM ${NODE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts/ensure-built.js scripts/build-page.js scripts/build-kernels.js scripts/
COPY src src
# The build of first use, done here: the image carries no sources, so nothing is compiled when it starts.
RUN node --input-type=module -e "import('./scripts/ensure-built.js').then((m) => m.ensureBuilt())" \
 && npm prune --omit=dev

FROM build AS build-cpu
# Debian's own versions are those of the release that the base image pins.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 python3-pip \
 && rm -rf /var/lib/apt/lists/*
COPY scripts/engine-openvino.js scripts/
COPY scripts/engines scripts/engines
# OpenVINO from PyPI by a pinned digest; there is none for other processors, where onnxruntime scores.
RUN mkdir -p engines \
 && if [ "$(uname -m)" = x86_64 ]; then npm run --silent engine:openvino; fi

FROM build AS build-cuda
# Debian's own versions are those of the release that the base image pins.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ make python3 python3-pip \
 && rm -rf /var/lib/apt/lists/*
COPY scripts/engine-tensorflow.js scripts/
COPY scripts/engine-tensorflow scripts/engine-tensorflow
COPY scripts/engines scripts/engines
# TensorFlow for CUDA 12 with NVIDIA's libraries, from PyPI by pinned digests; headers serve the build alone.
RUN npm run --silent engine:tensorflow -- cuda \
 && rm -rf node_modules/@tensorflow/tfjs-node-gpu/deps/include

FROM ${NODE} AS base
ENV NODE_ENV=production \
    SELENOSCAN_ARCHIVE_DOWNLOAD_DIR=/var/lib/selenoscan
WORKDIR /app
COPY package.json README.md LICENSE ./
COPY bin bin
COPY scripts/ensure-built.js scripts/build-page.js scripts/build-kernels.js scripts/
COPY config config
COPY migrations migrations
COPY models models
COPY data data
RUN mkdir -p /var/lib/selenoscan && chown 1000:1000 /var/lib/selenoscan
VOLUME /var/lib/selenoscan
# By number, so that a cluster can see that it is not root: the user `node` of the base image.
USER 1000
EXPOSE 8080
# To reach it from outside set SELENOSCAN_HTTP_HOST=0.0.0.0 and SELENOSCAN_HTTP_TOKEN (or its _FILE).
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/selenoscan.js"]
CMD ["run"]

FROM base AS cuda
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    SELENOSCAN_SCORING_ENGINE=tensorflow \
    SELENOSCAN_SCORING_DEVICE=gpu
COPY --from=build-cuda /app/node_modules node_modules
COPY --from=build-cuda /app/dist dist

FROM base AS cpu
COPY --from=build-cpu /app/node_modules node_modules
COPY --from=build-cpu /app/dist dist
COPY --from=build-cpu /app/engines engines
