import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { testFolder } from '../../home/testing/folder.ts';
import { draft, exportEvents } from '../index.ts';
import { noted, testChain } from '../testing/chain.ts';
import { checkpointsOn } from './testing/checkpoints.ts';

const script = fileURLToPath(new URL('../../../../../docs/verify-export.mjs', import.meta.url));

async function verified(file: string): Promise<{ ok: boolean; said: string }> {
  return promisify(execFile)(process.execPath, [script, file]).then(
    ({ stdout, stderr }) => ({ ok: true, said: stdout + stderr }),
    (error: unknown) => ({ ok: false, said: String(error) }),
  );
}

test('an export carries the checkpoints and the keys, and a stranger’s script agrees with what was signed', async () => {
  const made = await testChain();
  const { checkpointer } = await checkpointsOn({ ...made, home: testFolder() });
  for (const rounds of [3, 4]) {
    for (let n = 0; n < rounds; n += 1) await made.chain.appendSealed(draft(noted, { n }));
    await checkpointer.checkpoint();
  }
  const file = join(testFolder(), 'export.ndjson');
  const out = createWriteStream(file);
  const { database, workspaceId } = made;
  const exported = await exportEvents({
    database,
    workspaceId,
    workspace: 'default',
    out,
    checkpoints: checkpointer.claims(),
    keys: checkpointer.publicKeys,
  });
  out.end();
  await finished(out);
  expect(exported).toMatchObject({ events: 7, checkpoints: 2 });
  expect(await verified(file)).toMatchObject({ ok: true });
  const text = await readFile(file, 'utf8');
  const [, root = ''] = /kora\/default\\n7\\n([A-Za-z0-9+/]{10})/.exec(text) ?? [];
  expect(root).not.toBe('');
  await writeFile(file, text.replace(root, root.replace(/^./, root.startsWith('A') ? 'B' : 'A')));
  expect(await verified(file)).toMatchObject({ ok: false });
});
