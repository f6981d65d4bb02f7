import type { ReasonRunRow } from '@kora/runtime/client';
import { describe, expect, it } from 'vitest';
import { readFilter, writeFilter } from '../../shell/query.ts';
import { reasonRun, reasonRunDetail } from '../../stage/mind.ts';
import { wishOf } from './ask.tsx';
import { filtered, neighbours, type RunFilter, runFilterKeys, runsPath, sourceOf, valuesOf } from './runs.ts';
import { isMeasured } from './known.ts';
import { costsOf, spansOf, treeOf } from './steps.ts';
import { united } from './use-runs.ts';

const none: RunFilter = readFilter('', runFilterKeys);
const receipt = { ...reasonRun().receipt, tools: ['disk_usage'] };
const runs: readonly ReasonRunRow[] = [
  reasonRun({ runId: 'c', ticketId: 41, route: 'ticket', receipt: { ...receipt, costMicroUsd: 90_000 } }),
  reasonRun({ runId: 'b', route: 'probe_investigation', receipt: { ...receipt, tools: ['read_log'] } }),
  reasonRun({ runId: 'a', route: 'cli', status: 'failed', receipt, question: 'Where does memory go?' }),
];
const ids = (filter: Partial<RunFilter>): string[] =>
  filtered(runs, { ...none, ...filter }).map(({ runId }) => runId);

describe('the filter of calls', () => {
  it('survives the address', () => {
    const filter = { ...none, q: 'disk & co', cost: '0.05', tool: 'read_log', ticket: '41' };
    expect(readFilter(writeFilter(filter, runFilterKeys), runFilterKeys)).toEqual(filter);
  });

  it('lets through what it names, and everything where it names nothing', () => {
    expect(ids({})).toEqual(['c', 'b', 'a']);
    expect(ids({ cost: '0.05' })).toEqual(['c']);
    expect(ids({ cost: 'much' })).toEqual(['c', 'b', 'a']);
    expect(ids({ tool: 'read_log' })).toEqual(['b']);
    expect(ids({ outcome: 'failed' })).toEqual(['a']);
    expect(ids({ source: 'wake' })).toEqual(['b']);
    expect(ids({ q: 'MEMORY' })).toEqual(['a']);
    expect(ids({ q: '#41' })).toEqual(['c']);
  });

  it('asks the runtime for what the runtime filters, and never for what it would refuse', () => {
    expect(runsPath({ ticket: '41', outcome: 'open' }, 'r-1')).toBe(
      '/api/reason/runs?limit=200&ticketId=41&status=open&before=r-1',
    );
    expect(runsPath({ ticket: 'x', outcome: 'odd' })).toBe('/api/reason/runs?limit=200');
  });

  it('knows on whose behalf, what there is to choose, and what stands beside a call', () => {
    expect(runs.map(sourceOf)).toEqual(['ticket', 'wake', 'operator']);
    expect(valuesOf(runs, (run) => [run.route]).map(({ value }) => value)).toEqual([
      'cli',
      'probe_investigation',
      'ticket',
    ]);
    expect(neighbours(runs, 'b')).toEqual({ newer: 'c', older: 'a' });
    expect(neighbours(runs, 'z')).toEqual({ newer: null, older: null });
    expect(united(runs.slice(0, 2), runs.slice(1)).map(({ runId }) => runId)).toEqual(['c', 'b', 'a']);
  });
});

describe('how a call went', () => {
  const run = reasonRunDetail();

  it('puts each tool under the model call that asked for it', () => {
    expect(treeOf(run).map(({ call, tools }) => [call?.ordinal, tools.map(({ tool }) => tool)])).toEqual([
      [1, ['read_log', 'disk_usage']],
      [2, []],
    ]);
  });

  it('lays calls out by when they began', () => {
    expect(spansOf(run).map(({ key, startMs }) => [key, startMs])).toEqual([
      ['model 1', 100],
      ['tool 1', 2_100],
      ['tool 2', 2_400],
      ['model 2', 3_000],
    ]);
  });

  it('adds up what is known and says unknown from where it is not', () => {
    const [first, second] = run.modelCalls;
    if (first === undefined || second === undefined) throw new Error('two calls are staged');
    expect([...costsOf([first, second]).values()]).toEqual([4_000, 9_500]);
    expect([...costsOf([{ ...first, costMicroUsd: null }, second]).values()]).toEqual([null, null]);
  });
});

it('costs something unknown until its first model call has settled, and nothing where no model was asked', () => {
  const { receipt: of } = reasonRun();
  const none = { ...of, calls: 0, costMicroUsd: 0, inputTokens: 0, outputTokens: 0 };
  expect(isMeasured(reasonRun({ status: 'open', receipt: none }))).toBe(false);
  expect(isMeasured(reasonRun({ status: 'open', receipt: { ...none, calls: 1 } }))).toBe(false);
  expect(isMeasured(reasonRun({ status: 'open' }))).toBe(true);
  expect(isMeasured(reasonRun({ status: 'answered', receipt: none }))).toBe(true);
});

it('a question leaves out what was left empty', () => {
  const form = new FormData();
  form.set('text', 'Why?');
  form.set('most', '');
  expect(wishOf(form)).toEqual({ text: 'Why?', route: 'cockpit' });
  form.set('most', '0.5');
  form.set('verdict', 'on');
  expect(wishOf(form)).toEqual({
    text: 'Why?',
    route: 'cockpit',
    verdict: true,
    limits: { costMicroUsd: 500_000 },
  });
});
