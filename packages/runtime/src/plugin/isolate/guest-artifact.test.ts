import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import { Scope } from '../../scope/index.ts';
import { buildContext } from '../context.ts';
import { Contributions } from '../contributions.ts';
import { ScriptedHouse } from '../testing/scripted-house.ts';
import { artifactMethods } from './artifact-door.ts';
import { loopback } from './loopback.ts';
import type { Loopback } from './loopback.ts';

const house = new ScriptedHouse();
const owner = { id: 'tide', trusted: false };
const parts = { workspace: 'default', config: undefined, log: house.log, contributions: new Contributions() };
const context = buildContext({ ...parts, owner, services: house.services(owner), scope: new Scope('tide') });
let crossing: Loopback | undefined;
afterEach(() => crossing?.close());

test('a file of a guest crosses piece by piece, both ways and side by side, as the bytes it is', async () => {
  const { workspace, config, signal } = context;
  crossing = loopback({ id: 'tide', workspace, config, signal }, context, { clock: systemClock() });
  const { artifacts } = crossing.context;
  // Longer than any line may be, and no multiple of a piece.
  const long = randomBytes(4_500_001);
  const [picture, note] = await Promise.all([
    artifacts.put({ name: 'sea.png', content: long, type: 'image/png', keepDays: 3, ticketId: 7 }),
    artifacts.put({ name: 'note.txt', content: 'höhe' }),
  ]);
  expect(house.artifacts).toMatchObject([
    { name: 'sea.png', type: 'image/png', keepDays: 3, ticketId: 7 },
    { name: 'note.txt' },
  ]);
  const [back, text] = await Promise.all([artifacts.get(picture.artifactId), artifacts.get(note.artifactId)]);
  expect(Buffer.from(back.content).equals(long)).toBe(true);
  expect(back.sha256).toBe(picture.sha256);
  expect(Buffer.from(text.content).toString()).toBe('höhe');
  expect((await artifacts.list({ limit: 1 })).map(({ name }) => name)).toEqual(['note.txt']);
  await expect(artifacts.get('art_9')).rejects.toMatchObject({ code: 'KORA_ARTIFACT_UNKNOWN' });
  await expect(
    artifacts.put({ name: 'sea.png', content: Buffer.alloc(21 * 1024 * 1024) }),
  ).rejects.toMatchObject({
    code: 'KORA_ARTIFACT_REFUSED',
  });
});

test('a guest that says one size and sends another, or sends what it did not begin, is refused and holds nothing', async () => {
  const methods = new Map(artifactMethods(context));
  const ask = async (method: string, params: unknown = {}): Promise<unknown> => methods.get(method)?.(params);
  const piece = { content: Buffer.from('12345').toString('base64') };
  const refused = { code: 'KORA_PLUGIN_INVALID' };
  await expect(ask('artifacts.piece', piece)).rejects.toMatchObject(refused);
  await ask('artifacts.begin', { name: 'a.txt', size: 4 });
  await expect(ask('artifacts.piece', piece)).rejects.toThrow('more of a file than was said');
  await expect(ask('artifacts.put')).rejects.toThrow('was not begun');
  await ask('artifacts.begin', { name: 'a.txt', size: 6 });
  await ask('artifacts.piece', piece);
  await expect(ask('artifacts.put')).rejects.toThrow('less of a file than was said');
  await expect(ask('artifacts.begin', { name: 'a.txt', size: 30_000_000 })).rejects.toMatchObject(refused);
  await expect(ask('artifacts.piece', { content: '<script>' })).rejects.toMatchObject(refused);
});
