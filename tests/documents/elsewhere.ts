// Commands of the documents that no test types, since what every change goes through runs them, and where.
export const elsewhere: Record<string, { file: string; as: string }> = {
  './scripts/test': { file: '.ci/run', as: './scripts/test' },
  './scripts/docker-host': { file: '.ci/run', as: 'scripts/docker-host --arm64 ||' },
  'npm ci': { file: 'scripts/packages', as: 'npm ci --loglevel=error' },
};
