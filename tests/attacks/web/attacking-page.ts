// What a page of the attacker's does in the browser of somebody who is signed in. Runs there, so it is text here.

export interface Heard {
  /** Requests that the attacker's page was not kept from sending: that many arrive. */
  sent: number;
  /** What it could read or open. */
  got: string[];
}

/** Sends changes to `master` in every form that a browser lets another site send, and tries to read and to listen. */
export function attackOn(master: string, password: string): string {
  return `(async (master, password) => {
    const orders = [
      ['api/invites', { label: 'forged' }],
      ['api/commands', { action: { type: 'text', text: 'forged' }, targets: 'everyone' }],
      ['api/session', { name: 'admin', password }],
    ];
    let sent = 0;
    const got = [];
    const submit = (path, order, enctype) => new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.name = 'frame' + Math.random();
      document.body.append(frame);
      const form = document.createElement('form');
      Object.assign(form, { method: 'POST', enctype, action: master + path, target: frame.name });
      const field = document.createElement('input');
      const text = JSON.stringify(order);
      if (enctype === 'text/plain') Object.assign(field, { name: text.slice(0, -1) + ',"x":"', value: '"}' });
      else Object.assign(field, { name: 'body', value: text });
      form.append(field);
      document.body.append(form);
      frame.onload = () => { frame.remove(); form.remove(); resolve(); };
      form.submit();
      sent += 1;
    });
    const tell = async (what, run) => { try { got.push(what + ': ' + (await run())); } catch { /* kept from it */ } };
    const read = async (response) => response.status + ' ' + (await response.text());
    for (const [path, order] of orders) {
      const text = JSON.stringify(order);
      for (const enctype of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']) await submit(path, order, enctype);
      const formData = new FormData();
      formData.append('body', text);
      for (const body of [text, new URLSearchParams(order), formData, new Blob([text])]) {
        // It is sent, and what comes back is kept from the page.
        await tell('simple ' + path, async () => read(await fetch(master + path, { method: 'POST', mode: 'no-cors', credentials: 'include', body })));
        sent += 1;
      }
      if (navigator.sendBeacon(master + path, text)) sent += 1;
      // These are asked about before they are sent.
      const headers = { 'content-type': 'application/json' };
      await tell('json ' + path, async () => read(await fetch(master + path, { method: 'POST', credentials: 'include', headers, body: text })));
      await tell('override ' + path, async () => read(await fetch(master + path, { method: 'POST', credentials: 'include', headers: { 'x-http-method-override': 'DELETE' } })));
      await tell('delete ' + path, async () => read(await fetch(master + path, { method: 'DELETE', credentials: 'include' })));
      await tell('read ' + path, async () => read(await fetch(master + path, { credentials: 'include' })));
    }
    await tell('events', () => new Promise((resolve, reject) => {
      const events = new EventSource(master + 'api/events', { withCredentials: true });
      events.onopen = () => resolve('open');
      events.onerror = reject;
    }));
    for (const path of ['api/session?_method=DELETE', 'api/invites', 'api/nodes'])
      await tell('image ' + path, () => new Promise((resolve, reject) => {
        const image = new Image();
        image.onload = () => resolve('an image');
        image.onerror = reject;
        image.src = master + path;
      }));
    return { sent, got };
  })(${JSON.stringify(master)}, ${JSON.stringify(password)})`;
}
