import { lstat, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { indexPlugins } from '../plugin-index.ts';
import type { PluginIndex, PluginSettings } from '../plugin-index.ts';
import { entryOf, PackagesOnDisk } from './packages-on-disk.ts';

/** How a package manager lays versions out: each in a folder of its own, or the next in place of the last. */
export type Layout = 'apart' | 'in place';

export interface Release {
  readonly id: string;
  readonly version: string;
  /** It asks for these. */
  readonly capabilities?: readonly string[];
  /** It throws in `register`. */
  readonly broken?: boolean;
  /** It is written for another contract. */
  readonly foreign?: boolean;
  /** Replaces the body of `register`; by default it takes a channel of its id and one of its version. */
  readonly register?: string;
  /** What its manifest declares beside the channels above. */
  readonly contributes?: Readonly<Record<string, readonly string[]>>;
}

/** A host project whose packages come and go, as a package manager would have it. */
export class VersionsOnDisk implements AsyncDisposable {
  readonly disk: PackagesOnDisk;
  readonly #layout: Layout;
  readonly #installed = new Map<string, Release>();

  private constructor(disk: PackagesOnDisk, layout: Layout) {
    this.disk = disk;
    this.#layout = layout;
  }

  static async create(layout: Layout = 'apart'): Promise<VersionsOnDisk> {
    const made = new VersionsOnDisk(await PackagesOnDisk.create(), layout);
    await mkdir(join(made.disk.root, 'host/node_modules'), { recursive: true });
    await made.#declare();
    return made;
  }

  get directory(): string {
    return join(this.disk.root, 'host');
  }

  async install(release: Release): Promise<void> {
    const { id, version } = release;
    const link = join(this.directory, 'node_modules', id);
    await rm(link, { recursive: true, force: true });
    if (this.#layout === 'in place') await this.#write(`host/node_modules/${id}`, release);
    else {
      const folder = await this.#write(`store/${id}@${version}/node_modules/${id}`, release);
      await symlink(folder, link);
    }
    this.#installed.set(id, release);
    await this.#declare();
  }

  async uninstall(id: string): Promise<void> {
    const link = join(this.directory, 'node_modules', id);
    if ((await lstat(link).catch(() => undefined)) !== undefined)
      await rm(link, { recursive: true, force: true });
    this.#installed.delete(id);
    await this.#declare();
  }

  index(settings: PluginSettings = {}): Promise<PluginIndex> {
    return indexPlugins({ startDir: this.directory, bundled: [], runtimeVersion: '0.1.0', settings });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disk[Symbol.asyncDispose]();
  }

  async #declare(): Promise<void> {
    await this.disk.host([...this.#installed.keys()]);
    const lines = [...this.#installed.values()].map(({ id, version }) => `${id}: ${version}`);
    await writeFile(join(this.directory, 'pnpm-lock.yaml'), `${lines.join('\n')}\n`);
  }

  #write(folder: string, release: Release): Promise<string> {
    const { id, version, capabilities = [], broken = false, foreign = false } = release;
    // A name of its own: a module that was imported once is what it was.
    const entry = `./v${version}.js`;
    const channels = release.register === undefined ? [id, `${id}@${version}`] : [];
    const send = `send: async () => ({ receipt: '' })`;
    const register =
      release.register ??
      channels.map((name) => `await context.registerChannel({ name: '${name}', ${send} });`).join('\n');
    const kora = {
      id,
      api: foreign ? 9 : 1,
      entry,
      capabilities,
      contributes: { channels, ...release.contributes },
    };
    return this.disk.write(folder, {
      'package.json': JSON.stringify({ name: id, version, type: 'module', kora }),
      [entry]: entryOf(id, `${register}\n${broken ? `throw new Error('half way');` : ''}`),
    });
  }
}
