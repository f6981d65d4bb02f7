import { beforeAll, describe, expect, it } from 'vitest';
import {
  exportsStars,
  functionSizes,
  isDrawer,
  isTooLong,
  mocksModules,
  promisesWithoutIssue,
  throwsPlainError,
} from './laws.ts';
import { isTest, packageSources, type SourceFile } from './tree.ts';

const sources = packageSources();
const shipped = sources.filter((file) => !isTest(file));
const tests = sources.filter(isTest);

/** Each law with the file it must catch and the one it must let pass: a law that catches nothing proves nothing. */
const laws: {
  says: string;
  law: (file: SourceFile) => string[];
  over: SourceFile[];
  caught: SourceFile;
  passes: SourceFile;
}[] = [
  {
    says: 'what is thrown carries a code',
    law: throwsPlainError,
    over: shipped,
    caught: planted('function boot() { throw new Error("no"); }'),
    passes: planted('function boot() { throw new KoraError("KORA_X", "throw new Error(") }'),
  },
  {
    says: 'what is rejected carries a code',
    law: throwsPlainError,
    over: shipped,
    caught: planted('new Promise((_, reject) => reject(new TypeError("no")));'),
    passes: planted('new Promise((_, reject) => reject(fault));'),
  },
  {
    says: 'no test patches an import',
    law: mocksModules,
    over: tests,
    caught: planted("vi.mock('./pool.ts');"),
    passes: planted('const text = "vi.mock(\'./pool.ts\')"; vi.fn();'),
  },
  {
    says: 'faces are lists of names',
    law: exportsStars,
    over: shipped,
    caught: planted("export * from './claim.ts';"),
    passes: planted("export { claim } from './claim.ts';"),
  },
  {
    says: 'a promise names its issue',
    law: promisesWithoutIssue,
    over: sources,
    caught: planted('// TODO later\nconst a = 1;'),
    passes: planted('// TODO(#12) the other server\nconst a = "TODO";'),
  },
  {
    says: 'no file is longer than the cap',
    law: isTooLong,
    over: sources,
    caught: planted('const a = 1;\n'.repeat(401)),
    passes: planted('const a = 1;\n'.repeat(400)),
  },
  {
    says: 'nothing lies in a drawer',
    law: isDrawer,
    over: sources,
    caught: { path: 'packages/runtime/src/utils/time.ts', text: '' },
    passes: { path: 'packages/runtime/src/clock/deadline.ts', text: '' },
  },
];

/** File by file, as each is parsed once; some seconds, and more on a busy machine. */
const complaints = new Map<string, string[]>();
beforeAll(() => {
  const each = laws.map(({ says, law, over }) => ({ says, law, over: new Set(over) }));
  for (const file of sources)
    for (const { says, law, over } of each)
      if (over.has(file)) complaints.set(says, [...(complaints.get(says) ?? []), ...law(file)]);
}, 120_000);

describe.each(laws)('house law: $says', ({ says, law, caught, passes }) => {
  it('catches a planted violation and nothing else', () => {
    expect(law(caught)).toHaveLength(1);
    expect(law(passes)).toEqual([]);
  });

  it('holds in every package', () => {
    expect(complaints.get(says)).toEqual([]);
  });
});

it('the laws were read against the real tree', () => {
  expect(shipped.length).toBeGreaterThan(60);
  expect(tests.length).toBeGreaterThan(10);
});

it('function sizes count the lines of each body, inner ones too', () => {
  const [outer, inner] = functionSizes(
    planted('export function outer(a: number) {\n  const f = () => {\n    a;\n  };\n}'),
  );
  expect(outer).toMatchObject({ name: 'outer', line: 1, lines: 5, parameters: 1 });
  expect(inner).toMatchObject({ line: 2, lines: 3 });
});

function planted(text: string): SourceFile {
  return { path: 'packages/runtime/src/boot/planted.ts', text };
}
