// The cockpit's performance budget, on the built product: `pnpm bench cockpit [--runs 5] [--tickets 10000] [--idle 60] [--only PART,PART]
// [--soak MINUTES] [--no-save]`. A real runtime with so many tickets and a plugin that appends events, Chromium before it; each figure
// is the middle of its runs. Writes bench/results/<date>-cockpit.json and prints the table of docs/benchmarks.md.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { storeApply } from './cockpit/apply.ts';
import { Eyes } from './cockpit/eyes.ts';
import { BusyHouse } from './cockpit/house.ts';
import { eventToPixel, firstPicture, flood, idle, interactions, type Scene } from './cockpit/looks.ts';
import { type Line, middle, rounded } from './cockpit/numbers.ts';
import { sizes } from './cockpit/sizes.ts';
import { soak } from './cockpit/soak.ts';
import { say, table } from './tickets/run-options.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    tickets: { type: 'string', default: '10000' },
    idle: { type: 'string', default: '60' },
    only: { type: 'string' },
    soak: { type: 'string', default: '0' },
    'no-save': { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const tickets = Number(values.tickets);
const soakMinutes = Number(values.soak);
const parts: Record<string, (scene: Scene) => Promise<readonly Line[]>> = {
  sizes: () => Promise.resolve(sizes(runs)),
  picture: firstPicture,
  hands: interactions,
  idle,
  pixel: eventToPixel,
  burst: flood,
  apply: storeApply,
  ...(soakMinutes > 0 ? { soak: (scene: Scene) => soak(scene, soakMinutes) } : {}),
};
const only = values.only?.split(',') ?? Object.keys(parts);
for (const part of only)
  if (!(part in parts)) throw new RangeError(`there is no part ${part}: ${Object.keys(parts).join(', ')}`);

const machine = `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
const loadBefore = loadavg()[0];
const lines: Record<string, readonly Line[]> = {};
const house = await BusyHouse.open();
let chromium = 'unknown';
try {
  await house.addTickets(tickets);
  const eyes = await Eyes.open(house);
  chromium = eyes.version;
  try {
    for (const part of only) {
      const begun = performance.now();
      lines[part] =
        (await parts[part]?.({ house, eyes, runs, tickets, idleSeconds: Number(values.idle), say })) ?? [];
      say(`${part}: ${Math.round((performance.now() - begun) / 1_000)} s\n`);
    }
  } finally {
    await eyes.close();
  }
} finally {
  await house.close();
}
const all = Object.values(lines).flat();
say(table(['cockpit', 'gate', 'measured', 'runs', ''], all.map(rowOf)));
const date = new Date().toISOString().slice(0, 10);
if (!values['no-save']) {
  const folder = fileURLToPath(new URL('./results/', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = `${folder}${date}-cockpit.json`;
  // A run of some parts leaves what others measured on the same day.
  const earlier = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { parts?: object }) : {};
  const whole = {
    date,
    machine,
    chromium,
    postgres: house.postgres,
    loadBefore,
    loadAfter: loadavg()[0],
    tickets,
  };
  writeFileSync(file, `${JSON.stringify({ ...whole, parts: { ...earlier.parts, ...lines } }, null, 2)}\n`);
  say(`\n${file}`);
}
say(`\n${date}, ${machine}, Chromium ${chromium}, PostgreSQL ${house.postgres}, load ${loadBefore} before\n`);

function rowOf({ metric, gate, unit, runs: each, more = '' }: Line): readonly (string | number)[] {
  const measured = middle(each);
  const missed = gate !== null && !(measured <= gate);
  const spread = each.length === 1 ? '' : `${rounded(Math.min(...each))} to ${rounded(Math.max(...each))}`;
  const limit = gate === null ? '' : `${gate} ${unit}`.trim();
  return [metric, limit, `${rounded(measured)} ${unit}${missed ? ': missed' : ''}`.trim(), spread, more];
}
