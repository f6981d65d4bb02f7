import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createKoraClient } from '@kora/runtime/client';
import type { KoraClient } from '@kora/runtime/client';
import { z } from 'zod';
import { Child, type Ended } from './child.ts';
import { connectToStore, databaseFolder, type StoreConnection } from './store.ts';
import { isStillThere, kill, processesAt, treeOf, type Living } from './processes.ts';
import { until } from './wait.ts';

const readySchema = z.object({
  event: z.literal('ready'),
  url: z.string(),
  cockpitUrl: z.string().nullable(),
  pid: z.number(),
  bootMs: z.number(),
  primaryState: z.string(),
});
export type Ready = z.infer<typeof readySchema>;

const envelopeSchema = z.object({ schemaVersion: z.literal(1), ok: z.literal(true), data: z.unknown() });

const problemSchema = z.object({
  schemaVersion: z.literal(1),
  ok: z.literal(false),
  error: z.object({ type: z.string(), code: z.string(), message: z.string(), hint: z.string().nullable() }),
});
export type Problem = z.infer<typeof problemSchema>['error'];

/** A runtime that said it is ready. */
export interface Up {
  readonly child: Child;
  readonly ready: Ready;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
}

/**
 * One home with everything that is started on it: commands run as processes of their own, in a folder outside the
 * repository, with an environment that says nothing of Kora.
 */
export class House {
  /** Everything of this house lies here. */
  readonly box: string;
  readonly home: string;
  /** Which `kora` is run, and from where: the repository's build outside of it, or a host project's own. */
  command: readonly [string, ...string[]];
  cwd: string;
  readonly #children: Child[] = [];
  readonly #seen = new Map<string, Living>();

  constructor(command: readonly [string, ...string[]] = [process.execPath, builtBin()]) {
    this.command = command;
    this.box = mkdtempSync(join(tmpdir(), 'kora-e2e-'));
    // A guest of root runs as another user, who has to reach its own package.
    chmodSync(this.box, 0o755);
    this.home = join(this.box, 'home');
    this.cwd = this.box;
    mkdirSync(join(this.box, 'user'));
  }

  /** Writes a file into the box; answers its path. */
  file(name: string, content: string | object): string {
    const path = join(this.box, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    return path;
  }

  /** Starts `kora` and does not wait for it. */
  start(args: readonly string[], { env = {}, uid }: StartOptions = {}): Child {
    const [command, ...before] = this.command;
    const child = new Child({
      command,
      args: [...before, '--home', this.home, ...args],
      cwd: this.cwd,
      env: { ...this.#environment(), ...env },
      ...(uid === undefined ? {} : { uid }),
    });
    this.#children.push(child);
    return child;
  }

  /** Starts any other Node program of this house: a server to watch, say. */
  startNode(args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
    const child = new Child({ args, cwd: this.box, env: { ...this.#environment(), ...env } });
    this.#children.push(child);
    return child;
  }

  /** `kora up` on a free port, until it is ready. Throws with everything it said when it ends before. */
  async up(args: readonly string[] = [], options: StartOptions = {}): Promise<Up> {
    return await this.isUp(this.start(['up', '--json', '--port', '0', ...args], options));
  }

  /** Waits for a `kora up --json` that was started before. */
  async isUp(child: Child): Promise<Up> {
    const ready = await until('kora up to be ready', () => {
      if (child.end !== undefined) return { ended: child.end };
      const line = child.stdout.split('\n').find((text) => text.includes('"ready"'));
      return line === undefined ? undefined : readySchema.parse(JSON.parse(line));
    });
    if ('ended' in ready)
      throw new Error(`kora up ended before it was ready: ${JSON.stringify(ready.ended)}`);
    this.remember(ready.pid);
    return { child, ready };
  }

  /** Runs `kora` to its end. */
  async kora(...args: string[]): Promise<Ended> {
    const child = this.start(args);
    const ended = await child.ended;
    this.#children.splice(this.#children.indexOf(child), 1);
    return ended;
  }

  /** Runs a reading verb with `--json`; its data, parsed, and the exit code. Throws when the answer is a refusal. */
  async read<T extends z.ZodType>(
    data: T,
    ...args: string[]
  ): Promise<{ data: z.infer<T>; code: number | null }> {
    const { code, stdout, stderr } = await this.kora(...args, '--json');
    const envelope = envelopeSchema.safeParse(parseJson(stdout));
    if (!envelope.success) throw new Error(`kora ${args.join(' ')} (exit ${code}): ${stdout}${stderr}`);
    return { data: data.parse(envelope.data.data), code };
  }

  /** Runs a command that is refused, with `--json`; the refusal and the exit code. */
  async refused(...args: string[]): Promise<{ problem: Problem; code: number | null }> {
    return refusalOf(await this.kora(...args, '--json'));
  }

  /** The API of the runtime that serves this home now. */
  api(): KoraClient {
    return createKoraClient({
      url: this.url(),
      token: this.token(),
    });
  }

  /** What the API asks for. */
  token(): string {
    return readFileSync(join(this.home, 'api-token'), 'utf8').trim();
  }

  /** Where the runtime of this home says that its API is. */
  url(): string {
    const running = z.object({ url: z.string() });
    return running.parse(JSON.parse(readFileSync(join(this.home, 'runtime.json'), 'utf8'))).url;
  }

  /** Its database, as its owner, past the runtime. The server must be running. */
  store(): Promise<StoreConnection> {
    return connectToStore(this.home);
  }

  /** Keeps in mind what a runtime has started by now, so that no end of it can hide anything. */
  remember(pid: number): void {
    for (const one of treeOf(pid)) this.#seen.set(`${one.pid} ${one.start}`, one);
  }

  /** What still runs of this home: by name, by folder, by open file, and everything ever seen below a runtime. */
  leftovers(): Living[] {
    const here = processesAt(this.#folders());
    const seen = [...this.#seen.values()].filter((one) => isStillThere(one));
    const all = new Map([...here, ...seen].map((one) => [one.pid, one]));
    return [...all.values()];
  }

  /** The database and its guardian, whoever's children they are by now. */
  databaseProcesses(): Living[] {
    const folder = databaseFolder(this.home);
    return folder === undefined ? [] : processesAt([folder]);
  }

  /** Waits until nothing of this home runs; the failure lists what does. */
  async empty(limitMs?: number): Promise<void> {
    const nothing = (): boolean => {
      const left = this.leftovers();
      if (left.length === 0) return true;
      throw new Error(left.map(({ pid, command }) => `${pid} ${command}`).join('\n'));
    };
    await until('the last process of the home to be gone', nothing, limitMs);
  }

  /** Ends what still runs and removes every file, also after a failure. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      if (child.end === undefined) child.signalGroup('SIGKILL');
    }
    const folders = this.#folders();
    // The guardian first falls with its server's folder: what it would start again has nowhere to stand.
    await until('the processes of the home to end', () => {
      for (const { pid } of this.leftovers()) kill(pid);
      return this.leftovers().length === 0;
    });
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }

  #folders(): string[] {
    const folder = databaseFolder(this.home);
    return folder === undefined ? [this.box] : [this.box, folder];
  }

  #environment(): Record<string, string> {
    const { PATH = '', LANG = 'C.UTF-8' } = process.env;
    return { PATH, LANG, HOME: join(this.box, 'user'), NO_COLOR: '1' };
  }
}

/** The refusal in what a `--json` command printed. */
export function refusalOf({ code, stdout, stderr }: Ended): { problem: Problem; code: number | null } {
  const parsed = problemSchema.safeParse(parseJson(stdout));
  if (!parsed.success) throw new Error(`no refusal (exit ${code}): ${stdout}${stderr}`);
  return { problem: parsed.data.error, code };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // No schema accepts undefined, so the text is shown where it is parsed.
    return undefined;
  }
}

function builtBin(): string {
  const manifest = createRequire(import.meta.url).resolve('@kora/cli/package.json');
  const bin = join(dirname(manifest), 'dist', 'bin.js');
  if (!existsSync(bin)) throw new Error(`${bin} is not built; run: npm run build`);
  return bin;
}
