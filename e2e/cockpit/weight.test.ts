import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { weigh } from '../../bench/cockpit/weight.ts';
import { pack } from '../../scripts/pack.ts';

const cockpit = fileURLToPath(new URL('../../packages/cockpit/', import.meta.url));
const web = join(cockpit, 'dist/web');

/** The budget of the built page, as far as it needs no clock: `pnpm bench cockpit` measures the rest. */
describe('what the page weighs', () => {
  const box = mkdtempSync(join(tmpdir(), 'kora-weight-'));
  const { js, css, lazy } = weigh(web);
  afterAll(() => rmSync(box, { recursive: true, force: true }));

  it('before the first picture: at most 140 kB of JavaScript and 12 kB of CSS', () => {
    expect(js).toBeGreaterThan(20);
    expect(js).toBeLessThanOrEqual(140);
    expect(css).toBeGreaterThan(1);
    expect(css).toBeLessThanOrEqual(12);
  });

  it('afterwards: no chunk above 30 kB', () => {
    expect(lazy.length).toBeGreaterThan(20);
    expect(lazy.filter(({ kB }) => kB > 30)).toEqual([]);
  });

  it('a compressed copy lies beside every file that is worth one', () => {
    const files = readdirSync(join(web, 'assets')).filter((name) => /\.(?:js|css)$/.test(name));
    const large = files.filter((name) => statSync(join(web, 'assets', name)).size >= 1_024);
    expect(large.length).toBeGreaterThan(20);
    expect(large.filter((name) => !existsSync(join(web, 'assets', `${name}.br`)))).toEqual([]);
  });

  it('as a parcel: at most 600 kB', () => {
    expect(statSync(pack(cockpit, box).tarball).size).toBeLessThanOrEqual(600_000);
  });
});
