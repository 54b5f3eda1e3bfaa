# Listens to what goes over a container's network. Built for the tests alone.
FROM node:26-trixie-slim
RUN apt-get -q update && apt-get -qy install --no-install-recommends tcpdump && rm -rf /var/lib/apt/lists/*
ENTRYPOINT ["tcpdump"]
