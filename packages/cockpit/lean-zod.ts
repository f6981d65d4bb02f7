import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';

const settings = /\/zod\/v4\/core\/core\.js$/;
const words = /\/zod\/v4\/locales\/en\.js$/;
const makers = /\/zod\/v4\/core\/(?:json-schema-processors|to-json-schema)\.js$/;

/**
 * Every schema of zod carries along what would describe it as JSON Schema. The page describes nothing, so those parts
 * are left empty: some 5 kB of what has to come before the first picture. And it tells zod what the page's policy is.
 */
export function leanZod(): Plugin {
  return {
    name: 'lean-zod',
    enforce: 'pre',
    // In the built page chunks may run before the module that says it: a schema must never try to make code from text.
    transform(code, id): string | undefined {
      return settings.test(id) ? `${code}\nglobalConfig.jitless = true;\n` : undefined;
    },
    async load(id): Promise<string | undefined> {
      // Of an issue the page says where it is, never zod's sentence.
      if (words.test(id)) return 'export default () => ({ localeError: () => undefined });\n';
      if (!makers.test(id)) return undefined;
      const source = await readFile(id, 'utf8');
      const names = [...source.matchAll(/^export (?:const|function) (\w+)/gm)].map((found) => found[1]);
      return `const none = () => undefined;\n${names.map((name) => `export { none as ${String(name)} };`).join('\n')}\n`;
    },
  };
}
