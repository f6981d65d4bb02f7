import assert from 'node:assert/strict';
import type { z } from 'zod';
import * as shape from '../contract.ts';
import { alertSchema, alertsSchema } from '../alert/contract.ts';
import { fixAttemptSchema, fixesSchema, fixRehearsalSchema } from '../fix/contract.ts';
import { panelDoneSchema, panelLookSchema, panelSchema } from '../panel/contract.ts';
import {
  phrasebookPreviewSchema,
  phrasebookSchema,
  phrasebookTestSchema,
  phrasebookVersionSchema,
} from '../phrasebook/contract.ts';
import {
  conversationDetailSchema,
  conversationSchema,
  enginesSchema,
  reasonAnswerSchema,
  reasonReplaySchema,
  reasonRunDetailSchema,
  reasonRunSchema,
} from '../reason/contract.ts';
import { keptSnapshotSchema, reasonSnapshotSchema } from '../snapshot/contract.ts';
import {
  promotionDetailSchema,
  promotionDiffSchema,
  promotionLoopSchema,
  promotionRunSchema,
  promotionSchema,
} from '../promotion/contract.ts';
import { pluginConfigSchema, pluginConfigWrittenSchema } from '../plugin-config/contract.ts';
import type { House } from '../house.ts';
import type { LiveSignView } from '../reason/house.ts';
import type { EventRow } from '../shapes.ts';
import { scriptedInbound } from '../inbound/testing/desk.ts';
import { scriptedMcp } from '../mcp/testing/desk.ts';
import { scriptedPage } from '../page/testing/desk.ts';
import { scriptedSessions } from '../session/testing/keeper.ts';
import type { DeedRecord } from '../session/house.ts';
import { scriptedWorkers } from '../worker/testing/desk.ts';

/** A value that fits a schema: the smallest that shows every key. */
export function sample<T extends z.ZodType>(schema: T): z.infer<T> {
  return valueOf(schema) as z.infer<T>;
}

function valueOf(schema: z.core.$ZodType): unknown {
  // The union of all definitions is what zod itself hands to whoever walks a schema.
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return Object.fromEntries(Object.entries(def.shape).map(([key, value]) => [key, valueOf(value)]));
    case 'array':
      return [valueOf(def.element)];
    case 'record':
      return { key: valueOf(def.valueType) };
    case 'nullable':
    case 'optional':
    case 'default':
      return valueOf(def.innerType);
    case 'enum':
      return Object.values(def.entries)[0];
    case 'literal':
      return def.values[0];
    case 'string':
      return 'text';
    case 'number':
      return 7;
    case 'union':
      return valueOf(def.options[0] ?? assert.fail('a union of nothing'));
    case 'boolean':
      return true;
    case 'lazy':
      return { label: 'leaf', children: [] };
    case 'unknown':
      return ['x'];
    default:
      return assert.fail(`no sample of ${def.type}`);
  }
}

export interface ScriptedHouse extends House {
  /** What was asked of it, in order: method and arguments. */
  readonly asked: (readonly [string, ...unknown[]])[];
  /** What was told of mutations, in order. */
  readonly deeds: DeedRecord[];
  /** Seals events up to this sequence and wakes the listeners. */
  seal(upTo: number): void;
  /** Tells whoever watches runs. */
  sign(sign: LiveSignView): void;
  /** Types by sequence, `test.seen` where nothing else is said. */
  readonly types: Map<number, string>;
}

/** A house that answers a sample to everything and keeps a chain of events that the test seals. */
export function scriptedHouse(): ScriptedHouse {
  const asked: [string, ...unknown[]][] = [];
  const deeds: DeedRecord[] = [];
  const listeners = new Set<() => void>();
  const runListeners = new Set<(sign: LiveSignView) => void>();
  const types = new Map<number, string>();
  let head = 0;
  const says =
    <T>(name: string, answer: T) =>
    (...args: unknown[]): Promise<T> => {
      asked.push([name, ...args]);
      return Promise.resolve(answer);
    };
  const eventAt = (seq: number): EventRow => ({
    ...sample(shape.eventSchema),
    seq,
    type: types.get(seq) ?? 'test.seen',
  });
  const ticket = sample(shape.ticketSchema);
  const receipt = sample(shape.receiptSchema);
  const incident = sample(shape.incidentSchema);
  return {
    asked,
    deeds,
    types,
    seal: (upTo) => {
      head = upTo;
      for (const listener of listeners) listener();
    },
    build: '0.0.0-test',
    decisions: says('decisions', [sample(shape.waitingDecisionSchema)]),
    decision: says('decision', sample(shape.waitingDecisionSchema)),
    answerDecision: says('answerDecision', sample(shape.decidedSchema)),
    startDrill: says('startDrill', sample(shape.drillSchema)),
    channels: says('channels', [sample(shape.channelSchema)]),
    checkChannel: says('checkChannel', sample(shape.channelCheckSchema)),
    testChannel: says('testChannel', sample(shape.channelTestSchema)),
    tellFirst: says('tellFirst', sample(shape.channelFirstSchema)),
    setUpChannel: says('setUpChannel', sample(shape.channelSetUpSchema)),
    status: says('status', sample(shape.statusSchema)),
    effects: () => sample(shape.effectSchema),
    snapshot: says('snapshot', sample(shape.snapshotSchema)),
    operationalState: says('operationalState', sample(shape.operationalStateSchema)),
    bootStatus: says('bootStatus', sample(shape.bootStatusSchema)),
    checkBoot: says('checkBoot', sample(shape.bootReportSchema)),
    tools: says('tools', [sample(shape.toolSchema)]),
    tool: says('tool', sample(shape.toolDetailSchema)),
    artifacts: says('artifacts', [sample(shape.artifactSchema)]),
    artifact: says('artifact', sample(shape.artifactSchema)),
    artifactContent: says('artifactContent', { name: "a b'()*.txt", content: new Uint8Array([120]) }),
    removeArtifact: says('removeArtifact', sample(shape.artifactSchema)),
    tickets: says('tickets', [ticket]),
    ticket: says('ticket', sample(shape.ticketDetailSchema)),
    buckets: says('buckets', sample(shape.bucketsSchema)),
    addTicket: says('addTicket', ticket),
    cancelTicket: says('cancelTicket', ticket),
    retryTicket: says('retryTicket', ticket),
    unblockTicket: says('unblockTicket', ticket),
    releaseTicket: says('releaseTicket', ticket),
    reprioritiseTicket: says('reprioritiseTicket', ticket),
    reassignTicket: says('reassignTicket', ticket),
    noteTicket: says('noteTicket', ticket),
    addTickets: says('addTickets', sample(shape.addedTicketsSchema)),
    daemons: () => [sample(shape.daemonSchema)],
    daemon: (name) => {
      asked.push(['daemon', name]);
      return sample(shape.daemonSchema);
    },
    restartDaemon: says('restartDaemon', receipt),
    tasks: says('tasks', [sample(shape.taskSchema)]),
    taskHistory: says('taskHistory', [sample(shape.occurrenceSchema)]),
    runTask: says('runTask', sample(shape.occurrenceSchema)),
    task: says('task', sample(shape.taskDetailSchema)),
    setTaskCadence: says('setTaskCadence', sample(shape.taskDetailSchema)),
    probes: says('probes', [sample(shape.probeSchema)]),
    runProbe: says('runProbe', sample(shape.probeSchema)),
    incidents: says('incidents', [incident]),
    incident: says('incident', incident),
    acknowledgeIncident: says('acknowledgeIncident', incident),
    silenceIncident: says('silenceIncident', incident),
    incidentTimeline: says('incidentTimeline', [sample(shape.incidentEntrySchema)]),
    incidentStory: says('incidentStory', [sample(shape.incidentStorySchema)]),
    noteIncident: says('noteIncident', [sample(shape.incidentEntrySchema)]),
    probeHistory: says('probeHistory', sample(shape.probeHistorySchema)),
    probeDays: says('probeDays', [sample(shape.probeDaysSchema)]),
    probeWindows: says('probeWindows', [sample(shape.probeWindowSchema)]),
    addProbeWindow: says('addProbeWindow', sample(shape.probeWindowSchema)),
    endProbeWindow: says('endProbeWindow', sample(shape.probeWindowSchema)),
    events: ({ after = 0, limit = 100, type }) => {
      const all = Array.from({ length: Math.max(0, head - after) }, (_, at) => eventAt(after + at + 1));
      return Promise.resolve(
        all.filter((event) => type === undefined || event.type.startsWith(type)).slice(0, limit),
      );
    },
    event: (seq) => Promise.resolve({ ...sample(shape.eventDetailSchema), ...eventAt(seq) }),
    proof: says('proof', sample(shape.inclusionProofSchema)),
    verify: says('verify', sample(shape.verifySchema)),
    exportChain: async ({ out }) => {
      await says('exportChain', undefined)();
      out.write('{"format":"kora-chain-export"}\n{"end":{}}\n');
    },
    checkpoints: says('checkpoints', sample(shape.checkpointsSchema)),
    makeCheckpoint: says('makeCheckpoint', sample(shape.checkpointOutcomeSchema)),
    consumers: says('consumers', [sample(shape.consumerSchema)]),
    parked: says('parked', [sample(shape.parkedSchema)]),
    replayParked: says('replayParked', sample(shape.replayRequestedSchema)),
    skipParked: says('skipParked', receipt),
    forgetConsumer: says('forgetConsumer', receipt),
    redact: says('redact', receipt),
    prune: says('prune', sample(shape.prunedSchema)),
    plugins: () => [sample(shape.pluginSchema)],
    pluginConfig: says('pluginConfig', sample(pluginConfigSchema)),
    configuration: says('configuration', sample(shape.configKeysSchema)),
    configure: says('configure', sample(shape.configWrittenSchema)),
    configurePlugin: says('configurePlugin', sample(pluginConfigWrittenSchema)),
    panels: () => [sample(panelSchema)],
    panel: says('panel', sample(panelLookSchema)),
    panelAction: says('panelAction', sample(panelDoneSchema)),
    whyPlugin: (id) => ({ ...sample(shape.pluginWhySchema), id }),
    syncPlugins: says('syncPlugins', sample(shape.syncReportSchema)),
    purgePlugin: says('purgePlugin', sample(shape.purgedPluginSchema)),
    disablePlugin: says('disablePlugin', sample(shape.pluginDisabledSchema)),
    approvePlugin: says('approvePlugin', sample(shape.syncRowSchema)),
    identities: says('identities', [sample(shape.identitySchema)]),
    useIdentity: says('useIdentity', receipt),
    messages: says('messages', [sample(shape.messageSchema)]),
    stop: says('stop', sample(shape.stopCommandSchema)),
    koraControl: says('koraControl', sample(shape.koraControlSchema)),
    drState: says('drState', sample(shape.drStateSchema)),
    pause: says('pause', sample(shape.holdSchema)),
    resume: says('resume', sample(shape.operationalStateSchema)),
    findings: says('findings', [sample(shape.findingSchema)]),
    startBackup: says('startBackup', sample(shape.backupStatusSchema)),
    backup: () => sample(shape.backupStatusSchema),
    phrasebook: says('phrasebook', sample(phrasebookSchema)),
    phrasebookHistory: says('phrasebookHistory', [sample(phrasebookVersionSchema)]),
    testPhrasebook: says('testPhrasebook', sample(phrasebookTestSchema)),
    previewPhrasebook: says('previewPhrasebook', sample(phrasebookPreviewSchema)),
    editPhrasebook: says('editPhrasebook', sample(phrasebookVersionSchema)),
    revertPhrasebook: says('revertPhrasebook', sample(phrasebookVersionSchema)),
    reasonSnapshot: says('reasonSnapshot', sample(reasonSnapshotSchema)),
    keptSnapshots: says('keptSnapshots', [sample(keptSnapshotSchema)]),
    keptSnapshot: says('keptSnapshot', sample(keptSnapshotSchema)),
    spend: says('spend', sample(shape.spendSchema)),
    spendPrices: says('spendPrices', [sample(shape.modelPriceRowSchema)]),
    spendForecast: says('spendForecast', sample(shape.forecastSchema)),
    spendEntries: says('spendEntries', [sample(shape.spendEntrySchema)]),
    reconcileSpend: says('reconcileSpend', sample(shape.reconciliationSchema)),
    refreshSpend: says('refreshSpend', sample(shape.spendStandingSchema)),
    releaseReservation: says('releaseReservation', sample(shape.releasedReservationSchema)),
    bumpEpoch: says('bumpEpoch', { epoch: 2 }),
    down: says('down', receipt),
    heartbeat: () => Promise.resolve({ ...sample(shape.heartbeatSchema), seq: head }),
    capabilities: says('capabilities', sample(shape.capabilitiesSchema)),
    healthRollup: says('healthRollup', sample(shape.healthRollupSchema)),
    causes: says('causes', sample(shape.causesSchema)),
    grantCapability: says('grantCapability', sample(shape.grantSchema)),
    revokeGrant: says('revokeGrant', sample(shape.grantSchema)),
    alerts: says('alerts', sample(alertsSchema)),
    alert: says('alert', sample(alertSchema)),
    acknowledgeAlert: says('acknowledgeAlert', sample(alertSchema)),
    snoozeAlert: says('snoozeAlert', sample(alertSchema)),
    fixes: says('fixes', sample(fixesSchema)),
    fixAttempt: says('fixAttempt', sample(fixAttemptSchema)),
    rehearseFix: says('rehearseFix', sample(fixRehearsalSchema)),
    tryFix: says('tryFix', sample(fixAttemptSchema)),
    promotions: says('promotions', [sample(promotionSchema)]),
    promotion: says('promotion', sample(promotionDetailSchema)),
    promotionDiff: says('promotionDiff', sample(promotionDiffSchema)),
    promotionLoops: says('promotionLoops', [sample(promotionLoopSchema)]),
    approvePromotion: says('approvePromotion', sample(promotionDetailSchema)),
    rejectPromotion: says('rejectPromotion', sample(promotionDetailSchema)),
    rollBackPromotion: says('rollBackPromotion', sample(promotionDetailSchema)),
    retryPromotion: says('retryPromotion', sample(promotionDetailSchema)),
    runPromotionLoop: says('runPromotionLoop', sample(promotionRunSchema)),
    approvals: says('approvals', [sample(shape.approvalSchema)]),
    approval: says('approval', sample(shape.approvalSchema)),
    decideApproval: says('decideApproval', sample(shape.approvalSchema)),
    ask: says('ask', sample(reasonAnswerSchema)),
    runs: says('runs', [sample(reasonRunSchema)]),
    run: says('run', sample(reasonRunDetailSchema)),
    replayRun: says('replayRun', sample(reasonReplaySchema)),
    cancelRun: says('cancelRun', { runId: 'text', cancelled: true }),
    engines: () => sample(enginesSchema),
    conversations: says('conversations', [sample(conversationSchema)]),
    conversation: says('conversation', sample(conversationDetailSchema)),
    onRunSign: (listener) => {
      runListeners.add(listener);
      return { [Symbol.dispose]: () => void runListeners.delete(listener) };
    },
    sign: (sign) => runListeners.forEach((listener) => listener(sign)),
    workers: scriptedWorkers(sample, says),
    inbound: scriptedInbound(sample, says),
    mcp: scriptedMcp(sample, says),
    page: scriptedPage(sample, says),
    sessions: scriptedSessions(deeds),
    onSealed: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}
