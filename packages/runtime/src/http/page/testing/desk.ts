import type { z } from 'zod';
import type { House } from '../../house.ts';
import { lanePageSchema } from '../../ticket/contract.ts';
import * as shape from '../contract.ts';
import { messageStorySchema } from '../message-contract.ts';

/** The page's own questions, as they are asked; each is answered with a sample. */
export function scriptedPage(
  sample: <T extends z.ZodType>(schema: T) => z.infer<T>,
  says: <T>(question: string, answer: T) => (...args: unknown[]) => Promise<T>,
): House['page'] {
  const wake = sample(shape.wakeSchema);
  const paused = sample(shape.taskPausedSchema);
  return {
    stopPreview: says('stopPreview', sample(shape.stopPreviewSchema)),
    resumePreview: says('resumePreview', sample(shape.resumePreviewSchema)),
    transitions: says('transitions', [sample(shape.stateTransitionSchema)]),
    lane: says('lane', sample(lanePageSchema)),
    deedMany: says('deedMany', sample(shape.manyTicketsSchema)),
    laneHistory: says('laneHistory', sample(shape.laneHistorySchema)),
    attention: says('attention', sample(shape.attentionSchema)),
    taskRuns: says('taskRuns', sample(shape.taskRunsSchema)),
    pauseTask: says('pauseTask', paused),
    resumeTask: says('resumeTask', paused),
    probeStrips: says('probeStrips', sample(shape.probeStripsSchema)),
    wakes: says('wakes', [wake]),
    wake: says('wake', wake),
    spendDays: says('spendDays', [sample(shape.spendDaySchema)]),
    chainStanding: says('chainStanding', sample(shape.chainStandingSchema)),
    chainBytes: says('chainBytes', sample(shape.chainBytesSchema)),
    logs: says('logs', sample(shape.logPageSchema)),
    logNews: says('logNews', { lines: [sample(shape.logLineSchema)], droppedBytes: 0, place: 7 }),
    diagnostics: says('diagnostics', sample(shape.diagnosticsSchema)),
    messageLog: says('messageLog', sample(shape.messageLogSchema)),
    message: says('message', sample(messageStorySchema)),
  };
}
