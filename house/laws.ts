/**
 * The laws no linter has, each a function from one file to its complaints. They read the syntax tree, not the text,
 * so a law may be quoted in a string or a comment without breaking it.
 */
import ts from 'typescript';
import type { SourceFile } from './tree.ts';

const longestFile = 400;

/** Names that say "I did not find a name". */
const drawers = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'core', 'lib', 'misc', 'shared']);

const plainErrors = new Set(['Error', 'TypeError', 'RangeError', 'SyntaxError', 'AggregateError']);
const moduleMocks = new Set(['mock', 'doMock', 'unmock', 'doUnmock', 'hoisted', 'importMock']);

/** What is thrown on purpose carries a code, so that a program can branch on it and the docs can list it. */
export function throwsPlainError(file: SourceFile): string[] {
  return each(file, (node) => {
    const thrown = ts.isThrowStatement(node) ? node.expression : rejected(node);
    if (thrown === undefined || !ts.isNewExpression(thrown)) return undefined;
    const name = thrown.expression.getText();
    return plainErrors.has(name)
      ? `throws a plain ${name}; use KoraError with a code of the table`
      : undefined;
  });
}

/** `reject(new Error())` and `Promise.reject(new Error())` throw by another door. */
function rejected(node: ts.Node): ts.Expression | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const callee = node.expression;
  const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText();
  return name === 'reject' ? node.arguments[0] : undefined;
}

/** A test that patches imports tests the patch. Clock, pool, logger and fetch are handed in instead. */
export function mocksModules(file: SourceFile): string[] {
  return each(file, (node) => {
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
    const { expression, name } = node.expression;
    return expression.getText() === 'vi' && moduleMocks.has(name.text)
      ? `patches an import with vi.${name.text}; hand the thing in instead`
      : undefined;
  });
}

/** A public face is a list of names with reasons; a star exports whatever the next edit happens to export. */
export function exportsStars(file: SourceFile): string[] {
  return each(file, (node) =>
    ts.isExportDeclaration(node) && node.exportClause === undefined
      ? 'exports a star; name what leaves the module'
      : undefined,
  );
}

/** A promise to come back names the issue that holds it. */
export function promisesWithoutIssue(file: SourceFile): string[] {
  return comments(file).flatMap(({ line, text }) =>
    /\b(?:TODO|FIXME|XXX|HACK)\b/.test(text) && !/\bTODO\(#\d+\)/.test(text)
      ? [`${file.path}:${line} promises without an issue: write TODO(#12) or do it`]
      : [],
  );
}

export function isTooLong(file: SourceFile): string[] {
  const lines = lineCount(file);
  return lines > longestFile ? [`${file.path} has ${lines} lines; the cap is ${longestFile}`] : [];
}

export function isDrawer({ path }: SourceFile): string[] {
  return path
    .split('/')
    .slice(2)
    .filter((part) => drawers.has(part.replace(/(?:\.test)?\.tsx?$/, '')))
    .map((part) => `${path} lies in a drawer called ${part}: name the noun it is about`);
}

export interface FunctionSize {
  readonly path: string;
  readonly line: number;
  readonly name: string;
  readonly lines: number;
  readonly parameters: number;
}

/** Every function with a body, innermost included, with its length in lines. */
export function functionSizes(file: SourceFile): FunctionSize[] {
  const source = parse(file);
  const sizes: FunctionSize[] = [];
  visit(source, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
    const start = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
    const end = source.getLineAndCharacterOfPosition(node.end).line;
    sizes.push({
      path: file.path,
      line: start + 1,
      name: node.name?.getText(source) ?? '(anonymous)',
      lines: end - start + 1,
      parameters: node.parameters.length,
    });
  });
  return sizes;
}

export function lineCount({ text }: SourceFile): number {
  return text.trimEnd().split('\n').length;
}

/** Lines that hold a comment, for the share that the house numbers name. */
export function commentLines(file: SourceFile): number {
  return comments(file).reduce((sum, { text }) => sum + text.split('\n').length, 0);
}

function comments(file: SourceFile): { line: number; text: string }[] {
  const source = parse(file);
  const found = new Map<number, { line: number; text: string }>();
  visit(source, (node) => {
    const ranges = [
      ...(ts.getLeadingCommentRanges(file.text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(file.text, node.end) ?? []),
    ];
    for (const { pos, end } of ranges) {
      found.set(pos, {
        line: source.getLineAndCharacterOfPosition(pos).line + 1,
        text: file.text.slice(pos, end),
      });
    }
  });
  return [...found.values()];
}

function each(file: SourceFile, judge: (node: ts.Node) => string | undefined): string[] {
  const source = parse(file);
  const found: string[] = [];
  visit(source, (node) => {
    const complaint = judge(node);
    if (complaint === undefined) return;
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    found.push(`${file.path}:${line + 1} ${complaint}`);
  });
  return found;
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  node.getChildren().forEach((child) => visit(child, look));
}

/** What was parsed last: whoever holds one file against all laws parses it once, and nobody keeps the trees of all. */
let last: { readonly file: SourceFile; readonly source: ts.SourceFile } | undefined;

function parse(file: SourceFile): ts.SourceFile {
  if (last?.file !== file) {
    const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
    last = { file, source };
  }
  return last.source;
}
