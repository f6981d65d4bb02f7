import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import { capabilityReads, capabilityWrites } from './capability/routes.ts';
import { chainReads, chainWrites } from './chain/routes.ts';
import { controlReads, controlWrites } from './control/routes.ts';
import * as shape from './contract.ts';
import { healthReads } from './health/routes.ts';
import { parseWith } from './problem.ts';
import type { Reader, RoutesOptions, Writer } from './routing.ts';
import { spendReads, spendWrites } from './spend/routes.ts';

const limit = z.coerce.number().int().min(1).max(1_000).optional();
const after = z.coerce.number().int().min(0).optional();
const text = shape.storableText(200).optional();
const id = z.coerce.number().int().positive();
const name = shape.storableText(200);

const queries = {
  tickets: z.object({ status: text, limit }),
  history: z.object({ limit }),
  incidents: z.object({ status: z.enum(['open', 'resolved']).optional(), limit }),
  messages: z.object({ after, limit }),
};

/** The reads: each answers `{status, asOf, data}`, read now from the rooms. */
export function readRoutes(options: RoutesOptions): Hono {
  const { house, clock } = options;
  const routes = new Hono();
  const read: Reader = (path, answer) => {
    routes.get(path, async (context) => {
      const data = await answer(context);
      return context.json({ status: 'live', asOf: new Date(clock.now()).toISOString(), data });
    });
  };
  const query = <T extends z.ZodType>(context: Context, schema: T): z.infer<T> =>
    parseWith(schema, context.req.query(), 'the query');
  const named = (context: Context): string => parseWith(name, context.req.param('name'), 'the name');
  const numbered = (context: Context): number => parseWith(id, context.req.param('id'), 'the id');

  read('/status', () => house().status());
  read('/effects', () => house().effects());
  read('/snapshot', () => house().snapshot());
  read('/operational-state', () => house().operationalState());
  read('/boot-status', () => house().bootStatus());
  read('/tickets', (context) => house().tickets(query(context, queries.tickets)));
  read('/tickets/:id', (context) => house().ticket(numbered(context)));
  read('/sea-tickets/kora-assigned', () => house().buckets());
  read('/daemons', () => house().daemons());
  read('/tasks', () => house().tasks());
  read('/tasks/:name/history', (context) =>
    house().taskHistory(named(context), query(context, queries.history).limit ?? 20),
  );
  read('/probes', () => house().probes());
  read('/incidents', (context) => house().incidents(query(context, queries.incidents)));
  read('/incidents/:id', (context) => house().incident(numbered(context)));
  capabilityReads(read, options);
  chainReads(read, options);
  spendReads(read, options);
  controlReads(read, options);
  healthReads(read, options);
  read('/plugins', () => house().plugins());
  read('/identities', () => house().identities());
  read('/messages', (context) => house().messages(query(context, queries.messages)));
  read('/backup', () => house().backup());
  read('/doctor', () => house().findings());
  return routes;
}

/** The mutations: each takes a reason, and is an event on the chain. */
export function writeRoutes(options: RoutesOptions): Hono {
  const { house } = options;
  const routes = new Hono();
  const write: Writer = (path, body, answer) => {
    routes.post(path, async (context) => {
      const sent: unknown = await context.req.json().catch(() => undefined);
      return context.json((await answer(parseWith(body, sent, 'the body'), context)) as object);
    });
  };
  const named = (context: Context): string => parseWith(name, context.req.param('name'), 'the name');
  const numbered = (context: Context): number => parseWith(id, context.req.param('id'), 'the id');
  const nothing = z.strictObject({});
  const identity = shape.reasonSchema.extend({ name });

  write('/boot/check', nothing, () => house().checkBoot());
  write('/tickets', shape.newTicketSchema, (ticket) => house().addTicket(ticket));
  write('/tickets/:id/cancel', shape.reasonSchema, ({ reason }, at) =>
    house().cancelTicket(numbered(at), reason),
  );
  write('/tickets/:id/retry', shape.reasonSchema, ({ reason }, at) =>
    house().retryTicket(numbered(at), reason),
  );
  write('/daemons/:name/restart', shape.reasonSchema, ({ reason }, at) =>
    house().restartDaemon(named(at), reason),
  );
  write('/tasks/:name/run', shape.reasonSchema, ({ reason }, at) => house().runTask(named(at), reason));
  write('/probes/:name/run', nothing, (_, at) => house().runProbe(named(at)));
  write('/incidents/:id/ack', shape.reasonSchema, ({ reason }, at) =>
    house().acknowledgeIncident(numbered(at), reason),
  );
  capabilityWrites(write, options);
  chainWrites(write, options);
  spendWrites(write, options);
  controlWrites(write, options);
  write('/identities/use', identity, (choice) => house().useIdentity(choice.name, choice.reason));
  write('/backup', shape.backupRequestSchema, ({ directory }) => house().startBackup(directory));
  write('/db/bump-epoch', shape.reasonSchema, ({ reason }) => house().bumpEpoch(reason));
  write('/down', shape.reasonSchema, ({ reason }) => house().down(reason));
  return routes;
}
