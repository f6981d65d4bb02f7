import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createKoraClient } from '@kora/runtime/client';
import type { KoraClient } from '@kora/runtime/client';

const program = fileURLToPath(new URL('plugin-process.ts', import.meta.url));

/** Who is in the house: a first-party plugin from its source, and plugins whose whole text is given. */
export interface Scene {
  /** The folder of its package. */
  readonly plugin: string;
  readonly guests: readonly {
    readonly id: string;
    readonly contributes: object;
    readonly text: string;
  }[];
}

/** A probe `door` that is unwell while there is a file that says why. */
export const doorGuest: Scene['guests'][number] = {
  id: 'door',
  contributes: { probes: ['door'] },
  text: `
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
export default { [Symbol.for('kora.plugin')]: 1, id: 'door', config: undefined, async register(context) {
  await context.registerProbe({ name: 'door', kind: 'test', target: 'the door', everyMs: 100, check: async () => {
    try {
      return { status: 'unhealthy', details: {}, error: readFileSync(join(process.cwd(), 'door'), 'utf8') };
    } catch { return { status: 'healthy', details: {} }; }
  } });
} };
`,
};

/** A home whose runtime runs in a process of its own. */
export class LivingRuntime {
  readonly home: string = mkdtempSync(join(tmpdir(), 'kora-living-'));
  readonly #scene: Scene;
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #operator: KoraClient | undefined;

  constructor(scene: Scene, env: Readonly<Record<string, string>>) {
    this.#scene = scene;
    this.#env = { PATH: process.env['PATH'] ?? '', ...env };
  }

  /** What `kora.json` says at the next start. */
  configure(config: object): void {
    writeFileSync(join(this.home, 'kora.json'), JSON.stringify(config));
  }

  /** The API of the runtime that runs now. */
  get operator(): KoraClient {
    if (this.#operator === undefined) throw new Error('nothing runs');
    return this.#operator;
  }

  async up(): Promise<void> {
    const scene = JSON.stringify(this.#scene);
    const child = spawn(process.execPath, ['--conditions=@kora/source', program, this.home, scene], {
      cwd: this.home,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { url } = JSON.parse(line) as { url: string };
    const token = readFileSync(join(this.home, 'api-token'), 'utf8').trim();
    this.#operator = createKoraClient({ url, token });
  }

  /** As a machine dies: nothing is said, nothing is finished. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** The door is unwell from now on, or well again. */
  door(why: string | undefined): void {
    const file = join(this.home, 'door');
    if (why === undefined) rmSync(file);
    else writeFileSync(file, why);
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.home, { recursive: true, force: true });
  }
}
