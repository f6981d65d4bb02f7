import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { isTest, packageSources, root } from '../tree.ts';

export interface Planted {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
}

/** What ships and runs under Node, as one program; the page is read apart, since it runs in a browser. */
export interface Sources {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  readonly files: readonly ts.SourceFile[];
  readonly page: readonly ts.SourceFile[];
}

const pageFolder = 'packages/cockpit/src/web/';

/**
 * Reads the sources as they are, with `planted` beside or in place of them; nothing is written. What another reading has
 * already parsed is taken from it.
 */
export function readSources(planted: readonly Planted[] = [], before?: Sources): Sources {
  const texts = new Map(planted.map(({ path, text }) => [join(root, path), text]));
  const found = packageSources().filter((file) => !isTest(file) && !file.path.includes('/testing/'));
  const paths = [...new Set([...found, ...planted].map(({ path }) => path))];
  const onPage = (path: string): boolean => path.startsWith(pageFolder);
  const options = compilerOptions();
  const host = hostWith(texts, options, before);
  const names = paths.filter((path) => !onPage(path)).map((path) => join(root, path));
  const program = ts.createProgram(names, options, host, before?.program);
  const ours = new Set(names);
  const page = [...found, ...planted]
    .filter(({ path }) => onPage(path))
    .map(({ path, text }) => ts.createSourceFile(join(root, path), text, ts.ScriptTarget.Latest, true));
  return {
    program,
    checker: program.getTypeChecker(),
    files: program.getSourceFiles().filter(({ fileName }) => ours.has(fileName)),
    page,
  };
}

function hostWith(
  texts: ReadonlyMap<string, string>,
  options: ts.CompilerOptions,
  before: Sources | undefined,
): ts.CompilerHost {
  const host = ts.createCompilerHost(options, true);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (name) => texts.get(name) ?? readFile(name);
  host.fileExists = (name) => texts.has(name) || fileExists(name);
  host.getSourceFile = (name, ...rest) => {
    const text = texts.get(name);
    if (text !== undefined) return ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
    return before?.program.getSourceFile(name) ?? getSourceFile(name, ...rest);
  };
  return host;
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (name) =>
    readFileSync(name, 'utf8'),
  ) as {
    readonly config: { readonly compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, noEmit: true }, root);
  return options;
}

/** Every package that one of ours needs at run time, and whose. */
export function dependencies(): { readonly name: string; readonly of: string }[] {
  return readdirSync(join(root, 'packages')).flatMap((folder) => {
    const file = join(root, 'packages', folder, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<
      string,
      Record<string, string> | undefined
    >;
    const names = ['dependencies', 'peerDependencies', 'optionalDependencies'].flatMap((kind) =>
      Object.keys(manifest[kind] ?? {}),
    );
    return names.map((name) => ({ name, of: `packages/${folder}/package.json` }));
  });
}
