import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const dependencies = 200;
export const plugins = 50;

/** Ordinary package.json files hold about two kilobytes; most of it is nothing to anybody but their authors. */
const usual = {
  description: 'x'.repeat(80),
  license: 'MIT',
  repository: { type: 'git', url: 'git+https://example.org/some/where.git' },
  scripts: Object.fromEntries(
    ['build', 'test', 'lint', 'types', 'release'].map((name) => [name, `${name} --all src`]),
  ),
  exports: Object.fromEntries(
    ['.', './one', './two', './three'].map((door) => [
      door,
      {
        types: `./dist/${door}/index.d.ts`,
        import: `./dist/${door}/index.js`,
        require: `./dist/${door}/index.cjs`,
      },
    ]),
  ),
  devDependencies: Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`a-tool-${at}`, `^${at}.2.3`])),
};

/** A host project of 200 dependencies, 50 of them plugins, laid out as pnpm does: links into a store of versions. */
export function makeProject(folder: string): void {
  const names = Array.from({ length: dependencies }, (_, at) => `package-${String(at).padStart(3, '0')}`);
  const modules = join(folder, 'node_modules');
  mkdirSync(modules, { recursive: true });
  for (const [at, name] of names.entries()) {
    const isPlugin = at % (dependencies / plugins) === 0;
    const own = join(modules, '.pnpm', `${name}@1.0.0`, 'node_modules', name);
    mkdirSync(join(own, 'dist'), { recursive: true });
    const kora = isPlugin ? { kora: manifestOf(name) } : {};
    const manifest = { name, version: '1.0.0', type: 'module', ...usual, ...kora };
    writeFileSync(join(own, 'package.json'), JSON.stringify(manifest, null, 2));
    writeFileSync(join(own, 'dist/index.js'), 'export default {};\n');
    symlinkSync(own, join(modules, name));
  }
  const declared = Object.fromEntries(names.map((name) => [name, '^1.0.0']));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'a-host', dependencies: declared }));
  writeFileSync(join(folder, 'kora.json'), '{}');
  // What 200 dependencies with theirs come to.
  writeFileSync(
    join(folder, 'pnpm-lock.yaml'),
    names.map((name) => `${name}: ${'y'.repeat(2_000)}\n`).join(''),
  );
  writeFileSync(join(modules, '.modules.yaml'), 'layoutVersion: 5\n');
}

function manifestOf(name: string): object {
  const lists = ['daemons', 'tasks', 'probes', 'channels', 'events', 'ticketKinds'];
  const contributes = Object.fromEntries(lists.map((kind) => [kind, [`${name}.one`, `${name}.two`]]));
  return {
    id: name,
    api: 1,
    entry: './dist/index.js',
    minRuntime: '0.1.0',
    contributes,
    capabilities: ['cap_send_mail'],
  };
}
