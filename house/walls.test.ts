import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from './tree.ts';

interface Cruise {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

/** A small house in which every file breaks one wall, and its neighbour does the same thing rightly. */
const planted: Record<string, { readonly text: string; readonly breaks?: string }> = {
  'packages/runtime/src/fault/index.ts': { text: 'export const a = 1;' },
  'packages/runtime/src/fault/table.ts': { text: 'export const a = 1;' },
  'packages/runtime/src/http/index.ts': { text: 'export const a = 1;' },
  'packages/runtime/src/ticket/index.ts': { text: "import '../fault/index.ts';" },
  'packages/runtime/src/ticket/contract.ts': { text: "import '../probe/contract.ts';" },
  'packages/runtime/src/probe/index.ts': { text: "import './contract.ts';" },
  'packages/runtime/src/probe/contract.ts': { text: 'export const a = 1;' },
  'packages/runtime/src/plugin.ts': {
    text: "import './ticket/contract.ts'; import './fault/index.ts';",
    breaks: 'plugin-door-imports-code',
  },
  'packages/runtime/src/client.ts': { text: 'export const a = 1;' },
  'packages/runtime/src/testkit.ts': { text: "import './plugin/index.ts';" },
  'packages/runtime/src/plugin/index.ts': { text: 'export const a = 1;' },
  'packages/runtime/src/kora.ts': { text: "import './ticket/index.ts'; import '@kora/postgres';" },
  'packages/postgres/src/index.ts': { text: 'export const a = 1;' },
  'packages/plugin-marvin/src/index.ts': { text: "import '@kora/runtime/plugin';" },
  'packages/cockpit/src/web/main.ts': { text: "import '@kora/runtime/client';" },
  'packages/runtime/src/store/up.ts': {
    text: "import '../http/index.ts';",
    breaks: 'upward-from-store-config-home',
  },
  'packages/runtime/src/ticket/sideways.ts': {
    text: "import '../probe/index.ts';",
    breaks: 'sideways-between-daemon-ticket-message-alert-probe-fix-reason-promotion-health-artifact',
  },
  'packages/runtime/src/ticket/past.ts': { text: "import '../fault/table.ts';", breaks: 'past-the-face' },
  'packages/runtime/src/roof.ts': {
    text: "import './fault/table.ts';",
    breaks: 'past-the-face-from-the-roof',
  },
  'packages/runtime/src/daemon/contract.ts': {
    text: "import '../fault/index.ts';",
    breaks: 'contract-imports-code',
  },
  'packages/runtime/src/boot/roof.ts': { text: "import '../kora.ts';", breaks: 'rooms-import-the-roof' },
  'packages/runtime/src/attic/index.ts': { text: 'export const a = 1;' },
  'packages/runtime/src/attic.ts': { text: "import './attic/index.ts';", breaks: 'unknown-room' },
  'packages/runtime/src/clock/a.ts': { text: "import './b.ts'; export const a = 1;", breaks: 'no-cycles' },
  'packages/runtime/src/clock/b.ts': { text: "import './a.ts'; export const b = 1;" },
  'packages/runtime/src/clock/lost.ts': { text: "import './nowhere.ts';", breaks: 'unresolvable' },
  'packages/cli/src/testing/scene.ts': { text: 'export const a = 1;' },
  'packages/cli/src/prop.ts': { text: "import './testing/scene.ts';", breaks: 'ships-a-prop' },
  'packages/cli/src/path.ts': {
    text: "import '../../postgres/src/index.ts';",
    breaks: 'package-by-path',
  },
  'packages/plugin-marvin/src/deep.ts': {
    text: "import '@kora/runtime/client';",
    breaks: 'plugin-past-its-door',
  },
  'packages/plugin-marvin/src/beside.ts': {
    text: "import '@kora/postgres';",
    breaks: 'plugin-imports-another-package',
  },
  'packages/cockpit/src/web/deep.ts': {
    text: "import '@kora/runtime/plugin';",
    breaks: 'page-past-its-door',
  },
  'packages/testkit/src/index.ts': { text: "import '@kora/runtime/testkit';" },
  'packages/testkit/src/deep.ts': {
    text: "import '@kora/runtime/client';",
    breaks: 'testkit-past-its-doors',
  },
  'packages/runtime/src/boot/guest.ts': {
    text: "import '@kora/plugin-marvin';",
    breaks: 'runtime-imports-outward',
  },
  'packages/postgres/src/outward.ts': {
    text: "import '@kora/runtime/client';",
    breaks: 'postgres-imports-outward',
  },
  'packages/pglite/src/outward.ts': {
    text: "import '@kora/runtime/client';",
    breaks: 'pglite-imports-outward',
  },
  'packages/runtime/src/boot/unlisted.ts': { text: "import 'stranger';", breaks: 'not-in-the-manifest' },
};

const box = mkdtempSync(join(tmpdir(), 'kora-walls-'));
afterAll(() => rmSync(box, { recursive: true, force: true }));

/** The whole house is read, by a program of its own: seconds, and more on a busy machine. */
const timeout = 120_000;

describe('the walls', { timeout }, () => {
  it('stand in every package', () => {
    const { summary } = cruise(root);
    expect(broken(summary)).toEqual([]);
    // A cruiser that reads no TypeScript finds nothing and is green: the guard must prove that it looked.
    expect(summary.totalCruised).toBeGreaterThan(80);
  });

  it('are each noticed when they are broken, and only then', () => {
    build();
    const wanted = Object.entries(planted).flatMap(([path, { breaks }]) =>
      breaks === undefined ? [] : [`${breaks}: ${path}`],
    );
    expect(broken(cruise(box).summary)).toEqual(wanted.toSorted());
  });
});

function broken(summary: Cruise['summary']): string[] {
  return summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`).toSorted();
}

function cruise(folder: string): Cruise {
  const cruiser = join(root, 'node_modules', '.bin', 'depcruise');
  const config = join(root, '.dependency-cruiser.cjs');
  const args = ['--config', config, '--output-type', 'json', 'packages'];
  const output = execFileSync(cruiser, args, { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(output) as Cruise;
}

function build(): void {
  for (const [path, { text }] of Object.entries(planted)) write(path, text);
  write(
    'tsconfig.check.json',
    '{ "compilerOptions": { "module": "nodenext", "allowImportingTsExtensions": true } }',
  );
  write('package.json', '{ "name": "box", "type": "module" }');
  mkdirSync(join(box, 'node_modules', '@kora'), { recursive: true });
  write('node_modules/stranger/package.json', '{ "name": "stranger", "exports": "./index.js" }');
  write('node_modules/stranger/index.js', '');
  for (const [name, doors] of Object.entries({
    runtime: ['plugin', 'client', 'testkit'],
    postgres: ['index'],
    pglite: [],
    'plugin-marvin': ['index'],
    cockpit: [],
    testkit: [],
    cli: [],
  })) {
    const exports = Object.fromEntries(
      doors.map((door) => [door === 'index' ? '.' : `./${door}`, { '@kora/source': `./src/${door}.ts` }]),
    );
    // The box's packages list each other, so that only the planted stranger is unlisted.
    const dependencies = { '@kora/runtime': '*', '@kora/postgres': '*', '@kora/plugin-marvin': '*' };
    write(`packages/${name}/package.json`, JSON.stringify({ name: `@kora/${name}`, exports, dependencies }));
    symlinkSync(join(box, 'packages', name), join(box, 'node_modules', '@kora', name));
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(box, path)), { recursive: true });
  writeFileSync(join(box, path), text);
}
