import { exactly, sameBytes } from './bytes.ts';
import { dataFrameMax, sessionMaxMessages } from './constants.ts';
import type { Entropy } from './entropy.ts';
import { bodyOf, envelopeKeyId, envelopeSequence, EnvelopeKey } from './envelope.ts';
import { Refusal } from './errors.ts';
import { checkHeader, type KindOptions, kinds, kindsFrom } from './frame.ts';
import { idBytes } from './ids.ts';
import { erase } from './keys.ts';
import { decodeMessage, encodeMessage, type Message } from './messages.ts';
import { ReplayWindow } from './replay-window.ts';

export type { DownMessage, Message, OtherMessage, UpMessage } from './messages.ts';

/** What a join ends with. Bytes: key id 8, topic and ids 16, keys 32. */
export interface SessionKeys {
  /** The side that this object is. */
  role: 'node' | 'master';
  keyId: Uint8Array;
  topic: Uint8Array;
  nodeId: Uint8Array;
  masterId: Uint8Array;
  /** Node to master. */
  up: Uint8Array;
  /** Master to node. */
  down: Uint8Array;
  /** The last sequence that this side used; 0 after a join. */
  sent?: number;
}

/** One side of a session (PROTOCOL.md, Sessions). Made by a join; its keys are this object's own and end with it. */
export class Session {
  /** 8 bytes, which name it in every envelope. */
  readonly keyId: Uint8Array;
  /** 16 bytes, under which the master publishes to this node. */
  readonly topic: Uint8Array;
  readonly nodeId: Uint8Array;
  readonly #entropy: Entropy;
  readonly #sealing: EnvelopeKey;
  readonly #opening: EnvelopeKey;
  readonly #otherKind: number;
  readonly #sends: ReadonlySet<number>;
  readonly #takes: ReadonlySet<number>;
  readonly #secrets: Uint8Array[];
  readonly #window = new ReplayWindow();
  #sent: number;
  #opened = 0;
  #erased = false;

  /** @throws Error where a length is wrong */
  constructor(keys: SessionKeys, entropy: Entropy, options?: KindOptions) {
    this.keyId = Uint8Array.from(exactly(8, keys.keyId, 'key id'));
    this.topic = Uint8Array.from(exactly(16, keys.topic, 'topic'));
    this.nodeId = Uint8Array.from(exactly(idBytes, keys.nodeId, 'node id'));
    const master = Uint8Array.from(exactly(idBytes, keys.masterId, 'master id'));
    const upKey = Uint8Array.from(exactly(32, keys.up, 'up key'));
    const downKey = Uint8Array.from(exactly(32, keys.down, 'down key'));
    const up = new EnvelopeKey(upKey, this.keyId, 'up', this.nodeId, master);
    const down = new EnvelopeKey(downKey, this.keyId, 'down', master, this.nodeId);
    const isNode = keys.role === 'node';
    this.#sealing = isNode ? up : down;
    this.#opening = isNode ? down : up;
    this.#otherKind = isNode ? kinds.otherUp : kinds.otherDown;
    this.#sends = kindsFrom(isNode ? 'node' : 'master', options);
    this.#takes = kindsFrom(isNode ? 'master' : 'node', options);
    this.#secrets = [upKey, downKey];
    this.#entropy = entropy;
    this.#sent = keys.sent ?? 0;
  }

  /** The last sequence that this side used: how many messages it sealed. */
  get sent(): number {
    return this.#sent;
  }

  /** The highest sequence taken from the other side. */
  get received(): number {
    return this.#window.highest;
  }

  /** The sequence of the message that `open` gave last; 0 before the first. */
  get opened(): number {
    return this.#opened;
  }

  /**
   * @returns a frame for the data port
   * @throws Error where the message is not this side's to send, does not fit its schema or the frame's limit, where the
   * session has sealed `sessionMaxMessages`, or is erased
   */
  seal(message: Message): Uint8Array {
    if (message.kind === 'command' && !sameBytes(message.body.target, this.nodeId)) {
      throw new Error("session: a command in a session has that session's node as its target");
    }
    const kind = message.kind === 'other' ? this.#otherKind : kinds[message.kind];
    return this.sealEncoded(kind, encodeMessage(message));
  }

  /**
   * Seals a body as it is.
   * @param kind one that this side sends
   * @throws Error as `seal` does
   */
  sealEncoded(kind: number, body: Uint8Array): Uint8Array {
    if (!this.#sends.has(kind)) throw new Error(`session: this side does not send kind ${kind}`);
    if (this.#erased) throw new Error('session: erased');
    if (this.#sent >= sessionMaxMessages) throw new Error(`session: has sealed ${sessionMaxMessages} messages`);
    const frame = this.#sealing.seal(kind, this.#sent + 1, body, this.#entropy);
    if (frame.length > dataFrameMax)
      throw new Error(`session: a frame of ${frame.length} bytes, above ${dataFrameMax}`);
    this.#sent++;
    return frame;
  }

  /**
   * Opens a frame of the other side (PROTOCOL.md, Opening one). What is refused before the end of step 5 changes nothing.
   * @param allows whether the other side may say more: asked once of what is authentic and new
   * @throws Refusal `frame.*`, `key.unknown` (also once erased), `sequence.limit`, `seal.open`, `sequence.replayed`,
   * `rate.exceeded`, `payload.*`, `command.target`
   */
  open(frame: Uint8Array, allows?: () => boolean): Message {
    const kind = checkHeader(frame, this.#takes, dataFrameMax);
    if (this.#erased || !sameBytes(envelopeKeyId(frame), this.keyId)) throw new Refusal('key.unknown');
    const sequence = envelopeSequence(frame, sessionMaxMessages);
    const plaintext = this.#opening.open(frame);
    if (!this.#window.isFresh(sequence)) throw new Refusal('sequence.replayed');
    if (allows && !allows()) throw new Refusal('rate.exceeded');
    this.#window.take(sequence);
    const message = decodeMessage(kind, bodyOf(plaintext, kind));
    if (message.kind === 'command' && !sameBytes(message.body.target, this.nodeId)) throw new Refusal('command.target');
    this.#opened = sequence;
    return message;
  }

  /** Zeroes the keys. From now on `open` refuses with `key.unknown` and `seal` throws. */
  erase(): void {
    this.#erased = true;
    erase(...this.#secrets);
  }
}
