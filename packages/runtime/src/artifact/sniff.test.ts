import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KoraError } from '../fault/index.ts';
import { checked } from './checked.ts';
import { artifactTypes, largestArtifact } from './contract.ts';
import type { NewArtifact } from './contract.ts';
import { sniff } from './sniff.ts';

const bytes = (latin1: string): Uint8Array => Buffer.from(latin1, 'latin1');
const png = bytes('\x89PNG\r\n\x1a\nrest');

test.each([
  ['report.png', png, undefined, 'image/png'],
  ['photo', bytes('\xff\xd8\xff\xe0'), undefined, 'image/jpeg'],
  ['a.gif', bytes('GIF89a'), undefined, 'image/gif'],
  ['a.webp', bytes('RIFF\x10\0\0\0WEBPVP8 '), undefined, 'image/webp'],
  ['a.pdf', bytes('%PDF-1.7'), undefined, 'application/pdf'],
  ['notes', Buffer.from('naïve'), undefined, 'text/plain'],
  ['a.md', Buffer.from('# hi'), undefined, 'text/markdown'],
  ['a.csv', Buffer.from('a,b\n1,2'), undefined, 'text/csv'],
  ['a.json', Buffer.from('{"a":1}'), undefined, 'application/json'],
  ['a.json', Buffer.from('{"a":'), undefined, 'text/plain'],
  ['log', Buffer.from('\u001b[31mred\u001b[0m'), 'text/plain', 'text/plain'],
  // What it is said to be does not make it so.
  ['a.txt', png, 'text/plain', undefined],
  ['a.png', Buffer.from('<svg onload=alert(1)>'), 'image/png', undefined],
  ['a.json', Buffer.from('{"a":'), 'application/json', undefined],
  ['a.txt', Buffer.from('a\0b'), undefined, undefined],
  ['a.txt', bytes('caf\xe9'), undefined, undefined],
  ['run', bytes('\x7fELF\x02\x01'), undefined, undefined],
  ['a.zip', bytes('PK\x03\x04'), undefined, undefined],
] as const)('%s (%o, said to be %s) is %s', (name, content, type, is) => {
  expect(sniff(content, { name, type })).toBe(is);
});

test.each([
  '../../etc/passwd',
  '/etc/passwd',
  'C:\\boot.ini',
  '..',
  '.bashrc',
  'a/b.txt',
  'a\nb.txt',
  'invoice\u202efdp.exe',
  'nul\0',
  ' a.txt',
  '',
  'x'.repeat(121),
])('no path and no trick is a name: %j (daemon defect W58)', (name) => {
  expect(() => checked({ name, content: 'x' })).toThrow(
    expect.objectContaining({ code: 'KORA_ARTIFACT_REFUSED' }),
  );
});

test.each<[string, object]>([
  ['nothing', { content: '' }],
  ['more than 20 MiB', { content: Buffer.alloc(largestArtifact + 1, 'a') }],
  ['a type that is not kept', { type: 'text/html' }],
  ['a path in place of its bytes', { content: { path: '/etc/passwd' } }],
  ['a time that is none', { keepDays: 0 }],
])('%s is not kept', (_, part) => {
  const artifact = { name: 'a.txt', content: 'x', ...part } as NewArtifact;
  expect(() => checked(artifact)).toThrow(expect.objectContaining({ code: 'KORA_ARTIFACT_REFUSED' }));
});

test('whatever the bytes are, they are kept whole and as one of the types, or refused', () => {
  const outcome = (content: Uint8Array, name: string): string => {
    try {
      const kept = checked({ name, content });
      const isWhole = kept.bytes.equals(content) && !/[/\\\p{Cc}]/u.test(kept.name);
      return isWhole && artifactTypes.includes(kept.type) ? 'kept' : 'changed';
    } catch (error) {
      return (error as KoraError).code;
    }
  };
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 64 }),
      fc.string({ maxLength: 12 }),
      (content, name) => {
        expect(['kept', 'KORA_ARTIFACT_REFUSED']).toContain(outcome(content, name));
      },
    ),
    { numRuns: 500 },
  );
  expect(outcome(Buffer.from('text'), 'a.txt')).toBe('kept');
});
