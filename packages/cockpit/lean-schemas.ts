import type { Plugin, Rolldown } from 'vite';

const contracts = /\/packages\/runtime\/src\/.*contract\.ts$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: how a bundler marks a module that is no file.
const part = /^\0part:\w+:(.+)$/;

/**
 * Lays each schema of a contract into a module of its own, so that it comes with the page that reads it and not with the
 * first that reads its neighbour, and lets one that nobody reads fall out. To make a schema is a call, and a bundler
 * keeps every call that it cannot see through: as a function that is called once, and said to do nothing else, it goes
 * with its name.
 */
export function leanSchemas(): Plugin {
  const parts = new Map<string, string>();
  return {
    name: 'lean-schemas',
    // After the types are gone.
    enforce: 'post',
    resolveId: (id) => (part.test(id) ? { id, moduleSideEffects: false } : undefined),
    async load(id): Promise<string | undefined> {
      const contract = part.exec(id)?.[1];
      if (contract === undefined) return undefined;
      if (!parts.has(id)) await this.load({ id: contract });
      return parts.get(id);
    },
    async transform(code, id): Promise<string | undefined> {
      if (!contracts.test(id) || part.test(id)) return undefined;
      const read = await readContract(code, id, this);
      for (const [name, text] of read.made) parts.set(partOf(name, id), module(name, text, read, id));
      return doorsOf(read, id);
    },
  };
}

/** A contract, statement by statement. */
interface Contract {
  /** By the name it brings in: its import, from a whole path. */
  readonly imported: Map<string, string>;
  /** By the name it declares: its text. */
  readonly made: Map<string, string>;
  readonly exported: Set<string>;
  /** What hands on names of others. */
  readonly handedOn: string[];
}

type Context = Rolldown.TransformPluginContext;

async function readContract(code: string, id: string, context: Context): Promise<Contract> {
  const read: Contract = { imported: new Map(), made: new Map(), exported: new Set(), handedOn: [] };
  const text = ({ start, end }: { readonly start: number; readonly end: number }): string =>
    code.slice(start, end);
  for (const statement of context.parse(code).body) {
    if (statement.type === 'ImportDeclaration') {
      const from = (await context.resolve(statement.source.value, id))?.id;
      for (const one of statement.specifiers)
        read.imported.set(
          one.local.name,
          `import ${bound(text(one), one.type)} from ${JSON.stringify(from)};`,
        );
      continue;
    }
    const exported = statement.type === 'ExportNamedDeclaration';
    const declared = exported ? statement.declaration : statement;
    if (declared?.type === 'VariableDeclaration') {
      for (const { id: name, init } of declared.declarations) {
        const made = init === null ? 'undefined' : text(init);
        const value = init?.type === 'CallExpression' ? `/* @__PURE__ */ (() => ${made})()` : made;
        read.made.set(text(name), `${declared.kind} ${text(name)} = ${value};`);
        if (exported) read.exported.add(text(name));
      }
    } else if (declared?.type === 'FunctionDeclaration' && declared.id) {
      read.made.set(declared.id.name, text(declared));
      if (exported) read.exported.add(declared.id.name);
    } else read.handedOn.push(text(statement));
  }
  return read;
}

function bound(specifier: string, type: string): string {
  return type === 'ImportSpecifier' ? `{ ${specifier} }` : specifier;
}

/** One declaration with the imports of what it names. */
function module(name: string, text: string, { imported, made }: Contract, id: string): string {
  const imports = [...imported].filter(([other]) => names(text, other)).map(([, line]) => line);
  for (const other of made.keys())
    if (other !== name && names(text, other))
      imports.push(`import { ${other} } from ${JSON.stringify(partOf(other, id))};`);
  return [...imports, text, `export { ${name} };`].join('\n');
}

/** The contract itself: only the doors to its parts. */
function doorsOf({ imported, exported, handedOn }: Contract, id: string): string {
  const needed = [...imported].filter(([name]) => handedOn.some((text) => names(text, name)));
  return [
    ...needed.map(([, line]) => line),
    ...[...exported].map((name) => `export { ${name} } from ${JSON.stringify(partOf(name, id))};`),
    ...handedOn,
  ].join('\n');
}

/** Whether a text says a name, spread or not. A key or a word of that name counts too: an import too many falls out again. */
function names(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w$])(?<!(?<!\\.\\.)\\.)${name}(?![\\w$])`).test(text);
}

function partOf(name: string, id: string): string {
  return `\0part:${name}:${id}`;
}
