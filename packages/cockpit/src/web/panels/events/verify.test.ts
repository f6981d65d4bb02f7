import { describe, expect, it } from 'vitest';
import { eventRow } from '../../stage/rows.ts';
import { type ChainBytes, type Digest, verifyBytes } from './verify.ts';

const digest: Digest = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

async function chain(bodies: readonly (string | null)[]): Promise<ChainBytes> {
  const rows: ChainBytes = [];
  let previous: Uint8Array = new Uint8Array(32);
  for (const [index, body] of bodies.entries()) {
    const bodyHash = await digest(utf8(body ?? 'gone'));
    const bytes = Uint8Array.from([1, ...previous, ...bodyHash, ...utf8(`fields ${index}`)]);
    const hash = await digest(bytes);
    const prevHash = base64(previous);
    rows.push({ seq: index + 1, prevHash, hash: base64(hash), bytes: base64(bytes), body });
    previous = hash;
  }
  return rows;
}

const all = { from: 1, before: null, shown: new Map<number, never>() };

describe('hashing the chain again', () => {
  it('proves links, hashes and bodies; what was taken away is counted', async () => {
    expect(await verifyBytes(await chain(['{"a":1}', null, '{"ü":2}']), all, digest)).toMatchObject({
      ok: true,
      from: 1,
      to: 3,
      redacted: 1,
    });
  });

  it('names the first event that does not fit, and how', async () => {
    const rows = await chain(['{"a":1}', '{"a":2}', '{"a":3}']);
    const with2 = (part: Partial<ChainBytes[number]>): ChainBytes =>
      rows.map((row) => (row.seq === 2 ? { ...row, ...part } : row));
    const problem = async (changed: ChainBytes): Promise<unknown> => verifyBytes(changed, all, digest);
    expect(await problem(with2({ body: '{"a":9}' }))).toMatchObject({ ok: false, seq: 2 });
    expect(await problem(with2({ hash: rows[0]?.hash ?? '' }))).toMatchObject({ ok: false, seq: 2 });
    expect(await problem(rows.filter((row) => row.seq !== 2))).toEqual({
      ok: false,
      seq: 2,
      problem: 'it is not there: missing, or pruned',
    });
    const shown = new Map([[3, eventRow({ seq: 3, hash: 'ff' })]]);
    expect(await verifyBytes(rows, { ...all, shown }, digest)).toMatchObject({ ok: false, seq: 3 });
  });

  it('goes on where a part ended, and only there', async () => {
    const rows = await chain(['{"a":1}', '{"a":2}']);
    const [first, second] = [rows.slice(0, 1), rows.slice(1)];
    const before = { seq: 1, hash: first[0]?.hash ?? '' };
    expect(await verifyBytes(second, { ...all, from: 2, before }, digest)).toMatchObject({ ok: true, to: 2 });
    const other = { seq: 1, hash: 'other' };
    expect(await verifyBytes(second, { ...all, from: 2, before: other }, digest)).toMatchObject({ seq: 2 });
    expect(await verifyBytes([], { ...all, from: 2, before }, digest)).toMatchObject({ ok: false, seq: 2 });
  });
});
