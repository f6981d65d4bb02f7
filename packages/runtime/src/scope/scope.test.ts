import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KoraError } from '../fault/index.ts';
import { Scope } from './index.ts';

function noting(): { readonly scope: Scope; readonly closed: string[]; own(label: string): void } {
  const scope = new Scope('test');
  const closed: string[] = [];
  return { scope, closed, own: (label) => scope.add(label, () => void closed.push(label)) };
}

/** The rejection of a promise that must reject. */
async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error,
  );
}

test('releases run in reverse order, one after the other', async () => {
  const { scope, closed } = noting();
  scope.add('first', () => void closed.push('first'));
  scope.add('second', async () => {
    await Promise.resolve();
    closed.push('second');
  });
  scope.add('third', () => void closed.push('third'));
  await scope.dispose();
  expect(closed).toEqual(['third', 'second', 'first']);
});

test('a release runs once, however often the scope is disposed', async () => {
  const { scope, closed, own } = noting();
  own('only');
  await Promise.all([scope.dispose(), scope.dispose(), scope[Symbol.asyncDispose]()]);
  await scope.dispose();
  expect(closed).toEqual(['only']);
});

test('the signal is aborted before the first release runs', async () => {
  const scope = new Scope('test');
  let seen = false;
  scope.add('look', () => {
    seen = scope.signal.aborted;
  });
  await scope.dispose();
  expect(seen).toBe(true);
});

test('bad releases are named together, after every other release has run', async () => {
  const { scope, closed, own } = noting();
  own('first');
  scope.add('bad', () => Promise.reject(new Error('stuck')));
  own('second');
  scope.add('worse', () => {
    throw new Error('jammed');
  });
  const failure = await failureOf(scope.dispose());
  expect(closed).toEqual(['second', 'first']);
  expect(failure).toBeInstanceOf(KoraError);
  expect(failure).toMatchObject({
    code: 'KORA_DISPOSE_FAILED',
    message: 'test: could not close worse (jammed), bad (stuck)',
  });
});

test('what is added to a scope that is gone is released at once', async () => {
  const { scope, closed, own } = noting();
  await scope.dispose();
  own('late');
  await scope.dispose();
  expect(closed).toEqual(['late']);
});

test('what is added while a scope closes is released before the disposal is over', async () => {
  const { scope, closed, own } = noting();
  scope.add('opens another', async () => {
    own('late');
    await Promise.resolve();
    own('later');
  });
  await scope.dispose();
  expect(closed).toEqual(['later', 'late']);
});

test('what is added after a disposal that failed is released all the same', async () => {
  const { scope, closed, own } = noting();
  scope.add('bad', () => Promise.reject(new Error('stuck')));
  await failureOf(scope.dispose());
  own('late');
  await failureOf(scope.dispose());
  expect(closed).toEqual(['late']);
});

test('a late release that fails is told to who disposes, and ends no process', async () => {
  const scope = new Scope('test');
  await scope.dispose();
  scope.add('late', () => Promise.reject(new Error('stuck')));
  expect(await failureOf(scope.dispose())).toMatchObject({ message: 'stuck' });
});

test('a child is disposed with its parent, in its place', async () => {
  const { scope, closed, own } = noting();
  own('first');
  scope.child('child').add('inner', () => void closed.push('inner'));
  own('last');
  await scope.dispose();
  expect(closed).toEqual(['last', 'inner', 'first']);
});

test('a child that is disposed on its own leaves its parent', async () => {
  const { scope, closed } = noting();
  const child = scope.child('child');
  child.add('inner', () => void closed.push('inner'));
  await child.dispose();
  expect(scope.effects().children).toEqual([]);
  await scope.dispose();
  expect(closed).toEqual(['inner']);
});

test('a child leaves its parent even when it could not close', async () => {
  const scope = new Scope('test');
  const child = scope.child('child');
  child.add('bad', () => Promise.reject(new Error('stuck')));
  await failureOf(child.dispose());
  await expect(scope.dispose()).resolves.toBeUndefined();
});

test('a child of a scope that is gone begins closed', async () => {
  const { scope, closed } = noting();
  await scope.dispose();
  const child = scope.child('late');
  expect(child.signal.aborted).toBe(true);
  child.add('inner', () => void closed.push('inner'));
  await child.dispose();
  expect(closed).toEqual(['inner']);
});

test('disposal waits for owned work to end', async () => {
  const { scope, closed } = noting();
  scope.run(
    'work',
    async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await Promise.resolve();
      closed.push('work ended');
    },
    (error) => closed.push(String(error)),
  );
  await scope.dispose();
  expect(closed).toEqual(['work ended']);
});

test('work that has ended is owned no longer', async () => {
  const scope = new Scope('test');
  const ended = Promise.withResolvers<undefined>();
  scope.run(
    'work',
    () => ended.promise,
    () => undefined,
  );
  expect(scope.effects().children).toEqual([{ label: 'work', children: [] }]);
  ended.resolve(undefined);
  await expect.poll(() => scope.effects().children).toEqual([]);
});

test('work that rejects is told, and keeps no disposal from ending well', async () => {
  const scope = new Scope('test');
  const told: unknown[] = [];
  const failure = new Error('broke');
  scope.run(
    'work',
    () => Promise.reject(failure),
    (error) => told.push(error),
  );
  await scope.dispose();
  expect(told).toEqual([failure]);
});

test('what is open reads as a tree of labels', () => {
  const { scope, own } = noting();
  own('pool');
  scope.child('plugin').add('daemon', () => undefined);
  expect(scope.effects()).toEqual({
    label: 'test',
    children: [
      { label: 'pool', children: [] },
      { label: 'plugin', children: [{ label: 'daemon', children: [] }] },
    ],
  });
});

test('law: whatever fails and however deep, everything is released exactly once, in reverse', async () => {
  const tree = fc.letrec<{ node: readonly (boolean | readonly unknown[])[] }>((tie) => ({
    node: fc.array(fc.oneof({ maxDepth: 3 }, fc.boolean(), tie('node')), { maxLength: 4 }),
  })).node;
  await fc.assert(
    fc.asyncProperty(tree, async (shape) => {
      const opened: number[] = [];
      const closed: number[] = [];
      const fill = (scope: Scope, nodes: readonly unknown[]): void => {
        for (const node of nodes) {
          if (Array.isArray(node)) {
            fill(scope.child('child'), node);
            continue;
          }
          const id = opened.push(opened.length) - 1;
          scope.add(String(id), () => {
            closed.push(id);
            if (node === true) throw new Error('bad');
          });
        }
      };
      const scope = new Scope('law');
      fill(scope, shape);
      await scope.dispose().catch(() => undefined);
      expect(closed).toEqual(opened.toReversed());
    }),
    { numRuns: 200 },
  );
});
