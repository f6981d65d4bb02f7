import { modelTiers, reasonRoutes } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { RouterConfig } from './contract.ts';
import { wordsOf } from './phrases.ts';

/** About deciding, and nothing that a plain question begins with: "can you" and "do you" are everywhere. */
const decisionPhrases = [
  'should i',
  'should we',
  'what should',
  'decide',
  'decision',
  'approve',
  'trade off',
  'trade offs',
  'pros and cons',
  'worth it',
  'is it safe',
  'is it wise',
  'which is better',
  'what would you do',
  'root cause',
  'strategy for',
  'strategy to',
  'a plan for',
  'a plan to',
  'weigh',
  'recommend',
];

const doubtPhrases = [
  "i'm not sure",
  'i am not sure',
  "i'm unsure",
  'i am unsure',
  "i don't know",
  'i do not know',
  "i can't tell",
  'i cannot tell',
  "i'm uncertain",
  'i am uncertain',
  "i can't determine",
  'i cannot determine',
  'hard to say',
  'i may be wrong',
];

const prefix = z
  .string()
  .regex(/^[!-~]{1,32}$/, 'must be 1 to 32 printable characters without spaces')
  .refine((word) => word === word.toLowerCase(), 'must be written in small letters; it is heard in any');
const phrases = (usual: readonly string[]) =>
  z
    .array(
      z
        .string()
        .max(100)
        .refine((phrase) => wordsOf(phrase) !== '', 'must have a letter or a digit in it'),
    )
    .max(200)
    .default([...usual]);
const weight = (usual: number) => z.int().min(0).max(100).default(usual);
const characters = (usual: number) => z.int().min(0).max(1_000_000).default(usual);

/** The block `router` of the plugin's configuration; every key has a default. */
export const routerSchema: z.ZodType<RouterConfig> = z
  .strictObject({
    prefixes: z
      .record(prefix, z.enum(modelTiers))
      .default({ '/small': 'small', '/standard': 'standard', '/large': 'large' }),
    modelPrefix: prefix.default('/model'),
    operatorRoutes: z.array(z.enum(reasonRoutes)).default(['cli', 'cockpit', 'slack_dm']),
    decisionPhrases: phrases(decisionPhrases),
    doubtPhrases: phrases(doubtPhrases),
    weights: z
      .strictObject({
        decision_language: weight(3),
        critical: weight(3),
        verdict: weight(2),
        long_question: weight(2),
        long_quoted: weight(1),
        acting_tools: weight(1),
      })
      .prefault({}),
    routes: z
      .partialRecord(z.enum(reasonRoutes), z.int().min(0).max(100))
      .default({ ticket: 2, alert_investigation: 2 }),
    standardFrom: z.int().min(1).max(1_000).default(3),
    largeFrom: z.int().min(1).max(1_000).default(6),
    longQuestion: characters(1_500),
    longQuoted: characters(6_000),
    escalate: z.boolean().default(true),
    shortAnswer: z.strictObject({ below: characters(50), toMoreThan: characters(200) }).prefault({}),
    unsureBelow: z.number().min(0).max(1).default(0.4),
  })
  .refine(({ standardFrom, largeFrom }) => standardFrom <= largeFrom, {
    path: ['standardFrom'],
    error: 'must not be above largeFrom',
  })
  .refine(({ prefixes, modelPrefix }) => !Object.hasOwn(prefixes, modelPrefix), {
    path: ['modelPrefix'],
    error: 'is one of prefixes already',
  })
  .prefault({});
