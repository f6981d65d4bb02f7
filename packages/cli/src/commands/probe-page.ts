import { join, resolve } from 'node:path';
import { messageOf } from '@kora/runtime/plugin';
import type { Run } from '../context.ts';
import { refusal, usage } from '../fault.ts';
import type { Input } from '../input.ts';
import { counted } from '../output/count.ts';
import { plain, tint } from '../output/style.ts';
import type { Wanted } from '../status-page/contract.ts';
import { pageHtml } from '../status-page/html.ts';
import { statusPage } from '../status-page/page.ts';
import { headline } from '../status-page/words.ts';
import { writePage } from '../status-page/write.ts';

const usualDays = 90;
const mostDays = 400;
/** The longest window that the page speaks of. */
const longestWindowDays = 90;
const mostIncidents = 500;

/** Writes a page that may be put on any web server: how everything is, how it was, what broke. */
export const page: Run = async ({ client, host, input, out }) => {
  const folder = resolve(host.cwd, input.needed('out'));
  const historyDays = input.whole('history', 1) ?? usualDays;
  if (historyDays > mostDays)
    throw usage(`--history takes at most ${mostDays} days`, 'kora probe page --help');
  const groups = groupsOf(input);
  const api = await client();
  const days = Math.max(historyDays, longestWindowDays);
  const [probes, tallies, incidents, windows] = await Promise.all([
    api.probes(),
    api.probeDays({ days }),
    api.incidents({ limit: mostIncidents }),
    api.probeWindows(),
  ]);
  const known = new Set(probes.map(({ name }) => name));
  const unknown = groups.flatMap((group) => group.probes).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw refusal('KORA_PROBE_UNKNOWN', `there is no probe ${unknown}`, 'kora probe list');
  const wanted: Wanted = {
    title: input.text('title') ?? 'Status',
    now: out.now,
    historyDays,
    groups,
    details: input.on('details'),
  };
  const made = statusPage({ probes, days: tallies, incidents, windows }, wanted);
  const files = [
    { name: 'index.html', text: pageHtml(made) },
    { name: 'status.json', text: `${JSON.stringify(made, null, 2)}\n` },
  ];
  await writePage(folder, files).catch((error: unknown) => {
    throw usage(
      `${folder} cannot be written: ${messageOf(error)}`,
      'name a folder that you may write to: --out',
    );
  });
  const shown = made.groups.reduce((sum, group) => sum + group.probes.length, 0);
  const report = { files: files.map(({ name }) => join(folder, name)), state: made.state, probes: shown };
  out.result(report, () => [
    `${tint(out.style, made.state)}  ${headline(made)}`,
    ...report.files.map(plain),
    out.style.dim(
      wanted.details
        ? 'with hosts and errors: not for everybody'
        : `${counted(shown, 'probe')} by name, without hosts and errors`,
    ),
  ]);
  return 'ok';
};

/** `--group 'Shop=shop,checkout'`, once for each. */
function groupsOf(input: Input): Wanted['groups'] {
  return input.many('group').map((typed) => {
    const at = typed.indexOf('=');
    const name = typed.slice(0, Math.max(0, at)).trim();
    const probes = typed
      .slice(at + 1)
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '');
    if (name === '' || probes.length === 0)
      throw usage(
        `--group takes a name and its probes, not ${JSON.stringify(typed)}`,
        "kora probe page --out public --group 'Shop=shop,checkout'",
      );
    return { name, probes };
  });
}
