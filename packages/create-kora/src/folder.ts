import { readdirSync } from 'node:fs';
import { CreateRefusal } from './refusal.ts';

/** A repository that was made first is nobody's work yet. */
const harmless = ['.git'];

/** What a new project would be put among; none for a folder that is empty or not there. Throws CREATE_KORA_FOLDER_UNWRITABLE. */
export function inTheWay(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => !harmless.includes(name));
  } catch (cause) {
    if ((cause as { readonly code?: unknown }).code === 'ENOENT') return [];
    throw unwritable(folder, cause);
  }
}

export function unwritable(folder: string, cause: unknown): CreateRefusal {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CreateRefusal('CREATE_KORA_FOLDER_UNWRITABLE', `${folder} cannot be written: ${why}`, { cause });
}
