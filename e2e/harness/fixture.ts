import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { House } from './house.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Makes the house an operator's project as it would look after an installation, with links to the builds: `kora-plugin-NAME`
 * is there, and named in its `package.json`. Answers the plugin's folder.
 */
export function installFixture(house: House, name: string): string {
  const modules = join(house.box, 'node_modules');
  mkdirSync(join(modules, '@kora'), { recursive: true });
  symlinkSync(join(root, 'packages', 'runtime'), join(modules, '@kora', 'runtime'));
  const zod = createRequire(import.meta.url).resolve('zod/package.json');
  symlinkSync(dirname(zod), join(modules, 'zod'));
  const plugin = join(modules, `kora-plugin-${name}`);
  cpSync(join(root, 'fixtures', name), plugin, { recursive: true });
  house.file('package.json', { private: true, dependencies: { [`kora-plugin-${name}`]: '1.0.0' } });
  return plugin;
}
