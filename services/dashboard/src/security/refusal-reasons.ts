import { type Reason, suspect, usual } from './reason.ts';

/** PROTOCOL.md, Error codes. */
export const refusalReasons: Readonly<Record<string, Reason>> = {
  'frame.parts': suspect('A message of another number of parts than its port takes: not what a node sends.'),
  'frame.length': suspect('A frame of a length that no message has: not what a node sends.'),
  'frame.version': usual('A frame of another version of the protocol: an older or a newer node.'),
  'frame.suite': usual('A frame of another cipher suite: an older or a newer node.'),
  'frame.kind': usual('A kind of message that is not taken here: an older or a newer node, or another program.'),
  'frame.flags': suspect('A frame with a flag set, where none may be: not what a node sends.'),
  'key.unknown': usual(
    'No live key has the id that the frame names: a node that has to join anew, as after a restart.',
  ),
  'sequence.limit': suspect('A sequence number that is 0 or beyond the limit: no node counts so.'),
  'seal.open': suspect(
    'The seal does not open: the frame was changed on its way, or made by somebody without the key.',
  ),
  'sequence.replayed': suspect('A frame that came before, or is too old to tell: recorded and sent again.'),
  'payload.kind': suspect('The kind inside the seal is another than the one outside: the outside was tampered with.'),
  'payload.encoding': suspect('A node’s own message that is not well encoded: a defective program, or one taken over.'),
  'payload.schema': suspect('A node’s own message that says what it may not: a defective program, or one taken over.'),
  'rate.exceeded': suspect('A node says more than its allowance: a program that runs wild, or a flood.'),
  'signature.hello': suspect('Somebody joins as a node without the key that proves to be it.'),
  'signature.offer': suspect('An offer that the master did not sign: somebody poses as the master.'),
  'signature.refusal': suspect('A refusal that the master did not sign: somebody poses as the master.'),
  'signature.broadcast': suspect('A broadcast that the master did not sign: somebody poses as the master.'),
  'signature.rotate': suspect(
    'A new identity for a node that its old one did not sign, or that does not sign for itself.',
  ),
  'join.open': suspect('A join that this master’s key does not open: made for another master, or made up.'),
  'join.version': usual('A node that speaks no version of the protocol that this master does.'),
  'join.key': suspect('A join with a key or an id that is malformed, as no node makes them.'),
  'join.identity': suspect(
    'Somebody joins with a node’s id and another identity, or with its identity and another id.',
  ),
  'join.removed': usual('A node that was removed still tries to join: its program runs on.'),
  'join.cloned': suspect('A second machine joins with the identity of a node that is running: a copied disk or card.'),
  'join.invite': suspect('A join with an invite that was withdrawn or never made here.'),
  'join.invite-spent': usual(
    'A join with an invite that was used before: pasted on a second machine, or after a state folder was lost.',
  ),
  'join.invite-expired': usual('A join with an invite that is past its time.'),
  'join.confirm': suspect('A confirmation that belongs to another join: the two do not hold the same keys.'),
  'join.busy': suspect(
    'More joins at once than are held open: a flood, or a very large fleet that comes back together.',
  ),
  'epoch.rollback': suspect('A broadcast key that is not newer than the one before: an old one sent again.'),
  'command.target': suspect('An order that is for somebody else.'),
  'command.expired': usual('An order that came after its time, to a node that was away.'),
  'invite.malformed': usual('A line that is not an invite, or was cut when it was copied.'),
  'hop.malformed': usual('A line that is not a hop line, or was cut when it was copied.'),
};
