import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inTheWay, unwritable } from './folder.ts';
import type { Plan } from './plan.ts';
import { CreateRefusal } from './refusal.ts';
import { filled } from './template.ts';

const named = 5;

/**
 * Writes a project and answers its files, relative to the folder. Overwrites nothing: a folder that holds anything is
 * refused before the first file. Throws CREATE_KORA_FOLDER_HOLDS_FILES, CREATE_KORA_FOLDER_UNWRITABLE.
 */
export function createProject(plan: Plan): readonly string[] {
  const { folder } = plan;
  const there = inTheWay(folder);
  if (there.length > 0) {
    const names = [...there.slice(0, named), ...(there.length > named ? ['…'] : [])].join(', ');
    throw new CreateRefusal('CREATE_KORA_FOLDER_HOLDS_FILES', `${folder} is not empty: ${names}`, {
      fix: `npm create kora NEW-FOLDER${plan.kind === 'plugin' ? ' -- --plugin' : ''}`,
    });
  }
  const files = filled(plan);
  try {
    for (const { path, text } of files) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      // Somebody else's file that came since the look stays as it is.
      writeFileSync(file, text, { flag: 'wx' });
    }
  } catch (cause) {
    throw unwritable(folder, cause);
  }
  return files.map(({ path }) => path);
}
