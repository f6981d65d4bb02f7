import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { House } from '../harness/house.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A trusted plugin of a house, whose whole text is given. */
export interface Guest {
  readonly id: string;
  readonly contributes: object;
  /** As its package says it. */
  readonly description?: string;
  readonly text: string;
}

/** As an operator's project would look after an installation, with a link to the runtime's build. */
export function installGuest(house: House, { id, contributes, description = '', text }: Guest): void {
  const name = `kora-plugin-${id}`;
  house.file(`node_modules/${name}/package.json`, {
    name,
    version: '1.0.0',
    description,
    type: 'module',
    kora: { id, api: 1, entry: './index.js', contributes },
    peerDependencies: { '@kora/runtime': '>=0.1.0 <1' },
  });
  house.file(`node_modules/${name}/index.js`, text);
  house.file('package.json', { private: true, dependencies: { [name]: '1.0.0' } });
  house.file('kora.json', { plugins: { trusted: [id] } });
  const scope = join(house.box, 'node_modules', '@kora');
  mkdirSync(scope, { recursive: true });
  symlinkSync(join(root, 'packages', 'runtime'), join(scope, 'runtime'));
}

/**
 * Tickets of kind `errand` that end as the test wishes: one fails for good while the file `broken` lies there, one with
 * `payload.holds` stays in hand while the file of that name lies there.
 */
export class Errands {
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
    const text = `import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { definePlugin } from '@kora/runtime/plugin';
const at = (name) => existsSync(join(${JSON.stringify(house.box)}, name));
export default definePlugin({
  id: 'errands',
  register: (context) =>
    context.registerTicketHandler({
      kind: 'errand',
      concurrency: 4,
      async work({ payload, progress, signal }) {
        while (payload.holds !== undefined && at(payload.holds) && !signal.aborted) {
          progress({ detail: 'it waits for ' + payload.holds });
          await sleep(50);
        }
        if (at('broken')) return { resolution: 'failed_terminal', summary: 'the tool is broken' };
        return { resolution: 'completed', summary: 'done' };
      },
    }),
});
`;
    installGuest(house, { id: 'errands', contributes: { ticketKinds: ['errand'] }, text });
  }

  /** From now on, or no more: the file lies there. */
  set(name: string, there: boolean): void {
    if (there) writeFileSync(join(this.#house.box, name), '');
    else rmSync(join(this.#house.box, name), { force: true });
  }

  /** Answers its number. */
  async add(title: string, payload: Readonly<Record<string, unknown>> = {}): Promise<number> {
    return (await this.#house.api().tickets.add({ kind: 'errand', title, payload })).ticketId;
  }

  /** Adds one that `kora` ends at once, and waits until it has. */
  async status(ticketId: number): Promise<string> {
    return (await this.#house.api().tickets.show(ticketId)).status;
  }
}
