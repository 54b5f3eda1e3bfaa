// The terminal: what was said above, what is being typed below.
import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline';
import { styleText } from 'node:util';

const { stdin, stdout } = process;
const colours = ['cyan', 'green', 'yellow', 'magenta', 'blue'] as const;

export class Screen {
  readonly #terminal = createInterface({ input: stdin, output: stdout, prompt: styleText('dim', '› ') });
  readonly lines = this.#terminal[Symbol.asyncIterator]();

  #isOpen = true;

  constructor() {
    this.#terminal.on('close', () => {
      this.#isOpen = false;
      if (stdout.isTTY) stdout.write('\n');
    });
    // What was typed goes away, and comes back when the room says it.
    this.#terminal.on('line', (line) => this.#write('', 1 + Math.floor((line.length + 2) / (stdout.columns || 80))));
  }

  async ask(question: string): Promise<string> {
    this.show(`\t${question}`);
    return String((await this.lines.next()).value).trim();
  }

  /** `said` is a name, a tab and a text; without a name, it is no guest who speaks. */
  show(said: string): void {
    const [name = '', text = ''] = said.split('\t');
    const colour = colours[Buffer.from(name).reduce((sum, byte) => sum * 7 + byte, 0) % colours.length] ?? 'cyan';
    this.#write(name === '' ? `${styleText('dim', text)}\n` : `${styleText(['bold', colour], name)}  ${text}\n`);
  }

  #write(text: string, rowsUp = this.#terminal.getCursorPos().rows): void {
    if (!stdout.isTTY || !this.#isOpen) return void stdout.write(text);
    moveCursor(stdout, 0, -rowsUp);
    cursorTo(stdout, 0);
    clearScreenDown(stdout);
    stdout.write(text);
    this.#terminal.prompt(true);
  }
}
