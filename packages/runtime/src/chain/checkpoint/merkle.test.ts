import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Frontier, leafHash, nodeHash } from './merkle.ts';
import {
  consistencyRanges,
  inclusionRanges,
  subtreeRoots,
  verifyConsistency,
  verifyInclusion,
} from './proof.ts';

// The reference tree of Certificate Transparency's own tests (RFC 6962).
const leaves = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((hex) => Buffer.from(hex, 'hex'));
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

function treeOf(data: readonly Buffer[]): Frontier {
  const frontier = new Frontier();
  for (const leaf of data) frontier.add(leaf);
  return frontier;
}

/** The definition of RFC 6962, as it is written there. */
function plainRoot(data: readonly Buffer[]): Buffer {
  const [only] = data;
  if (only === undefined) return new Frontier().root();
  if (data.length === 1) return leafHash(only);
  let split = 1;
  while (split * 2 < data.length) split *= 2;
  return nodeHash(plainRoot(data.slice(0, split)), plainRoot(data.slice(split)));
}

const hex = (steps: readonly Buffer[] | undefined): string[] =>
  (steps ?? []).map((step) => step.toString('hex'));

test.each(roots.map((root, size) => [size, root] as const))(
  'the reference tree of %i leaves has its published root',
  (size, root) => {
    expect(treeOf(leaves.slice(0, size)).root().toString('hex')).toBe(root);
  },
);

test.each<[number, number, string[]]>([
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
])('leaf %i of %i has the published path', async (index, size, path) => {
  expect(hex(await subtreeRoots(inclusionRanges(index, size), leaves))).toEqual(path);
});

test.each<[number, number, string[]]>([
  [1, 1, []],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
])('%i leaves are the beginning of %i by the published proof', async (first, second, proof) => {
  expect(hex(await subtreeRoots(consistencyRanges(first, second), leaves))).toEqual(proof);
});

const manyLeaves = fc.array(
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  { minLength: 1, maxLength: 70 },
);
const someLeaves = manyLeaves.chain((data) =>
  fc.record({ data: fc.constant(data), at: fc.nat({ max: data.length - 1 }) }),
);

test('law: a tree grown leaf by leaf, put away and taken up again, is the tree of the definition', () => {
  fc.assert(
    fc.property(someLeaves, ({ data, at }) => {
      const begun = treeOf(data.slice(0, at));
      const resumed = Frontier.decode(at, begun.encode());
      for (const leaf of data.slice(at)) resumed?.add(leaf);
      expect(resumed?.root()).toEqual(plainRoot(data));
      expect(resumed?.size).toBe(data.length);
    }),
  );
});

test('bytes that are no frontier of that size are not taken for one', () => {
  const bytes = treeOf(leaves.slice(0, 7)).encode();
  expect(Frontier.decode(7, bytes)).toBeDefined();
  expect(Frontier.decode(8, bytes)).toBeUndefined();
  expect(Frontier.decode(7, bytes.subarray(1))).toBeUndefined();
});

/** A proof with one of its steps replaced; none when it has no steps. */
function bentProofs(proof: readonly Buffer[], noise: number): Buffer[][] {
  const at = proof.length === 0 ? -1 : noise % proof.length;
  return at < 0 ? [] : [proof.map((step, n) => (n === at ? leafHash(step) : step)), proof.slice(1)];
}

test('law: every leaf proves its place, and nothing else proves it', async () => {
  await fc.assert(
    fc.asyncProperty(someLeaves, fc.nat(), async ({ data, at }, noise) => {
      const tree = { size: data.length, root: plainRoot(data) };
      const leaf = { index: at, data: data[at] ?? Buffer.alloc(0) };
      const proof = (await subtreeRoots(inclusionRanges(at, data.length), data)) ?? [];
      expect(verifyInclusion(tree, leaf, proof)).toBe(true);
      const other = { ...leaf, data: Buffer.concat([leaf.data, Buffer.from([1])]) };
      expect(verifyInclusion(tree, other, proof)).toBe(false);
      expect(verifyInclusion({ ...tree, root: leafHash(tree.root) }, leaf, proof)).toBe(false);
      expect(verifyInclusion(tree, { ...leaf, index: tree.size + noise }, proof)).toBe(false);
      for (const bent of [...bentProofs(proof, noise), [...proof, tree.root]])
        expect(verifyInclusion(tree, leaf, bent)).toBe(false);
    }),
  );
});

test('law: a tree proves that it is the beginning of a later one, and no other tree does', async () => {
  const begun = someLeaves.filter(({ at }) => at > 0);
  await fc.assert(
    fc.asyncProperty(begun, fc.nat(), async ({ data, at }, noise) => {
      const first = { size: at, root: plainRoot(data.slice(0, at)) };
      const second = { size: data.length, root: plainRoot(data) };
      const proof = (await subtreeRoots(consistencyRanges(at, data.length), data)) ?? [];
      expect(verifyConsistency(first, second, proof)).toBe(true);
      expect(verifyConsistency(second, first, proof)).toBe(false);
      expect(verifyConsistency({ ...first, root: leafHash(first.root) }, second, proof)).toBe(false);
      expect(verifyConsistency(first, { ...second, root: leafHash(second.root) }, proof)).toBe(false);
      for (const bent of [...bentProofs(proof, noise), [...proof, second.root]])
        expect(verifyConsistency(first, second, bent)).toBe(false);
    }),
  );
});

test('everything begins with nothing, and a tree with itself', () => {
  const [none, tree] = [treeOf([]), treeOf(leaves)];
  expect(consistencyRanges(0, 8)).toEqual([]);
  expect(verifyConsistency({ size: 0, root: none.root() }, { size: 8, root: tree.root() }, [])).toBe(true);
  expect(verifyConsistency({ size: 8, root: tree.root() }, { size: 8, root: tree.root() }, [])).toBe(true);
  expect(verifyConsistency({ size: 8, root: none.root() }, { size: 8, root: tree.root() }, [])).toBe(false);
});

test('leaves that end before the proof does make no proof', async () => {
  expect(await subtreeRoots(inclusionRanges(0, 8), leaves.slice(0, 7))).toBeUndefined();
  expect(await subtreeRoots(inclusionRanges(0, 1), [])).toEqual([]);
});
