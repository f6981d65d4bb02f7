import type { SpendForecast } from '@kora/runtime/client';
import type { Run } from '../context.ts';
import { usage } from '../fault.ts';
import type { Console } from '../output/console.ts';
import { dollars } from '../output/dollars.ts';

export const forecast: Run = async ({ client, input, out }) => {
  const plugin = input.argument('plugin');
  const said = {
    plugin: plugin === '' ? undefined : plugin,
    task: input.text('task'),
    everyMs: input.span('every'),
    calls: input.whole('calls'),
    model: input.text('model'),
    inputTokens: input.whole('input-tokens'),
    outputTokens: input.whole('output-tokens'),
  };
  if (said.plugin === undefined && said.task === undefined && said.everyMs === undefined)
    throw usage(
      'forecast what? Name a plugin, a --task, or a cadence: --every 15m',
      'kora cost forecast --help',
    );
  const query = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  const now = await (await client()).spendForecast(query);
  out.result(now, () => forecastLines(now, out));
  return 'ok';
};

function forecastLines(now: SpendForecast, out: Console): readonly string[] {
  const { runsPerDay, callsPerRun, usdPerCall, perMonthUsd, poolUsd } = now;
  const share = perMonthUsd === null ? '' : `  ${((100 * perMonthUsd) / poolUsd).toFixed(1)} % of the pool`;
  return [
    `${out.style.strong(amount(perMonthUsd))} a month${share}`,
    ...out.facts([
      ['a run', amount(now.perRunUsd)],
      ['a day', amount(now.perDayUsd)],
      ['runs a day', figure(runsPerDay, number, 'not known: say --every')],
      ['calls a run', figure(callsPerRun, number, 'never measured: say --calls')],
      [
        'a call',
        figure(usdPerCall, dollars, 'never measured: say --model with --input-tokens and --output-tokens'),
      ],
    ]),
  ];
}

function amount(usd: number | null): string {
  return usd === null ? 'unknown' : dollars(usd);
}

function number(value: number): string {
  return String(Number(value.toFixed(2)));
}

/** What it is and what it rests on, or what would make it known. */
function figure(
  known: { readonly value: number; readonly restsOn: string } | null,
  words: (value: number) => string,
  unknown: string,
): string {
  return known === null ? `unknown, ${unknown}` : `${words(known.value)}, from ${known.restsOn}`;
}
