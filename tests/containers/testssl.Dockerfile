# Looks at a server's TLS as testssl.sh does. Built for the tests alone.
FROM node:26-trixie-slim
RUN apt-get -q update && apt-get -qy install --no-install-recommends testssl.sh && rm -rf /var/lib/apt/lists/*
ENTRYPOINT ["testssl"]
