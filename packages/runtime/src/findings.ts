import { readPing } from './alert/index.ts';
import { messageOf, KoraError } from './fault/index.ts';
import { checkChannel } from './channel-answers.ts';
import type { ChannelParts } from './channel-answers.ts';
import { orderFindings } from './channel-order.ts';
import {
  consumerFindings,
  finding,
  sealFindings,
  spoolFindings,
  verificationFindings,
} from './log-findings.ts';
import type { Ground } from './ground.ts';
import type { shape } from './http/index.ts';
import { resolveIdentity } from './identity-answers.ts';
import { listenerFindings, quarantineFindings } from './listener-findings.ts';
import { mcpFindings } from './mcp-findings.ts';
import { listUndelivered } from './message/index.ts';
import type { PluginHost, PluginRow } from './plugin/index.ts';
import { pluginStoreFindings } from './plugin-store-findings.ts';
import type { Rooms } from './rooms.ts';
import { readStoreRole, roleFindings } from './role-findings.ts';
import { isStoreAway } from './store/index.ts';

/** What `kora doctor` learns from the running runtime; what it finds from outside is the CLI's. */
export async function findings(ground: Ground, rooms: Rooms, plugins: PluginHost): Promise<shape.Finding[]> {
  return [
    ...pluginFindings(plugins),
    ...daemonFindings(rooms),
    ...sealFindings(rooms.chain.staleForMs),
    ...spoolFindings(rooms.chain.spooled),
    ...checkpointFindings(ground, rooms),
    ...verificationFindings(rooms.verifier.status()),
    ...(await storedFindings(ground, rooms, plugins)),
    ...listenerFindings(rooms),
    ...mcpFindings(rooms.mcp.servers()),
    ...(await channelFindings({ ground, rooms })),
    ...(await orderFindings({ ground })),
  ];
}

/** What the store has to be asked for. One that is away is one finding, and hides none of the others. */
async function storedFindings(ground: Ground, rooms: Rooms, plugins: PluginHost): Promise<shape.Finding[]> {
  try {
    const found = await Promise.all([
      taskFindings(rooms),
      outboxFindings(rooms),
      quarantineFindings(rooms),
      pingFindings(ground, rooms),
      rooms.chain.consumers().then(consumerFindings),
      readStoreRole(rooms.database).then(roleFindings),
      pluginStoreFindings(ground, rooms, plugins),
      anchorFindings(rooms),
      identityFindings(ground, rooms),
    ]);
    return found.flat();
  } catch (error) {
    if (!isStoreAway(error)) throw error;
    return [finding('store.away', 'error', messageOf(error))];
  }
}

function pluginFindings(plugins: PluginHost): shape.Finding[] {
  return plugins.list().flatMap(({ id, state, reason, directory, pending }) => {
    if (reason === undefined || state === 'denied') return pendingFindings(id, pending);
    const rest = { path: directory, ...(reason.fix === undefined ? {} : { hint: reason.fix }) };
    return [finding(`plugin.${id}`, 'warning', `plugin ${id} is ${state}: ${reason.message}`, rest)];
  });
}

/** A version that is installed and does not serve, of a plugin that is well. */
function pendingFindings(id: string, pending: PluginRow['pending']): shape.Finding[] {
  if (pending === undefined) return [];
  const { version, reason } = pending;
  const rest = reason.fix === undefined ? {} : { hint: reason.fix };
  return [finding(`plugin.${id}.pending`, 'info', `plugin ${id} ${version}: ${reason.message}`, rest)];
}

function daemonFindings({ coordinator }: Rooms): shape.Finding[] {
  return coordinator.list().flatMap(({ name, state, error }) => {
    if (state !== 'failed') return [];
    const hint = `kora daemon restart ${name} --reason "try again"`;
    return [
      finding(`daemon.${name}`, 'error', `daemon ${name} did not start: ${error ?? 'unknown'}`, { hint }),
    ];
  });
}

async function taskFindings({ overdue }: Rooms): Promise<shape.Finding[]> {
  const late = await overdue.late();
  return late.map(({ name, dueAt }) =>
    finding(`task.${name}`, 'warning', `task ${name} was due at ${dueAt.toISOString()} and has not run`, {
      hint: `kora task show ${name}`,
    }),
  );
}

/** Messages that a channel keeps refusing: the operator does not know what Kora knows. */
async function outboxFindings({ database, workspace }: Rooms): Promise<shape.Finding[]> {
  const stuck = await listUndelivered(database, workspace.workspaceId);
  return stuck.map(({ messageId, channel, attempts, error }) =>
    messageId === 0
      ? finding(
          `channel.${channel}.down`,
          'error',
          `channel ${channel} refused ${attempts} times in a row: ${error}`,
          {
            hint: `kora channel check ${channel}`,
          },
        )
      : finding(
          `message.${messageId}`,
          'error',
          `message ${messageId} was refused ${attempts} times by ${channel}: ${error}`,
        ),
  );
}

/** Each channel, asked whether it would work. */
async function channelFindings(parts: Pick<ChannelParts, 'ground' | 'rooms'>): Promise<shape.Finding[]> {
  const { channels } = parts.rooms.delivery;
  const found = channels.map(async (name) => ({ name, ...(await checkChannel(parts, name)) }));
  return (await Promise.all(found)).map(({ name, ok, detail, fix = `kora channel check ${name}` }) =>
    finding(`channel.${name}`, ok ? 'info' : 'error', `channel ${name}: ${detail}`, ok ? {} : { hint: fix }),
  );
}

/** A sign of life that nobody takes: whoever waits for it is told of a death, or of none. */
async function pingFindings(
  { configuration, home, clock }: Ground,
  { database, workspace }: Rooms,
): Promise<shape.Finding[]> {
  const { deadMan } = configuration.config.alerts;
  if (deadMan === undefined) return [];
  const ping = await readPing(database, workspace.workspaceId, home.runtimeId);
  if (ping === null) return [];
  const last =
    ping.answeredAt === null ? 'it was never answered' : `the last answer is of ${ping.answeredAt}`;
  const path = configuration.file ?? 'alerts.deadMan';
  if (ping.failures > 0) {
    const message = `the sign of life to ${ping.place} failed ${ping.failures} times, and ${last}: ${ping.error ?? 'unknown'}`;
    return [finding('alerts.dead_man', 'error', message, { path, hint: 'alerts.deadMan.url in kora.json' })];
  }
  if (ping.withheld !== null) {
    const message = `no sign of life is given to ${ping.place}, and ${last}: ${ping.withheld}`;
    return [finding('alerts.dead_man', 'warning', message, { hint: 'kora health' })];
  }
  const lateMs = clock.now() - Date.parse(ping.answeredAt ?? ping.triedAt ?? '');
  if (lateMs <= 3 * deadMan.everySeconds * 1_000) return [];
  return [
    finding('alerts.dead_man', 'warning', `no sign of life was given lately, and ${last}`, {
      hint: 'kora task show kora.dead_man',
    }),
  ];
}

function checkpointFindings({ configuration }: Ground, { checkpoints, workspace }: Rooms): shape.Finding[] {
  const { signs, problems, rewound } = checkpoints.status();
  const found = problems.map((problem) => finding('checkpoint', 'error', problem));
  if (rewound !== null) {
    const message = `the chain lost what was signed: ${rewound.source} knows ${rewound.size} events, the head is #${rewound.headSeq}`;
    found.push(finding('checkpoint.rewound', 'error', message, { hint: 'kora event verify' }));
  }
  if (!signs) {
    const message = `this runtime has no checkpoint key for workspace ${workspace.name}: events are sealed, and not signed here`;
    const path = configuration.file ?? 'chain.checkpoint.key';
    found.push(finding('checkpoint.key', 'warning', message, { path }));
  }
  return found;
}

/** Without a place outside, whoever owns the database and the home can rewrite both: that is said, not hidden. */
async function anchorFindings({ checkpoints }: Rooms): Promise<shape.Finding[]> {
  const anchors = await checkpoints.anchors();
  if (anchors.every(({ kind }) => kind === 'workspace')) {
    const message =
      'no anchor outside this store: an edited event is evident, one who owns store and home can still rewrite both';
    return [finding('anchor', 'info', message, { hint: 'chain.anchors in kora.json' })];
  }
  return anchors.flatMap(({ name, attempts, lastError, size, keptAt }) => {
    if (attempts === 0) return [];
    const kept = keptAt === null ? 'it never kept one' : `it has ${size} events, since ${keptAt}`;
    const message = `anchor ${name} failed ${attempts} times, and ${kept}: ${lastError}`;
    return [finding(`anchor.${name}`, 'warning', message)];
  });
}

async function identityFindings(ground: Ground, rooms: Rooms): Promise<shape.Finding[]> {
  try {
    await resolveIdentity(ground, rooms);
    return [];
  } catch (error) {
    const fix = error instanceof KoraError ? error.fix : undefined;
    return [finding('identity', 'error', messageOf(error), fix === undefined ? {} : { hint: fix })];
  }
}
