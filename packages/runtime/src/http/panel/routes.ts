import type { Context } from 'hono';
import { z } from 'zod';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { storableText } from '../words/contract.ts';
import { panelAskSchema, panelDoneSchema, panelLookSchema, panelSchema } from './contract.ts';

const name = storableText(100);
const word = (context: Context, what: 'plugin' | 'panel' | 'action'): string =>
  parseWith(name, context.req.param(what), `the ${what}`);

export function panelReads(read: Reader, { house }: RoutesOptions): void {
  read('/plugins/:plugin/panels', { data: z.array(panelSchema) }, (_, at) =>
    house().panels(word(at, 'plugin')),
  );
  read('/plugins/:plugin/panels/:panel', { data: panelLookSchema }, (_, at) =>
    house().panel(word(at, 'plugin'), word(at, 'panel')),
  );
}

export function panelWrites(write: Writer, { house }: RoutesOptions): void {
  write(
    '/plugins/:plugin/panels/:panel/actions/:action',
    { body: panelAskSchema, data: panelDoneSchema },
    (ask, at) => house().panelAction(word(at, 'plugin'), word(at, 'panel'), word(at, 'action'), ask),
  );
}
