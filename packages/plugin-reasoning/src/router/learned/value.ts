import { reasonRoutes } from '@kora/runtime/plugin';
import type { ReasonRoute } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { RouterConfig } from '../contract.ts';

const from = z.int().min(1).max(1_000).optional();
const weight = z.int().min(0).max(100).optional();
const characters = z.int().min(0).max(1_000_000).optional();

/** What may be learned of the router's parameters; what it leaves out stays as it is. */
export const parametersValue = z
  .strictObject({
    standardFrom: from,
    largeFrom: from,
    unsureBelow: z.number().min(0).max(1).optional(),
    /** What a question counts for coming from the route; of a route alone. */
    weight,
    weights: z
      .strictObject({
        decision_language: weight,
        critical: weight,
        verdict: weight,
        long_question: weight,
        long_quoted: weight,
        acting_tools: weight,
      })
      .optional(),
    shortAnswer: z.strictObject({ below: characters, toMoreThan: characters }).optional(),
  })
  .refine((value) => Object.values(value).some(saysSomething), 'must change something');
export type ParametersValue = z.infer<typeof parametersValue>;

/** A number, or a group with one in it. */
function saysSomething(part: object | number | undefined): boolean {
  return typeof part === 'object'
    ? Object.values(part).some((each) => each !== undefined)
    : part !== undefined;
}

/** `default`: every route that has none of its own. */
export const parameterKeys = ['default', ...reasonRoutes] as const;
export type ParameterKey = (typeof parameterKeys)[number];

export function isParameterKey(key: string): key is ParameterKey {
  return (parameterKeys as readonly string[]).includes(key);
}

/** One number of the configuration, where it stands there, and what it is to be. */
export interface Leaf {
  /** In the block `router`: `weights.critical`, `routes.cli`. */
  readonly path: readonly string[];
  readonly to: number;
}

/** The numbers that a value names; `key` says which route `weight` is of. */
export function leaves(value: ParametersValue, key: ParameterKey): readonly Leaf[] {
  const { weight: ofRoute, weights = {}, shortAnswer = {}, ...plain } = value;
  const named: readonly (readonly [path: readonly string[], to: number | undefined])[] = [
    ...Object.entries(plain).map(([name, to]) => [[name], to] as const),
    [['routes', key], ofRoute],
    ...Object.entries(weights).map(([name, to]) => [['weights', name], to] as const),
    ...Object.entries(shortAnswer).map(([name, to]) => [['shortAnswer', name], to] as const),
  ];
  return named.flatMap(([path, to]) => (to === undefined ? [] : [{ path, to }]));
}

/** The configuration with the value over it. */
export function merged(config: RouterConfig, key: ParameterKey, value: ParametersValue): RouterConfig {
  const { weight: ofRoute, weights, shortAnswer, standardFrom, largeFrom, unsureBelow } = value;
  const routes =
    ofRoute === undefined || key === 'default' ? config.routes : { ...config.routes, [key]: ofRoute };
  return {
    ...config,
    standardFrom: standardFrom ?? config.standardFrom,
    largeFrom: largeFrom ?? config.largeFrom,
    unsureBelow: unsureBelow ?? config.unsureBelow,
    routes,
    weights: { ...config.weights, ...defined(weights) },
    shortAnswer: { ...config.shortAnswer, ...defined(shortAnswer) },
  };
}

/** What stands at a path of a configuration; a route that nobody gave a weight counts nothing. */
export function numberAt(config: RouterConfig, [first = '', second]: readonly string[]): number {
  const plain: Readonly<Record<string, unknown>> = { ...config };
  const found = second === undefined ? plain[first] : recordOf(plain[first])[second];
  return typeof found === 'number' ? found : 0;
}

export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function defined<Given extends object>(
  given: Given | undefined,
): { [Key in keyof Given]: Exclude<Given[Key], undefined> } {
  const entries = Object.entries(given ?? {}).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Given]: Exclude<Given[Key], undefined> };
}

/** The route that a key is of; undefined for `default`. */
export function routeOf(key: ParameterKey): ReasonRoute | undefined {
  return key === 'default' ? undefined : key;
}
