import { pluginSchema } from '@kora/runtime/client';
import type { PluginRowView } from '@kora/runtime/client';
import { z } from 'zod';
import type { Child } from '../harness/child.ts';
import { until } from '../harness/wait.ts';
import type { Machine } from './machine.ts';

const envelope = z.object({ data: z.array(pluginSchema) });

/** A host project on a machine, by the commands that its operator types. */
export class Host {
  readonly folder: string;
  readonly #machine: Machine;
  #running: Child | undefined;

  constructor(machine: Machine, name: string) {
    this.#machine = machine;
    this.folder = machine.project(name);
  }

  type(command: string, code = 0): ReturnType<Machine['type']> {
    return this.#machine.type(this.folder, command, { code });
  }

  async start(command: string): Promise<void> {
    this.#running = await this.#machine.start(this.folder, command, /^cockpit {2}http/m);
  }

  /** Ctrl-C; resolves when nothing of the machine runs any more. */
  async stop(): Promise<void> {
    if (this.#running === undefined) return;
    const { stdout } = await this.#machine.interrupt(this.#running);
    this.#running = undefined;
    // The exit code is the package manager's.
    if (!/^stopped /m.test(stdout)) throw new Error(`Kora did not say that it stopped: ${stdout}`);
    await until('the last process to be gone', () => {
      const left = this.#machine.leftovers();
      if (left.length === 0) return true;
      throw new Error(left.map(({ pid, command }) => `${pid} ${command}`).join('\n'));
    });
  }

  async plugins(): Promise<readonly PluginRowView[]> {
    const { stdout, stderr } = await this.#machine.look(
      this.folder,
      'npx --no-install kora plugin list --json',
    );
    try {
      return envelope.parse(JSON.parse(stdout)).data;
    } catch (cause) {
      throw new Error(`kora plugin list --json: ${stdout}${stderr}`, { cause });
    }
  }

  /** Waits until a plugin is in the state; throws with the row when it is not in time. */
  async becomes(id: string, state: string, reason: string | null = null): Promise<PluginRowView> {
    return await until(`${id} to be ${state}`, async () => {
      const row = (await this.plugins()).find((one) => one.id === id);
      if (row?.state === state && (row.reason?.code ?? null) === reason) return row;
      throw new Error(JSON.stringify(row ?? 'it is not listed'));
    });
  }
}
