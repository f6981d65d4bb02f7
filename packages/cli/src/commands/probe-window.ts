import type { KoraClient, ProbeWindowRow } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import { usage } from '../fault.ts';
import { whole } from '../input.ts';
import type { Console } from '../output/console.ts';
import { plain } from '../output/style.ts';
import { ago } from '../output/time.ts';
import { pick } from '../pick.ts';

const list: Run = async ({ client, out }) => {
  const rows = await (await client()).probeWindows();
  out.result(rows, () =>
    out.table(
      rows,
      [
        { title: 'id', of: (row) => String(row.windowId), right: true },
        { title: 'probe', of: (row) => row.probe ?? 'all' },
        { title: 'begins', of: (row) => ago(row.startsAt, out.now) },
        { title: 'ends', of: (row) => ago(row.endsAt, out.now) },
        { title: 'by', of: (row) => row.by },
        { title: 'reason', of: (row) => row.reason, flexible: true },
      ],
      'no maintenance window is on or to come',
    ),
  );
  return 'ok';
};

const add: Run = async ({ client, input, out }) => {
  const api = await client();
  const named = needed(input.argument('what'), 'the name of a probe, or all');
  const forMs = input.span('for');
  if (forMs === undefined)
    throw usage('kora probe window add needs --for', 'kora probe window add all --for 2h --reason deploy');
  const from = input.text('from');
  const reason = input.needed('reason');
  const probe = named === 'all' ? null : await probeNamed(api, named);
  const row = await api.addProbeWindow({
    probe,
    forMs,
    reason,
    ...(from === undefined ? {} : { from: instant(from) }),
  });
  out.result(row, () => lines(row, out));
  return 'ok';
};

const end: Run = async ({ client, input, out }) => {
  const id = whole(needed(input.argument('what'), 'the id of a window'), 1);
  if (id === undefined)
    throw usage('kora probe window end takes the id of a window', 'kora probe window list');
  const row = await (await client()).endProbeWindow(
    id,
    input.text('reason') ?? 'ended from the command line',
  );
  out.result(row, () => [
    `window ${row.windowId} is over: incidents of ${plain(row.probe ?? 'all')} may open`,
  ]);
  return 'ok';
};

/** A time in which looks go on and no incident opens: `add` one, `list` them, `end` one early. */
export const maintain: Run = async (context) => {
  const verb = context.input.argument('verb');
  if (verb === 'list') return list(context);
  if (verb === 'add') return add(context);
  if (verb === 'end') return end(context);
  throw usage(
    `kora probe window takes add, list or end, not ${JSON.stringify(verb)}`,
    'kora probe window --help',
  );
};

async function probeNamed(api: KoraClient, wanted: string): Promise<string> {
  const row = pick(await api.probes(), wanted, {
    noun: 'probe',
    code: 'KORA_PROBE_UNKNOWN',
    list: 'kora probe list',
    names: ({ name }) => [name],
  });
  return row.name;
}

function lines(row: ProbeWindowRow, out: Console): readonly string[] {
  return [
    `${out.style.strong(`window ${row.windowId}`)}  ${plain(row.probe ?? 'every probe')}`,
    ...out.facts([
      ['begins', ago(row.startsAt, out.now)],
      ['ends', ago(row.endsAt, out.now)],
      ['reason', plain(row.reason)],
    ]),
  ];
}

function instant(text: string): string {
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw usage(
      `--from takes a time like 2026-05-01T08:00:00Z, not ${JSON.stringify(text)}`,
      'kora probe window --help',
    );
  return new Date(at).toISOString();
}

function needed(text: string, what: string): string {
  if (text === '') throw usage(`kora probe window needs ${what}`, 'kora probe window --help');
  return text;
}
