import { expect, test } from 'vitest';
import { FakeClock } from '../clock/index.ts';
import { Access } from './access.ts';
import { createKoraClient } from './client.ts';
import type { KoraClient } from './client.ts';
import { Mounts } from './mounts.ts';
import { application } from './server.ts';
import { serverBench, token } from './testing/server.ts';
import { scriptedHouse } from './testing/house.ts';
import type { sessionClient } from './session/client.ts';

/** Every method and path of the API, as the application itself lists them. */
function apiRoutes(): { method: string; path: string }[] {
  const clock = new FakeClock();
  const app = application({
    options: {
      host: '',
      port: 0,
      token,
      clock,
      boot: () => {
        throw new Error('not asked');
      },
      onError: () => undefined,
    },
    access: new Access({ token, clock, onError: () => undefined }),
    mounts: new Mounts(),
    port: () => 0,
    house: scriptedHouse,
    signal: AbortSignal.abort(),
  });
  const routes = app.routes.filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/'));
  return routes.map(({ method, path }) => ({
    method,
    path: path.replace(/:\w+/g, '1').replace('*', 'anything'),
  }));
}

const routes = apiRoutes();

test('the list of routes is not empty', () => {
  expect(routes.length).toBeGreaterThan(35);
});

test.each(routes.filter(({ path }) => path !== '/api/pair'))(
  '$method $path refuses a stranger',
  async ({ method, path }) => {
    const { ask, house } = await serverBench();
    for (const authorization of [null, 'Bearer wrong']) {
      expect((await ask(method, path, { Authorization: authorization })).status).toBe(401);
    }
    expect(house.asked).toEqual([]);
  },
);

test.each(routes.filter(({ path }) => !/pair|session|caller|csp|anything|openapi/.test(path)))(
  '$method $path says that Kora is booting until the rooms stand',
  async ({ method, path }) => {
    const { ask } = await serverBench({ closed: true });
    const body = JSON.stringify({ reason: 'r', name: 'n', title: 't' });
    const valid = method === 'GET' ? '' : body;
    const answer = await ask(method, path, {}, valid);
    // A body that does not fit is refused first; none of these reaches a room.
    expect([503, 400]).toContain(answer.status);
  },
);

test('a key in the head is not passed over', async () => {
  const { ask, house } = await serverBench();
  const answer = await ask('POST', '/api/pause', { 'Idempotency-Key': 'k' }, '{"reason":"r"}');
  expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
    400,
    { error: { code: 'KORA_REQUEST_INVALID', message: expect.stringContaining('idempotencyKey') } },
  ]);
  expect(house.asked).toEqual([]);
});

const { signal } = new AbortController();

const calls: Record<
  | Exclude<keyof KoraClient, keyof ReturnType<typeof sessionClient>>
  | `tickets.${Exclude<keyof KoraClient['tickets'], 'list'>}`
  | `workers.${Exclude<keyof KoraClient['workers'], 'list'>}`
  | `inbound.${Exclude<keyof KoraClient['inbound'], 'list'>}`
  | `mcpTokens.${Exclude<keyof KoraClient['mcpTokens'], 'list'>}`,
  (client: KoraClient) => Promise<unknown>
> = {
  status: (client) => client.status(),
  effects: (client) => client.effects(),
  snapshot: (client) => client.snapshot(),
  operationalState: (client) => client.operationalState(),
  boot: (client) => client.boot(),
  checkBoot: (client) => client.checkBoot(),
  tools: (client) => client.tools({ route: 'cli' }),
  tool: (client) => client.tool('kora__get_ticket'),
  artifacts: (client) => client.artifacts({ madeBy: 'tides', limit: 5 }),
  artifact: (client) => client.artifact('art_1'),
  artifactContent: (client) => client.artifactContent('art_1', signal),
  removeArtifact: (client) => client.removeArtifact('art_1', 'why'),
  tickets: (client) => client.tickets.list({ status: 'assigned', limit: 5, before: 9 }),
  'tickets.show': (client) => client.tickets.show(7),
  buckets: (client) => client.buckets(),
  'tickets.add': (client) => client.tickets.add({ title: 'look' }),
  'tickets.addMany': (client) => client.tickets.addMany([{ title: 'look' }, { title: 'again' }]),
  'tickets.unblock': (client) => client.tickets.unblock(7, 'why'),
  'tickets.release': (client) => client.tickets.release(7, 'why'),
  'tickets.reprioritise': (client) => client.tickets.reprioritise(7, 'high', 'why'),
  'tickets.reassign': (client) => client.tickets.reassign(7, 'kora', 'why'),
  'tickets.note': (client) => client.tickets.note(7, 'seen'),
  'tickets.cancel': (client) => client.tickets.cancel(7, 'why'),
  'tickets.retry': (client) => client.tickets.retry(7, 'why'),
  workers: (client) => client.workers.list({ all: true }),
  'workers.add': (client) => client.workers.add({ name: 'mail', kinds: ['mail'], reason: 'r' }),
  inbound: (client) => client.inbound.list({ state: 'quarantined', channel: 'slack', limit: 5 }),
  'inbound.show': (client) => client.inbound.show(7),
  'inbound.release': (client) => client.inbound.release(7, 'why'),
  'inbound.drop': (client) => client.inbound.drop(7, 'why'),
  mcpTokens: (client) => client.mcpTokens.list({ all: true }),
  'mcpTokens.add': (client) => client.mcpTokens.add({ name: 'desk', grants: ['read_runtime'], reason: 'r' }),
  promotions: (client) => client.promotions({ loop: 'promote_phrasebook', decision: 'pending', before: 9 }),
  promotion: (client) => client.promotion(7),
  promotionDiff: (client) => client.promotionDiff(7, { from: 1, to: 2 }),
  promotionLoops: (client) => client.promotionLoops(),
  approvePromotion: (client) => client.approvePromotion(7, { revision: 2, digest: 'd', reason: 'why' }),
  rejectPromotion: (client) => client.rejectPromotion(7, { reason: 'why' }),
  rollBackPromotion: (client) => client.rollBackPromotion(7, { reason: 'why' }),
  retryPromotion: (client) => client.retryPromotion(7, { reason: 'why' }),
  runPromotionLoop: (client) => client.runPromotionLoop('promote_phrasebook', 'why'),
  decisions: (client) => client.decisions({ all: true, limit: 5 }),
  decision: (client) => client.decision(7),
  answerDecision: (client) => client.answerDecision({ decisionId: 7, verdict: 'approve' }),
  startDrill: (client) => client.startDrill({ reason: 'why' }),
  channels: (client) => client.channels(),
  checkChannel: (client) => client.checkChannel('email'),
  testChannel: (client) => client.testChannel('email'),
  tellFirst: (client) => client.tellFirst('email', 'why'),
  setUpChannel: (client) =>
    client.setUpChannel('email', { values: { host: 'h' }, secrets: {}, reason: 'why' }),
  'mcpTokens.revoke': (client) => client.mcpTokens.revoke(7, 'why'),
  'workers.revoke': (client) => client.workers.revoke(7, 'why'),
  daemons: (client) => client.daemons(),
  daemon: (client) => client.daemon('d'),
  restartDaemon: (client) => client.restartDaemon('d', 'why'),
  tasks: (client) => client.tasks(),
  taskHistory: (client) => client.taskHistory('t', 3),
  runTask: (client) => client.runTask('t', 'why'),
  task: (client) => client.task('t'),
  setTaskCadence: (client) => client.setTaskCadence('t', { everyMs: 1_000 }, 'why'),
  resetTaskCadence: (client) => client.resetTaskCadence('t', 'why'),
  taskRuns: (client) => client.taskRuns(3),
  pauseTask: (client) => client.pauseTask('t', 'why'),
  resumeTask: (client) => client.resumeTask('t', 'why'),
  probes: (client) => client.probes(),
  runProbe: (client) => client.runProbe('p/1'),
  incidents: (client) => client.incidents({ status: 'open' }),
  incident: (client) => client.incident(7),
  acknowledgeIncident: (client) => client.acknowledgeIncident(7, 'why'),
  silenceIncident: (client) => client.silenceIncident(7, 'why', 60_000),
  incidentTimeline: (client) => client.incidentTimeline(7),
  incidentStory: (client) => client.incidentStory(7),
  noteIncident: (client) => client.noteIncident(7, 'why'),
  probeHistory: (client) => client.probeHistory('disk', { sinceMs: 3_600_000, points: 10 }),
  probeDays: (client) => client.probeDays({ days: 30 }),
  probeWindows: (client) => client.probeWindows(),
  addProbeWindow: (client) => client.addProbeWindow({ probe: null, forMs: 60_000, reason: 'why' }),
  endProbeWindow: (client) => client.endProbeWindow(7, 'why'),
  events: (client) => client.events({ after: 0, type: 'test' }),
  event: (client) => client.event(7),
  causes: (client) => client.causes(7),
  healthRollup: (client) => client.healthRollup(),
  verify: (client) => client.verify({ from: 2 }),
  verifyFollowed: (client) =>
    client.verifyFollowed(
      { after: { seq: 2, hash: 'a'.repeat(64) } },
      { signal, onProgress: () => undefined },
    ),
  exportChain: (client) => client.exportChain({ from: 2, to: 5 }, signal),
  checkpoints: (client) => client.checkpoints(3),
  makeCheckpoint: (client) => client.makeCheckpoint(),
  consumers: (client) => client.consumers(),
  parked: (client) => client.parked('c'),
  replayParked: (client) => client.replayParked('c/1', 'why', 7),
  skipParked: (client) => client.skipParked('c', 'why', 7),
  forgetConsumer: (client) => client.forgetConsumer('c'),
  redact: (client) => client.redact(7, 'why'),
  prune: (client) =>
    client.prune({ upto: 7, exported: { from: 1, to: 9, sha256: 'a'.repeat(64) }, reason: 'why' }),
  plugins: (client) => client.plugins(),
  whyPlugin: (client) => client.whyPlugin('marvin'),
  syncPlugins: (client) => client.syncPlugins(),
  purgePlugin: (client) => client.purgePlugin('marvin', 'r'),
  approvePlugin: (client) => client.approvePlugin('marvin', 'r', 'd'),
  disablePlugin: (client) => client.disablePlugin('marvin', 'r'),
  pluginConfig: (client) => client.pluginConfig('@kora/plugin-marvin'),
  configuration: (client) => client.configuration(),
  configure: (client) =>
    client.configure({ changes: [{ key: 'alerts.burst', value: 7 }], digest: 'd', reason: 'r' }),
  configurePlugin: (client) =>
    client.configurePlugin('tides', { block: { place: 'x' }, hash: 'h', reason: 'r' }),
  panels: (client) => client.panels('tides'),
  panel: (client) => client.panel('tides', 'now'),
  panelAction: (client) =>
    client.panelAction({ plugin: 'tides', panel: 'now', action: 'turn' }, { input: { by: 3 }, reason: 'r' }),
  identities: (client) => client.identities(),
  useIdentity: (client) => client.useIdentity('kora', 'why'),
  messages: (client) => client.messages({ after: 3 }),
  pause: (client) => client.pause('why', 1_000),
  resume: (client) => client.resume('why', 7),
  stop: (client) => client.stop(2, 'why'),
  koraControl: (client) => client.koraControl(),
  drState: (client) => client.drState(),
  capabilities: (client) => client.capabilities({ all: true }),
  grantCapability: (client) =>
    client.grantCapability({
      capability: 'cap_web_fetch',
      to: { kind: 'plugin', subject: 'slack' },
      reason: 'r',
    }),
  revokeGrant: (client) => client.revokeGrant(1, 'r'),
  alerts: (client) => client.alerts({ status: 'active' }),
  alert: (client) => client.alert(7),
  acknowledgeAlert: (client) => client.acknowledgeAlert(7, 'why'),
  snoozeAlert: (client) => client.snoozeAlert(7, 'why', 60_000),
  fixes: (client) => client.fixes({ incident: 7 }),
  fixAttempt: (client) => client.fixAttempt(7),
  rehearseFix: (client) => client.rehearseFix({ probe: 'shop' }),
  tryFix: (client) => client.tryFix({ probe: 'shop', reason: 'why' }),
  approvals: (client) => client.approvals(),
  approval: (client) => client.approval(1),
  approve: (client) => client.approve(1, 'r'),
  deny: (client) => client.deny(1, 'r'),
  down: (client) => client.down('why'),
  findings: (client) => client.findings(),
  startBackup: (client) => client.startBackup('/backups/one'),
  backup: (client) => client.backup(),
  phrasebook: (client) => client.phrasebook({ version: 2 }),
  phrasebookHistory: (client) => client.phrasebookHistory(3),
  testPhrasebook: (client) => client.testPhrasebook('status?'),
  previewPhrasebook: (client) => client.previewPhrasebook([], { limit: 10 }),
  editPhrasebook: (client) => client.editPhrasebook([], 'why', { expectedVersion: 2 }),
  revertPhrasebook: (client) => client.revertPhrasebook('why', { to: 1 }),
  reasonSnapshot: (client) => client.reasonSnapshot({ now: true }),
  keptSnapshots: (client) => client.keptSnapshots(3),
  keptSnapshot: (client) => client.keptSnapshot(7),
  ask: (client) => client.ask({ text: 'why?', key: 'k', conversation: { channel: 'cli', thread: 't' } }),
  runs: (client) => client.runs({ ticketId: 7, status: 'open' }),
  run: (client) => client.run('r'),
  replayRun: (client) => client.replayRun('r'),
  cancelRun: (client) => client.cancelRun('r', 'why'),
  engines: (client) => client.engines(),
  conversations: (client) => client.conversations(3),
  conversation: (client) => client.conversation(7, 3),
  liveRuns: (client) => client.liveRuns({ key: 'k' }, signal).next(),
  spend: (client) => client.spend({ by: 'route', windowMs: 3_600_000 }),
  spendPrices: (client) => client.spendPrices(),
  spendForecast: (client) =>
    client.spendForecast({ plugin: 'p', everyMs: 60_000, model: 'm', inputTokens: 10 }),
  spendEntries: (client) => client.spendEntries({ after: 3, limit: 10, windowMs: 3_600_000 }),
  reconcileSpend: (client) => client.reconcileSpend(12_340_000, 'the bill'),
  refreshSpend: (client) => client.refreshSpend('paid'),
  releaseReservation: (client) => client.releaseReservation('call 7', 'crashed'),
  bumpEpoch: (client) => client.bumpEpoch('why'),
};

test.each(Object.entries(calls))(
  '%s answers the shape that its client was compiled against',
  async (_, call) => {
    const { server, errors } = await serverBench();
    expect(await call(createKoraClient({ url: server.url, token }))).toBeDefined();
    expect(errors).toEqual([]);
  },
);

test('what was asked arrives as it was asked', async () => {
  const { server, house } = await serverBench();
  const client = createKoraClient({ url: server.url, token });
  await client.runProbe('p/1');
  await client.tickets.cancel(7, ' why ');
  await client.taskHistory('t');
  expect(house.asked).toEqual([
    ['runProbe', 'p/1'],
    ['cancelTicket', { reason: 'why', ticketId: 7 }],
    ['taskHistory', 't', 20],
  ]);
});

test.each([
  '/api/tickets/nine',
  '/api/tickets/99999999999999999999',
  '/api/tickets?limit=0',
  '/api/tickets?status=%00',
  '/api/tickets?status=resolved',
  '/api/tickets?before=0',
  '/api/chain-events?after=-1',
  '/api/chain-events?type=%00',
  '/api/incidents?status=maybe',
  '/api/tasks/%00/history',
])('%s is a wrong request', async (path) => {
  const { ask, errors } = await serverBench();
  expect((await ask('GET', path)).status).toBe(400);
  expect(errors).toEqual([]);
});

test.each([
  ['GET', '/api/none'],
  ['GET', '/api/tickets/1/none'],
  ['POST', '/api/none'],
])('%s %s is not there, in JSON', async (method, path) => {
  const { ask } = await serverBench();
  const { status, body } = await ask(method, path);
  expect(status).toBe(404);
  expect(JSON.parse(body)).toMatchObject({ error: { code: 'KORA_NOT_FOUND' } });
});

test('an error of a room tells the log, and the caller nothing of the inside', async () => {
  const { ask, house, errors } = await serverBench();
  house.status = () => Promise.reject(new Error('password=hunter2'));
  const { status, body } = await ask('GET', '/api/status');
  expect(status).toBe(500);
  expect(body).not.toContain('hunter2');
  expect(errors).toHaveLength(1);
});

test('before the rooms stand, /readyz shows the gates and asks to come again', async () => {
  const bench = await serverBench({ closed: true });
  const early = await bench.ask('GET', '/readyz', { Authorization: null });
  expect(early.status).toBe(503);
  expect(early.headers.get('retry-after')).toBe('1');
  expect(JSON.parse(early.body)).toMatchObject({ ready: false, gates: [{ gateId: 'text' }] });
  for (const [outcome, status] of [
    ['passed', 200],
    ['paused', 200],
    ['failed', 503],
  ] as const) {
    bench.boot = { ...bench.boot, outcome };
    expect((await bench.ask('GET', '/readyz', { Authorization: null })).status).toBe(status);
  }
  expect((await bench.ask('GET', '/healthz', { Authorization: null })).status).toBe(200);
});
