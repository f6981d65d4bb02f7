import { expect, it } from 'vitest';
import { bytes } from './size.ts';

it.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1_000, '1.0 kB'],
  [4_210, '4.2 kB'],
  [31_400_000, '31 MB'],
  [1_800_000_000, '1.8 GB'],
  [2e16, '20000 TB'],
])('%i is %s', (count, text) => expect(bytes(count)).toBe(text));
