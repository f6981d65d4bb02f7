import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSources, takeCensus } from './census.ts';
import type { Census, Planted, Sources } from './census.ts';
import { censusModule, doorsPage, page, shipped } from './doors-page.ts';
import { disarmed, newFiles, rightly } from './fixtures/bypasses.ts';
import type { Bypass } from './fixtures/bypasses.ts';
import { doors } from '../packages/runtime/src/admission/contract.ts';

let sources: Sources;
let census: Census;
const withFiles = (planted: readonly Planted[]): Census => takeCensus(readSources(planted, sources));

beforeAll(() => {
  sources = readSources();
  census = takeCensus(sources);
}, 120_000);

describe('the census of doors', () => {
  it('finds no way out that is neither behind a door nor named as an exemption', () => {
    expect(census.failures).toEqual([]);
  });

  it('has looked: each door is the way to something', () => {
    expect([...new Set(census.rows.flatMap(({ admitted }) => admitted))]).toEqual(
      expect.arrayContaining([...doors]),
    );
    // A census that reads no sources finds nothing and is green.
    expect(sources.files.length).toBeGreaterThan(400);
  });

  it('knows by its registration that what the probes of the bundled plugin reach is reached by a task, and by a fix', () => {
    const plugin = census.rows.filter(({ file }) => file.startsWith('packages/plugin-probes/'));
    // Both run programs, by the same few lines.
    const runsBoth = 'packages/plugin-probes/src/probes/run-program.ts';
    const admitted = (file: string): string[] => [
      ...new Set(plugin.filter((row) => row.file.startsWith(file)).flatMap((row) => row.admitted)),
    ];
    expect(admitted(runsBoth)).toEqual(['autofix', 'periodic_task']);
    expect(admitted('packages/plugin-probes/src/fixes/').sort()).toEqual(['autofix', 'periodic_task']);
    const reached = plugin.filter(({ file }) => !file.includes('/fixes/') && file !== runsBoth);
    expect(reached.map(({ reaches }) => reaches)).toEqual(
      expect.arrayContaining(['node:net', 'node:tls', 'node:http', 'node:child_process', 'fetch', 'pg']),
    );
    expect(new Set(reached.flatMap(({ admitted }) => admitted))).toEqual(new Set(['periodic_task']));
  });
});

describe('what is told of it', () => {
  it.each([
    ['docs/doors.md', page, doorsPage],
    ['the census that ships', shipped, censusModule],
  ])('%s is what the sources say; `npm run events` writes it', (_, file, write) => {
    expect(readFileSync(file, 'utf8')).toBe(write(census.rows));
  });
});

describe.each([
  ['a call that bypasses admission fails the census', newFiles],
  ['a deed whose pass is no longer taken fails the census', disarmed],
] as const)('%s', (_, bypasses) => {
  let taken: Census;
  beforeAll(() => {
    taken = withFiles([...bypasses, ...rightly]);
  }, 120_000);

  it.each(bypasses)('$says', ({ path, at = path, caught }: Bypass) => {
    expect(taken.failures.filter((failure) => failure.startsWith(`${at}:`))).toEqual(
      expect.arrayContaining([expect.stringContaining(caught)]),
    );
  });

  it('and nothing else is blamed', () => {
    const blamed = new Set(bypasses.flatMap(({ path, at = path }) => [path, at]));
    // What is missing altogether is told too, at the table.
    const told = taken.failures.filter((failure) => failure.startsWith('packages/'));
    expect(told.filter((failure) => !blamed.has(failure.split(':')[0] ?? ''))).toEqual([]);
  });
});

it('an exemption that nothing needs, and a deed that nobody does any more, fail the census', {
  timeout: 120_000,
}, () => {
  const { failures } = withFiles([
    { path: 'packages/runtime/src/stop-home.ts', text: 'export const stopHome = 1;' },
    { path: 'packages/runtime/src/message/delivery.ts', text: 'export const Delivery = 1;' },
    { path: 'packages/runtime/src/message/sending.ts', text: 'export const sendHeld = 1;' },
    // It hands on what delivery sends.
    { path: 'packages/runtime/src/handed-files.ts', text: 'export const HandedFiles = 1;' },
  ]);
  expect(failures).toEqual([
    expect.stringMatching(/excuses packages\/runtime\/src\/stop-home\.ts .*take the row out/),
    expect.stringContaining('nobody calls ChannelSpec.send behind the door outbound_message'),
    expect.stringContaining('nobody calls StoreChannel.receive behind the door outbound_message'),
  ]);
});
