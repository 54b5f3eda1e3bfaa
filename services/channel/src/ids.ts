/** PROTOCOL.md, Parties and keys: 16 bytes, a node's or the master's. */
export const idBytes = 16;

/** PROTOCOL.md, Parties and keys: 16 bytes, drawn at each start of a node's program. */
export const instanceBytes = 16;

/** The target of a broadcast, and never a sender. */
export const everyone: Uint8Array = new Uint8Array(idBytes);
