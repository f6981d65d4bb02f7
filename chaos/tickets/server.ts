import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedPostgres } from '../../packages/postgres/src/contract.ts';
import { openWith } from '../../packages/postgres/src/open.ts';
import { placeOutside } from '../append/storm.ts';

/** A PostgreSQL of this run's own, raised again when it dies; gone without a trace at the end. */
export async function withServer<T>(work: (server: EmbeddedPostgres) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'kora-chaos-'));
  const server = await openWith({ home });
  try {
    return await work(server);
  } finally {
    const outside = placeOutside(home);
    await server.stop();
    if (outside !== undefined) rmSync(outside, { recursive: true, force: true });
    rmSync(home, { recursive: true, force: true });
  }
}
