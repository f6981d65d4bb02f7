// One measurement in a process of its own, which has read nothing yet: `node child.ts index|files FOLDER [HOME]`.
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { indexPlugins } from '../../packages/runtime/src/plugin/plugin-index.ts';

const [what, folder = '', home] = process.argv.slice(2);
const began = performance.now();
const rows = what === 'files' ? readFiles() : (await index()).length;
process.stdout.write(JSON.stringify({ ms: performance.now() - began, rows }));

async function index(): Promise<readonly unknown[]> {
  const options = { startDir: folder, bundled: [], runtimeVersion: '0.1.0' };
  const { rows: found } = await indexPlugins({ ...options, ...(home === undefined ? {} : { home }) });
  return found;
}

/** The least that an index could do: find each package, read and parse its package.json, and look for its entry. */
function readFiles(): number {
  let seen = 0;
  for (const name of readdirSync(join(folder, 'node_modules'))) {
    if (name.startsWith('.')) continue;
    const own = realpathSync(join(folder, 'node_modules', name));
    const manifest = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')) as {
      readonly kora?: { entry: string };
    };
    if (manifest.kora === undefined) continue;
    statSync(join(own, manifest.kora.entry));
    seen += 1;
  }
  return seen;
}
