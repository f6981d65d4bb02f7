import { join } from 'node:path';
import type { AnswerOptions } from './answers.ts';
import { homeFiles } from './home/index.ts';
import type { House } from './http/index.ts';
import { byteOf, readLogBack, readLogNews } from './log-reading.ts';
import { attentionReads } from './page-attention.ts';
import { controlReads } from './page-control.ts';
import { diagnosticReads } from './page-diagnostics.ts';
import { messageStoryReads } from './page-message-story.ts';
import { messageReads } from './page-messages.ts';
import { ticketReads } from './page-tickets.ts';
import { wakeReads } from './page-wakes.ts';
import { readStrips } from './probe/index.ts';
import type { Rooms } from './rooms.ts';
import { spendDays } from './spend/index.ts';
import { ticketAnswers } from './ticket-answers.ts';
import { operatorActor } from './workspace/index.ts';

type Page = House['page'];

/** The page's own questions, each answered from the rooms as they stand when it is asked. */
export function pageAnswers(options: AnswerOptions): Pick<House, 'page'> {
  const { ground, rooms } = options;
  const { database, workspace } = rooms;
  const { workspaceId } = workspace;
  return {
    page: {
      ...controlReads(rooms),
      ...ticketReads(rooms, ticketAnswers(ground, rooms)),
      ...taskReads(rooms),
      ...attentionReads(options),
      ...wakeReads(rooms),
      ...chainReads(rooms),
      ...logReads(options),
      ...diagnosticReads(options),
      ...messageReads(rooms),
      ...messageStoryReads(rooms),
      probeStrips: async (looks) => {
        const names = (await rooms.probes.list()).map(({ name }) => name);
        const strips = await readStrips(database, workspaceId, { probes: names, looks });
        return strips.map((strip) => ({ ...strip, looks: [...strip.looks] }));
      },
      spendDays: (days) => spendDays(database, workspaceId, days),
    },
  };
}

function taskReads({ scheduler }: Rooms): Pick<Page, 'taskRuns' | 'pauseTask' | 'resumeTask'> {
  const set = async (name: string, paused: boolean, reason: string): ReturnType<Page['pauseTask']> => ({
    name,
    paused,
    changed: await scheduler.setPaused(name, paused, { by: operatorActor, reason }),
  });
  return {
    taskRuns: async (limit) => {
      const runs = await scheduler.recentRuns(limit);
      return [...runs]
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([name, ofTask]) => {
          const pause = scheduler.pauses.get(name);
          return {
            name,
            paused: pause !== undefined,
            pause: pause === undefined ? null : { ...pause },
            runs: [...ofTask],
          };
        });
    },
    pauseTask: (name, reason) => set(name, true, reason),
    resumeTask: (name, reason) => set(name, false, reason),
  };
}

function chainReads({ chain, checkpoints, verifier }: Rooms): Pick<Page, 'chainStanding' | 'chainBytes'> {
  return {
    chainStanding: async () => {
      const [head, anchors] = await Promise.all([chain.head(), checkpoints.anchors()]);
      const { verifiedThrough, damage: followed } = verifier.status();
      // The verifier that follows the seals does not look back: what a boot or the operator's pass found counts too.
      const damage = followed ?? chain.broken;
      const { lookedAt } = verifier;
      const { fullPassAt } = chain;
      const kept = anchors
        .flatMap(({ size, keptAt }) => (keptAt === null ? [] : [{ seq: size, at: keptAt }]))
        .toSorted((one, other) => other.seq - one.seq);
      return {
        head: head.seq === 0 ? null : head,
        verifiedUpTo: verifiedThrough === 0 ? null : verifiedThrough,
        verifiedAt: lookedAt === null ? null : new Date(lookedAt).toISOString(),
        lastFullPassAt: fullPassAt === null ? null : new Date(fullPassAt).toISOString(),
        brokenAt: damage?.firstBadSeq ?? null,
        problem: damage === null ? null : `${damage.problem ?? 'damaged'}: ${damage.detail ?? ''}`,
        anchor: kept[0] ?? null,
      };
    },
    chainBytes: async (range) =>
      (await chain.hashed(range)).map(({ seq, previous, hash, bytes, body }) => ({
        seq,
        prevHash: previous.toString('base64'),
        hash: hash.toString('base64'),
        bytes: bytes.toString('base64'),
        body,
      })),
  };
}

const usualLines = 200;

function logReads({ ground }: AnswerOptions): Pick<Page, 'logs' | 'logNews'> {
  const path = join(ground.home.directory, homeFiles.logs, 'kora.log');
  const scrub = (text: string): string => ground.secrets.scrub(text);
  return {
    logs: ({ before, after, since, until, limit = usualLines, level, logger, q }) =>
      readLogBack({
        path,
        before: byteOf(before),
        after: byteOf(after),
        since: since === undefined ? undefined : Date.parse(since),
        until: until === undefined ? undefined : Date.parse(until),
        limit,
        wish: { level, logger, text: q },
        scrub,
      }),
    logNews: (after) => readLogNews(path, after, scrub),
  };
}
