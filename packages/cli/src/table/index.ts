import { capabilityCommands } from './capabilities.ts';
import { channelCommands } from './channels.ts';
import type { CommandSpec, OptionSpec } from './contract.ts';
import { costCommands } from './cost.ts';
import { alertCommands } from './alerts.ts';
import { fixCommands } from './fixes.ts';
import { houseCommands } from './house.ts';
import { mcpCommands } from './mcp.ts';
import { messageCommands } from './messages.ts';
import { nounCommands } from './nouns.ts';
import { reasonCommands } from './reason.ts';
import { phrasebookCommands } from './phrasebook.ts';
import { promotionCommands } from './promotions.ts';
import { toolCommands } from './tools.ts';
import { webhookCommands } from './webhooks.ts';
import { workerCommands } from './workers.ts';

export const globalOptions: readonly OptionSpec[] = [
  ['--home <dir>', 'the home (default: KORA_HOME, else ./.kora in a host project, else ~/.kora)'],
  ['--workspace <name>', 'refuse unless the runtime serves this workspace'],
  ['--json', 'one JSON document on stdout, NDJSON for a stream'],
  ['--quiet', 'the result only'],
  ['--no-color', 'no colour (NO_COLOR does the same)'],
];

/** Every command there is: `--help`, completion and the README are made from or compared with it. */
export const commandTable: readonly CommandSpec[] = [
  ...houseCommands,
  ...nounCommands,
  ...reasonCommands,
  ...costCommands,
  ...phrasebookCommands,
  ...fixCommands,
  ...promotionCommands,
  ...alertCommands,
  ...capabilityCommands,
  ...toolCommands,
  ...workerCommands,
  ...messageCommands,
  ...mcpCommands,
  ...channelCommands,
  ...webhookCommands,
];

export { innerNouns, nouns } from './nouns.ts';
export type { CommandSpec, OptionSpec } from './contract.ts';
