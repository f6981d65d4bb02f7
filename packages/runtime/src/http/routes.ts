import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import { alertReads, alertWrites } from './alert/routes.ts';
import { artifactReads, artifactWrites } from './artifact/routes.ts';
import { capabilityReads, capabilityWrites } from './capability/routes.ts';
import { chainReads, chainWrites } from './chain/routes.ts';
import { daemonReads, daemonWrites } from './daemon/routes.ts';
import { configReads, configWrites } from './config/routes.ts';
import { controlReads, controlWrites } from './control/routes.ts';
import * as shape from './contract.ts';
import { fault } from '../fault/index.ts';
import { fixReads, fixWrites } from './fix/routes.ts';
import { healthReads } from './health/routes.ts';
import { incidentReads, incidentWrites } from './incident/routes.ts';
import { inboundReads, inboundWrites } from './inbound/routes.ts';
import { channelReads, channelWrites } from './channel/routes.ts';
import { decisionReads, decisionWrites } from './decision/routes.ts';
import { mcpReads, mcpWrites } from './mcp/routes.ts';
import { parseWith } from './problem.ts';
import { pageReads, pageWrites } from './page/routes.ts';
import { panelReads, panelWrites } from './panel/routes.ts';
import { phrasebookReads, phrasebookWrites } from './phrasebook/routes.ts';
import { pluginConfigReads, pluginConfigWrites } from './plugin-config/routes.ts';
import { pluginReads, pluginWrites } from './plugin/routes.ts';
import { probeReads, probeWrites } from './probe/routes.ts';
import { promotionReads, promotionWrites } from './promotion/routes.ts';
import { reasonReads, reasonWrites } from './reason/routes.ts';
import type { Reader, RoutesOptions, Writer } from './routing.ts';
import { Deeds } from './session/deed.ts';
import { sessionReads, sessionWrites } from './session/routes.ts';
import type { DoorOptions, DoorReads } from './session/routes.ts';
import { snapshotReads } from './snapshot/routes.ts';
import { spendReads, spendWrites } from './spend/routes.ts';
import { workerReads, workerWrites } from './worker/routes.ts';
import { taskReads, taskWrites } from './task/routes.ts';
import { ticketReads, ticketWrites } from './ticket/routes.ts';
import { toolReads } from './tool/routes.ts';

const limit = z.coerce.number().int().min(1).max(1_000).optional();
const after = z.coerce.number().int().min(0).optional();
const name = shape.storableText(200);

const queries = {
  incidents: z.object({ status: z.enum(['open', 'resolved']).optional(), limit }),
  messages: z.object({ after, limit }),
};

/** The reads: each answers `{status, asOf, data}`, read now from the rooms. */
export function readRoutes(options: RoutesOptions, doors: DoorReads): Hono {
  const { house, clock, operations } = options;
  const routes = new Hono();
  const read: Reader = (path, { data, query }, answer) => {
    operations.push({ method: 'get', path: `/api${path}`, answer: shape.reading(data), query });
    routes.get(path, async (context) => {
      const asked = parseWith(query ?? nothingAsked, context.req.query(), 'the query');
      const answered = await answer(asked as never, context);
      return context.json({
        status: 'live',
        asOf: new Date(clock.now()).toISOString(),
        data: answered as object,
      });
    });
  };

  read('/status', { data: shape.statusSchema }, () => house().status());
  read('/effects', { data: shape.effectSchema }, () => house().effects());
  read('/snapshot', { data: shape.snapshotSchema }, () => house().snapshot());
  read('/operational-state', { data: shape.operationalStateSchema }, () => house().operationalState());
  read('/boot-status', { data: shape.bootStatusSchema }, () => house().bootStatus());
  ticketReads(read, options);
  daemonReads(read, options);
  taskReads(read, options);
  read('/probes', { data: z.array(shape.probeSchema) }, () => house().probes());
  read('/incidents', { data: z.array(shape.incidentSchema), query: queries.incidents }, (query) =>
    house().incidents(query),
  );
  probeReads(read, options);
  incidentReads(read, options);
  fixReads(read, options);
  promotionReads(read, options);
  alertReads(read, options);
  capabilityReads(read, options);
  toolReads(read, options);
  artifactReads(read, options);
  chainReads(read, options);
  spendReads(read, options);
  reasonReads(read, options);
  phrasebookReads(read, options);
  snapshotReads(read, options);
  controlReads(read, options);
  healthReads(read, options);
  workerReads(read, options);
  inboundReads(read, options);
  mcpReads(read, options);
  decisionReads(read, options);
  channelReads(read, options);
  pluginReads(read, options);
  configReads(read, options);
  pluginConfigReads(read, options);
  panelReads(read, options);
  sessionReads(read, options, doors);
  pageReads(read, options, doors);
  read('/identities', { data: z.array(shape.identitySchema) }, () => house().identities());
  read('/messages', { data: z.array(shape.messageSchema), query: queries.messages }, (query) =>
    house().messages(query),
  );
  read('/backup', { data: shape.backupStatusSchema }, () => house().backup());
  read('/doctor', { data: z.array(shape.findingSchema) }, () => house().findings());
  return routes;
}

/** The mutations: each is told on the chain as a deed, with who did it and why. */
export function writeRoutes(options: RoutesOptions, doors: DoorOptions): Hono {
  const { house, operations } = options;
  const routes = new Hono();
  const deeds = new Deeds(options);
  const write: Writer = (path, { data, body }, answer) => {
    operations.push({ method: 'post', path: `/api${path}`, answer: data, body });
    routes.post(path, async (context) => {
      refuseKeyInHead(context);
      const sent: unknown = await context.req.json().catch(() => undefined);
      const input = parseWith(body, sent, 'the body');
      const answered = await answer(input, context);
      await deeds.note(context, path, input);
      return context.json(answered as object);
    });
  };
  const nothing = z.strictObject({});
  const identity = shape.reasonSchema.extend({ name });
  const because = shape.reasonSchema;

  write('/boot/check', { body: nothing, data: shape.bootReportSchema }, () => house().checkBoot());
  ticketWrites(write, options);
  daemonWrites(write, options);
  taskWrites(write, options);
  write('/probes/:name/run', { body: nothing, data: shape.probeSchema }, (_, at) =>
    house().runProbe(named(at)),
  );
  probeWrites(write, options);
  incidentWrites(write, options);
  fixWrites(write, options);
  promotionWrites(write, options);
  alertWrites(write, options);
  capabilityWrites(write, options);
  artifactWrites(write, options);
  chainWrites(write, options);
  spendWrites(write, options);
  reasonWrites(write, options);
  phrasebookWrites(write, options);
  controlWrites(write, options);
  workerWrites(write, options);
  inboundWrites(write, options);
  mcpWrites(write, options);
  decisionWrites(write, options);
  channelWrites(write, options);
  pluginWrites(write, options);
  configWrites(write, options);
  pluginConfigWrites(write, options);
  panelWrites(write, options);
  sessionWrites(write, options, doors);
  pageWrites(write, options);
  write('/identities/use', { body: identity, data: shape.receiptSchema }, (choice) =>
    house().useIdentity(choice.name, choice.reason),
  );
  write('/backup', { body: shape.backupRequestSchema, data: shape.backupStatusSchema }, ({ directory }) =>
    house().startBackup(directory),
  );
  write('/db/bump-epoch', { body: shape.mutationSchema, data: shape.epochSchema }, (request) =>
    house().bumpEpoch(request),
  );
  write('/down', { body: because, data: shape.receiptSchema }, ({ reason }) => house().down(reason));
  return routes;
}

const nothingAsked = z.object({});

function named(context: Context): string {
  return parseWith(name, context.req.param('name'), 'the name');
}

/** A key that nobody looks at would promise what is not kept. */
function refuseKeyInHead(context: Context): void {
  if (context.req.header('idempotency-key') === undefined) return;
  throw fault('KORA_REQUEST_INVALID', 'an idempotency key is a field of the body: idempotencyKey', {
    fix: 'send {"idempotencyKey": "..."} where the request takes one',
  });
}
