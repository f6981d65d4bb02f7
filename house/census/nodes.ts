import { relative, sep } from 'node:path';
import ts from 'typescript';
import { root } from '../tree.ts';

export type FunctionNode = ts.FunctionLikeDeclaration;

/** Each node that is there at run time: types are left out. */
export function eachValue(node: ts.Node, look: (node: ts.Node) => void): void {
  if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
  if (ts.isImportDeclaration(node) && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return;
  look(node);
  ts.forEachChild(node, (child) => eachValue(child, look));
}

/** The function whose body or parameters a node lies in; undefined for what runs when the module is imported. */
export function functionAround(node: ts.Node): FunctionNode | undefined {
  for (let at = node.parent as ts.Node | undefined; at !== undefined; at = at.parent as ts.Node | undefined) {
    if (ts.isFunctionLike(at) && 'body' in at && at.body !== undefined) return at;
    if (ts.isPropertyDeclaration(at) || ts.isClassStaticBlockDeclaration(at)) return undefined;
  }
  return undefined;
}

export function pathOf(node: ts.Node): string {
  return relative(root, node.getSourceFile().fileName).split(sep).join('/');
}

export function lineOf(node: ts.Node): number {
  const source = node.getSourceFile();
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}

/** What people call the place: `Stay.begin`, `importModule`, or the module itself. */
export function placeOf(node: ts.Node): string {
  const names: string[] = [];
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent as ts.Node | undefined) {
    const inside = names.length > 0;
    if (ts.isClassLike(at)) names.push(at.name?.text ?? 'class');
    else if (
      !inside &&
      (ts.isFunctionDeclaration(at) || ts.isMethodDeclaration(at) || ts.isPropertyDeclaration(at))
    )
      names.push(at.name?.getText() ?? 'default');
    else if (!inside && ts.isConstructorDeclaration(at)) names.push('constructor');
    else if (!inside && ts.isVariableDeclaration(at) && functionAround(at) === undefined)
      names.push(at.name.getText());
  }
  return names.length === 0 ? '(module)' : names.toReversed().join('.');
}
