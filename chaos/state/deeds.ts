import type fc from 'fast-check';
import { DeedCommand } from './deed.ts';
import type { Deed } from './deed.ts';
import { crash, finish, gatesPass, lives, start } from './lives.ts';
import { newTicket, operators, outsiders, resume, resumeAll, resumeHold } from './people.ts';
import { distress, money, storeBack } from './weather.ts';

/** What must have happened before much else can happen comes more often. */
const often: readonly (readonly [times: number, deeds: readonly fc.Arbitrary<Deed>[]])[] = [
  [1, [...operators, ...outsiders, ...money, ...lives, ...distress]],
  [2, [resume, resumeHold, crash]],
  [4, [newTicket, start]],
  [6, [finish, gatesPass, resumeAll, storeBack]],
];

export const anyDeeds: fc.Arbitrary<DeedCommand>[] = often.flatMap(([times, deeds]) =>
  deeds.flatMap((deed) => Array.from({ length: times }, () => deed.map((each) => new DeedCommand(each)))),
);
