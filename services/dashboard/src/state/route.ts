import { signal } from '@preact/signals';

export type Route =
  | { page: 'fleet' }
  | { page: 'node'; id: string }
  | { page: 'broadcasts' }
  | { page: 'add' }
  | { page: 'security' };

export const links = {
  fleet: '#/',
  broadcasts: '#/broadcasts',
  add: '#/add',
  security: '#/security',
  node: (id: string) => `#/nodes/${id}`,
} as const;

function parseRoute(hash: string): Route {
  const node = /^#\/nodes\/([0-9a-f]{32})$/.exec(hash)?.[1];
  if (node !== undefined) return { page: 'node', id: node };
  if (hash === links.broadcasts) return { page: 'broadcasts' };
  if (hash === links.add) return { page: 'add' };
  if (hash === links.security) return { page: 'security' };
  return { page: 'fleet' };
}

export const route = signal<Route>(parseRoute(location.hash));

// A long fleet is left for a node and come back to: the place in it is kept.
const places = new Map<string, number>();
let current = location.hash;
history.scrollRestoration = 'manual';

addEventListener('hashchange', () => {
  places.set(current, scrollY);
  current = location.hash;
  route.value = parseRoute(current);
  const place = route.value.page === 'fleet' ? (places.get(current) ?? 0) : 0;
  requestAnimationFrame(() => scrollTo({ top: place, behavior: 'instant' }));
});
