import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { pageDirectory } from './index.ts';

const root = mkdtempSync(join(tmpdir(), 'kora-cockpit-'));
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('the plugin', () => {
  it('finds the page from src and from dist', () => {
    mkdirSync(join(root, 'dist/web'), { recursive: true });
    writeFileSync(join(root, 'dist/web/index.html'), '');
    const found = ['src/index.ts', 'dist/index.js'].map((file) =>
      pageDirectory(pathToFileURL(join(root, file)).href),
    );
    expect(found).toEqual([join(root, 'dist/web'), join(root, 'dist/web')]);
  });

  it('says which command builds a page that is missing', () => {
    const from = pathToFileURL(join(root, 'src/index.ts')).href;
    expect(existsSync(join(root, 'dist'))).toBe(false);
    expect(() => pageDirectory(from)).toThrow(
      expect.objectContaining({ code: 'PLUGIN_COCKPIT_NOT_BUILT', fix: expect.stringContaining('build') }),
    );
  });
});
