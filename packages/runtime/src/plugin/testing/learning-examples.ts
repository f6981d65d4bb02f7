import { z } from 'zod';
import { every } from '../../promotion/every.ts';
import type { LoopSpec, PluginContext } from '../contract.ts';

/** The examples of docs/plugin-contract.md that are about what is learned; the others are in contract-examples.ts. */
type Context = PluginContext<{ readonly place: string; readonly everyMs: number }>;

declare const loop: Pick<LoopSpec, 'settings' | 'observe' | 'examine' | 'measure'>;

export async function registerLoop(context: Context): Promise<void> {
  await context.registerLoop({
    name: 'promote_tide_questions',
    means: 'has what is asked of the tide again and again answered at no cost',
    kinds: ['phrasebook.entry'],
    settings: loop.settings,
    observe: loop.observe,
    examine: loop.examine,
    measure: loop.measure,
  });
}

export function promotion(context: Context): Pick<LoopSpec, 'observe'> {
  const observe: LoopSpec['observe'] = async (look, signal) => {
    const { history } = context.promotion;
    const known = await context.promotion.places('phrasebook.entry');
    let asked = 0;
    for await (const { text } of every((query) => history.questions(query), { look }, signal))
      if (text.includes('tide')) asked += 1;
    context.log.info('looked back', { asked, known: known.length });
    return { observed: asked, drafts: [] };
  };
  return { observe };
}

export async function registerChangeKind(context: Context): Promise<void> {
  await context.registerChangeKind({
    kind: 'tide.every_ms',
    means: 'how often the tide is measured at a place',
    value: z.object({ everyMs: z.number().int().min(1_000) }),
    examine: async ({ key }) => ({
      title: `measure ${key} at another pace`,
      risk: 'low',
      lines: [{ path: 'everyMs', before: String(context.config.everyMs), after: 'as proposed' }],
      blastRadius: `the gauge of ${key}`,
      refusal: key === context.config.place ? null : `nobody measures at ${key}`,
    }),
    take: async (overlays) => {
      context.log.info('learned', { places: overlays.map(({ key }) => key) });
    },
  });
}

export function written(context: Context): void {
  const isTheirs =
    typeof context.written === 'object' && context.written !== null && 'place' in context.written;
  context.log.info('measuring', { place: context.config.place, by: isTheirs ? 'the operator' : 'default' });
}
