// What the census looks for, and the few ways out that stand beside the doors. Everything else is computed.
import type { Door } from '../../packages/runtime/src/admission/contract.ts';

/** Modules of Node that lead out of the process; the names after each lead nowhere. */
export const nodeModules: Readonly<Record<string, readonly string[]>> = {
  net: ['isIP', 'isIPv4', 'isIPv6', 'BlockList'],
  tls: ['checkServerIdentity', 'rootCertificates'],
  dgram: [],
  dns: [],
  'dns/promises': [],
  http: ['validateHeaderName', 'validateHeaderValue', 'STATUS_CODES', 'METHODS'],
  https: [],
  http2: ['constants'],
  child_process: [],
  worker_threads: ['parentPort', 'workerData', 'isMainThread', 'threadId'],
  cluster: [],
  inspector: [],
  'inspector/promises': [],
  repl: [],
  vm: [],
  wasi: [],
  quic: [],
};

/** Globals that do the same, by name; `globalThis` itself when it is handed on whole. */
export const watchedGlobals: ReadonlySet<string> = new Set([
  'fetch',
  'WebSocket',
  'EventSource',
  'XMLHttpRequest',
]);
export const wholeGlobals: ReadonlySet<string> = new Set(['globalThis', 'global', 'window', 'self']);
export const processDoors: ReadonlySet<string> = new Set([
  'kill',
  'getBuiltinModule',
  'binding',
  'dlopen',
  'execve',
  '_linkedBinding',
  'mainModule',
]);

/** Each package that something shipped depends on: the names of it that lead nowhere, or that all of it stays inside. */
export const packages: Readonly<Record<string, readonly string[] | 'inside'>> = {
  pg: ['types', 'DatabaseError', 'escapeIdentifier', 'escapeLiteral', 'TypeOverrides'],
  '@hono/node-server': [],
  '@electric-sql/pglite': ['types', 'protocol', 'messages', 'MemoryFS', 'BaseFilesystem'],
  'pg-copy-streams': 'inside',
  hono: 'inside',
  zod: 'inside',
  '@clack/prompts': 'inside',
  commander: 'inside',
  croner: 'inside',
  'jsonc-parser': 'inside',
  pino: 'inside',
  re2js: 'inside',
  semver: 'inside',
  yaml: 'inside',
  // It answers what a mount hands it, and opens nothing: its transports for stdin and sockets are not taken.
  '@modelcontextprotocol/server': 'inside',
  '@modelcontextprotocol/client': ['ProtocolError'],
  '@modelcontextprotocol/client/stdio': ['getDefaultEnvironment'],
  imapflow: [],
  nodemailer: [],
  'postal-mime': 'inside',
  '@slack/socket-mode': [],
  '@slack/web-api': [],
  // Named for @slack/socket-mode, which asks its user to bring it; nothing of ours imports it.
  undici: [],
  // They ask DNS by the resolver that they are handed, and by nothing else.
  mailauth: ['dkimVerify', 'dmarc'],
  // What makes a model knows how to ask it and does not; whoever calls one says so with `modelCalls`.
  '@ai-sdk/anthropic': ['createAnthropic'],
  '@ai-sdk/openai': ['createOpenAI'],
  '@ai-sdk/openai-compatible': ['createOpenAICompatible'],
  ai: ['jsonSchema', 'tool'],
};

/** Packages that call models: everything of them that leads out needs the pass of that door, and no other will do. */
export const modelCalls: Readonly<Record<string, Door>> = { ai: 'model_call' };

/** Members of the SDK's models, whoever made them: each is a call of a model. */
export const modelMembers: ReadonlySet<string> = new Set(['doStream', 'doGenerate', 'doEmbed']);

/**
 * The one member by which code outside the runtime asks at a door and is told. Its answer is leave for one deed that
 * follows in the same function, once a refusal has left it.
 */
export const askedFor: Readonly<{ file: string; member: string; door: Door }> = {
  file: 'packages/runtime/src/reason/contract.ts',
  member: 'beginCall',
  door: 'model_call',
};

/** What Node's loader offers that loads nothing; the rest of it loads code by name. */
export const harmlessLoader: readonly string[] = [
  'isBuiltin',
  'builtinModules',
  'findPackageJSON',
  'enableCompileCache',
];

/** Calls that run what they are handed more than once: one pass before them is not one for each deed. */
export const repeaters: ReadonlySet<string> = new Set(
  'setInterval on addListener addEventListener subscribe forEach map flatMap filter reduce some every find from'.split(
    ' ',
  ),
);

/** Code of ours that is not TypeScript: it verifies an exported file, and imports files and hashes only. */
export const elsewhere: ReadonlySet<string> = new Set(['../../../../../docs/verify-export.mjs']);

export interface Sink {
  /** Where the contract is, and its member. */
  readonly file: string;
  readonly type: string;
  readonly member: string;
  readonly door: Door;
}

const runtime = 'packages/runtime/src';

/**
 * The deeds that need a pass: a method of a contract that somebody else wrote. `ChannelSpec.listen` is none of them: it goes
 * on while Kora is paused, so that nothing is lost, and has no pass that could admit what it does. So whatever leads out
 * from it is past the doors, but for the files named as hearing.
 */
export const sinks: readonly Sink[] = [
  { file: `${runtime}/ticket/contract.ts`, type: 'TicketHandler', member: 'work', door: 'claim' },
  {
    file: `${runtime}/daemon/schedule/contract.ts`,
    type: 'PeriodicTaskSpec',
    member: 'run',
    door: 'periodic_task',
  },
  { file: `${runtime}/probe/contract.ts`, type: 'ProbeSpec', member: 'check', door: 'periodic_task' },
  { file: `${runtime}/fix/contract.ts`, type: 'FixEnvelope', member: 'observe', door: 'periodic_task' },
  { file: `${runtime}/fix/contract.ts`, type: 'FixEnvelope', member: 'execute', door: 'autofix' },
  { file: `${runtime}/fix/contract.ts`, type: 'FixEnvelope', member: 'rollback', door: 'autofix' },
  { file: `${runtime}/plugin/panel/contract.ts`, type: 'PanelAction', member: 'run', door: 'panel_action' },
  { file: `${runtime}/reason/tool/contract.ts`, type: 'ToolSpec', member: 'run', door: 'tool_call' },
  { file: `${runtime}/mcp/desk.ts`, type: 'McpDeeds', member: 'carryOut', door: 'mcp_call' },
  { file: `${runtime}/message/contract.ts`, type: 'ChannelSpec', member: 'send', door: 'outbound_message' },
  {
    file: `${runtime}/message/delivery-options.ts`,
    type: 'StoreChannel',
    member: 'receive',
    door: 'outbound_message',
  },
  { file: `${runtime}/reason/tool/contract.ts`, type: 'ToolSpec', member: 'run', door: 'tool_call' },
];

/** And the one that is a statement: what writes this text takes work. */
export const statementSinks: readonly {
  readonly text: string;
  readonly reaches: string;
  readonly door: Door;
}[] = [{ text: 'insert into kora.ticket_lease', reaches: 'the lease of a ticket', door: 'claim' }];

/** What a plugin is told when its call was let through: the deed that follows is its own. */
export const answerToPlugin = "a plugin's own call";

export const exemptions = {
  store: 'the store that every door asks: the events, holds and budget that admission itself needs',
  'embedded server': 'the PostgreSQL of this home, its own processes and sockets on this machine',
  'operator api': 'the listener by which the operator asks and stops; it answers and calls nobody',
  'guest pages': 'the listener for what untrusted plugins serve; it answers and calls nobody',
  'own thread': 'a thread of this process, with code of this package',
  'own end': 'this process, ending itself',
  'who holds the home': 'asks the machine whether a process still lives; nothing is told to it',
  'guest host':
    'beside or inside the process of a guest, which was started with leave; its walls stand outside',
  anchor: 'where the operator had checkpoints kept, outside; told of what was sealed, also while paused',
  hearing:
    "where a channel listens at the operator's own account, or looks whether it is let in: it tells nobody anything",
  settling:
    'where a channel writes at its own message of before what became of the decision that it asked the operator for',
  'outside the runtime: the command':
    'the kora command and the client of the API: whoever runs them is the one who acts',
  'outside the runtime: the testkit':
    'a house in memory, for whoever writes a plugin, in a process of theirs; no runtime loads it',
  'outside the runtime: the maker of projects':
    'npm create kora, in a process of its own: whoever runs it has the package manager install what it wrote',
  'outside the runtime: the page': "runs in the operator's browser",
} as const;
export type Exemption = keyof typeof exemptions;

export interface Exempt {
  readonly as: Exemption;
  /** Files by name; a folder, with its slash, only where all of it is outside the runtime. */
  readonly in: readonly string[];
  /** What may be reached from there, and nothing else. */
  readonly reaches: readonly string[];
}

const inRuntime = (...names: readonly string[]): string[] => names.map((name) => `${runtime}/${name}.ts`);
const inPackage = (folder: string, ...names: readonly string[]): string[] =>
  names.map((name) => `packages/${folder}/src/${name}.ts`);

export const exempt: readonly Exempt[] = [
  {
    as: 'store',
    in: inRuntime(
      'store/batch',
      'store/connections',
      'store/line',
      'store/open',
      'store/notifications',
      'store/pool',
    ),
    reaches: ['pg'],
  },
  {
    as: 'embedded server',
    in: inPackage('postgres', 'guardian', 'lease', 'locate', 'process-table', 'server', 'tools'),
    reaches: ['node:child_process', 'node:net', 'process.kill'],
  },
  {
    as: 'embedded server',
    in: inPackage('pglite', 'backend', 'door', 'process-mark', 'socket-folder'),
    reaches: ['node:worker_threads', 'node:net', 'node:child_process', 'process.kill'],
  },
  {
    as: 'embedded server',
    in: inPackage('pglite', 'durable-files', 'settings', 'worker'),
    reaches: ['@electric-sql/pglite'],
  },
  { as: 'operator api', in: inRuntime('http/server'), reaches: ['@hono/node-server'] },
  { as: 'guest pages', in: inRuntime('http/mount/guest-mounts'), reaches: ['@hono/node-server'] },
  {
    as: 'own thread',
    in: inRuntime('chain/verify/hashing', 'control/keeper/keeper', 'ticket/session/keeper'),
    reaches: ['node:worker_threads'],
  },
  {
    as: 'own end',
    in: inRuntime('control/keeper/end-process'),
    reaches: ['process.kill', 'process.getBuiltinModule'],
  },
  {
    as: 'who holds the home',
    in: inRuntime('home/process'),
    reaches: ['process.kill', 'node:child_process'],
  },
  {
    as: 'guest host',
    in: inRuntime('plugin/isolate/guest'),
    reaches: ['node:net', 'code by name', ...sinks.map(({ type, member }) => `${type}.${member}`)],
  },
  {
    as: 'anchor',
    in: inRuntime('chain/checkpoint/anchor/process'),
    reaches: ['node:child_process', 'process.kill'],
  },
  { as: 'hearing', in: inPackage('plugin-email', 'listen/listen'), reaches: ['imapflow'] },
  { as: 'hearing', in: inPackage('plugin-email', 'read/proof'), reaches: ['node:dns/promises'] },
  { as: 'hearing', in: inPackage('plugin-email', 'send/check'), reaches: ['nodemailer'] },
  {
    as: 'hearing',
    in: inPackage('plugin-slack', 'check', 'hear/socket'),
    reaches: ['fetch', '@slack/web-api', '@slack/socket-mode'],
  },
  { as: 'hearing', in: inPackage('plugin-slack', 'hear/signed'), reaches: ['node:http'] },
  { as: 'hearing', in: inPackage('plugin-webhooks', 'listen/server'), reaches: ['node:http'] },
  { as: 'settling', in: inPackage('plugin-slack', 'send/settled'), reaches: ['fetch', '@slack/web-api'] },
  { as: 'outside the runtime: the command', in: inRuntime('stop-home'), reaches: ['process.kill'] },
  // By file here too: `kora up` has the runtime in the command's own process.
  { as: 'outside the runtime: the command', in: inPackage('cli', 'doctor/port'), reaches: ['node:net'] },
  {
    as: 'outside the runtime: the command',
    in: inPackage('cli', 'node-host'),
    reaches: ['fetch', 'process.kill', 'node:child_process'],
  },
  { as: 'outside the runtime: the command', in: inPackage('cli', 'bench'), reaches: ['node:child_process'] },
  { as: 'outside the runtime: the command', in: inPackage('cli', 'runtime-door'), reaches: ['code by name'] },
  {
    as: 'outside the runtime: the command',
    in: inRuntime('http/client'),
    reaches: ['fetch', 'globalThis'],
  },
  {
    as: 'outside the runtime: the testkit',
    in: ['packages/testkit/src/'],
    reaches: [
      'node:child_process',
      'code by name',
      'a pass of its own making',
      answerToPlugin,
      ...sinks.map(({ type, member }) => `${type}.${member}`),
    ],
  },
  {
    as: 'outside the runtime: the maker of projects',
    in: inPackage('create-kora', 'install'),
    reaches: ['node:child_process'],
  },
  {
    as: 'outside the runtime: the page',
    in: ['packages/cockpit/src/web/'],
    reaches: ['fetch', 'EventSource'],
  },
];
