import type {
  Capabilities,
  ChannelRow,
  configKeysSchema,
  diagnosticsSchema,
  GrantRow,
  IdentityRow,
  McpTokenRow,
} from '@kora/runtime/client';
import type { z } from 'zod';
import { before } from './rows.ts';

/** What the staged house answers about who may what, and about itself; undefined for anything else. */
export function keepingAnswer(path: string): unknown {
  const answers: Readonly<Record<string, () => unknown>> = {
    '/api/capabilities': () => stagedCapabilities,
    '/api/identities': () => stagedIdentities,
    '/api/channels': () => stagedChannels,
    '/api/config': () => stagedConfig,
    '/api/mcp-tokens': () => stagedTokens,
    '/api/diagnostics': () => stagedDiagnostics,
    '/api/csp-reports': () => ({ total: 1, last: stagedReports }),
  };
  return answers[path]?.();
}

function grantRow(part: Partial<GrantRow>): GrantRow {
  return {
    grantId: 1,
    capability: 'cap_read_runtime',
    owner: 'kora',
    kind: 'mcp',
    subject: 'claude',
    status: 'live',
    by: 'operator',
    reason: 'it helps with the reports',
    since: before(90_000),
    expiresAt: before(-2_000_000),
    revokedAt: null,
    revokedBy: null,
    revokeReason: null,
    ...part,
  };
}

export const stagedCapabilities: Capabilities = {
  capabilities: [
    {
      id: 'cap_read_runtime',
      title: 'read how the runtime stands',
      risk: 'low',
      defaultVerdict: 'denied',
      owner: 'kora',
    },
    {
      id: 'cap_ticket_create',
      title: 'put work on the board',
      risk: 'low',
      defaultVerdict: 'ask',
      owner: 'kora',
    },
    {
      id: 'cap_web_fetch',
      title: 'read pages of other hosts',
      risk: 'high',
      defaultVerdict: 'ask',
      owner: 'web',
    },
  ],
  grants: [
    grantRow({ grantId: 7 }),
    grantRow({
      grantId: 4,
      capability: 'cap_web_fetch',
      owner: 'web',
      kind: 'plugin',
      subject: 'reasoning',
      reason: 'it comes with kora',
      expiresAt: null,
    }),
  ],
};

const stagedIdentities: readonly IdentityRow[] = [
  {
    name: 'marvin',
    pluginName: 'marvin',
    active: true,
    agentName: 'Marvin',
    agentVersion: '1.4.0',
    hash: 'b1946ac92492d2347c6235b4d2611184aa7f1c9e2d5b8843f1a0c6d7e8f90123',
    soulMd: '',
    systemPrompt: 'You look after the house. Say what is so, and what you do not know.',
    problem: null,
  },
  {
    name: 'kora',
    pluginName: 'identity-kora',
    active: false,
    agentName: 'Kora',
    agentVersion: '0.11.0',
    hash: '5d41402abc4b2a76b9719d911017c5927ae3f0c1b2d4e6f8091a2b3c4d5e6f70',
    soulMd: '',
    systemPrompt: '',
    problem: null,
  },
];

const stagedChannels: readonly ChannelRow[] = [
  {
    name: 'slack',
    here: true,
    place: 1,
    isPlaceInForce: true,
    downSince: null,
    error: null,
    notBefore: null,
    quiet: false,
    deliveredAt: before(420),
    waiting: 0,
    setup: null,
  },
  {
    name: 'email',
    here: true,
    place: 2,
    isPlaceInForce: true,
    downSince: before(1_900),
    error: 'connect ECONNREFUSED 127.0.0.1:587',
    notBefore: null,
    quiet: false,
    deliveredAt: null,
    waiting: 3,
    setup: null,
  },
];

const stagedTokens: readonly McpTokenRow[] = [
  {
    keyId: 3,
    name: 'claude',
    status: 'live',
    capabilities: ['cap_read_runtime', 'cap_ticket_create'],
    kinds: [],
    reason: 'it helps with the reports',
    createdAt: before(90_000),
    expiresAt: before(-2_000_000),
    usedAt: before(340),
    revokedAt: null,
    revokeReason: null,
  },
];

type StagedKey = z.infer<typeof configKeysSchema>['keys'][number];

function configKey(part: Partial<StagedKey> & Pick<StagedKey, 'key'>): StagedKey {
  return {
    value: null,
    hidden: false,
    set: true,
    origin: 'default',
    class: 'restart-process',
    means: null,
    usual: null,
    kind: 'number',
    unit: null,
    choices: null,
    min: null,
    max: null,
    integer: true,
    pattern: null,
    inFile: null,
    isInFile: false,
    waits: false,
    overruled: false,
    closed: null,
    command: `kora config set ${part.key} VALUE --reason "…"`,
    ...part,
  };
}

const stagedConfig: z.infer<typeof configKeysSchema> = {
  file: '/home/marvin/kora.json',
  target: '/home/marvin/kora.json',
  digest: 'c3'.repeat(32),
  problem: null,
  keys: [
    configKey({
      key: 'store.url',
      hidden: true,
      origin: 'environment',
      means: 'a PostgreSQL URL, or what holds one; left out: the embedded PostgreSQL',
      kind: 'secret',
      overruled: true,
      closed: 'it opens something: only a reference to it is written, and not from a page',
      command: 'kora config set store.url env:NAME --reason "…"',
    }),
    configKey({
      key: 'http.port',
      value: 4_173,
      origin: 'file',
      means: 'its port; 0 asks for a free one',
      usual: 4_170,
      inFile: 4_173,
      isInFile: true,
      max: 65_535,
      min: 0,
      closed: 'it says where this runtime listens, or whom it talks to',
    }),
    configKey({
      key: 'alerts.cooldownSeconds',
      value: 600,
      origin: 'file',
      class: 'hot',
      means: 'after a word about a category, the next ones of it wait so long and come together',
      usual: 1_800,
      inFile: 600,
      isInFile: true,
      unit: 's',
      min: 0,
      max: 86_400,
    }),
    configKey({
      key: 'alerts.routes.digest',
      value: ['email', 'inbox'],
      class: 'hot',
      means: 'where the digest of what is for information goes',
      usual: ['email', 'inbox'],
      kind: 'lines',
      min: 1,
      max: 10,
    }),
    configKey({
      key: 'health.cadenceSeconds',
      value: 300,
      means: 'how often health is said when nothing changes',
      usual: 300,
      inFile: 60,
      isInFile: true,
      waits: true,
      unit: 's',
      min: 1,
      max: 86_400,
    }),
    configKey({
      key: 'log.level',
      value: 'info',
      class: 'hot',
      means: 'what is written into the log of the home',
      usual: 'info',
      kind: 'choice',
      choices: ['debug', 'info', 'warn', 'error'],
    }),
  ],
};

const stagedReports = [
  {
    at: before(5_400),
    directive: 'script-src-elem',
    blocked: 'https://extension.invalid/inject.js',
    document: 'http://127.0.0.1:4173/tickets',
    source: null,
    line: null,
  },
];

export const stagedDiagnostics: z.infer<typeof diagnosticsSchema> = {
  at: before(1),
  version: '0.11.0',
  node: 'v24.21.0',
  platform: 'linux 6.12.48 x64',
  uptimeMs: 8_050_000,
  bootId: 31,
  store: { kind: 'embedded', version: '17.6', latencyMs: 1.4 },
  eventLagMs: 12,
  seq: 48_231,
  streams: 2,
  memoryMiB: 214,
  eventLoopDelayMs: 0.8,
  clockSkewMs: 0.3,
  counts: { tickets: 412, events: 48_231 },
  plugins: [
    { id: 'probes', version: '0.11.0', state: 'proven' },
    { id: 'mirror', version: '1.2.0', state: 'degraded' },
  ],
  findings: [
    {
      level: 'warning',
      subject: 'chain_anchor',
      message: 'The last checkpoint is 9 h old.',
      fix: 'kora event checkpoint',
    },
  ],
  policyReports: stagedReports.map(({ at, directive, blocked }) => ({ at, directive, blocked })),
};
