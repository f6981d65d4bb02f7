import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TicketWork } from '@kora/runtime/plugin';
import { expect, it, onTestFinished } from 'vitest';
import { look, scene, target } from '../../fixtures/scene.ts';
import type { LogFile } from '../config/logs.ts';
import { ruleRung } from './rules-rung.ts';

const { signal } = new AbortController();

/** What rules say of the shop, which is refused since 10:02:10, with these log files. */
function ruled(...logs: LogFile[]) {
  const told = scene();
  const rung = ruleRung({
    config: { logs },
    probes: {
      list: () => Promise.resolve([]),
      incidents: () => Promise.resolve([]),
      history: () => Promise.resolve([look('10:02:10', { status: 'unreachable' })]),
    },
  });
  const about = { ticket: {} as TicketWork, order: told.order, scene: told, durationMs: () => 0 };
  return rung({ about, facts: [], signal });
}

function written(...lines: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'kora-rung-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'shop.log');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

it('reads the log file of what failed, and cites the line that decides', async () => {
  const path = written(
    '2026-11-21T09:02:00Z INFO listening on 4100',
    '2026-11-21T09:30:00Z INFO GET /cart 200 12ms',
    '2026-11-21T10:02:05Z FATAL cannot write /var/lib/shop/wal: no space left on device',
    '2026-11-21T10:02:05Z INFO bye',
  );
  const { conclusion, entities, looked } = await ruled({ probe: 'shop', path });
  expect(looked).toMatchObject([
    { id: 'log:shop', path },
    { id: 'look:shop', path: null },
    { id: 'incident' },
    { id: 'change' },
  ]);
  expect(conclusion).toMatchObject({
    kind: 'concluded',
    cause: 'disk_full',
    entities: [`service:${target}`],
    findings: [{ evidence: ['log:shop#3'], weight: 'deciding' }, {}],
  });
  expect(entities).toContain(`service:${target}`);
});

it('asks for a log file that it cannot read', async () => {
  const path = join(written(''), 'nowhere');
  expect((await ruled({ probe: 'shop', path })).conclusion).toMatchObject({
    kind: 'abstained',
    why: 'missing_source',
    needs: [`log:shop: ${path}: ENOTDIR`],
  });
});

it('is told of no step where there is nothing to read', async () => {
  expect((await ruled()).conclusion).toMatchObject({ kind: 'abstained', why: 'no_evidence', needs: [] });
});
