import type { PluginContext } from '../contract.ts';
import { parsed } from './arrivals.ts';
import * as arrivals from './loop-arrivals.ts';
import type { Register, Remote } from './remote.ts';

/** A guest's loop on our side: its judgements are its word, and the runtime decides by them. */
export function loopRegistration(
  context: Pick<PluginContext<unknown>, 'registerLoop'>,
  remote: Remote,
): Register {
  return async (params) => {
    const { handle, ...words } = parsed(arrivals.loop, params);
    const asked = { handle } as const;
    const registration = await context.registerLoop({
      ...words,
      observe: (look, signal) =>
        remote.call({ ...asked, member: 'observe', args: { look }, answer: arrivals.observed, signal }),
      examine: (draft, look, signal) =>
        remote.call({
          ...asked,
          member: 'examine',
          args: { draft, look },
          answer: arrivals.examination,
          signal,
        }),
      measure: (change, looks, signal) =>
        remote.call({
          ...asked,
          member: 'measure',
          args: { change, looks },
          answer: arrivals.measure,
          signal,
        }),
    });
    return { handle, registration };
  };
}

/** What a guest may ask of the past. Whether a look is its own, and goes on, the house knows. */
export function historyMethods({
  promotion: { history, places },
}: Pick<PluginContext<unknown>, 'promotion'>): [string, (params: unknown) => Promise<unknown>][] {
  const { historyQuery, questionQuery, eventHistoryQuery, placesQuery } = arrivals;
  return [
    ['history.questions', async (params) => history.questions(parsed(questionQuery, params))],
    ['history.toolCalls', async (params) => history.toolCalls(parsed(historyQuery, params))],
    ['history.incidents', async (params) => history.incidents(parsed(historyQuery, params))],
    ['history.attempts', async (params) => history.attempts(parsed(historyQuery, params))],
    ['promotion.places', async (params) => places(parsed(placesQuery, params).kind)],
    ['history.events', async (params) => history.events(parsed(eventHistoryQuery, params))],
  ];
}
