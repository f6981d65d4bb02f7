import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Plugin } from '../contract.ts';

export type Files = Readonly<Record<string, string>>;

/** A folder of its own, readable by every user of the machine: guests of root run as another. */
export class PackagesOnDisk implements AsyncDisposable {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async create(): Promise<PackagesOnDisk> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'kora-plugins-')));
    await chmod(root, 0o755);
    return new PackagesOnDisk(root);
  }

  /** Writes files below the root and answers their folder. */
  async write(folder: string, files: Files): Promise<string> {
    const at = join(this.root, folder);
    await mkdir(at, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(at, name)), { recursive: true });
      await writeFile(join(at, name), text);
    }
    return at;
  }

  /** A host project with these dependencies declared; the packages are written with `plugin`. */
  host(dependencies: readonly string[]): Promise<string> {
    const declared = Object.fromEntries(dependencies.map((name) => [name, '1.0.0']));
    const packageJson = JSON.stringify({ name: 'a-host', private: true, dependencies: declared });
    return this.write('host', { 'package.json': packageJson, 'kora.json': '{}' });
  }

  /** A plugin package in the host's node_modules: its kora block, and the JavaScript of its entry. */
  plugin(name: string, kora: object, entry?: string): Promise<string> {
    const packageJson = JSON.stringify({
      name,
      version: '1.2.3',
      type: 'module',
      exports: './dist/index.js',
      peerDependencies: { '@kora/runtime': '>=0.1.0 <1' },
      kora: { api: 1, entry: './dist/index.js', ...kora },
    });
    const files = { 'package.json': packageJson, ...(entry === undefined ? {} : { 'dist/index.js': entry }) };
    return this.write(`host/node_modules/${name}`, files);
  }

  /** The same of a plugin that this process has loaded: its entry takes it from here, so that no build is needed. */
  loaded(name: string, kora: object, plugin: Plugin): Promise<string> {
    const key = `kora.test.${randomUUID()}`;
    Reflect.set(globalThis, Symbol.for(key), plugin);
    return this.plugin(`${name}-${key}`, kora, `export default globalThis[Symbol.for('${key}')];\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
    await clearOutside(join(this.root, 'home'));
  }
}

/** Takes away what guests of root wrote: it lies outside of their home, beside its database. */
export async function clearOutside(home: string): Promise<void> {
  const hash = createHash('sha256').update(home).digest('hex').slice(0, 16);
  await rm(join('/var/lib/kora', hash), { recursive: true, force: true });
}

/** An entry module written by hand: no import of the runtime is needed for the mark of a plugin. */
export function entryOf(id: string, register: string, head = ''): string {
  return `${head}
export default { [Symbol.for('kora.plugin')]: 1, id: ${JSON.stringify(id)}, config: undefined, async register(context) {
${register}
} };
`;
}
