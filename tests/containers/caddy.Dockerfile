# A proxy that somebody may have in front already. Built for the tests alone.
FROM node:26-trixie-slim
RUN apt-get -q update && apt-get -qy install --no-install-recommends caddy && rm -rf /var/lib/apt/lists/*
USER 36500:36500
ENV HOME=/tmp
ENTRYPOINT ["caddy", "run", "--adapter", "caddyfile", "--config"]
