import { join } from 'node:path';
import { z } from 'zod';
import { fault } from '../fault/index.ts';
import { homeFiles, parseJson, readIfThere, writeAtomic } from './home.ts';

const schema = z.object({ storeId: z.uuid(), epoch: z.int().positive() });

/** The store this home last accepted, and which of its lives. */
export type KnownEpoch = Readonly<z.infer<typeof schema>>;

/** What the home remembers; undefined in one that never met a store. Throws KORA_HOME_UNREADABLE when it is damaged. */
export async function readKnownEpoch(directory: string): Promise<KnownEpoch | undefined> {
  const file = join(directory, homeFiles.epoch);
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw fault('KORA_HOME_UNREADABLE', `${file} is damaged: ${z.prettifyError(parsed.error)}`, {
    fix: `delete ${file}, then: kora up --adopt`,
    details: { file },
  });
}

export async function rememberEpoch(directory: string, known: KnownEpoch): Promise<void> {
  await writeAtomic(join(directory, homeFiles.epoch), `${JSON.stringify(known)}\n`);
}
