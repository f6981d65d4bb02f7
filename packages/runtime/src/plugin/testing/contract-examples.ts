import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { PluginContext } from '../contract.ts';

/**
 * The examples of docs/plugin-contract.md: one function for each member of the context, named as the member. They are
 * typed by the compiler like everything else, and the page shows their bodies; house/plugin-contract.test.ts compares. Those of
 * loops are in learning-examples.ts.
 */
type Context = PluginContext<{ readonly place: string; readonly everyMs: number }>;

declare const gauge: {
  open(place: string): Promise<void>;
  close(): Promise<void>;
  lost: Promise<Error>;
  height(signal?: AbortSignal): Promise<number>;
};
declare const oracle: { answer(runId: string, text: string, signal: AbortSignal): Promise<string> };
export function id(context: Context): void {
  context.log.info(`plugin ${context.id} of workspace ${context.workspace} is coming up`);
}

export function config(context: Context): void {
  const { place, everyMs } = context.config;
  context.log.info('measuring', { place, everyMs });
}

export async function log(context: Context): Promise<void> {
  context.log.info('measured', { heightM: await gauge.height() });
  context.log.warn('the gauge is slow', { ms: 900 });
  context.log.error('the gauge is gone');
}

export async function signal(context: Context): Promise<void> {
  while (!context.signal.aborted) {
    await gauge.height(context.signal);
    if (!(await context.clock.sleep(context.config.everyMs, context.signal))) break;
  }
}

export async function registerMigrations(context: Context): Promise<void> {
  await context.registerMigrations({
    migrations: [
      {
        number: 1,
        name: 'tide',
        sql: '-- safe: a new table\ncreate table tide (at timestamptz primary key, height_m double precision not null);',
      },
    ],
  });
}

export async function store(context: Context): Promise<void> {
  const [written, highest] = await context.store.run([
    { sql: 'insert into tide (at, height_m) values (now(), $1)', values: [await gauge.height()] },
    { sql: 'select max(height_m) as height_m from tide' },
  ]);
  context.log.info('kept', { rows: written?.count, highest: highest?.rows[0]?.['height_m'] });
}

export async function registerBackgroundDaemon(context: Context): Promise<void> {
  await context.registerBackgroundDaemon({
    name: 'tide',
    livenessMs: 60_000,
    startup: async (coordinator) => {
      await gauge.open(context.config.place);
      void gauge.lost.then((error) => coordinator.died(error));
      coordinator.beat();
    },
    shutdown: () => gauge.close(),
  });
}

export async function registerPeriodicTask(context: Context): Promise<void> {
  await context.registerPeriodicTask({
    name: 'tide.report',
    cadence: { cron: '0 6 * * *', zone: 'Europe/Paris' },
    purpose: 'act',
    run: async ({ signal: deadline, scheduledAt }) => {
      const height = await gauge.height(deadline);
      if (height < 3) return 'noop';
      const words = { title: 'High water', body: `${height} m`, source: 'scheduled_task' };
      await context.notify.send({ key: `tide ${scheduledAt}`, thread: 'tide', severity: 'info', ...words });
      return 'ok';
    },
  });
}

export async function registerProbe(context: Context): Promise<void> {
  await context.registerProbe({
    name: 'gauge',
    kind: 'tide',
    target: context.config.place,
    everyMs: 30_000,
    check: async (deadline) => {
      const heightM = await gauge.height(deadline);
      return { status: heightM > 8 ? 'unhealthy' : 'healthy', details: { heightM } };
    },
  });
}

export async function registerIdentityProvider(context: Context): Promise<void> {
  await context.registerIdentityProvider({
    name: 'keeper',
    provide: async ({ workspace }) =>
      workspace === 'harbour'
        ? {
            soulMd: '# The keeper\n\nWatches the water.',
            systemPrompt: 'You are the keeper of the harbour.',
            metadata: { agentName: 'Keeper', agentVersion: '1.0.0', pluginName: context.id },
          }
        : null,
  });
}

export async function identity(context: Context): Promise<void> {
  const { name, systemPrompt, hash } = await context.identity.current();
  context.log.info('thinking as', { name, hash, characters: systemPrompt.length });
}

export async function registerEventTypes(context: Context): Promise<void> {
  await context.registerEventTypes([
    {
      type: 'tide.measured',
      version: 1,
      means: 'The gauge was read.',
      payload: z.object({ heightM: z.number().meta({ sensitivity: 'public' }) }),
    },
  ]);
}

export async function chain(context: Context): Promise<void> {
  await context.chain.append({ type: 'tide.measured', payload: { heightM: await gauge.height() } });
  const [newest] = await context.chain.read({ type: 'tide.', order: 'desc', limit: 1 });
  context.log.info('newest', { seq: newest?.seq });
}

export async function subscribe(context: Context): Promise<void> {
  await context.subscribe({
    consumer: 'high-water',
    types: ['tide.measured'],
    react: async (event) => {
      if (Number(event.payload['heightM']) < 8) return;
      return { tickets: [{ kind: 'flood_watch', title: 'High water', idempotencyKey: event.eventId }] };
    },
  });
}

export async function tickets(context: Context): Promise<void> {
  const { ticketId } = await context.tickets.add({ kind: 'flood_watch', title: 'Look at the water' });
  context.log.info('asked for a look', { ticketId });
}

export async function registerTicketHandler(context: Context): Promise<void> {
  await context.registerTicketHandler({
    kind: 'flood_watch',
    work: async (ticket) => {
      const heightM = await gauge.height(ticket.signal);
      await ticket.note(`the water stands at ${heightM} m`);
      return { resolution: 'completed', summary: `looked: ${heightM} m`, result: { heightM } };
    },
  });
}

export async function notify(context: Context): Promise<void> {
  const words = { title: 'High water at Brest', body: 'The gauge reads 8.1 m.', source: 'tide' };
  await context.notify.send({ key: 'tide high 2026-03-01', thread: 'tide', severity: 'warning', ...words });
  if (await context.notify.isQuiet()) context.log.info('tomorrow is told in the morning');
}

export async function registerChannel(context: Context): Promise<void> {
  await context.registerChannel({
    name: 'lighthouse',
    send: async (message, deadline) => {
      await gauge.height(deadline);
      return { receipt: `lit for message ${message.messageId}` };
    },
  });
}

export async function probes(context: Context): Promise<void> {
  const failing = (await context.probes.list()).filter(({ status }) => status === 'unreachable');
  const open = await context.probes.incidents({ status: 'open', limit: 10 });
  const looks = await context.probes.history({ probe: 'gauge', limit: 100 });
  context.log.info('seen', { failing: failing.length, open: open.length, looks: looks.length });
}

export async function registerCapability(context: Context): Promise<void> {
  await context.registerCapability({
    id: 'cap_tide_sluice',
    title: 'open and close the sluice',
    risk: 'high',
    defaultVerdict: 'ask',
  });
}

export async function admit(context: Context): Promise<void> {
  const answer = await context.admit({
    door: 'tool_call',
    callId: 'open-1',
    tool: 'sluice',
    capability: 'cap_tide_sluice',
    argumentsHash: createHash('sha256').update('{"open":true}').digest('hex'),
  });
  if (!answer.allow) context.log.warn('not now', { cause: answer.cause });
}

export async function approvals(context: Context): Promise<void> {
  const call = {
    callId: 'open-2',
    tool: 'sluice',
    capability: 'cap_tide_sluice',
    argumentsHash: 'a'.repeat(64),
  };
  const asked = await context.admit({ door: 'tool_call', ...call });
  if (asked.allow || asked.approvalId === undefined) return;
  const { approvalId } = asked;
  if ((await context.approvals.wait(approvalId, context.signal)) !== 'approved') return;
  const again = await context.admit({ door: 'tool_call', ...call, approvalId });
  context.log.info('asked again', { allow: again.allow });
}

export async function settle(context: Context): Promise<void> {
  const callId = 'summary-2026-03-01';
  const leave = await context.admit({
    door: 'model_call',
    callId,
    route: 'scheduled_task',
    estimateMicroUsd: 20_000,
  });
  if (leave.allow) await context.settle(callId, { costMicroUsd: 12_400 });
}

export async function secret(context: Context): Promise<void> {
  const key = await context.secret('API_KEY');
  if (key === undefined) context.log.warn('no API_KEY: the gauge answers strangers once a minute');
}

export async function registerServiceToken(context: Context): Promise<void> {
  await context.registerServiceToken({
    name: 'gauge',
    check: async () =>
      (await context.secret('API_KEY')) === undefined
        ? { state: 'refused', detail: 'no API_KEY is set' }
        : { state: 'ok', detail: 'the gauge takes the key' },
  });
}

export async function registerCockpitPanel(context: Context): Promise<void> {
  await context.registerCockpitPanel({
    id: 'now',
    title: 'The tide now',
    everyMs: 10_000,
    view: async (deadline) => ({
      kind: 'figures',
      figures: [{ label: context.config.place, value: await gauge.height(deadline), unit: 'm' }],
    }),
    actions: [
      {
        id: 'sluice',
        title: 'Close the sluice',
        confirm: 'Close it now?',
        run: async () => ({ message: 'closing; it takes a minute' }),
      },
    ],
  });
}

export async function registerHttpMount(context: Context): Promise<void> {
  await context.registerHttpMount({
    path: '/',
    handle: async ({ path, signal: deadline }) => {
      if (path !== '/height') return { status: 404 };
      const body = JSON.stringify({ heightM: await gauge.height(deadline) });
      return { headers: { 'content-type': 'application/json' }, body };
    },
  });
}

export async function registerBootGate(context: Context): Promise<void> {
  await context.registerBootGate({
    gateId: 'gauge',
    title: 'The gauge answers',
    gateClass: 'transient',
    run: async (deadline) => ({ outcome: 'pass', detail: `it reads ${await gauge.height(deadline)} m` }),
  });
}

export async function registerFix(context: Context): Promise<void> {
  await context.registerFix({
    probe: 'gauge',
    fixName: 'reopen_gauge',
    title: 'closes the gauge and opens it again',
    mode: 'approve',
    capability: 'cap_autofix',
    limits: { perTargetPerHour: 2 },
    timeoutMs: 10_000,
    verifyMs: 60_000,
    targets: ({ details }) =>
      typeof details['gauge'] === 'string' ? [{ id: `gauge:${details['gauge']}`, title: 'the gauge' }] : [],
    conditions: ({ before }) => [
      {
        name: 'gauge_is_stuck',
        holds: before['moving'] === false,
        saw: `moving: ${String(before['moving'])}`,
      },
    ],
    observe: async (_target, deadline) => ({ moving: (await gauge.height(deadline)) !== 0 }),
    execute: async () => {
      await gauge.close();
      await gauge.open(context.config.place);
    },
  });
}

export async function registerTool(context: Context): Promise<void> {
  await context.registerTool({
    name: 'tide__height',
    description: 'How high the water stands now, in metres. Ask it before you say anything about the tide.',
    input: z.object({ place: z.string().max(100).default(context.config.place) }),
    capability: 'cap_tide_read',
    sideEffects: 'none',
    run: async ({ place }, { signal: deadline }) => {
      const heightM = await gauge.height(deadline);
      const id = `tide:${place}@${new Date(context.clock.now()).toISOString()}`;
      return { content: { heightM }, evidence: [{ id, what: `${heightM} m at ${place}` }] };
    },
  });
}

export async function reason(context: Context): Promise<void> {
  const question = {
    route: 'scheduled_task',
    text: 'Is this reading of the gauge plausible?',
    quoted: [{ source: 'gauge', text: `${await gauge.height()} m`, evidenceId: 'tide:Brest@now' }],
    verdict: true,
    limits: { costMicroUsd: 20_000 },
  } as const;
  const { status, text, verdict, receipt } = await context.reason.ask(question, context.signal);
  if (status !== 'answered') return;
  context.log.info(text, { confidence: verdict?.confidence, costMicroUsd: receipt.costMicroUsd });
}

export async function registerEngine(context: Context): Promise<void> {
  await context.registerEngine({
    name: 'oracle',
    models: [
      {
        name: 'oracle-1',
        provider: 'the-shore',
        tier: 'small',
        contextTokens: 8_000,
        maxOutputTokens: 500,
        price: { input: 250_000, output: 1_000_000, cacheRead: 25_000, cacheWrite: 300_000 },
      },
    ],
    respond: async ({ runId, text }, deadline, sign) => {
      sign({ kind: 'model_call', what: 'oracle-1' });
      const words = await oracle.answer(runId, text, deadline);
      return { status: 'answered', text: words, model: 'oracle-1', tier: 'small' };
    },
  });
}

export async function engine(context: Context): Promise<void> {
  const call = { runId: 'the one of the request', callId: 'first' };
  const spec = { ...call, model: 'oracle-1', inputTokens: 900, maxOutputTokens: 500 };
  const leave = await context.engine.beginCall({ ...spec, request: { question: 'how high?' } });
  if (!leave.allow) return;
  const usage = { inputTokens: 870, outputTokens: 40, cacheReadTokens: 0, cacheWriteTokens: 0 };
  await context.engine.endCall({ ...call, outcome: 'ok', usage, response: { words: 'ask the gauge' } });
  const asked = { ...call, callId: 'second', tool: 'tide__height', input: { place: 'Brest' } };
  const outcome = await context.engine.callTool(asked);
  context.log.info('the tool said', { status: outcome.status });
}

export async function mcp(context: Context, token = 'shown by whoever asks'): Promise<void> {
  const { name } = await context.mcp.caller(token);
  context.log.info(name, await context.mcp.call(token, { tool: 'kora__daemon_status', input: {} }));
}

export async function artifacts(context: Context): Promise<void> {
  const content = JSON.stringify({ heightM: await gauge.height() });
  const { artifactId } = await context.artifacts.put({ name: 'tide.json', content, keepDays: 7 });
  const kept = await context.artifacts.get(artifactId);
  const [newest] = await context.artifacts.list({ limit: 1 });
  const words = { title: 'The tide', body: `${kept.size} bytes`, source: 'tide' };
  const message = { key: kept.sha256, thread: 'tide', severity: 'info', ...words } as const;
  await context.notify.send({ ...message, attachments: [newest?.artifactId ?? artifactId] });
}

export async function clock(context: Context): Promise<void> {
  const begun = context.clock.now();
  const whole = await context.clock.sleep(5_000, context.signal);
  context.log.info(whole ? 'slept' : 'woken', { ms: context.clock.now() - begun });
}
