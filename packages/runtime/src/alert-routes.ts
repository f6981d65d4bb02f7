import type { AlertPolicy } from './alert/index.ts';
import type { Ground } from './ground.ts';
import { channelStates, isQuiet, toldOf } from './message/index.ts';
import type { ChannelState, Delivery, NewMessage } from './message/index.ts';
import type { Queryable } from './store/index.ts';

type Channels = Pick<Delivery, 'channels'>;
type Routes = Pick<AlertPolicy, 'critical' | 'warning' | 'digest' | 'also' | 'escalation'>;

/** Where what is wrong is told, by its severity: channels that there are go first, and the inbox is always at the end. */
export function alertRoutes({ configuration }: Pick<Ground, 'configuration'>, delivery: Channels): Routes {
  const { alerts, messages } = configuration.config;
  const here = new Set(delivery.channels);
  const hereFirst = (names: readonly string[]): readonly string[] => [
    ...names.filter((name) => here.has(name)),
    ...names.filter((name) => !here.has(name)),
  ];
  const ordered = (names: readonly string[]): readonly string[] =>
    hereFirst(names.includes('inbox') ? names : [...names, 'inbox']);
  const { routes, escalation } = alerts;
  const direct = routes.direct ?? messages.channels;
  return {
    critical: ordered(routes.critical ?? direct),
    warning: ordered(routes.warning ?? direct),
    digest: ordered(routes.digest),
    also: routes.also,
    escalation: {
      afterMs: escalation.afterSeconds * 1_000,
      repeatMs: escalation.repeatSeconds * 1_000,
      times: escalation.times,
      channels: hereFirst(escalation.channels ?? []),
    },
  };
}

/** How alerts are told now. */
export function alertPolicy(
  { configuration, clock }: Pick<Ground, 'configuration' | 'clock'>,
  delivery: Channels,
  states: readonly ChannelState[],
): AlertPolicy {
  const { alerts, messages } = configuration.config;
  const routes = alertRoutes({ configuration }, delivery);
  const { quietHours } = messages;
  // The inbox does not ring: who is told there alone is told at any hour.
  const rings = routes.warning[0] !== 'inbox';
  const waits = rings && quietHours?.warnings === 'wait' && isQuiet(quietHours, clock.now());
  return {
    ...routes,
    cooldownMs: alerts.cooldownSeconds * 1_000,
    burst: alerts.burst,
    settleMs: alerts.settleSeconds * 1_000,
    receiptMs: alerts.receiptSeconds * 1_000,
    digestHour: alerts.digestHour,
    up: new Set(outside(delivery.channels).filter((name) => !isDown(states, name))),
    isQuiet: waits,
  };
}

/**
 * The channels outside that alerts are routed to, where none of them delivers; null while one does, or none ever did. One
 * that was never here is a thing to set up, and no outage.
 */
export async function muteOf(
  ground: Pick<Ground, 'configuration'>,
  delivery: Channels,
  read: { readonly database: Queryable; readonly workspaceId: number },
): Promise<{ readonly channels: readonly string[]; readonly since: string | null } | null> {
  const { critical, warning, also, escalation } = alertRoutes(ground, delivery);
  const states = await channelStates(read.database, read.workspaceId);
  const named = outside([...new Set([...critical, ...warning, ...also, ...escalation.channels])]);
  const known = named.filter(
    (name) => delivery.channels.includes(name) || states.some(({ channel }) => channel === name),
  );
  const works = (name: string): boolean => delivery.channels.includes(name) && !isDown(states, name);
  if (known.length === 0 || known.some(works)) return null;
  const since = states.flatMap(({ channel, downSince }) =>
    known.includes(channel) && downSince !== null ? [downSince] : [],
  );
  return { channels: known, since: since.toSorted().at(-1) ?? null };
}

function isDown(states: readonly ChannelState[], name: string): boolean {
  return states.some(({ channel, downSince }) => channel === name && downSince !== null);
}

function outside(names: readonly string[]): readonly string[] {
  return names.filter((name) => name !== 'inbox');
}

/** What is told as part of a story stays with it: these threads begin with what is wrong. */
const stories = /^(incident|alert|daemon|canary)(:|$)/;

/**
 * What names no channel goes the way of its severity, and what comes after it in its story the way that went. Without
 * routes of their own everything goes the workspace's way, and nothing is asked.
 */
export function routedMessages(
  ground: Pick<Ground, 'configuration'>,
  delivery: Channels,
  workspaceId: number,
): (db: Queryable, message: NewMessage) => Promise<NewMessage> {
  const isPlain = (): boolean => {
    const { direct, critical, warning } = ground.configuration.config.alerts.routes;
    return [direct, critical, warning].every((route) => route === undefined);
  };
  return async (db, message) => {
    if (isPlain() || message.channel !== undefined || !stories.test(message.thread)) return message;
    const routes = alertRoutes(ground, delivery);
    if (message.severity !== 'info') return onRoute(message, routes[message.severity]);
    const [last] = await toldOf(db, workspaceId, { threads: [message.thread] });
    if (last === undefined) return message;
    return onRoute(message, [last.channel, ...routes.warning.filter((name) => name !== last.channel)]);
  };
}

function onRoute(message: NewMessage, route: readonly string[]): NewMessage {
  const [channel, ...fallback] = route;
  return channel === undefined ? message : { ...message, channel, fallback };
}
