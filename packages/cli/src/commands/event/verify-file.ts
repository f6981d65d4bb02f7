import { resolve } from 'node:path';
import type { Context } from '../../context.ts';
import { plain } from '../../output/style.ts';
import { bytes } from '../../output/size.ts';
import { readExport } from './export-file.ts';
import { verdictLines } from './verdict.ts';

const sayEveryMs = 2_000;

/** An export, without any runtime: everything it proves is in the file, but for whose keys to believe. */
export async function verifyFile(context: Context): Promise<'ok' | 'findings'> {
  const { host, input, out } = context;
  const file = resolve(host.cwd, input.needed('file'));
  const keys = (input.text('key') ?? '').split(',').flatMap((key) => (key.trim() === '' ? [] : [key.trim()]));
  let told = host.now();
  const found = await readExport(file, keys, (read, of) => {
    if (host.now() - told < sayEveryMs) return;
    told = host.now();
    out.note(out.aside.dim(`verified ${Math.floor((read / of) * 100)} %  ${bytes(read)} of ${bytes(of)}`));
  });
  const { ok, from, to, sha256, completeness, pinned, workspace } = found;
  out.result(found, () => [
    ...verdictLines({ ...found, last: to }, out),
    ...out.facts([
      ['file', `events #${from} to #${to} of the workspace ${plain(workspace)}`],
      ['sha256', sha256],
    ]),
    ...(pinned || completeness.checkpoints === 0
      ? []
      : [
          out.style.warn('the keys came from the file itself: give those you know from elsewhere with --key'),
        ]),
  ]);
  return ok ? 'ok' : 'findings';
}
