// Who may come to the data ports, where the operator has somebody else than the roster decide. Who was removed stays out whatever
// that says, and what cannot be told means no.
import type { Admits, Verdict } from '@sealcast/hop/admission';
import type { Store } from '../store/store.ts';

type Decider = 'mq_zap_file' | 'mq_zap_command';
export type Question = Parameters<Admits>[0] & {
  /** Whether the roster or the relays know the hop key; under NULL, where all show the same, everybody is. */
  isKnown: boolean;
};

/** Asked about `data` alone. */
export interface BackEnd {
  /** The setting that names it. */
  readonly setting: Decider;
  allows(question: Question): boolean | Promise<boolean>;
}

export interface Doorkeeping {
  store: Store;
  /** What the roster and the relays say of a hop key. */
  roster: (hopKey: Uint8Array) => Verdict;
  /** Instead of them. */
  backEnd: BackEnd | undefined;
  /** Hears what the back end says of a hop key that they would let in. */
  decided: (hopKey: Uint8Array, isAllowed: boolean, by: Decider) => void;
}

/** Under NULL, which tells nobody apart, everybody is let in whom no back end refuses. */
export function admission({ store, roster, backEnd, decided }: Doorkeeping): Admits {
  const isRemoved = (hopKey: Uint8Array) => {
    const hex = Buffer.from(hopKey).toString('hex');
    return roster(hopKey) === false && (store.hopKeys.isRemoveds(hex) || store.relays.isRemoved(hex));
  };
  return async (request) => {
    const { mechanism, hopKey } = request;
    if (backEnd === undefined) return mechanism === 'null' ? true : roster(hopKey);
    const isKnown = mechanism === 'null' || roster(hopKey) !== false;
    if (!isKnown && isRemoved(hopKey)) return false;
    let isAllowed = false;
    try {
      isAllowed = await backEnd.allows({ ...request, isKnown });
    } finally {
      if (mechanism !== 'null' && roster(hopKey) !== false) decided(hopKey, isAllowed, backEnd.setting);
    }
    if (!isAllowed) return false;
    if (mechanism === 'null') return true;
    // Looked at again: a node may be removed while the back end thinks.
    return isRemoved(hopKey) ? false : roster(hopKey) || true;
  };
}
