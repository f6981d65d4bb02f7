import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child } from '../harness/child.ts';
import { freePort } from '../harness/ports.ts';
import { until } from '../harness/wait.ts';

const source = fileURLToPath(new URL('verdaccio', import.meta.url));
const readyMs = 60_000;

/** What the registry says of one package. */
export interface Published {
  readonly name: string;
  readonly 'dist-tags': Readonly<Record<string, string>>;
  /** ISO 8601 of each version, beside `created` and `modified`. */
  readonly time: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, { readonly dist: { readonly tarball: string } }>>;
}

/** A real registry on loopback. What is not published to it comes from the public one, through it. */
export class Registry implements AsyncDisposable {
  readonly url: string;
  readonly #server: Child;

  private constructor(url: string, server: Child) {
    this.url = url;
    this.#server = server;
  }

  /** Starts it with an empty storage in `box`. */
  static async start(box: string): Promise<Registry> {
    const bin = installed();
    const folder = join(box, 'registry');
    mkdirSync(folder, { recursive: true });
    const url = `http://127.0.0.1:${await freePort()}`;
    const config = join(folder, 'config.yaml');
    writeFileSync(config, configuration(folder));
    const { PATH = '', NODE_EXTRA_CA_CERTS } = process.env;
    const server = new Child({
      args: [bin, '--config', config, '--listen', url],
      cwd: folder,
      env: { PATH, HOME: folder, ...(NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS }) },
    });
    const registry = new Registry(url, server);
    await until('the registry to answer', () => registry.#answers(), readyMs);
    return registry;
  }

  /** What makes npm, pnpm and yarn ask this registry; `home` also gets the name under which it lets anybody publish. */
  settings(home: string): Readonly<Record<string, string>> {
    const host = this.url.replace(/^http:/, '');
    writeFileSync(join(home, '.npmrc'), `registry=${this.url}/\n${host}/:_authToken=anybody\n`);
    return { npm_config_registry: `${this.url}/`, pnpm_config_registry: `${this.url}/` };
  }

  /** Undefined when nothing of that name was published. */
  async find(name: string): Promise<Published | undefined> {
    const response = await fetch(`${this.url}/${name.replace('/', '%2f')}`);
    return response.ok ? ((await response.json()) as Published) : undefined;
  }

  async tarball(url: string): Promise<Uint8Array> {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.signalGroup('SIGTERM');
    await this.#server.ended;
  }

  async #answers(): Promise<boolean> {
    if (this.#server.end !== undefined)
      throw new Error(`the registry ended: ${this.#server.stdout}${this.#server.stderr}`);
    return (await fetch(`${this.url}/-/ping`)).ok;
  }
}

/** Ours are never asked for elsewhere: what is not published here does not exist. */
function configuration(folder: string): string {
  const ours = ['@kora/*', 'create-kora', 'kora-plugin-*'].map(
    (name) => `  '${name}': { access: $all, publish: $all, unpublish: $all }`,
  );
  return [
    `storage: ${join(folder, 'storage')}`,
    'web: { enable: false }',
    'auth: { htpasswd: { file: ./htpasswd } }',
    'max_body_size: 100mb',
    `uplinks: { npmjs: { url: '${process.env['npm_config_registry'] ?? 'https://registry.npmjs.org/'}', maxage: 60m, timeout: 60s } }`,
    'packages:',
    ...ours,
    "  '**': { access: $all, proxy: npmjs }",
    'log: { type: stdout, format: json, level: warn }',
    '',
  ].join('\n');
}

/** Installed once a machine, from a lockfile of its own. */
function installed(): string {
  const folder = join(tmpdir(), 'kora-local-registry');
  const bin = join(folder, 'node_modules', 'verdaccio', 'bin', 'verdaccio');
  cpSync(source, folder, { recursive: true });
  if (!existsSync(bin))
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: 'pipe',
    });
  return bin;
}
