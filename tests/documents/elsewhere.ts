// Commands of the documents that no test types, since what every change goes through runs them, and where.
export const elsewhere: Record<string, { file: string; as: string }> = {
  './scripts/test': { file: '.ci/run', as: './scripts/test' },
  './scripts/docker-host': { file: '.ci/run', as: 'scripts/docker-host --arm64 ||' },
  'npm ci': { file: 'scripts/test', as: 'npm ci &&' },
};

/** What no test types yet: the overlay's relay is tested, and this one of README was not seen to work on every machine. */
export const untyped = [
  'docker build -f Dockerfile.node --target relay -t sealcast-relay .',
  "docker run -d --name sealcast-relay --restart unless-stopped --init --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges -v sealcast-relay:/var/lib/sealcast/relay -p 36500-36503:36500-36503 -e mq_upstream='sealcast-hop1:…' -e mq_public_host=relay.lan sealcast-relay",
  'docker cp sealcast-relay:/var/lib/sealcast/relay/hop-line - | tar -xO',
];
