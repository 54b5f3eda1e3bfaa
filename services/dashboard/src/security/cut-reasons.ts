import { type Reason, suspect, usual } from './reason.ts';

/** Why the master cuts a connection: the closed set of its front, services/hop. */
export const cutReasons: Readonly<Record<string, Reason>> = {
  'cut.handshake-time': usual('It did not show who it is in time: a line that broke, or a scanner of ports.'),
  'cut.handshake-rate': suspect(
    'One address began so many connections that they had to wait too long: a flood, or a very large site behind it.',
  ),
  'cut.handshake-bytes': suspect('More bytes than it takes to show who one is, from somebody who had not.'),
  'cut.handshake': usual(
    'Its handshake was none for this server: a node with the CURVE key of another master, or somebody who tries.',
  ),
  'cut.protocol': usual('What came is not ZeroMQ: a scanner of ports, or another program at the wrong port.'),
  'cut.mechanism': usual('A node that is set to another mechanism than this master.'),
  'cut.denied': usual('A key that is not let in: a node that was removed, one that has to join anew, or a stranger.'),
  'cut.frame': suspect('A frame above the limit of its port: no node sends one.'),
  'cut.join-bytes': suspect('More bytes at the door for joining than a join has.'),
  'cut.join-time': usual('It stood at the door for joining longer than a join takes: a node that could not join.'),
  'cut.subscriptions': suspect('More subscriptions than a node needs: they would fill the memory.'),
  'cut.unfinished': suspect('A message that does not end: it would fill the memory.'),
  'cut.address': suspect('Too many connections from one address: a flood, or a very large site behind it.'),
  'cut.crowd': suspect('Too many connections in all: a flood, or a fleet that is too large for this master.'),
  'cut.key': suspect('Too many connections with one key: a copied key, or a program that runs wild.'),
  'cut.removed': usual('The connection of a node or a relay that was removed.'),
};
