import { resolve } from 'node:path';
import { confirm } from '../../confirm.ts';
import type { Run } from '../../context.ts';
import { refusal, usage } from '../../fault.ts';
import { counted } from '../../output/count.ts';
import { plain } from '../../output/style.ts';
import { readExport } from './export-file.ts';

const pruneTimeoutMs = 60 * 60_000;

/** Nothing goes before the file that has it has been verified, with the keys that the runtime pins. */
export const prune: Run = async (context) => {
  const { host, input, out } = context;
  const upto = input.whole('through', 1);
  if (upto === undefined) throw usage('kora event prune needs --through', 'kora event prune --help');
  const [file, reason] = [resolve(host.cwd, input.needed('export')), input.needed('reason')];
  const api = await context.client(pruneTimeoutMs);
  const { workspace } = await api.status();
  const found = await readExport(file, (await api.checkpoints(1)).publicKeys);
  if (!found.ok || found.workspace !== workspace) {
    const what = found.ok
      ? `is of the workspace ${plain(found.workspace)}`
      : `does not prove: ${found.problem} at #${found.firstBadSeq}`;
    throw refusal('KORA_PRUNE_REFUSED', `${file} ${what}`, 'kora event export --out <a new file>');
  }
  const { from, to, sha256 } = found;
  await confirm(
    context,
    `Events up to #${upto} leave the store; ${plain(file)} is what remains of them.`,
    String(upto),
  );
  const pruned = await api.prune({ upto, exported: { from, to, sha256 }, reason });
  out.result(pruned, () => [
    pruned.done
      ? `${out.style.good('pruned')}  events up to #${pruned.upto} are gone, ${pruned.removed} row by row, ${counted(pruned.partitions, 'partition')} whole`
      : `${out.style.warn('not done')}  ${pruned.removed} rows removed; the same command goes on`,
    out.style.dim(`keep ${plain(file)}: its sha256 is on the log`),
  ]);
  return pruned.done ? 'ok' : 'findings';
};
