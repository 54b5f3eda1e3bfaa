// A request, byte for byte, as no HTTP client would write it.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

export interface RawAnswer {
  status: number;
  /** In order, without the date. */
  headers: string[];
  body: string;
}

/** `lines` are the request line and the headers, each sent as it stands. */
export async function rawRequest(port: number, lines: string[], body = ''): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  // Not ended: a server may drop a request whose sender has nothing more to say.
  socket.write(Buffer.from([...lines, 'Connection: close', '', body].join('\r\n'), 'latin1'));
  const [head = '', ...rest] = (await text(socket)).split('\r\n\r\n');
  const [statusLine = '', ...headers] = head.split('\r\n');
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: headers.filter((header) => !/^date:/i.test(header)),
    body: rest.join('\r\n\r\n'),
  };
}
