import { join } from 'node:path';
import { systemClock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import type { PluginHostOptions } from '../host-options.ts';
import { PluginHost } from '../host.ts';
import { indexPlugins } from '../plugin-index.ts';
import { PackagesOnDisk } from './packages-on-disk.ts';
import { ScriptedHouse } from './scripted-house.ts';

/** Packages on disk, a house that remembers, and hosts that run the one in the other, all closed at the end. */
export class GuestBench implements AsyncDisposable {
  readonly disk: PackagesOnDisk;
  readonly house: ScriptedHouse = new ScriptedHouse();
  readonly #hosts: PluginHost[] = [];

  private constructor(disk: PackagesOnDisk) {
    this.disk = disk;
  }

  static async create(): Promise<GuestBench> {
    return new GuestBench(await PackagesOnDisk.create());
  }

  /** A host over these packages, all of them strangers but the bundled ones, in a home with a token in it. */
  async hostOf(
    ids: readonly string[],
    options: Partial<PluginHostOptions> = {},
    bundledDirs: readonly string[] = [],
  ): Promise<PluginHost> {
    await this.disk.host(ids);
    const home = await this.disk.write('home', { 'api-token': 'secret' });
    const index = await indexPlugins({
      startDir: join(this.disk.root, 'host'),
      bundled: bundledDirs.map((packageDir) => ({ packageDir })),
      runtimeVersion: '0.1.0',
    });
    const { house } = this;
    const parts = { ports: house, clock: systemClock(), log: house.log, home, index };
    // On a busy machine a guest may take longer than a boot waits for it; tests say when that is their point.
    const guests = { patienceMs: 30_000, ...options.guests };
    const host = new PluginHost({ ...parts, configBlock: () => undefined, ...options, guests });
    this.#hosts.push(host);
    return host;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const host of this.#hosts) await host.dispose();
    await this.disk[Symbol.asyncDispose]();
  }
}

/** The id of a living guest. Never 0 or absent: a signal to those would go to ourselves. */
export function pidOf(host: PluginHost, id: string): number {
  const { pid, reason } = host.get(id);
  if (pid !== undefined && pid > 1) return pid;
  throw fault('KORA_PLUGIN_FAILED', `${id} has no process: ${reason?.message ?? 'no reason'}`);
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // ESRCH: it is gone
  }
}
