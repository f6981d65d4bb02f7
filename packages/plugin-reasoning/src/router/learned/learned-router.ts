import type {
  ChangeKindSpec,
  ChangePlace,
  ChangeSeen,
  LearnedUse,
  Overlay,
  ReasonRoute,
} from '@kora/runtime/plugin';
import type { RouterConfig } from '../contract.ts';
import { refusalOf, riskOf } from './judge.ts';
import {
  isParameterKey,
  leaves,
  merged,
  numberAt,
  parameterKeys,
  parametersValue,
  routeOf,
} from './value.ts';
import type { ParameterKey, ParametersValue } from './value.ts';

const kind = 'router.parameters';

/** By what a question is routed now. */
export interface Parameters {
  readonly config: RouterConfig;
  /** What ships, with what the operator wrote: critical questions and verdicts never get less than by this. */
  readonly floor: RouterConfig;
  readonly learned: readonly LearnedUse[];
}

interface Standing {
  readonly value: ParametersValue;
  readonly revision: number;
}

/** The router's parameters, with what was learned of them over the configuration. */
export class LearnedRouter {
  readonly #base: RouterConfig;
  readonly #written: unknown;
  #standing: ReadonlyMap<string, Standing> = new Map();

  /** `written` is the block `router` as the operator wrote it. */
  constructor(base: RouterConfig, written: unknown) {
    this.#base = base;
    this.#written = written;
  }

  /** For all routes first, then for the one; what no longer fits there has no say. */
  parametersFor(route: ReasonRoute | undefined): Parameters {
    let config = this.#base;
    const learned: LearnedUse[] = [];
    for (const key of ['default', ...(route === undefined ? [] : [route])] as const) {
      const standing = this.#standing.get(key);
      if (standing === undefined || this.#refusal(key, standing.value, config) !== null) continue;
      config = merged(config, key, standing.value);
      learned.push({ kind, key, revision: standing.revision, as: 'used', wouldHave: null });
    }
    return { config, floor: this.#base, learned };
  }

  changes(): ChangeKindSpec {
    return {
      kind,
      means:
        'From which score on a question earns a larger model, and when a first answer is looked at again.',
      value: parametersValue,
      examine: ({ key, value }) => Promise.resolve(this.#look(key, parametersValue.parse(value))),
      take: (overlays: readonly Overlay[]) => {
        this.#standing = new Map(
          overlays.flatMap(({ key, value, revision }) => {
            const { data } = parametersValue.safeParse(value);
            return data === undefined ? [] : [[key, { value: data, revision }] as const];
          }),
        );
        return Promise.resolve();
      },
      places: () => Promise.resolve(parameterKeys.map((key) => this.#place(key))),
    };
  }

  #look(key: string, value: ParametersValue): ChangeSeen {
    if (!isParameterKey(key)) {
      const refusal = `there is no route ${key}; the key is default or a route`;
      return { title: `router of ${key}`, risk: 'high', lines: [], blastRadius: 'nothing here', refusal };
    }
    const route = routeOf(key);
    const now = this.parametersFor(route).config;
    const beneath = route === undefined ? this.#base : this.parametersFor(undefined).config;
    const lines = leaves(value, key).map(({ path, to }) => {
      return { path: `router.${path.join('.')}`, before: String(numberAt(now, path)), after: String(to) };
    });
    const said = leaves(value, key).map(({ path, to }) => `${path.join('.')} ${to}`);
    return {
      title: `the router of ${route ?? 'every route'}: ${said.join(', ')}`,
      risk: riskOf(key, value, beneath),
      lines: lines.filter(({ before, after }) => before !== after),
      blastRadius: route === undefined ? 'questions on every route' : `questions on ${route}`,
      refusal: this.#refusal(key, value, beneath),
    };
  }

  #refusal(key: ParameterKey, value: ParametersValue, beneath: RouterConfig): string | null {
    return refusalOf(key, value, { base: this.#base, written: this.#written, beneath });
  }

  #place(key: ParameterKey): ChangePlace {
    const route = routeOf(key);
    const { config } = this.parametersFor(route);
    const { standardFrom, largeFrom, unsureBelow, weights, prefixes } = config;
    return {
      key,
      value: {
        standardFrom,
        largeFrom,
        unsureBelow,
        ...(route === undefined ? {} : { weight: config.routes[route] ?? 0 }),
      },
      // A change of a place replaces all of it: whoever proposes one begins from what is there.
      facts: {
        weights: { ...weights },
        prefixes: { ...prefixes },
        learned: this.#standing.get(key)?.value ?? null,
      },
    };
  }
}
