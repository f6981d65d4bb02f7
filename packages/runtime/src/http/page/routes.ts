import type { Context } from 'hono';
import { z } from 'zod';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { lanePageSchema } from '../ticket/contract.ts';
import { reasonSchema, storableText } from '../words/contract.ts';
import * as shape from './contract.ts';
import { messageIdSchema, messageStorySchema } from './message-contract.ts';
import type { DoorReads } from '../session/routes.ts';
import type { Streaming } from './house.ts';

const position = z.coerce.number().int().positive().optional();
const upTo = (most: number): z.ZodOptional<z.ZodCoercedNumber> =>
  z.coerce.number().int().min(1).max(most).optional();
const text = storableText(200);
const name = storableText(200);
const words = storableText(300);
/** A place that an earlier answer named. */
const place = z.string().max(400).optional();

const queries = {
  stop: z.object({ level: z.coerce.number().int().min(1).max(5) }),
  transitions: z.object({
    since: z.iso.datetime({ offset: true }).optional(),
    before: position,
    limit: upTo(2_000),
  }),
  runs: z.object({ limit: upTo(200) }),
  strips: z.object({ looks: upTo(200) }),
  wakes: z.object({ probe: text.optional(), ticket: position, before: position, limit: upTo(200) }),
  days: z.object({ days: upTo(400) }),
  bytes: z
    .object({ from: z.coerce.number().int().positive(), to: z.coerce.number().int().positive() })
    .refine(({ from, to }) => to >= from && to - from < 500, 'a range of at most 500 events'),
  logs: z.object({
    before: place,
    after: place,
    since: z.iso.datetime({ offset: true }).optional(),
    until: z.iso.datetime({ offset: true }).optional(),
    limit: upTo(1_000),
    level: shape.logLineSchema.shape.level.optional(),
    logger: text.optional(),
    q: words.optional(),
  }),
  messages: z.object({
    channel: text.optional(),
    direction: z.enum(['in', 'out']).optional(),
    status: text.optional(),
    before: place,
    limit: upTo(200),
  }),
};

/** What the page asks that no command does. */
export function pageReads(read: Reader, { house }: RoutesOptions, { reports, readers }: DoorReads): void {
  const page = (): ReturnType<RoutesOptions['house']>['page'] => house().page;
  read('/stop/preview', { data: shape.stopPreviewSchema, query: queries.stop }, ({ level }) =>
    page().stopPreview(level),
  );
  read('/resume/preview', { data: shape.resumePreviewSchema }, () => page().resumePreview());
  read(
    '/operational-state/transitions',
    { data: z.array(shape.stateTransitionSchema), query: queries.transitions },
    (query) => page().transitions(query),
  );
  read('/sea-tickets/lane', { data: lanePageSchema, query: shape.laneQuerySchema }, (query) =>
    page().lane(query),
  );
  read('/lane-history', { data: shape.laneHistorySchema }, () => page().laneHistory());
  read('/attention', { data: shape.attentionSchema }, () => page().attention());
  read('/task-runs', { data: shape.taskRunsSchema, query: queries.runs }, ({ limit }) =>
    page().taskRuns(limit ?? 60),
  );
  read('/probe-strips', { data: shape.probeStripsSchema, query: queries.strips }, ({ looks }) =>
    page().probeStrips(looks ?? 50),
  );
  read('/wakes', { data: z.array(shape.wakeSchema), query: queries.wakes }, (query) => page().wakes(query));
  read('/wakes/:wake', { data: shape.wakeSchema }, (_, at) =>
    page().wake(parseWith(text, at.req.param('wake'), 'the wake')),
  );
  read('/spend/days', { data: z.array(shape.spendDaySchema), query: queries.days }, ({ days }) =>
    page().spendDays(days ?? 30),
  );
  read('/chain/standing', { data: shape.chainStandingSchema }, () => page().chainStanding());
  read('/chain-bytes', { data: shape.chainBytesSchema, query: queries.bytes }, (range) =>
    page().chainBytes(range),
  );
  read('/logs', { data: shape.logPageSchema, query: queries.logs }, (query) => page().logs(query));
  read('/diagnostics', { data: shape.diagnosticsSchema }, () =>
    page().diagnostics(streamingOf(readers, reports)),
  );
  read('/message-log', { data: shape.messageLogSchema, query: queries.messages }, (query) =>
    page().messageLog(query),
  );
  read('/message-log/:id', { data: messageStorySchema }, (_, at) =>
    page().message(parseWith(messageIdSchema, at.req.param('id'), 'the message')),
  );
}

function streamingOf(readers: DoorReads['readers'], reports: DoorReads['reports']): Streaming {
  const policyReports = reports.read().last.map(({ at, directive, blocked }) => ({ at, directive, blocked }));
  return { streams: readers.streams, eventLagMs: readers.lagMs, policyReports };
}

/** What the page does to many at once, and to the schedule. */
export function pageWrites(write: Writer, { house }: RoutesOptions): void {
  write('/tickets/deed-many', { body: shape.ticketDeedsSchema, data: shape.manyTicketsSchema }, (wish) =>
    house().page.deedMany(wish),
  );
  write('/tasks/:name/pause', { body: reasonSchema, data: shape.taskPausedSchema }, ({ reason }, at) =>
    house().page.pauseTask(named(at), reason),
  );
  write('/tasks/:name/resume', { body: reasonSchema, data: shape.taskPausedSchema }, ({ reason }, at) =>
    house().page.resumeTask(named(at), reason),
  );
}

function named(context: Context): string {
  return parseWith(name, context.req.param('name'), 'the name');
}
