import { z } from 'zod';
import type { FixAttempt } from '../fix/index.ts';
import type { ToolSpec } from '../reason/index.ts';
import type { HouseToolPorts } from './ports.ts';
import { reading, rowsWith, tool } from './spec.ts';

/** Past this a tool answers how it stands: what comes of it is told in the incident's thread. */
const waitMs = 45_000;

/** What may be mended, and the one way to ask for it: the runtime decides by code, and tells what came of it. */
export function fixTools({ reads, deeds }: HouseToolPorts): readonly ToolSpec[] {
  return [
    tool({
      ...reading,
      name: 'kora__list_probe_fixes',
      description:
        'What may be done about what probes find broken: each fix with its mode, its bound, and the ids of the only things it can be done to, out of the last look. Ask this before you ask for a fix; a fix without targets cannot be made now.',
      input: z.strictObject({ probe: z.string().min(1).max(64).optional() }),
      run: async ({ probe }) => {
        const shown = rowsWith(await reads.fixes(probe), ({ targets, ...offer }) => ({
          id: `fix:${offer.probe}/${offer.fix}`,
          what: `${offer.fix} of ${offer.probe} is ${offer.mode}, with ${targets.length} targets now`,
          row: { ...offer, targets },
        }));
        // Titles of targets are in the words of what was looked at.
        return { ...shown, untrusted: true };
      },
    }),
    tool({
      name: 'kora__attempt_probe_autofix',
      description:
        'Asks for one fix of one probe at one target, by the ids that kora__list_probe_fixes names. The runtime examines it by code, may ask the operator, looks afterwards whether it is well, and tells the operator. Say in one sentence why. It is done at most once.',
      capability: 'cap_autofix',
      sideEffects: 'once',
      timeoutMs: 60_000,
      input: z.strictObject({
        probe: z.string().min(1).max(64),
        fix: z.string().min(1).max(64),
        target: z.string().min(1).max(128),
        reason: z.string().trim().min(1).max(500),
      }),
      run: async (wish, call) => {
        const attempt = await deeds.attemptFix(
          {
            ...wish,
            key: `tool:${call.callId}`,
            askedBy: call.caller,
            session: call.runId,
            ...(call.ticketId === null ? {} : { ticketId: call.ticketId }),
          },
          waitMs,
        );
        const id = `attempt:${attempt.attemptId}`;
        return {
          content: { evidence: id, ...told(attempt) },
          evidence: [
            { id, what: `${attempt.fix} on ${attempt.target}: ${attempt.outcome ?? attempt.status}` },
          ],
          untrusted: true,
        };
      },
    }),
  ];
}

function told({ status, outcome, code, detail, approvalId, conditions, before, after }: FixAttempt): object {
  const waits =
    status === 'waiting' ? { note: 'the operator was asked; it goes on by itself when they agree' } : {};
  return { status, outcome, code, detail, approvalId, conditions, before, after, ...waits };
}
