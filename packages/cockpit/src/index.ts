import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { definePlugin, KoraError, type Plugin } from '@kora/runtime/plugin';

const cockpit: Plugin = definePlugin({
  id: 'cockpit',
  async register(context) {
    const directory = pageDirectory();
    await context.registerHttpMount({ path: '/', directory, fallback: 'index.html' });
  },
});
export default cockpit;

/**
 * The folder of the built page. `src` and `dist` are neighbours, so one relative path serves this file from both.
 * Throws `PLUGIN_COCKPIT_NOT_BUILT` when the page is not there.
 */
export function pageDirectory(from: string = import.meta.url): string {
  const directory = fileURLToPath(new URL('../dist/web', from));
  if (existsSync(join(directory, 'index.html'))) return directory;
  throw new KoraError(
    'PLUGIN_COCKPIT_NOT_BUILT',
    `The cockpit's page is not built: there is no ${directory}.`,
    {
      fix: 'pnpm --filter @kora/cockpit build',
      details: { directory },
    },
  );
}
