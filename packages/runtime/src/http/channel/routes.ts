import type { Context } from 'hono';
import { z } from 'zod';
import { writerOf } from '../config/routes.ts';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { freshIf } from '../session/fresh.ts';
import { reasonSchema } from '../words/contract.ts';
import * as shape from './contract.ts';

const name = z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/);
const nothing = z.strictObject({});

function named(context: Context): string {
  return parseWith(name, context.req.param('name'), 'the name');
}

export function channelReads(read: Reader, { house }: RoutesOptions): void {
  read('/channels', { data: z.array(shape.channelSchema) }, () => house().channels());
}

export function channelWrites(write: Writer, options: RoutesOptions): void {
  const { house } = options;
  write('/channels/:name/check', { body: nothing, data: shape.channelCheckSchema }, (_, at) =>
    house().checkChannel(named(at)),
  );
  write('/channels/:name/test', { body: nothing, data: shape.channelTestSchema }, (_, at) =>
    house().testChannel(named(at)),
  );
  write('/channels/:name/first', { body: reasonSchema, data: shape.channelFirstSchema }, ({ reason }, at) =>
    house().tellFirst(named(at), reason),
  );
  write(
    '/channels/:name/setup',
    { body: shape.newChannelSetupSchema, data: shape.channelSetUpSchema },
    async (wish, at) => {
      await freshIf(at, options, () => Promise.resolve(true));
      return house().setUpChannel(named(at), wish, writerOf(at));
    },
  );
}
