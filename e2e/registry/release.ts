import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { packageFolders, root } from '../../scripts/pack.ts';
import type { Registry } from './registry.ts';

export interface Step {
  readonly command: string;
  readonly output: string;
  readonly seconds: number;
}

/**
 * A copy of this repository that is released from, as the release workflow would: changesets versions, packs, publishes
 * and tags. The tree itself stays as it is.
 */
export class Release {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#env = env;
  }

  /** Copies what git would, and what was built of it. */
  static prepare(box: string, registry: Registry): Release {
    const folder = join(box, 'repository');
    const home = join(box, 'publisher');
    for (const each of [folder, home]) mkdirSync(each, { recursive: true });
    const release = new Release(folder, {
      ...process.env,
      ...registry.settings(home),
      CI: '1',
      NO_COLOR: '1',
    });
    copyTree(folder);
    // With the store of this machine: what is installed here was installed for the tree already.
    release.#run(
      'pnpm',
      ['install', '--frozen-lockfile', '--prefer-offline', '--ignore-scripts'],
      process.env,
    );
    release.#env['HOME'] = home;
    release.#run('git', ['init', '--quiet', '--initial-branch', 'main']);
    release.#commit('As it is');
    return release;
  }

  /** Publishes whatever the registry does not have yet; the very commands of `npm run release`. */
  publish(): Step[] {
    rmSync(join(this.folder, '.release'), { recursive: true, force: true });
    return releaseCommands().map((command) => this.#step(command));
  }

  /** Turns the changesets into versions, with one of our own among them: the next version is a minor one. */
  version(): Step {
    const text = '---\n"@kora/runtime": minor\n---\n\nThe next one.\n';
    writeFileSync(join(this.folder, '.changeset', 'the-next-one.md'), text);
    const step = this.#step('changeset version');
    this.#run('pnpm', ['install', '--lockfile-only', '--no-frozen-lockfile', '--prefer-offline']);
    this.#commit('Versions');
    return step;
  }

  /** Every package as its manifest now has it. */
  packages(): readonly { readonly name: string; readonly version: string }[] {
    return packageFolders().map((each) => manifestIn(join(this.folder, 'packages', basename(each))));
  }

  versionOf(name: string): string {
    const found = this.packages().find((one) => one.name === name);
    if (found === undefined) throw new Error(`${name} is no package of the repository`);
    return found.version;
  }

  tags(): readonly string[] {
    return this.#run('git', ['tag', '--list']).trim().split('\n');
  }

  #step(command: string): Step {
    const from = performance.now();
    const output = this.#run('sh', ['-c', command]);
    return { command, output, seconds: (performance.now() - from) / 1_000 };
  }

  #commit(message: string): void {
    const who = ['-c', 'user.name=release', '-c', 'user.email=release@localhost'];
    this.#run('git', ['add', '--all']);
    this.#run('git', [...who, 'commit', '--quiet', '--no-verify', '--message', message]);
  }

  #run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = this.#env): string {
    const bin = join(this.folder, 'node_modules', '.bin');
    try {
      return execFileSync(command, args, {
        cwd: this.folder,
        env: { ...env, PATH: `${bin}:${env['PATH'] ?? ''}` },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error });
    }
  }
}

/** The steps of `npm run release`, so that what is tried here is what the workflow does. */
function releaseCommands(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Readonly<Record<string, string>>;
  };
  const text = /run sh -c '([^']+)'$/.exec(scripts['release'] ?? '')?.[1];
  if (text === undefined) throw new Error('`release` in package.json is no longer a line for sh');
  return text.split(' && ');
}

function copyTree(folder: string): void {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(root, file)));
  for (const file of files) cpSync(join(root, file), join(folder, file), { recursive: false });
  for (const each of packageFolders()) {
    const dist = join(each, 'dist');
    cpSync(dist, join(folder, 'packages', basename(each), 'dist'), { recursive: true });
  }
}

function manifestIn(folder: string): { readonly name: string; readonly version: string } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string; version: string };
}
