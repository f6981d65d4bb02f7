import { reasonOption } from './contract.ts';
import type { CommandSpec } from './contract.ts';
import { eventCommands } from './events.ts';
import { incidentCommands } from './incidents.ts';
import { pluginAuthorCommands } from './plugin-author.ts';
import { pluginCommands } from './plugins.ts';
import { probeCommands } from './probes.ts';
import { taskCommands } from './tasks.ts';
import { ticketCommands } from './tickets.ts';

/** What each noun is, for `kora --help`. */
export const nouns: Readonly<Record<string, string>> = {
  ticket: 'work: add, import, list, show, note, cancel, retry, unblock, release, reprioritise, reassign',
  daemon: 'long-lived parts of the runtime: list, show, restart',
  task: 'what runs on a cadence: list, show, run, history, cadence, reset',
  probe: 'what is watched: list, show, run, add, remove, window, page',
  incident: 'what broke: list, show, ack, silence, note',
  fix: 'what may be mended of it: list, show, try, approve, deny',
  promotion:
    'what it proposes to do better: list, show, diff, approve, reject, rollback, retry, loops, run, history',
  alert: 'what else is wrong: list, show, ack, snooze',
  event: 'the chain: tail, show, verify, export, checkpoint, consumers, parked, redact, prune',
  plugin: 'what is installed: list, show, why, config, add, remove, sync, approve, check, manifest, dev',
  approval: 'calls that wait for your word: list, show; answered by approve and deny',
  channel: 'ways to you: list, check, setup, first',
  decision: 'what waits for your word: list, show, answer',
  capability: 'what may be done with leave: list, grant, revoke',
  tool: 'what whoever thinks may ask for: list, show',
  artifact: 'files that messages and tools carry: list, show, save, remove',
  worker: 'who may work tickets from another process: add, list, revoke',
  message: 'what came in over channels: list, show, quarantine',
  webhook: 'webhooks that come in: sources, list, show, replay, drop',
  mcp: 'what asks over MCP and is asked: token, tool',
  identity: 'who Kora is: list, show, use',
  config: 'the configuration: get, explain, set, unset, validate',
  db: 'the store: promote, bump-epoch',
  reason: 'what was asked and thought: list, show, live, cancel',
  conversation: 'questions that belong together: list, show',
  phrasebook: 'what is answered at no cost: list, test, edit, preview, revert, history',
  cockpit: 'the page: opens it, sessions, revoke',
  cost: 'what models cost: reconcile, refresh, release',
};

/** Nouns of nouns, for their own help. */
export const innerNouns: Readonly<Record<string, string>> = {
  'mcp token': 'who may ask over MCP: add, list, revoke',
  'message quarantine': 'what could not be read or handled: list, show, release, drop',
  'mcp tool': 'what MCP servers offer: list, approve',
};

/** Nouns then verbs: the things a runtime holds. */
export const nounCommands: readonly CommandSpec[] = [
  ...ticketCommands,
  {
    name: 'daemon list',
    summary: 'daemons and their states',
    load: async () => (await import('../commands/daemon.ts')).list,
  },
  {
    name: 'daemon show',
    args: ['<name>'],
    summary: 'one daemon, by name or its start',
    load: async () => (await import('../commands/daemon.ts')).show,
  },
  {
    name: 'daemon restart',
    args: ['<name>'],
    summary: 'stop and start one daemon and what needs it; lifts its quarantine',
    options: [reasonOption],
    load: async () => (await import('../commands/daemon.ts')).restart,
  },
  ...taskCommands,
  ...probeCommands,
  ...incidentCommands,
  ...eventCommands,
  ...pluginCommands,
  ...pluginAuthorCommands,
  {
    name: 'identity list',
    summary: 'identities that plugins bring',
    load: async () => (await import('../commands/identity.ts')).list,
  },
  {
    name: 'identity show',
    args: ['[name]'],
    summary: 'soul and system prompt of one identity (default: the active one)',
    load: async () => (await import('../commands/identity.ts')).show,
  },
  {
    name: 'identity use',
    args: ['<name>'],
    summary: 'become this identity',
    options: [reasonOption],
    load: async () => (await import('../commands/identity.ts')).use,
  },
  {
    name: 'db promote',
    args: ['<url>'],
    summary: 'move the store of a stopped home to an empty PostgreSQL and prove it on both sides',
    options: [reasonOption],
    examples: ['kora db promote env:NEW_DATABASE_URL', 'kora db promote file:/run/secrets/kora-database'],
    load: async () => (await import('../commands/db.ts')).promote,
  },
  {
    name: 'db bump-epoch',
    summary: 'make every home of this store ask before it goes on',
    options: [reasonOption],
    load: async () => (await import('../commands/db.ts')).bumpEpoch,
  },
];
