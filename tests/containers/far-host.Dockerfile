# A machine as a stranger has it: Debian with systemd, a person who may use sudo, and nothing of ours. Built for the tests alone.
FROM node:26-trixie-slim
RUN apt-get -q update \
 && DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends systemd systemd-sysv curl wget sudo \
 && rm -rf /var/lib/apt/lists/* /usr/local/bin/node /usr/local/lib/node_modules \
 && useradd --create-home --shell /bin/bash pat \
 && echo 'pat ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/pat
COPY far-host-init /usr/local/sbin/
STOPSIGNAL SIGRTMIN+3
ENTRYPOINT ["/usr/local/sbin/far-host-init"]
