import { PGlite } from '@electric-sql/pglite';

/** The PostgreSQL inside this PGlite: a data directory of another major version is not for it. */
export const major = 18;

/** Small: the whole server lives in one 32-bit memory, which grows and never shrinks. */
const small = ['shared_buffers=32MB', 'min_wal_size=32MB', 'max_wal_size=128MB', 'jit=off'];

/** PGlite's own parameters, of which `-F` switches every flush off; in memory there is nothing to flush. */
export function startParameters({ durable }: { readonly durable: boolean }): string[] {
  const own = durable
    ? PGlite.defaultStartParams.filter((parameter) => parameter !== '-F')
    : PGlite.defaultStartParams;
  // `fsync`: emscripten answers `fdatasync`, PostgreSQL's choice on Linux, without asking the file system.
  const settings = durable ? [...small, 'wal_sync_method=fsync'] : small;
  return [...own, ...settings.flatMap((setting) => ['-c', setting])];
}
