import type { PhrasebookTest, PhrasebookVersionRow, PhrasebookView } from '@kora/runtime/client';
import type { Run } from '../../context.ts';
import type { Console } from '../../output/console.ts';
import { plain, plainLines } from '../../output/style.ts';
import { ago } from '../../output/time.ts';

export const list: Run = async ({ client, input, out }) => {
  const version = input.whole('of', 1);
  const book = await (await client()).phrasebook(version === undefined ? {} : { version });
  const entries = input.on('mine')
    ? book.entries.filter(({ origin }) => origin === 'operator')
    : book.entries;
  const isWhole = input.on('mine');
  out.result({ ...book, entries }, () => bookLines({ ...book, entries }, isWhole, out));
  return 'ok';
};

export const test: Run = async ({ client, input, out }) => {
  const tried = await (await client()).testPhrasebook(input.argument('text'));
  out.result(tried, () => testLines(tried, out));
  return tried.lookup.outcome === 'answered' ? 'ok' : 'findings';
};

export const history: Run = async ({ client, input, out }) => {
  const versions = await (await client()).phrasebookHistory(input.whole('limit', 1) ?? 20);
  out.result(versions, () =>
    out.table(
      versions,
      [
        { title: 'version', of: (row) => String(row.version), right: true },
        { title: 'when', of: (row) => ago(row.at, out.now) },
        { title: 'what', of: what },
        { title: 'yours', of: (row) => String(row.overlayEntries), right: true },
        { title: 'shipped', of: (row) => String(row.baseEntries), right: true },
        { title: 'by', of: (row) => plain(row.by) },
        { title: 'why', of: (row) => plain(row.reason), flexible: true },
      ],
      'no versions',
    ),
  );
  return 'ok';
};

function what({ kind, revertedTo, proposal }: PhrasebookVersionRow): string {
  if (revertedTo !== null) return `reverted to ${revertedTo}`;
  return proposal === null ? kind : `proposal ${plain(proposal)}`;
}

/** What is answered in a word each; the operator's own entries as they are written. */
function bookLines(
  { version, inForce, at, entries }: PhrasebookView,
  isWhole: boolean,
  out: Console,
): readonly string[] {
  const { style } = out;
  const unused = entries.filter(({ problem }) => problem !== null);
  return [
    `${style.strong(`version ${version}`)}, ${inForce ? 'in force' : 'not in force'}, since ${ago(at, out.now)}`,
    '',
    ...out.table(
      entries.filter(({ problem }) => problem === null),
      [
        { title: '', of: (row) => String(row.index), right: true },
        { title: 'from', of: from },
        { title: 'about', of: (row) => plain(row.category) },
        {
          title: 'answers',
          of: ({ reply, description }) =>
            plain(reply === null ? '(left to whoever thinks)' : isWhole ? reply : description),
          flexible: true,
        },
        { title: 'asked', of: (row) => plain(row.pattern), flexible: true },
      ],
      'no entries of yours: kora phrasebook edit',
    ),
    ...unused.map(({ index, problem }) => style.warn(`${index} is not used: ${plain(problem ?? '')}`)),
  ];
}

function from({ origin, learned }: PhrasebookView['entries'][number]): string {
  if (learned !== undefined) return `proposal ${learned.proposalId}${learned.onTrial ? ', on trial' : ''}`;
  return origin === 'operator' ? 'you' : 'kora';
}

function testLines({ version, lookup }: PhrasebookTest, { style }: Console): readonly string[] {
  if (lookup.outcome === 'unmatched')
    return [style.warn('no entry fits'), style.dim(`version ${version}; it would go to whoever thinks`)];
  const { index, origin, entry, learned } = lookup.entry;
  const whose = origin === 'operator' ? 'yours' : 'shipped';
  const owner = learned === undefined ? whose : `learned by proposal ${learned.proposalId}`;
  const by = `entry ${index} (${owner}, ${plain(entry.category)}) of version ${version}`;
  if (lookup.outcome === 'answered') return [...plainLines(lookup.text), style.dim(`${by}, at no cost`)];
  if (lookup.outcome === 'left') return [style.warn('left to whoever thinks'), style.dim(by)];
  return [
    style.warn(`{${plain(lookup.missing)}} is not known, or not fresh`),
    style.dim(`${by}; it would go to whoever thinks`),
  ];
}
