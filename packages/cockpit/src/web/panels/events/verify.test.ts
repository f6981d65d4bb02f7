import { describe, expect, it } from 'vitest';
import { eventRow } from '../../stage/rows.ts';
import { type ChainBytes, type Digest, rangesOf, verifyBytes } from './verify.ts';

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

const none = new Map<number, never>();

describe('hashing the chain again', () => {
  it('proves links, hashes and bodies; what was taken away is counted', async () => {
    expect(await verifyBytes(await chain(['{"a":1}', null, '{"ü":2}']), none, digest)).toMatchObject({
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
    const problem = async (changed: ChainBytes): Promise<unknown> => verifyBytes(changed, none, digest);
    expect(await problem(with2({ body: '{"a":9}' }))).toMatchObject({ ok: false, seq: 2 });
    expect(await problem(with2({ hash: rows[0]?.hash ?? '' }))).toMatchObject({ ok: false, seq: 2 });
    expect(await problem(rows.filter((row) => row.seq !== 2))).toEqual({
      ok: false,
      seq: 2,
      problem: 'it is missing',
    });
    const shown = new Map([[3, eventRow({ seq: 3, hash: 'ff' })]]);
    expect(await verifyBytes(rows, shown, digest)).toMatchObject({ ok: false, seq: 3 });
  });

  it('asks for long ranges in parts that share an event', () => {
    expect(rangesOf(1, 1)).toEqual([{ from: 1, to: 1 }]);
    expect(rangesOf(1, 500)).toEqual([{ from: 1, to: 500 }]);
    expect(rangesOf(1, 1_000)).toEqual([
      { from: 1, to: 500 },
      { from: 500, to: 999 },
      { from: 999, to: 1_000 },
    ]);
  });
});
