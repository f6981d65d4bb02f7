import type { EngineSign, PluginContext } from '../contract.ts';
import { parsed } from './arrivals.ts';
import * as arrivals from './engine-arrivals.ts';
import type { Register, Remote } from './remote.ts';

/** Milliseconds in which an engine that is given up may settle its calls. */
const lastWordsMs = 2_000;
const decideMs = 5_000;

/** The runs that a guest's engine thinks about: what it tells of any other is about nothing. */
export class GuestRuns {
  readonly #signs = new Map<string, (sign: EngineSign) => void>();

  async hold<T>(runId: string, sign: (sign: EngineSign) => void, work: () => Promise<T>): Promise<T> {
    this.#signs.set(runId, sign);
    try {
      return await work();
    } finally {
      this.#signs.delete(runId);
    }
  }

  of(runId: string): ((sign: EngineSign) => void) | undefined {
    return this.#signs.get(runId);
  }
}

/** A guest's engine on our side. What it answers is its word; what it spent is counted here. */
export function engineRegistration(
  context: Pick<PluginContext<unknown>, 'registerEngine'>,
  remote: Remote,
): Register {
  return async (params) => {
    const { handle, name, models, decides } = parsed(arrivals.engine, params);
    const choice = { handle, member: 'decide', answer: arrivals.modelChoice, ms: decideMs };
    const call = { handle, member: 'respond', answer: arrivals.engineAnswer, lastWordsMs };
    const registration = await context.registerEngine({
      name,
      models,
      respond: (request, signal, sign) =>
        remote.runs.hold(request.runId, sign, () => remote.callToEnd({ ...call, args: request, signal })),
      ...(decides && { decide: (request) => remote.call({ ...choice, args: request }) }),
    });
    return { handle, registration };
  };
}

/** What a guest may ask as an engine. Whether a run is its to speak of, the house knows. */
export function engineMethods({
  engine,
}: Pick<PluginContext<unknown>, 'engine'>): [string, (params: unknown) => Promise<unknown>][] {
  return [
    ['engine.beginCall', async (params) => engine.beginCall(parsed(arrivals.callStart, params))],
    ['engine.endCall', async (params) => engine.endCall(parsed(arrivals.callEnd, params))],
    ['engine.callTool', async (params) => engine.callTool(parsed(arrivals.toolAsked, params))],
  ];
}

/** A word that wants no answer. */
export function hearSign({ runs }: Remote, params: unknown): void {
  const said = arrivals.engineSign.safeParse(params);
  if (said.success) runs.of(said.data.runId)?.(said.data.sign);
}
