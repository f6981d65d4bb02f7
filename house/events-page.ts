// docs/events.md, made from the event types themselves. `npm run events` writes it; house/events.test.ts compares.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ownEvents as ownMailEvents } from '../packages/plugin-email/src/events.ts';
import { ownEvents as ownMcpEvents } from '../packages/plugin-mcp/src/events.ts';
import { ownEvents } from '../packages/plugin-probes/src/events.ts';
import { escalated } from '../packages/plugin-reasoning/src/router/events.ts';
import { ownEvents as ownWebhookEvents } from '../packages/plugin-webhooks/src/events.ts';
import { admissionEvents } from '../packages/runtime/src/admission/index.ts';
import { alertEvents } from '../packages/runtime/src/alert/index.ts';
import { artifactEvents } from '../packages/runtime/src/artifact/index.ts';
import { bootEvents } from '../packages/runtime/src/boot/index.ts';
import { capabilityEvents } from '../packages/runtime/src/capability/index.ts';
import { chainEvents, Vocabulary } from '../packages/runtime/src/chain/index.ts';
import type { EventType } from '../packages/runtime/src/chain/index.ts';
import { controlEvents } from '../packages/runtime/src/control/index.ts';
import { daemonEvents } from '../packages/runtime/src/daemon/index.ts';
import { fixEvents } from '../packages/runtime/src/fix/index.ts';
import { healthEvents } from '../packages/runtime/src/health/index.ts';
import { identityEvents } from '../packages/runtime/src/identity/index.ts';
import { mcpEvents } from '../packages/runtime/src/mcp/index.ts';
import { messageEvents } from '../packages/runtime/src/message/index.ts';
import { operatorEvents, pluginEvents } from '../packages/runtime/src/plugin/index.ts';
import { probeEvents } from '../packages/runtime/src/probe/index.ts';
import { promotionEvents } from '../packages/runtime/src/promotion/index.ts';
import { reasonEvents } from '../packages/runtime/src/reason/index.ts';
import { runtimeEvents } from '../packages/runtime/src/runtime-events.ts';
import { sessionEvents } from '../packages/runtime/src/session/index.ts';
import { spendEvents } from '../packages/runtime/src/spend/index.ts';
import { stateEvents } from '../packages/runtime/src/state/index.ts';
import { remoteEvents, ticketEvents } from '../packages/runtime/src/ticket/index.ts';

/** Whose events they are, in the order of the page. */
export const families: Readonly<Record<string, readonly EventType[]>> = {
  'The runtime': runtimeEvents,
  'State (`state/`)': stateEvents,
  'Spend (`spend/`)': spendEvents,
  'The door (`admission/`)': admissionEvents,
  'Stopping (`control/`)': controlEvents,
  'Boot (`boot/`)': bootEvents,
  'The chain itself (`chain/`)': chainEvents,
  'Daemons and tasks (`daemon/`)': daemonEvents,
  'Tickets (`ticket/`)': ticketEvents,
  'Workers in other processes (`ticket/remote/`)': remoteEvents,
  'Messages (`message/`)': messageEvents,
  'Files (`artifact/`)': artifactEvents,
  'Probes and incidents (`probe/`)': probeEvents,
  'Fixes (`fix/`)': fixEvents,
  'Health (`health/`)': healthEvents,
  'Identity (`identity/`)': identityEvents,
  'Plugins (`plugin/`)': [...pluginEvents, ...operatorEvents],
  'Alerts (`alert/`)': alertEvents,
  'Capabilities (`capability/`)': capabilityEvents,
  'Programs that ask over MCP (`mcp/`)': mcpEvents,
  'Sessions and deeds of the operator (`session/`)': sessionEvents,
  'Reasoning (`reason/`)': reasonEvents,
  'Promotion (`promotion/`)': promotionEvents,
  'Plugin `@kora/plugin-email`': ownMailEvents,
  'Plugin `@kora/plugin-mcp`': ownMcpEvents,
  'Plugin `@kora/plugin-probes`': ownEvents,
  'Plugin `@kora/plugin-reasoning`': [escalated],
  'Plugin `@kora/plugin-webhooks`': ownWebhookEvents,
};

/** Declared, since names on the chain outlast everything else, and raised by nothing yet. */
export const aheadOfTheirTime: ReadonlySet<string> = new Set([
  'intent.email_to_sea_ticket',
  'tool.email_to_operator_sent',
]);

const head = `# Events

Every type of event that Kora may put on the chain. This page is made from the code: \`npm run events\` writes it, and a
test compares.

An event carries, beside its payload: its sequence, an id, its type and the version of its payload, who caused it
(\`actorId\`), which runtime and which run of it (\`runtimeId\`, \`sessionId\`), what story it belongs to (\`correlationId\`,
\`causationId\`, \`ticketId\`, \`fence\`), when it was staged by the database's clock, and its hash.

- **Classes.** Each field is *public* (may leave the house), *internal* (for the operator and plugins), or *secret*: such
  a value never reaches the store, \`[secret]\` stands in its place. Secrets that the process knows (its API token, the
  passwords of its database URLs; from eight characters on) are replaced wherever they appear. A plugin's field that says
  nothing about itself is internal.
- **Versions.** A reader brings an older payload to the version it knows, and keeps a newer one, with the fields it does
  not know, as it is. Events of types that nobody declares any more are read as they stand.
- **Names.** \`kora.\` is the runtime's own. \`sea_ticket. probe. reasoning. notification. promotion. phrasebook. intent.
  webhook. mcp. tool. alert.\` go with a contract of the runtime, and trusted plugins may raise them. Every other plugin's
  types begin with its id, \`-\` written \`_\`. What nobody declared is refused by the runtime; what another hand writes
  into the stage all the same is quarantined by the sealer.
- **Loud** events are not lost while the store is away: they wait in a file of the home, each line forced to the disk,
  and are appended in order when the store is back, before anything newer of the same caller. \`kora.spool.returned\`
  then says when each one happened by the home's clock.
- **Not raised yet**: the type is part of the vocabulary, and the part of Kora that will raise it is still to come.
`;

export function eventsPage(): string {
  const vocabulary = new Vocabulary();
  vocabulary.register('kora', Object.values(families).flat());
  const shapes = new Map(vocabulary.list().map(({ definition, shape }) => [definition.type, shape]));
  const section = (type: EventType): string => {
    const marks = [
      `version ${type.version}`,
      ...(type.loud === true ? ['loud'] : []),
      ...(aheadOfTheirTime.has(type.type) ? ['not raised yet'] : []),
    ];
    const fields = (shapes.get(type.type)?.fields ?? []).map(
      ({ name, type: kind, optional, sensitivity }) =>
        `| \`${name}\`${optional ? '?' : ''} | ${kind} | ${sensitivity} |`,
    );
    const table = ['| field | is | class |', '|---|---|---|', ...fields].join('\n');
    return `### \`${type.type}\`\n\n${type.means} (${marks.join(', ')})\n\n${fields.length === 0 ? 'No fields.' : table}\n`;
  };
  const parts = Object.entries(families).map(
    ([family, types]) => `## ${family}\n\n${types.map(section).join('\n')}`,
  );
  return `${head}\n${parts.join('\n')}`;
}

const page = new URL('../docs/events.md', import.meta.url);
if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(page, eventsPage());
