// Who is signed in. The browser holds a random token, the store its hash: a copy of the database signs nobody in.
import { createHash, randomBytes } from 'node:crypto';
import type { Store, WebSession } from '../store/store.ts';

const hourMs = 3_600_000;
/** Without use. */
const idleMs = 12 * hourMs;
const longestMs = 30 * 24 * hourMs;
/** A use is written down no more often. */
const useMs = 60_000;
const sessionsPerName = 32;
const tokenForm = /^[A-Za-z0-9_-]{43}$/;

export class WebSignIns {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #ended: (hash: string) => void;

  /** `ended` hears the hash of each session that ends before its time. */
  constructor(store: Store, now: () => number, ended: (hash: string) => void) {
    this.#store = store;
    this.#now = now;
    this.#ended = ended;
  }

  /** Gives the token of a new session: 256 bits as base64url. */
  begin(name: string): string {
    const nowMs = this.#now();
    const token = randomBytes(32).toString('base64url');
    const { webSessions } = this.#store;
    const gone = this.#store.transaction(() => {
      const old = webSessions.prune(nowMs - idleMs, nowMs - longestMs);
      webSessions.add({ hash: hashOf(token), name, created: nowMs, used: nowMs });
      return [...old, ...webSessions.trim(name, sessionsPerName)];
    });
    for (const hash of gone) this.#ended(hash);
    return token;
  }

  /** The session that `token` opens; its time begins anew. */
  use(token: string | undefined): WebSession | undefined {
    if (token === undefined || !tokenForm.test(token)) return undefined;
    return this.useHash(hashOf(token));
  }

  useHash(hash: string): WebSession | undefined {
    const nowMs = this.#now();
    const session = this.#store.webSessions.find(hash);
    if (session === undefined) return undefined;
    if (nowMs - session.used >= idleMs || nowMs - session.created >= longestMs) {
      this.end(hash);
      return undefined;
    }
    if (nowMs - session.used >= useMs) this.#store.webSessions.use(hash, nowMs);
    return session;
  }

  end(hash: string): void {
    this.#store.webSessions.remove(hash);
    this.#ended(hash);
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
