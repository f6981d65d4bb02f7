import ts from 'typescript';
import { eachValue } from './nodes.ts';
import type { Sources } from './sources.ts';

type Name = ts.Identifier | ts.PrivateIdentifier;

/** Who names what, over all sources: by the text first, so that the checker is asked about few names only. */
export class References {
  readonly #checker: ts.TypeChecker;
  readonly #byText = new Map<string, Name[]>();
  readonly #of = new Map<ts.Node, readonly Name[]>();

  constructor({ checker, files }: Sources) {
    this.#checker = checker;
    for (const file of files) {
      eachValue(file, (node) => {
        const text = textOf(node);
        if (text === undefined) return;
        const known = this.#byText.get(text);
        if (known === undefined) this.#byText.set(text, [node as Name]);
        else known.push(node as Name);
      });
    }
  }

  named(text: string): readonly Name[] {
    return this.#byText.get(text) ?? [];
  }

  /** What a name stands for, through imports, re-exports and destructuring. */
  declarationsOf(name: ts.Node): readonly ts.Declaration[] {
    const symbol = this.#symbolOf(name);
    return symbol?.declarations ?? [];
  }

  /** Every use of a declaration, under whatever name it is imported. */
  to(declaration: ts.NamedDeclaration): readonly Name[] {
    const known = this.#of.get(declaration);
    if (known !== undefined) return known;
    const { name } = declaration;
    const uses: Name[] = [];
    const texts = name === undefined ? ['default'] : [name.getText().replaceAll(/^['"]|['"]$/g, '')];
    for (let at = 0; at < texts.length; at++) {
      for (const found of this.named(texts[at] ?? '')) {
        if (found === name || !this.declarationsOf(found).includes(declaration)) continue;
        const local = renamed(found);
        if (local !== undefined && !texts.includes(local)) texts.push(local);
        if (!isPassingOn(found)) uses.push(found);
      }
    }
    this.#of.set(declaration, uses);
    return uses;
  }

  #symbolOf(node: ts.Node): ts.Symbol | undefined {
    const checker = this.#checker;
    const { parent } = node;
    if (ts.isShorthandPropertyAssignment(parent))
      return this.#real(checker.getShorthandAssignmentValueSymbol(parent));
    // `const { work } = handler` names the member, not only the new variable.
    if (
      ts.isBindingElement(parent) &&
      (parent.propertyName ?? parent.name) === node &&
      ts.isObjectBindingPattern(parent.parent)
    ) {
      return this.#real(checker.getTypeAtLocation(parent.parent).getProperty(node.getText()));
    }
    if (ts.isStringLiteralLike(node) && ts.isElementAccessExpression(parent))
      return this.#real(checker.getTypeAtLocation(parent.expression).getProperty(node.text));
    return this.#real(checker.getSymbolAtLocation(node));
  }

  #real(symbol: ts.Symbol | undefined): ts.Symbol | undefined {
    if (symbol === undefined || (symbol.flags & ts.SymbolFlags.Alias) === 0) return symbol;
    return this.#checker.getAliasedSymbol(symbol);
  }
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) return node.text;
  // `spec['check']` names it as well.
  return ts.isStringLiteralLike(node) && ts.isElementAccessExpression(node.parent) ? node.text : undefined;
}

/** The name that an import or export gives to what it passes on. */
function renamed(name: ts.Node): string | undefined {
  const { parent } = name;
  if (!ts.isImportSpecifier(parent) && !ts.isExportSpecifier(parent)) return undefined;
  return parent.propertyName === undefined ? undefined : parent.name.text;
}

function isPassingOn({ parent }: ts.Node): boolean {
  return ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent) || ts.isImportClause(parent);
}
