import ts from 'typescript';
import { doors } from '../../packages/runtime/src/admission/contract.ts';
import type { Door } from '../../packages/runtime/src/admission/contract.ts';
import { functionAround, lineOf, pathOf, placeOf } from './nodes.ts';
import type { FunctionNode } from './nodes.ts';
import type { References } from './references.ts';
import { sinkDeclarations } from './sites.ts';
import type { Site } from './sites.ts';
import type { Sources } from './sources.ts';
import { askedFor, exempt, repeaters } from './table.ts';
import type { Exempt, Exemption, Sink } from './table.ts';

/** How a site is come to: through a door, as an exemption, or past both. */
export type Way = { readonly door: Door } | { readonly exempt: Exemption } | { readonly open: string };

/** Climbs from a way out to whoever may lead there, until each climb meets a redeemed pass or an exemption. */
export class Ways {
  readonly #checker: ts.TypeChecker;
  readonly #references: References;
  readonly #sinks: ReadonlyMap<ts.Node, Sink>;
  readonly #redeemed = new Map<FunctionNode, ts.CallExpression[]>();
  /** Questions at a door from outside the runtime, whose refusal ends the function that asked. */
  readonly #asked = new Set<ts.CallExpression>();
  /** Which rows were of use: one that is not has outlived its reason. */
  readonly used = new Set<Exempt>();
  /** The calls that each redeemed pass is taken for, where they lead to a deed. */
  readonly taken = new Map<ts.CallExpression, Set<ts.Node>>();

  constructor(sources: Sources, references: References) {
    this.#checker = sources.checker;
    this.#references = references;
    this.#sinks = sinkDeclarations(sources);
    for (const name of references.named('redeem')) {
      const call = name.parent.parent;
      if (!ts.isPropertyAccessExpression(name.parent) || !ts.isCallExpression(call)) continue;
      const real = references
        .declarationsOf(name)
        .some((each) => pathOf(each) === 'packages/runtime/src/admission/admission.ts');
      const inside = functionAround(call);
      if (real && inside !== undefined)
        this.#redeemed.set(inside, [...(this.#redeemed.get(inside) ?? []), call]);
    }
    for (const name of references.named(askedFor.member)) {
      const call = name.parent.parent;
      if (!ts.isPropertyAccessExpression(name.parent) || !ts.isCallExpression(call)) continue;
      const real = references.declarationsOf(name).some((each) => pathOf(each) === askedFor.file);
      const inside = functionAround(call);
      if (!real || inside === undefined || !isHeeded(call)) continue;
      this.#asked.add(call);
      this.#redeemed.set(inside, [...(this.#redeemed.get(inside) ?? []), call]);
    }
  }

  to({ node, reaches, door }: Site): Way[] {
    const found: Way[] = [];
    const points: ts.Node[] = [node];
    const seen = new Set<ts.Node>(points);
    for (let point = points.pop(); point !== undefined; point = points.pop()) {
      const path = pathOf(point);
      const row = exempt.find((each) => covers(each, path, reaches));
      if (row !== undefined) {
        this.used.add(row);
        found.push({ exempt: row.as });
        continue;
      }
      const inside = functionAround(point);
      const pass = inside === undefined ? undefined : this.#passBefore(point, inside);
      if (pass !== undefined) {
        if (door !== undefined) this.taken.set(pass, (this.taken.get(pass) ?? new Set()).add(point));
        found.push(...this.#doorsOf(pass).map((each) => ({ door: each })));
        continue;
      }
      const entered = this.#entries(point, inside);
      if (typeof entered === 'string') found.push({ door: entered });
      else if (entered.length === 0)
        found.push({ open: `${pathOf(point)}:${lineOf(point)} ${placeOf(point)}` });
      else
        for (const next of entered)
          if (!seen.has(next)) {
            seen.add(next);
            points.push(next);
          }
    }
    // Only itself leads there: nobody comes to it, and nobody could say by which door.
    return found.length > 0 ? found : [{ open: 'itself alone' }];
  }

  /** The pass that is taken before `point` is come to, on every way through its function; the nearest one. */
  #passBefore(point: ts.Node, inside: FunctionNode): ts.CallExpression | undefined {
    return (this.#redeemed.get(inside) ?? []).findLast(
      (call) => call.end <= point.getStart() && alwaysBefore(call, point),
    );
  }

  #doorsOf(pass: ts.CallExpression): Door[] {
    if (this.#asked.has(pass)) return [askedFor.door];
    const {
      arguments: [, asked],
    } = pass;
    if (asked === undefined) return [];
    const type = this.#checker.getTypeAtLocation(asked);
    const members = type.isUnion() ? type.types : [type];
    return members.flatMap((each) => doors.filter((door) => each.isStringLiteral() && each.value === door));
  }

  /** Who comes to this point from outside its function: a door when it is the deed of a contract, else the callers. */
  #entries(point: ts.Node, inside: FunctionNode | undefined): Door | readonly ts.Node[] {
    const handed = this.#handedTo(point);
    if (handed !== undefined) return handed.door;
    if (inside === undefined) return this.#namedAround(point);
    const contracted = this.#contractOf(inside);
    if (contracted !== undefined) return contracted.door;
    if (ts.isConstructorDeclaration(inside)) return this.#references.to(inside.parent);
    if (ts.isFunctionDeclaration(inside)) return this.#references.to(inside);
    const { parent } = inside;
    if (ts.isClassLike(parent)) return this.#ofMethod(inside as ts.MethodDeclaration, parent);
    if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) return this.#references.to(parent);
    if (ts.isPropertyDeclaration(parent)) return this.#references.to(parent);
    if (isRepeated(inside)) return this.#entries(parent, functionAround(parent));
    // Made here and run by whoever it is handed to: it cannot run unless this place was come to.
    return [parent];
  }

  #ofMethod(method: ts.MethodDeclaration, owner: ts.ClassLikeDeclaration): readonly ts.Node[] {
    const name = method.name.getText();
    const promised = (owner.heritageClauses ?? []).flatMap(({ types }) =>
      types.flatMap((type) => this.#checker.getTypeAtLocation(type).getProperty(name)?.declarations ?? []),
    );
    return [method, ...promised].flatMap((each) => this.#references.to(each as ts.NamedDeclaration));
  }

  /** Of what runs on import: a variable or a class member is come to by its uses. */
  #namedAround(point: ts.Node): readonly ts.Node[] {
    for (let at: ts.Node = point; !ts.isSourceFile(at); at = at.parent) {
      if (ts.isClassLike(at) && at !== point) return this.#references.to(at);
      if (ts.isVariableDeclaration(at)) {
        if (ts.isIdentifier(at.name)) return this.#references.to(at);
        return at.name.elements.flatMap((each) =>
          ts.isBindingElement(each) ? this.#references.to(each) : [],
        );
      }
    }
    return [];
  }

  /** The sink that a function is written for: `{ run: () => … }` where a PeriodicTaskSpec is wanted. */
  #contractOf(inside: FunctionNode): Sink | undefined {
    if (ts.isArrowFunction(inside) || ts.isFunctionExpression(inside)) {
      const itself = this.#sinkAmong(this.#checker.getContextualType(inside)?.symbol?.declarations);
      if (itself !== undefined) return itself;
    }
    const member = ts.isMethodDeclaration(inside) ? inside : inside.parent;
    const literal = member.parent;
    if (!ts.isPropertyAssignment(member) && !ts.isMethodDeclaration(member)) return undefined;
    if (!ts.isObjectLiteralExpression(literal)) return undefined;
    const wanted = this.#checker.getContextualType(literal);
    return this.#sinkAmong(wanted?.getProperty(member.name.getText())?.declarations);
  }

  /** `{ check: look }`, where a ProbeSpec is wanted: the function goes by its name to whoever does the deed. */
  #handedTo(point: ts.Node): Sink | undefined {
    const { parent } = point;
    if (!ts.isPropertyAssignment(parent) || parent.initializer !== point) return undefined;
    const wanted = this.#checker.getContextualType(parent.parent);
    return this.#sinkAmong(wanted?.getProperty(parent.name.getText())?.declarations);
  }

  #sinkAmong(declarations: readonly ts.Node[] = []): Sink | undefined {
    return declarations.map((each) => this.#sinks.get(each)).find((sink) => sink !== undefined);
  }
}

/** Whether an exemption is for that place and for what is reached there. */
export function covers({ in: places, reaches }: Exempt, path: string, reach: string): boolean {
  const inside = places.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place));
  return inside && (reaches.includes('*') || reaches.includes(reach));
}

function isRepeated({ parent }: ts.Node): boolean {
  if (!ts.isCallExpression(parent)) return false;
  const { expression } = parent;
  return repeaters.has(
    ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText(),
  );
}

/** `const leave = await x.beginCall(…)`, and right after it `if (!leave.allow)` with a way out of the function. */
function isHeeded(call: ts.CallExpression): boolean {
  const declared = ts.isAwaitExpression(call.parent) ? call.parent.parent : undefined;
  if (declared === undefined || !ts.isVariableDeclaration(declared) || !ts.isIdentifier(declared.name))
    return false;
  const statement = declared.parent.parent;
  if (!ts.isVariableStatement(statement) || !ts.isBlock(statement.parent)) return false;
  const next = statement.parent.statements[statement.parent.statements.indexOf(statement) + 1];
  return (
    next !== undefined &&
    ts.isIfStatement(next) &&
    next.expression.getText() === `!${declared.name.text}.allow` &&
    leaves(next.thenStatement)
  );
}

/** Whether a statement ends the function, whatever happens. */
function leaves(statement: ts.Statement): boolean {
  if (ts.isReturnStatement(statement) || ts.isThrowStatement(statement)) return true;
  const last = ts.isBlock(statement) ? statement.statements.at(-1) : undefined;
  return last !== undefined && leaves(last);
}

/** Whether a statement of its own makes the call, in a block that goes on to `point`. */
function alwaysBefore(call: ts.CallExpression, point: ts.Node): boolean {
  let at: ts.Node = call;
  while (!ts.isExpressionStatement(at) && !ts.isVariableStatement(at)) {
    const above: ts.Node = at.parent;
    const plain =
      ts.isExpressionStatement(above) ||
      ts.isVariableStatement(above) ||
      ts.isVariableDeclaration(above) ||
      ts.isVariableDeclarationList(above) ||
      ts.isAwaitExpression(above);
    if (!plain) return false;
    at = above;
  }
  const block = blockAround(at);
  for (let up: ts.Node | undefined = point; up !== undefined; up = up.parent as ts.Node | undefined) {
    if (up === block) return true;
    // A pass is for one deed: what goes round after it was taken goes round without.
    if (ts.isIterationStatement(up, false)) return false;
  }
  return false;
}

/** What is done in a `try` whose `catch` only ever leaves is done in the block around it. */
function blockAround(statement: ts.Node): ts.Node {
  const block = statement.parent;
  const around = block.parent;
  const isTried = ts.isTryStatement(around) && around.tryBlock === block;
  return isTried && around.catchClause !== undefined && leaves(around.catchClause.block)
    ? blockAround(around)
    : block;
}
