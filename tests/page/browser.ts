// A browser that looks at the page as a person does, and that hears every complaint of the page.
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stack } from '../stack/stack.ts';

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const phone = { width: 360, height: 740 };

/** A visitor's window. What the page complained of is asserted where it is closed. */
export class Visit implements AsyncDisposable {
  readonly page: Page;
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('dialog', (dialog) => {
      this.complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        this.complaints.push(`${message.text()} ${message.location().url}`);
      }
    });
  }

  static async open(browser: Browser, stack: Stack, options: BrowserContextOptions = {}): Promise<Visit> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const visit = new Visit(await context.newPage());
    await visit.page.goto(`${stack.url}/`);
    return visit;
  }

  async signIn(stack: Stack): Promise<void> {
    const password = (await readFile(join(stack.keys, 'admin.password'), 'utf8')).trim();
    await this.trySigningIn('admin', password);
    await this.page.getByRole('navigation', { name: 'Pages' }).waitFor();
    // That nobody was signed in is asked once, and Chromium reports the 401.
    this.pardon(/401 .*\/api\/session$/);
  }

  async trySigningIn(name: string, password: string): Promise<void> {
    await this.page.getByLabel('Name').fill(name);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  /** Takes complaints back that a test has brought about on purpose. */
  pardon(expected: RegExp): void {
    const kept = this.complaints.filter((complaint) => !expected.test(complaint));
    this.complaints.splice(0, this.complaints.length, ...kept);
  }

  goTo(name: 'Fleet' | 'Broadcasts' | 'Add a node' | 'Security'): Promise<void> {
    return this.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();
  }

  /** The card of the node of that name. */
  card(name: string): Locator {
    return this.page.getByRole('article').filter({ has: this.page.getByRole('heading', { name, exact: true }) });
  }

  /** Waits until it is there to be seen. */
  async sees(what: Locator | string): Promise<true> {
    await (typeof what === 'string' ? this.page.getByText(what) : what).waitFor();
    return true;
  }

  /** Pixels that the page is wider than its window. */
  overhang(): Promise<number> {
    return this.page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  }

  /** Pixels that what is in a box is wider than the box. */
  async overhangIn(box: Locator): Promise<number> {
    return await box.evaluate((element) => element.scrollWidth - element.clientWidth);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
    if (this.complaints.length > 0) throw new Error(`the page complained:\n${this.complaints.join('\n')}`);
  }
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: quiet });
}
