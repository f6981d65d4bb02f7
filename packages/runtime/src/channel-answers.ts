import { withDeadline } from './clock/index.ts';
import { orderInFile, tellFirst } from './channel-order.ts';
import { setUpChannel } from './channel-setup.ts';
import { fault, messageOf } from './fault/index.ts';
import type { Ground } from './ground.ts';
import type { House, shape } from './http/index.ts';
import { acceptMessage, channelStates, isQuiet, messageNumber } from './message/index.ts';
import { channelOrder } from './open-messages.ts';
import type { PluginHost } from './plugin/index.ts';
import type { Rooms } from './rooms.ts';

export interface ChannelParts {
  readonly ground: Ground;
  readonly rooms: Pick<Rooms, 'database' | 'workspace' | 'chain' | 'delivery' | 'secrets'>;
  readonly plugins: PluginHost;
}

const checkMs = 8_000;
const testMs = 20_000;
const lookMs = 200;

type ChannelAnswers = Pick<House, 'channels' | 'checkChannel' | 'testChannel' | 'setUpChannel' | 'tellFirst'>;

/** The ways to the operator: how each does, whether it works, and how it comes to. */
export function channelAnswers(parts: ChannelParts): ChannelAnswers {
  return {
    channels: () => channelRows(parts),
    checkChannel: (name) => checkChannel(parts, name),
    testChannel: (name) => testChannel(parts, name),
    tellFirst: async (name, reason) => {
      if (!parts.rooms.delivery.channels.includes(name)) throw unknownChannel(name);
      return tellFirst(parts, name, reason);
    },
    setUpChannel: async (name, wish, by) => setUpChannel(parts, setupOf(parts, name), wish, by),
  };
}

/** All that is here, that is configured, and that a plugin could bring. */
async function channelRows(parts: ChannelParts): Promise<shape.ChannelRow[]> {
  const { ground, rooms, plugins } = parts;
  const { database, workspace, delivery } = rooms;
  const states = await channelStates(database, workspace.workspaceId);
  const waiting = await database.query<{ channel: string; waiting: number }>(
    'select channel, count(*)::int as waiting from kora.outbox where workspace_id = $1 group by channel',
    [workspace.workspaceId],
  );
  const order = channelOrder(ground, delivery)();
  const setups = setupsOf(plugins);
  const configured = ground.configuration.config.messages.channels;
  const said = (await orderInFile(parts)) ?? configured;
  const { quietHours } = ground.configuration.config.messages;
  const quiet = quietHours !== undefined && isQuiet(quietHours, ground.clock.now());
  const names = [...order, ...delivery.channels, ...setups.keys(), ...waiting.map(({ channel }) => channel)];
  return [...new Set(names)].map((name) => {
    const state = states.find(({ channel }) => channel === name);
    const place = order.indexOf(name) + 1;
    return {
      name,
      here: delivery.channels.includes(name),
      place: place === 0 ? null : place,
      isPlaceInForce: said.indexOf(name) === configured.indexOf(name),
      downSince: state?.downSince ?? null,
      error: state?.error ?? null,
      notBefore: state?.notBefore ?? null,
      // The inbox does not ring.
      quiet: quiet && name !== 'inbox',
      deliveredAt: state?.deliveredAt ?? null,
      waiting: waiting.find(({ channel }) => channel === name)?.waiting ?? 0,
      setup: setups.get(name) ?? null,
    };
  });
}

/** Asks the channel itself; nothing is sent. Throws KORA_CHANNEL_UNKNOWN. */
export async function checkChannel(
  { ground, rooms }: Pick<ChannelParts, 'ground' | 'rooms'>,
  name: string,
): ReturnType<House['checkChannel']> {
  if (!rooms.delivery.channels.includes(name)) throw unknownChannel(name);
  const channel = rooms.delivery.outside(name);
  if (channel === undefined) return { ok: true, detail: 'it is in the store' };
  if (channel.check === undefined) return { ok: true, detail: 'it is here; it cannot be asked' };
  const check = channel.check.bind(channel);
  const never = new AbortController().signal;
  const deadline = { ms: checkMs, what: `channel ${name}`, signal: never, graceMs: 0 };
  try {
    const { ok, detail, fix } = await withDeadline(ground.clock, deadline, check);
    return { ok, detail, ...(fix === undefined ? {} : { fix }) };
  } catch (error) {
    return { ok: false, detail: messageOf(error) };
  }
}

/** Through the outbox, as everything is sent; over no other channel. Throws KORA_CHANNEL_UNKNOWN. */
async function testChannel({ ground, rooms }: ChannelParts, name: string): Promise<shape.ChannelTest> {
  const { database, workspace, chain, delivery } = rooms;
  if (!delivery.channels.includes(name)) throw unknownChannel(name);
  const { workspaceId } = workspace;
  const key = `test:${name}:${ground.clock.uuid()}`;
  const message = {
    key,
    thread: key,
    severity: 'critical',
    title: `A test of the channel ${name}`,
    body: 'You asked for it. Nothing is wrong.',
    source: 'test',
    channel: name,
    fallback: [],
  } as const;
  const context = { workspaceId, stage: chain.stage.bind(chain) };
  await database.transaction((tx) => acceptMessage(tx, context, message));
  delivery.kick();
  const messageId = (await messageNumber(database, workspaceId, key)) ?? 0;
  return { messageId, ...(await waitForTest({ ground, rooms }, { messageId, name })) };
}

/** Until it has its receipt; asked for patience meanwhile, it waits. What another channel told was not told over this one. */
async function waitForTest(
  { ground, rooms }: Pick<ChannelParts, 'ground' | 'rooms'>,
  { messageId, name }: { readonly messageId: number; readonly name: string },
): Promise<Omit<shape.ChannelTest, 'messageId'>> {
  const { database, workspace } = rooms;
  const until = ground.clock.monotonic() + testMs;
  const open = new AbortController().signal;
  for (;;) {
    const [row] = await database.query<{
      receipt: string | null;
      channel: string | null;
      error: string | null;
    }>(
      `select d.receipt, d.channel, o.error from kora.message m left join kora.delivery d using (workspace_id, message_id)
         left join kora.outbox o using (workspace_id, message_id)
       where m.workspace_id = $1 and m.message_id = $2`,
      [workspace.workspaceId, messageId],
    );
    const { receipt = null, channel = null, error = null } = row ?? {};
    if (receipt !== null && (channel ?? name) === name) return { delivered: true, receipt, error: null };
    if (receipt !== null)
      return {
        delivered: false,
        receipt: null,
        error: `${name} refused it for good; ${channel} told it instead`,
      };
    if (ground.clock.monotonic() >= until)
      return { delivered: false, receipt: null, error: error ?? 'no receipt within 20 s' };
    await ground.clock.sleep(lookMs, open);
  }
}

function setupsOf(plugins: PluginHost): Map<string, shape.ChannelSetup> {
  const setups = plugins.index.rows.flatMap(({ id, manifest }) =>
    (manifest?.setup ?? []).map(({ channel, title, guide, fields }): [string, shape.ChannelSetup] => {
      const asked = fields.map(({ where, pattern, ...field }) => ({
        ...field,
        where: where ?? null,
        pattern: pattern ?? null,
      }));
      return [channel, { plugin: id, title, guide: [...guide], fields: asked }];
    }),
  );
  return new Map(setups);
}

function setupOf({ plugins }: ChannelParts, name: string): shape.ChannelSetup {
  const setup = setupsOf(plugins).get(name);
  if (setup !== undefined) return setup;
  throw fault('KORA_CHANNEL_UNKNOWN', `no plugin here says how a channel ${name} is set up`, {
    fix: 'kora channel list',
  });
}

function unknownChannel(name: string): Error {
  return fault('KORA_CHANNEL_UNKNOWN', `there is no channel ${name} here`, {
    fix: `kora channel setup ${name}`,
  });
}
