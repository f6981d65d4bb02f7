import { z } from 'zod';
import { KoraApiError } from './api-error.ts';
import { alertClient } from './alert/client.ts';
import { artifactClient } from './artifact/client.ts';
import { capabilityClient } from './capability/client.ts';
import { chainClient } from './chain/client.ts';
import type { ChainCalls, Query } from './chain/client.ts';
import { daemonClient } from './daemon/client.ts';
import { configClient } from './config/client.ts';
import { controlClient } from './control/client.ts';
import type { OnceOptions } from './control/client.ts';
import * as shape from './contract.ts';
import { fixClient } from './fix/client.ts';
import { panelClient } from './panel/client.ts';
import { phrasebookClient } from './phrasebook/client.ts';
import { pluginConfigClient } from './plugin-config/client.ts';
import { pluginClient } from './plugin/client.ts';
import { sessionClient } from './session/client.ts';
import { promotionClient } from './promotion/client.ts';
import { snapshotClient } from './snapshot/client.ts';
import { reasonClient } from './reason/client.ts';
import { spendClient } from './spend/client.ts';
import { taskClient } from './task/client.ts';
import { ticketClient } from './ticket/client.ts';
import { toolClient } from './tool/client.ts';
import { healthClient } from './health/client.ts';
import { incidentClient } from './incident/client.ts';
import { probeClient } from './probe/client.ts';
import { inboundClient } from './inbound/client.ts';
import { channelClient } from './channel/client.ts';
import { decisionClient } from './decision/client.ts';
import { mcpClient } from './mcp/client.ts';
import { workerCalls, workerClient } from './worker/client.ts';
import type { WorkerCalls } from './worker/client.ts';

export interface KoraClientOptions {
  /** `http://127.0.0.1:9119`; in the page, `location.origin`. */
  readonly url: string;
  /** The token of `home/api-token`; left out in the page, where a cookie speaks. */
  readonly token?: string;
  /** Milliseconds one call may take, default 10 000. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof globalThis.fetch;
}

/** Longer than thinking may take. */
const thinkingMs = 930_000;

const readingSchema = shape.reading(z.unknown());

/** The typed API. Answers are parsed, so a caller never meets a shape it was not compiled against. */
export function createKoraClient(options: KoraClientOptions) {
  const call = caller(options);
  const read = async <T extends z.ZodType>(path: string, data: T, query: Query = {}): Promise<z.infer<T>> => {
    const answer = readingSchema.parse(await call('GET', path + queryString(query), undefined));
    return data.parse(answer.data);
  };
  const write = writer(call);
  const id = (value: string | number): string => encodeURIComponent(String(value));
  return {
    status: () => read('/api/status', shape.statusSchema),
    effects: () => read('/api/effects', shape.effectSchema),
    snapshot: () => read('/api/snapshot', shape.snapshotSchema),
    operationalState: () => read('/api/operational-state', shape.operationalStateSchema),
    boot: () => read('/api/boot-status', shape.bootStatusSchema),
    checkBoot: () => write('/api/boot/check', shape.bootReportSchema, {}),
    ...configClient({ read, write }),
    ...ticketClient({ read, write }),
    ...daemonClient({ read, write }),
    ...taskClient({ read, write }),
    probes: () => read('/api/probes', z.array(shape.probeSchema)),
    runProbe: (name: string) => write(`/api/probes/${id(name)}/run`, shape.probeSchema, {}),
    incidents: (query: { status?: string; limit?: number } = {}) =>
      read('/api/incidents', z.array(shape.incidentSchema), query),
    ...incidentClient({ read, write }),
    ...probeClient({ read, write }),
    ...fixClient({ read, write }),
    ...promotionClient({ read, write, patient: writer(caller({ ...options, timeoutMs: thinkingMs })) }),
    ...alertClient({ read, write }),
    ...capabilityClient({ read, write }),
    ...toolClient({ read }),
    ...artifactClient({ read, write, open: opener(options) }),
    ...spendClient({ read, write }),
    ...reasonClient({
      read,
      open: opener(options),
      patient: writer(caller({ ...options, timeoutMs: thinkingMs })),
    }),
    ...phrasebookClient({ read, write }),
    ...snapshotClient({ read }),
    ...chainClient({ read, write, open: opener(options) }),
    ...controlClient({ read, write }),
    ...healthClient({ read }),
    ...workerClient({ read, write }),
    ...inboundClient({ read, write }),
    ...mcpClient({ read, write }),
    ...decisionClient({ read, write }),
    ...channelClient({ read, write }),
    ...pluginClient({ read, write }),
    ...pluginConfigClient({ read, write }),
    ...panelClient({ read, write }),
    identities: () => read('/api/identities', z.array(shape.identitySchema)),
    useIdentity: (name: string, reason: string) =>
      write('/api/identities/use', shape.receiptSchema, { name, reason }),
    messages: (query: { after?: number; limit?: number } = {}) =>
      read('/api/messages', z.array(shape.messageSchema), query),
    down: (reason: string) => write('/api/down', shape.receiptSchema, { reason }),
    startBackup: (directory: string) => write('/api/backup', shape.backupStatusSchema, { directory }),
    backup: () => read('/api/backup', shape.backupStatusSchema),
    bumpEpoch: (reason: string, options: OnceOptions = {}) =>
      write('/api/db/bump-epoch', shape.epochSchema, { reason, ...options }),
    findings: () => read('/api/doctor', z.array(shape.findingSchema)),
    ...sessionClient({ read, write }),
  };
}

/** The typed routes of a worker, for whoever wants another loop than `createKoraWorker`; the token is a worker's. */
export function createWorkerClient(options: KoraClientOptions): WorkerCalls {
  return workerCalls({ write: writer(caller(options)) });
}

export type KoraClient = ReturnType<typeof createKoraClient>;

function queryString(query: Query): string {
  const pairs = Object.entries(query).filter(
    (pair): pair is [string, string | number] => pair[1] !== undefined,
  );
  if (pairs.length === 0) return '';
  return `?${new URLSearchParams(pairs.map(([key, value]): [string, string] => [key, String(value)])).toString()}`;
}

type Method = 'GET' | 'POST';

function writer(call: ReturnType<typeof caller>): ChainCalls['write'] {
  return async (path, data, body) => data.parse(await call('POST', path, body));
}

function caller(options: KoraClientOptions) {
  return async (method: Method, path: string, body: object | undefined): Promise<unknown> => {
    const signal = AbortSignal.timeout(options.timeoutMs ?? 10_000);
    const response = await request(options, { method, path, body, signal });
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return answer;
    throw refusalOf(response.status, answer);
  };
}

/** For answers that are read as they come: they may take as long as they need. */
function opener(options: KoraClientOptions) {
  return async (path: string, query: Query, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> => {
    const response = await request(options, { method: 'GET', path: path + queryString(query), signal });
    if (response.ok && response.body !== null) return response.body;
    throw refusalOf(response.status, await response.json().catch(() => undefined));
  };
}

interface Sent {
  readonly method: Method;
  readonly path: string;
  readonly body?: object | undefined;
  readonly signal: AbortSignal;
}

function request(options: KoraClientOptions, { method, path, body, signal }: Sent): Promise<Response> {
  const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  const headers: Record<string, string> = {};
  if (options.token !== undefined) headers['authorization'] = `Bearer ${options.token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  return fetch(options.url + path, {
    method,
    headers,
    signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function refusalOf(status: number, answer: unknown): KoraApiError {
  const problem = shape.problemSchema.safeParse(answer);
  if (!problem.success) return new KoraApiError(status, { code: 'KORA_INTERNAL', message: `HTTP ${status}` });
  return new KoraApiError(status, problem.data.error);
}
