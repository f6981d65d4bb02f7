import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filled } from '../packages/create-kora/src/template.ts';
import { root } from './tree.ts';

interface Workflow {
  readonly name: string;
  readonly text: string;
  readonly scripts: Readonly<Record<string, string>>;
}

const plugin = filled({ kind: 'plugin', folder: '/x', name: 'kora-plugin-x', id: 'tides', manager: 'npm' });
const folder = join(root, '.github', 'workflows');
const ours = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
const theirs = plugin
  .filter(({ path }) => path.startsWith('.github/workflows/'))
  .map(({ path, text }) => ({ name: `a plugin's ${path.split('/').at(-1)}`, text }));
const workflows: Workflow[] = [
  ...ours.map((one) => ({ ...one, scripts: scriptsOf(readFileSync(join(root, 'package.json'), 'utf8')) })),
  ...theirs.map((one) => ({
    ...one,
    scripts: scriptsOf(plugin.find(({ path }) => path === 'package.json')?.text ?? '{}'),
  })),
];

describe.each(workflows)('workflow $name', ({ text, scripts }) => {
  it('runs scripts that exist', () => {
    const called = [...text.matchAll(/npm run (?:--silent )?([\w-]+)/g)].map(([, name]) => name ?? '');
    expect(called.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('asks for its rights one by one', () => {
    expect(text).toMatch(/^permissions:$/m);
    expect(text).not.toMatch(/write-all/);
  });

  it('puts nothing that others write into a line of the shell', () => {
    expect(text.match(/run: .*\$\{\{/g)).toBeNull();
  });
});

describe.each(workflows.filter(({ name }) => name.endsWith('release.yml')))('$name', ({ text }) => {
  it('publishes with provenance, and is never cut off', () => {
    expect(text).toMatch(/^ {6}id-token: write$/m);
    // pnpm reads nothing of NPM_CONFIG_*.
    expect(text).toMatch(/^ {10}PNPM_CONFIG_PROVENANCE: true$/m);
    expect(text).toContain('cancel-in-progress: false');
    // The first version of the action does not understand what the changesets of today print.
    expect(text).toContain('changesets/action@v2');
  });
});

function scriptsOf(manifest: string): Readonly<Record<string, string>> {
  return (JSON.parse(manifest) as { scripts: Readonly<Record<string, string>> }).scripts;
}
