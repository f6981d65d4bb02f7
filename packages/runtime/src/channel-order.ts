import { draft } from './chain/index.ts';
import type { ChannelParts } from './channel-answers.ts';
import { putFirst, readOrder, replaceOrder } from './config/index.ts';
import type { Ground } from './ground.ts';
import type { shape } from './http/index.ts';
import { finding } from './log-findings.ts';
import { orderChanged } from './message/index.ts';
import { configFile } from './plugin-config.ts';
import { operatorActor } from './workspace/index.ts';

type Parts = Pick<ChannelParts, 'ground' | 'rooms'>;
interface Read {
  readonly ground: {
    readonly configuration: Ground['configuration'];
    readonly home: Pick<Ground['home'], 'directory'>;
  };
}

/** Has the operator told over this channel first, from now on and in kora.json; the others stay behind it in their order. */
export async function tellFirst(
  { ground, rooms }: Parts,
  name: string,
  reason: string,
): Promise<shape.ChannelFirst> {
  const { configuration, home, clock } = ground;
  const file = configFile({ configuration, home: home.directory });
  const order = await rooms.database.transaction(async (tx) => {
    const before = await readOrder(file);
    const channels = [name, ...before.filter((each) => each !== name)];
    const said = { channels, from: [...before], reason };
    await rooms.chain.stage(tx, [draft(orderChanged, said, { actorId: operatorActor })]);
    // Last, so that what is written is recorded and what is refused is not.
    return (await putFirst(file, { name, now: clock.now() })).order;
  });
  replaceOrder(configuration, order);
  const { routes } = configuration.config.alerts;
  const ownRoutes = (['direct', 'critical', 'warning'] as const).filter(
    (route) => routes[route] !== undefined,
  );
  return { file, channels: [...order], ownRoutes };
}

/** The order that kora.json says, where it is not the one in force; undefined where it is, or cannot be read. */
export async function orderInFile({ ground }: Read): Promise<readonly string[] | undefined> {
  const { configuration, home } = ground;
  try {
    const said = await readOrder(configFile({ configuration, home: home.directory }));
    return said.join() === configuration.config.messages.channels.join() ? undefined : said;
  } catch {
    // Of a file that is no configuration the doctor tells from outside.
    return undefined;
  }
}

export async function orderFindings(parts: Read): Promise<shape.Finding[]> {
  const said = await orderInFile(parts);
  if (said === undefined) return [];
  const { channels } = parts.ground.configuration.config.messages;
  const text = `kora.json names the channels ${said.join(', ')}; in force is ${channels.join(', ')}`;
  return [finding('channel.order', 'warning', text, { hint: 'kora down && kora up --detach' })];
}
