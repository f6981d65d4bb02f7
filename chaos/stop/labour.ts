import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ended } from '../../e2e/harness/child.ts';
import type { House, Up } from '../../e2e/harness/house.ts';
import { until } from '../../e2e/harness/wait.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type Order = 'more' | 'enough' | 'hang';

/** One line that the third process wrote: when it arrived there, and what it says. */
export interface Line {
  readonly at: number;
  readonly verb: string;
  readonly name: string;
  readonly cause: string | undefined;
}

/** Of a name such as `heeding-12-1763740000000` or, of one step, `heeding-12-1763740000000-7`: the work it belongs to. */
export function workOf(name: string): string {
  return name.split('-').slice(0, 3).join('-');
}

/** A house whose tickets are worked by `fixtures/labour` until the third process says that it is enough. */
export class Labour {
  readonly house: House;
  readonly #env: Readonly<Record<string, string>>;
  readonly #log: string;
  #outside = '';
  #added = 0;
  #marks = 0;
  #life = '';
  #up: Up | undefined;

  constructor(house: House, env: Readonly<Record<string, string>> = {}) {
    this.house = house;
    this.#env = env;
    this.#log = house.file('outside.log', '');
  }

  /** Installs the plugin as an operator's project would have it, and starts the third process. */
  async prepare({ isTrusted }: { readonly isTrusted: boolean }): Promise<void> {
    const { house } = this;
    const outside = house.startNode([join(root, 'chaos', 'stop', 'outside.ts'), this.#log]);
    const port = await until('the third process', () => /^\d+$/m.exec(outside.stdout)?.[0]);
    this.#outside = `http://127.0.0.1:${port}/`;
    const modules = join(house.box, 'node_modules');
    mkdirSync(join(modules, '@kora'), { recursive: true });
    symlinkSync(join(root, 'packages', 'runtime'), join(modules, '@kora', 'runtime'));
    const plugin = join(modules, 'kora-plugin-labour');
    cpSync(join(root, 'fixtures', 'labour'), plugin, { recursive: true });
    writeFileSync(join(plugin, 'outside'), this.#outside);
    house.file('package.json', { private: true, dependencies: { 'kora-plugin-labour': '1.0.0' } });
    house.file('kora.json', { plugins: { trusted: isTrusted ? ['labour'] : [] } });
  }

  /** Starts the runtime on this home. */
  async raise(): Promise<Up> {
    this.#life = await this.mark();
    this.#up = await this.house.up([], { env: this.#env });
    return this.#up;
  }

  /** The runtime that was raised last. */
  get up(): Up {
    if (this.#up === undefined) throw new Error('raise it first');
    return this.#up;
  }

  /** Once for a store: leave to take steps, and tickets of both kinds, until work is in full swing. */
  async begin(eachKind: number): Promise<void> {
    await this.#grant();
    const mark = await this.mark();
    await this.#add(eachKind);
    await this.inFullSwing(mark);
  }

  async #grant(): Promise<void> {
    await this.did('capability', 'grant', 'cap_labour', '--to', 'plugin:labour', '--reason', 'to be stopped');
  }

  async #add(count: number): Promise<void> {
    for (let number = 0; number < count; number += 1)
      for (const kind of ['heeding', 'heedless']) {
        this.#added += 1;
        await this.house.api().tickets.add({ kind, title: `${kind} ${this.#added}` });
      }
  }

  /** Runs a command that must succeed. */
  async did(...args: string[]): Promise<Ended> {
    const ended = await this.house.kora(...args);
    if (ended.code !== 0)
      throw new Error(`kora ${args.join(' ')}: exit ${ended.code}\n${ended.stdout}${ended.stderr}`);
    return ended;
  }

  async order(order: Order): Promise<void> {
    await fetch(`${this.#outside}order`, { method: 'POST', body: order });
  }

  /** A line among those of the work: what stands after it came after whatever the caller waited for. */
  async mark(): Promise<string> {
    this.#marks += 1;
    const name = `mark-${this.#marks}`;
    await fetch(this.#outside, { method: 'POST', body: `at ${name}` });
    return name;
  }

  lines(): Line[] {
    return readFileSync(this.#log, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((text) => {
        const [at, verb = '', name = '', cause] = text.split(' ');
        return { at: Number(at), verb, name, cause };
      });
  }

  /** What was written after a mark. */
  after(mark: string): Line[] {
    const lines = this.lines();
    return lines.slice(lines.findIndex(({ name }) => name === mark) + 1);
  }

  /** Begun by the runtime that was raised last, and neither ended nor told to stop at that time. */
  inHandAt(at: number): string[] {
    const lines = this.after(this.#life).filter((line) => line.at <= at);
    const over = new Set(
      lines.flatMap(({ verb, name }) => (verb === 'end' || verb === 'signal' ? [name] : [])),
    );
    return lines.flatMap(({ verb, name }) => (verb === 'begin' && !over.has(name) ? [name] : []));
  }

  /** Waits until the third process has so many lines of a verb after a mark. */
  async wrote(mark: string, verb: string, count: number): Promise<void> {
    await until(`${count} lines that say ${verb}`, () => {
      const lines = this.after(mark).filter((line) => line.verb === verb);
      if (lines.length >= count) return true;
      throw new Error(`${lines.length} lines say so`);
    });
  }

  /** Waits until work is in full swing: four tickets in hand, and each has taken steps after the mark. */
  async inFullSwing(mark: string): Promise<void> {
    await until('four tickets to be worked', () => {
      const calls = this.after(mark).filter(({ verb }) => verb === 'call');
      const works = new Set(calls.map(({ name }) => workOf(name)).filter((work) => work.startsWith('heed')));
      if (works.size >= 4) return true;
      throw new Error(`${works.size} are`);
    });
  }
}
