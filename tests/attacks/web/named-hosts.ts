// A browser for which names under .test are this machine, so that one site can be told from another as on the internet.
import { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Browser, chromium } from 'playwright-core';

const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

export function browserOfNamedHosts(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [...quiet, '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP *.test 127.0.0.1'],
  });
}

/** What an attacker serves: an empty page, or whatever `answer` says. */
export class OtherSite implements AsyncDisposable {
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) =>
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Other</title>');
  readonly #server: Server = createServer((request, response) => this.answer(request, response));

  static async start(): Promise<OtherSite> {
    const site = new OtherSite();
    site.#server.listen(0, '127.0.0.1');
    await once(site.#server, 'listening');
    return site;
  }

  get port(): number {
    const { port } = this.#server.address() as AddressInfo;
    return port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
