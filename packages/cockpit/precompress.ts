import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type { Plugin } from 'vite';

/** Below this a compressed copy saves less than its headers cost. */
const smallestBytes = 1_024;
const compressible = new Set(['.html', '.js', '.css', '.svg']);

/**
 * Lays a `.br` copy beside every text file of the build, so that nothing is compressed per request. Every browser takes
 * it over TLS; one that does not on loopback gets the file as it is, which costs nothing there. A gzip copy as well made
 * the package half as large again.
 */
export function precompress(): Plugin {
  let folder = '';
  return {
    name: 'precompress',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    async closeBundle() {
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        if (entry.isFile() && compressible.has(extname(entry.name)))
          await compress(join(entry.parentPath, entry.name));
      }
    },
  };
}

async function compress(file: string): Promise<void> {
  const bytes = await readFile(file);
  if (bytes.byteLength < smallestBytes) return;
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength,
  };
  await writeFile(`${file}.br`, brotliCompressSync(bytes, { params }));
}
