// Exits 0 where node_modules holds each package that package-lock.json names, as npm's own list of what it has put there says.
// For any Node that npm comes with, since the project's own may not be there yet.
const { existsSync, readFileSync } = require('node:fs');

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return {};
  }
}

const wanted = packagesIn('package-lock.json');
const there = packagesIn('node_modules/.package-lock.json');
const isThere = (path) => {
  const { version, integrity, resolved, optional } = wanted[path];
  const found = there[path];
  // What is optional may be for another system.
  if (found === undefined) return optional === true;
  return found.version === version && found.integrity === integrity && found.resolved === resolved && existsSync(path);
};
const paths = Object.keys(wanted).filter((path) => path.includes('node_modules/'));
process.exitCode = paths.every(isThere) && existsSync('node_modules/.bin/node') ? 0 : 1;
