import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';

const settings = /\/zod\/v4\/core\/core\.js$/;
const words = /\/zod\/v4\/locales\/en\.js$/;
/** What describes a schema as JSON Schema; what follows a value that holds itself; what writes code for a schema. */
const unused = /\/zod\/v4\/core\/(?:json-schema-processors|to-json-schema|memoizer|doc)\.js$/;
const schemas = /\/zod\/v4\/classic\/schemas\.js$/;
const compiled = 'core.$ZodObjectJIT.init(';

/**
 * Every schema of zod carries along what would describe it as JSON Schema, what would compile it to code, and what lets
 * it parse values that hold themselves. The page describes nothing, its policy forbids code made from text, and what
 * JSON brings holds itself never: those parts are left empty, some 7 kB of what comes before the first picture.
 */
export function leanZod(): Plugin {
  return {
    name: 'lean-zod',
    enforce: 'pre',
    transform(code, id): string | undefined {
      // In the built page chunks may run before the module that says it: a schema must never try to make code from text.
      if (settings.test(id)) return `${code}\nglobalConfig.jitless = true;\n`;
      if (!schemas.test(id)) return undefined;
      if (!code.includes(compiled)) this.error(`zod no longer compiles an object by ${compiled}`);
      return code.replace(compiled, 'core.$ZodObject.init(');
    },
    async load(id): Promise<string | undefined> {
      // Of an issue the page says where it is, never zod's sentence.
      if (words.test(id)) return 'export default () => ({ localeError: () => undefined });\n';
      if (!unused.test(id)) return undefined;
      const source = await readFile(id, 'utf8');
      const names = [...source.matchAll(/^export (?:const|function|class) (\w+)/gm)].map((found) => found[1]);
      return `const none = () => undefined;\n${names.map((name) => `export { none as ${String(name)} };`).join('\n')}\n`;
    },
  };
}
