import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fault } from '../../fault/index.ts';
import { frameSchema } from './arrivals.ts';
import { Link } from './link.ts';
import type { LinkOptions } from './link.ts';

type Given = Partial<Pick<LinkOptions, 'serve' | 'hear'>>;

function linkOver(stream: Duplex, given: Given): Link {
  const link = new Link(stream, {
    peer: 'the other side',
    parse: (line) => frameSchema.parse(line),
    serve: async (_method, params) => params,
    hear: () => undefined,
    ...given,
  });
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => link.feed(chunk));
  return link;
}

function pair(near: Given = {}, far: Given = {}): readonly [Link, Link] {
  const [a, b] = duplexPair();
  return [linkOver(a, near), linkOver(b, far)];
}

test('whatever is JSON comes back as it was sent', async () => {
  const [near] = pair();
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      expect(await near.call('echo', value)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('an error crosses with its code, fix and details', async () => {
  const serve = async (): Promise<never> => {
    throw fault('KORA_PROBE_DUPLICATE', 'taken', { fix: 'rename it', details: { name: 'a' } });
  };
  const [near] = pair({}, { serve });
  await expect(near.call('x', null)).rejects.toMatchObject({
    code: 'KORA_PROBE_DUPLICATE',
    message: 'taken',
    fix: 'rename it',
    details: { name: 'a' },
  });
});

test('an abort on one side is an abort on the other, and the caller waits no longer', async () => {
  const aborted = Promise.withResolvers<void>();
  const serve = (_method: string, _params: unknown, signal: AbortSignal): Promise<unknown> => {
    signal.addEventListener('abort', () => aborted.resolve());
    return new Promise(() => undefined);
  };
  const [near] = pair({}, { serve });
  const giveUp = new AbortController();
  const call = near.call('never', null, giveUp.signal);
  setTimeout(() => giveUp.abort(fault('KORA_TIMEOUT', 'late')), 10);
  await expect(call).rejects.toMatchObject({ code: 'KORA_TIMEOUT' });
  await aborted.promise;
});

test('the end of the link rejects what is under way and aborts what is being served', async () => {
  const aborted = Promise.withResolvers<void>();
  const serve = (_method: string, _params: unknown, signal: AbortSignal): Promise<unknown> => {
    signal.addEventListener('abort', () => aborted.resolve());
    return new Promise(() => undefined);
  };
  const [near, far] = pair({}, { serve });
  const call = near.call('never', null);
  setTimeout(() => far.close('enough'), 10);
  near.ended.catch(() => undefined);
  await aborted.promise;
  near.close('gone');
  await expect(call).rejects.toMatchObject({
    code: 'KORA_PLUGIN_FAILED',
    message: 'the other side is gone: gone',
  });
  await expect(near.call('more', null)).rejects.toMatchObject({ code: 'KORA_PLUGIN_FAILED' });
});

test('no line, however odd, does more than end the link', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      const [a] = duplexPair();
      const link = linkOver(a, {});
      expect(() => link.feed(`${line.replaceAll('\n', ' ')}\n`)).not.toThrow();
      const isFrame = frameSchema.safeParse(parse(line.replaceAll('\n', ' '))).success;
      expect(link.open).toBe(isFrame);
      link.close('done');
    }),
  );
});

test('a line that never ends is the end of the link', () => {
  const [a] = duplexPair();
  const link = linkOver(a, {});
  for (let sent = 0; sent < 5; sent += 1) link.feed('x'.repeat(1024 * 1024));
  expect(link.open).toBe(false);
  expect(link.nonsense).toContain('no end');
});

test('a flood of calls is refused beyond a bound, and the link stands', async () => {
  const [near, far] = pair({}, { serve: () => new Promise(() => undefined) });
  const calls = Array.from({ length: 300 }, () => near.call('never', null));
  const refused = calls.map((call) =>
    call.then(
      () => '',
      (error: unknown) => (error as { code: string }).code,
    ),
  );
  await Promise.race(refused);
  far.close('enough');
  near.close('enough');
  const codes = await Promise.all(refused);
  expect(codes.filter((code) => code === 'KORA_PLUGIN_REFUSED')).toHaveLength(44);
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON is no frame either
  }
}
