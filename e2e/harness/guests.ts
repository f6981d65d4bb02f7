import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PluginRowView } from '@kora/runtime/client';
import { z } from 'zod';
import type { House } from './house.ts';
import { databaseFolder, socketOf } from './store.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface BadGuest {
  readonly id: string;
  readonly does: string;
  /** The reasons that may become of it; none for one whose harm is bounded without ending it. */
  readonly codes: readonly string[];
  /** In its reason. */
  readonly says?: RegExp;
}

/** Each in a package of its own, in `fixtures/guests`. */
export const badGuests: readonly BadGuest[] = [
  {
    id: 'bad-import',
    does: 'throws at import',
    codes: ['import_failed'],
    says: /throws when it is imported/,
  },
  { id: 'bad-register', does: 'throws in register', codes: ['register_failed'], says: /throws in register/ },
  {
    id: 'bad-start',
    does: 'hangs at start',
    codes: ['daemon_failed'],
    says: /did not finish within 3000 ms/,
  },
  { id: 'bad-stop', does: 'hangs at stop', codes: [] },
  { id: 'bad-loop', does: 'loops', codes: ['guest_killed'], says: /event loop did not answer/ },
  { id: 'bad-leak', does: 'leaks', codes: ['guest_killed'], says: /MB of memory; it may hold 512/ },
  { id: 'bad-flood', does: 'floods the log', codes: [] },
  { id: 'bad-print', does: 'prints on stdout', codes: [] },
  { id: 'bad-exit', does: 'calls process.exit', codes: ['guest_crashed'], says: /exited with code 7/ },
];

const outcomes = z.array(z.object({ what: z.string(), done: z.boolean(), how: z.string() }));
export type Outcome = z.infer<typeof outcomes>[number];

/** What another plugin must not come by. */
const otherSecret = 'KORA_PLUGIN_GOOD_TOKEN';
export const guestEnvironment: Readonly<Record<string, string>> = {
  [otherSecret]: 'a secret of the good one',
};

/** As an operator's project would look after an installation, with a link to the runtime's build. */
export function installGuests(house: House, names: readonly string[]): void {
  const modules = join(house.box, 'node_modules');
  mkdirSync(join(modules, '@kora'), { recursive: true });
  symlinkSync(join(root, 'packages', 'runtime'), join(modules, '@kora', 'runtime'));
  for (const name of names)
    cpSync(join(root, 'fixtures', 'guests', name), join(modules, `kora-plugin-${name}`), { recursive: true });
  const dependencies = Object.fromEntries(names.map((name) => [`kora-plugin-${name}`, '1.0.0']));
  house.file('package.json', { private: true, dependencies });
  house.file('kora.json', {});
}

/** Asks the guest `probing`, over its page, to try everything; the guest `good` is who it tries it on. */
export async function probe(house: House): Promise<Outcome[]> {
  const rows = await house.api().plugins();
  const [probing, good] = ['probing', 'good'].map((id) => rows.find((row) => row.id === id));
  const [page] = probing?.urls ?? [];
  if (page === undefined || good?.pid === undefined || good.pid === null)
    throw new Error(`not there: ${JSON.stringify({ probing, good })}`);
  const targets = {
    home: house.home,
    host: house.box,
    api: house.url(),
    socket: socketOf(house.home),
    otherPid: good.pid,
    otherData: dataFolderOf(house, 'good'),
    otherSecret,
    open: openFolder(house),
  };
  // It must be there, or to be refused would prove nothing.
  readFileSync(join(targets.otherData, 'secret'));
  const answer = await fetch(page, { method: 'POST', body: JSON.stringify(targets) });
  if (!answer.ok) throw new Error(`the probing guest answered ${answer.status}: ${await answer.text()}`);
  return outcomes.parse(await answer.json());
}

/** A folder that everybody may write into, as /tmp is. */
function openFolder(house: House): string {
  const folder = join(house.box, 'open');
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o777);
  return folder;
}

/** Where a guest of this house writes; as root beside the database, outside the home. */
function dataFolderOf(house: House, id: string): string {
  const database = databaseFolder(house.home);
  const outside = database !== undefined && !database.startsWith(house.home);
  return join(outside ? database : house.home, 'plugins', id);
}

/** How far behind their time the good one's tasks began since then, in milliseconds, worst first. */
export async function lateness(house: House, since: number): Promise<number[]> {
  const history = await house.api().taskHistory('good-tick', 200);
  return history
    .filter(({ scheduledAt }) => Date.parse(scheduledAt) >= since)
    .map(({ scheduledAt, startedAt }) => Date.parse(startedAt) - Date.parse(scheduledAt))
    .toSorted((a, b) => b - a);
}

const change = z.object({
  plugin: z.string(),
  reason_code: z.string().optional(),
  reason: z.string().optional(),
});

/** Each reason that a plugin was shown with, as the chain has it: code, and what it said. */
export async function reasonsOf(house: House, id: string): Promise<{ code: string; says: string }[]> {
  const events = await house.api().events({ type: 'kora.plugin.state_changed', order: 'desc', limit: 500 });
  return events.flatMap(({ payload }) => {
    const { plugin, reason_code: code, reason: says = '' } = change.parse(payload);
    return plugin === id && code !== undefined ? [{ code, says }] : [];
  });
}

/** Whether what had to become of a bad guest has become of it. */
export async function isDealtWith(house: House, { id, codes, says }: BadGuest): Promise<boolean> {
  if (codes.length > 0) {
    const reasons = await reasonsOf(house, id);
    return reasons.some((reason) => codes.includes(reason.code) && (says?.test(reason.says) ?? true));
  }
  const { state, usage } = rowOf(await house.api().plugins(), id);
  // It hangs at stop, and until then it is as good as any.
  if (id === 'bad-stop') return state === 'loaded';
  return (usage?.dropped ?? 0) > 0;
}

export function rowOf(rows: readonly PluginRowView[], id: string): PluginRowView {
  const row = rows.find((each) => each.id === id);
  if (row === undefined) throw new Error(`${id} is not listed`);
  return row;
}
