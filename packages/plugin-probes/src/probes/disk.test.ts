import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { handClock, spentClock } from '../../fixtures/clock.ts';
import { gradeDisk, lookAtDisk, onePerFileSystem, shownBytes } from './disk.ts';
import type { DiskUsage } from './disk.ts';

const limits = { degradedPercent: 85, unhealthyPercent: 95, timeoutMs: 1_000 };
const never = new AbortController().signal;
const clock = handClock();
const usage = (given: Partial<DiskUsage>): DiskUsage => ({
  path: '/',
  usedPercent: 40,
  freeBytes: 4_200_000_000,
  totalBytes: 100_000_000_000,
  inodesUsedPercent: 10,
  ...given,
});

describe('a disk look', () => {
  it('measures a real file system', async () => {
    const snapshot = await lookAtDisk(
      [tmpdir()],
      { ...limits, degradedPercent: 100, unhealthyPercent: 100.1 },
      clock,
      never,
    );
    expect(['healthy', 'degraded']).toContain(snapshot.status);
    const [measured] = snapshot.details['fileSystems'] as DiskUsage[];
    expect(measured?.totalBytes).toBeGreaterThan(0);
    expect(measured?.usedPercent).toBeGreaterThanOrEqual(0);
    expect(measured?.usedPercent).toBeLessThanOrEqual(100);
  });

  it('grades the same real file system by its thresholds', async () => {
    const strict = { degradedPercent: 0, unhealthyPercent: 0, timeoutMs: 1_000 };
    const snapshot = await lookAtDisk([tmpdir()], strict, clock, never);
    expect(snapshot).toMatchObject({ status: 'unhealthy', category: 'capacity' });
    expect(snapshot.error).toMatch(/^disk .+ : [\d.]+ % of (blocks|inodes) used(, .+ free)?, limit 0 %$/);
  });

  it('says that a path is not there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kora-disk-'));
    await rm(folder, { recursive: true });
    expect(await lookAtDisk([folder], limits, clock, never)).toEqual({
      status: 'unhealthy',
      category: 'drift',
      error: `statfs ${folder} : no such path`,
      details: { failure: 'path_missing' },
    });
  });

  it('is unreachable when the mount does not answer', async () => {
    const atOnce = spentClock();
    expect(await lookAtDisk([tmpdir()], limits, atOnce, never)).toMatchObject({
      status: 'unreachable',
      error: `statfs ${tmpdir()} : timed out after 1000 ms`,
    });
  });
});

describe('the grade of a disk', () => {
  it.each([
    [84.9, 'healthy'],
    [85, 'degraded'],
    [94.9, 'degraded'],
    [95, 'unhealthy'],
  ])('at %f percent is %s', (usedPercent, status) => {
    expect(gradeDisk([usage({ usedPercent })], limits, 1).status).toBe(status);
  });

  it('is that of the fullest file system', () => {
    const snapshot = gradeDisk([usage({}), usage({ path: '/data', usedPercent: 91.5 })], limits, 1);
    expect(snapshot).toMatchObject({
      status: 'degraded',
      category: 'capacity',
      details: { failure: 'full' },
    });
    expect(snapshot.error).toBe('disk /data : 91.5 % of blocks used, 4.2 GB free, limit 85 %');
  });

  it('counts inodes too', () => {
    const snapshot = gradeDisk([usage({ inodesUsedPercent: 99 })], limits, 1);
    expect(snapshot).toMatchObject({
      status: 'unhealthy',
      error: 'disk / : 99 % of inodes used, limit 95 %',
    });
  });

  it('is unconfigured where nothing is counted', () => {
    const snapshot = gradeDisk([usage({ usedPercent: null, inodesUsedPercent: null })], limits, 1);
    expect(snapshot).toMatchObject({ status: 'unconfigured' });
  });
});

describe('paths to watch', () => {
  it('count once for each file system, and not at all when missing', async () => {
    expect(await onePerFileSystem([tmpdir(), tmpdir(), '/nonexistent'])).toEqual([tmpdir()]);
  });

  it('show bytes as disks are sold', () => {
    expect([0, 999, 1_500, 4_249_000_000, 2e18].map(shownBytes)).toEqual([
      '0 B',
      '999 B',
      '1.5 kB',
      '4.2 GB',
      '2000.0 PB',
    ]);
  });
});
