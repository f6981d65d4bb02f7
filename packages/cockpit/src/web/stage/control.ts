import type { KoraControl } from '@kora/runtime/client';
import { before } from './rows.ts';

/** What the staged house answers of stops, resumes and sessions. Figures as of a quiet afternoon. */
export function controlAnswer(noun: string, search: URLSearchParams): unknown {
  const level = Number(search.get('level') ?? 1);
  const answers: Readonly<Record<string, () => unknown>> = {
    stop: () => stopPreview(level),
    resume: () => ({
      queued: 3,
      deferred: 1,
      tasksDue: 2,
      budgetLeftMicroUsd: 37_600_000,
      stillHeldBy: [],
    }),
    'kora-control': () => control,
    sessions: () => sessions,
  };
  return answers[noun]?.();
}

function stopPreview(level: number): object {
  const effects = [
    'Claims no new work; what is in hand goes on.',
    'Claims no new work and starts no task; what is in hand is finished.',
    'Takes back every claim; calls on their way are cut off.',
    'As L3, and this process ends.',
    'As L4, at once, and secrets of services stay locked.',
  ];
  return {
    level,
    effect: effects[level - 1] ?? '',
    claimsReleased: level >= 3 ? [41, 43] : [],
    claimsHeld: level < 3 ? [41, 43] : [],
    callsCancelled: { count: level >= 3 ? 1 : 0, costMicroUsd: level >= 3 ? 120_000 : 0 },
    daemonsStopped: level >= 2 ? ['probes', 'reports', 'mirror'] : [],
    endsProcess: level >= 4,
    undo:
      level >= 4
        ? 'Start it again with kora up; it stays paused until an operator resumes.'
        : 'An operator resumes: kora resume.',
    command: `kora stop --level L${level}`,
  };
}

const control: KoraControl = {
  stopLevel: 0,
  inForce: [],
  holds: [],
  sentinel: null,
  credentialsLocked: false,
  commands: [
    {
      commandId: 'c2',
      sequence: 2,
      level: 0,
      kind: 'reset',
      reason: 'the deploy is through',
      issuerActor: 'operator',
      issuerKind: 'operator',
      via: 'api',
      createdAt: before(80_000),
      expiresAt: null,
      supersededBy: null,
      acknowledgements: [],
    },
    {
      commandId: 'c1',
      sequence: 1,
      level: 3,
      kind: 'abort',
      reason: 'it works on the wrong thing',
      issuerActor: 'operator',
      issuerKind: 'operator',
      via: 'api',
      createdAt: before(82_000),
      expiresAt: null,
      supersededBy: 2,
      acknowledgements: [
        {
          runtimeId: 'rt-7f3a',
          observedAt: before(81_999),
          acknowledgedAt: before(81_999),
          enforcedAt: before(81_998),
          effect: { claimsReleased: 2, claimsHeld: 0, callsRefused: 1 },
          measuredAt: before(81_990),
          failure: null,
        },
      ],
    },
  ],
};

const sessions = {
  sessions: [
    session('s-19', 'Chrome on Linux', true, ['read', 'operate', 'approve', 'stop', 'admin']),
    session('s-17', 'Safari on iPhone', false, ['read', 'stop']),
  ],
  refused: {
    total: 4,
    since: before(8_050),
    causes: [
      { cause: 'no_credential', count: 3, lastAt: before(640) },
      { cause: 'host', count: 1, lastAt: before(4_100) },
    ],
  },
};

function session(sessionId: string, device: string, current: boolean, scopes: readonly string[]): object {
  return {
    sessionId,
    device,
    scopes,
    createdAt: before(7_200),
    seenAt: before(current ? 1 : 900),
    expiresAt: before(-590_000),
    current,
    freshUntil: current ? before(-300) : null,
  };
}
