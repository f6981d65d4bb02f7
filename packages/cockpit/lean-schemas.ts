import type { Plugin } from 'vite';

const contracts = /\/packages\/runtime\/src\/.*contract\.ts$/;

/**
 * Lets a schema that nobody reads fall out of the page. To make one is a call, and a bundler keeps every call that it
 * cannot see through; as a function that is called once, and said to do nothing else, it goes with its name.
 */
export function leanSchemas(): Plugin {
  return {
    name: 'lean-schemas',
    // After the types are gone.
    enforce: 'post',
    transform(code, id): string | undefined {
      if (!contracts.test(id)) return undefined;
      let lean = code;
      for (const statement of this.parse(code).body.toReversed()) {
        const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
        if (declared?.type !== 'VariableDeclaration' || declared.kind !== 'const') continue;
        for (const { init } of declared.declarations.toReversed()) {
          if (init?.type !== 'CallExpression') continue;
          const made = lean.slice(init.start, init.end);
          lean = `${lean.slice(0, init.start)}/* @__PURE__ */ (() => ${made})()${lean.slice(init.end)}`;
        }
      }
      return lean;
    },
  };
}
