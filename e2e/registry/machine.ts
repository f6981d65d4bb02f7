import { mkdirSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { Child, type Ended } from '../harness/child.ts';
import { isStillThere, kill, processesAt, type Living } from '../harness/processes.ts';
import { until } from '../harness/wait.ts';
import { databaseFolder } from '../harness/store.ts';
import type { Registry } from './registry.ts';
import type { Transcript } from './transcript.ts';

/**
 * An empty machine folder: a home without a cache or a setting, the public tools on PATH, the local registry as theirs.
 * What is typed here is recorded with what it printed, on either stream, and how long it took.
 */
export class Machine implements AsyncDisposable {
  readonly box: string;
  readonly home: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #transcript: Transcript;
  readonly #started: Child[] = [];
  readonly #projects: string[] = [];

  constructor(box: string, registry: Registry, transcript: Transcript) {
    this.box = box;
    this.home = join(box, 'user');
    this.#transcript = transcript;
    mkdirSync(this.home, { recursive: true });
    const { PATH = '', LANG = 'C.UTF-8', NODE_EXTRA_CA_CERTS } = process.env;
    this.#env = {
      // This Node first, and nothing of this repository's own folder of commands.
      PATH: [dirname(process.execPath), ...PATH.split(delimiter).filter(isOutside)].join(delimiter),
      LANG,
      HOME: this.home,
      NO_COLOR: '1',
      npm_config_update_notifier: 'false',
      npm_config_loglevel: 'warn',
      ...(NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS }),
      ...registry.settings(this.home),
    };
  }

  /** A folder of this machine, made if need be. */
  folder(name: string): string {
    const path = join(this.box, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Types a command and waits for its end. Throws when it ends otherwise than with `code`. */
  async type(cwd: string, command: string, { code = 0 }: { readonly code?: number } = {}): Promise<Ended> {
    const from = performance.now();
    const ended = await this.#spawn(cwd, `{ ${command}\n} 2>&1`).ended;
    this.#transcript.typed(command, ended, (performance.now() - from) / 1_000);
    if (ended.code === code) return ended;
    throw new Error(`${command} ended with ${ended.code ?? ended.signal}, not ${code}:\n${ended.stdout}`);
  }

  /** Types a command unrecorded, to look at how things are. */
  look(cwd: string, command: string): Promise<Ended> {
    return this.#spawn(cwd, command).ended;
  }

  /** Types a command that stays, and waits until it has printed `words`. */
  async start(cwd: string, command: string, words: RegExp, limitMs = 120_000): Promise<Child> {
    const from = performance.now();
    // In the shell's place: a terminal's Ctrl-C ends the command and not the shell.
    const child = this.#spawn(cwd, `exec ${command} 2>&1`);
    this.#started.push(child);
    await until(
      `${command} to say ${String(words)}`,
      () => {
        if (child.end !== undefined) return true;
        return words.test(child.stdout);
      },
      limitMs,
    );
    if (child.end !== undefined && !words.test(child.stdout))
      throw new Error(`${command} ended: ${child.stdout}`);
    this.#transcript.typed(
      `${command} &`,
      { code: null, stdout: child.stdout },
      (performance.now() - from) / 1_000,
    );
    return child;
  }

  /** What Ctrl-C does, and what was printed since. */
  async interrupt(child: Child): Promise<Ended> {
    const before = child.stdout.length;
    const from = performance.now();
    child.signalGroup('SIGINT');
    const ended = await child.ended;
    const stdout = ended.stdout.slice(before);
    this.#transcript.typed('^C', { code: ended.code, stdout }, (performance.now() - from) / 1_000);
    return ended;
  }

  /** A folder that Kora is started in: its database goes with this machine. */
  project(name: string): string {
    const path = join(this.box, name);
    this.#projects.push(path);
    return path;
  }

  /** What still runs of this machine; empty after every orderly end. */
  leftovers(): readonly Living[] {
    return processesAt(this.#folders()).filter(isStillThere);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#started) if (child.end === undefined) child.signalGroup('SIGKILL');
    const folders = this.#folders();
    await until('the processes of the machine to end', () => {
      const left = processesAt(folders).filter(isStillThere);
      for (const { pid } of left) kill(pid);
      return left.length === 0;
    });
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }

  /** Its own, and where root's databases lie. */
  #folders(): readonly string[] {
    const outside = this.#projects.flatMap((project) => databaseFolder(join(project, '.kora')) ?? []);
    return [this.box, ...outside];
  }

  #spawn(cwd: string, command: string): Child {
    return new Child({ command: 'sh', args: ['-c', command], cwd, env: this.#env });
  }
}

function isOutside(folder: string): boolean {
  return !folder.includes('/node_modules/.bin') || folder.includes('/_npx/');
}
