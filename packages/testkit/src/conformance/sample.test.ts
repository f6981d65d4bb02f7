import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { sampleOf } from './sample.ts';

const leaf: fc.Arbitrary<z.ZodType> = fc.oneof(
  fc.nat(20).map((least) => z.string().min(least)),
  fc.integer({ min: -50, max: 50 }).map((least) => z.number().min(least)),
  fc.integer({ min: -50, max: 50 }).map((least) => z.int().gt(least)),
  fc.constantFrom<z.ZodType>(
    z.boolean(),
    z.null(),
    z.literal('up'),
    z.enum(['a', 'b']),
    z.string().optional(),
  ),
  fc.constant(z.number().default(7)),
);
const { schema } = fc.letrec<{ schema: z.ZodType }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small' },
    leaf,
    tie('schema').map((inner) => z.array(inner).min(1)),
    tie('schema').map((inner) => z.union([inner, z.null()])),
    fc
      .dictionary(fc.stringMatching(/^[a-z]{1,4}$/), tie('schema'), { maxKeys: 3 })
      .map((shape) => z.object(shape)),
  ),
}));

it('the least that a schema says it takes, it takes', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), schema, { maxKeys: 4 }), (shape) => {
      const made = z.object(shape);
      expect(made.safeParse(sampleOf(z.toJSONSchema(made, { io: 'input' }))).error).toBeUndefined();
    }),
  );
});

it('what its keywords do not say is not guessed', () => {
  const picky = z.object({ at: z.string().refine((text) => text.startsWith('x')) });
  expect(picky.safeParse(sampleOf(z.toJSONSchema(picky))).success).toBe(false);
});
