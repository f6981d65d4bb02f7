import { exportEvents } from './chain/index.ts';
import type { ChainEvent, Checkpointer, ParkedEvent } from './chain/index.ts';
import { fault, KoraError } from './fault/index.ts';
import type { House, shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import { codeOf } from './store/index.ts';
import { operatorActor } from './workspace/index.ts';

type LogReads = Pick<House, 'events' | 'event' | 'proof' | 'verify' | 'exportChain' | 'onSealed'>;
type LogWrites = Pick<House, 'makeCheckpoint' | 'redact' | 'prune'>;
type ConsumerAnswers = Pick<
  House,
  'consumers' | 'parked' | 'replayParked' | 'skipParked' | 'forgetConsumer' | 'checkpoints'
>;

const receipt: shape.Receipt = { accepted: true, eventSeq: null };

/** The event log's questions. */
export function chainAnswers(rooms: Rooms): LogReads & LogWrites & ConsumerAnswers {
  return { ...logReads(rooms), ...logWrites(rooms), ...consumerAnswers(rooms) };
}

function logReads(rooms: Rooms): LogReads {
  const { chain, checkpoints, database, workspace } = rooms;
  return {
    events: async (query) => (await chain.read(query)).map(eventView),
    event: (seq) => eventDetail(rooms, seq),
    proof: async (seq) => {
      const { path, ...proof } = await checkpoints.prove(seq);
      return { ...proof, path: [...path] };
    },
    verify: ({ from, after, onProgress, signal }) =>
      chain.verify({
        signal,
        checkpoints: checkpoints.claims(),
        ...(from === undefined ? {} : { from }),
        ...(after === undefined ? {} : { after }),
        ...(onProgress === undefined ? {} : { onProgress }),
      }),
    exportChain: async ({ from, to, out, signal }) => {
      await exportEvents({
        database,
        workspaceId: workspace.workspaceId,
        workspace: workspace.name,
        out,
        checkpoints: checkpoints.claims(),
        keys: checkpoints.publicKeys,
        signal,
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      });
    },
    onSealed: (listener) => chain.onSealed(listener),
  };
}

function logWrites({ chain, checkpoints }: Rooms): LogWrites {
  const actorId = operatorActor;
  return {
    makeCheckpoint: async () => ({ outcome: await checkpoints.checkpoint() }),
    redact: async (seq, reason) => {
      await asRemover(() => chain.redact({ seq, reason, actorId }));
      return receipt;
    },
    prune: (request, signal) =>
      asRemover(() =>
        chain.prune({
          ...request,
          actorId,
          newestCheckpoint: async () => {
            const newest = await checkpoints.latest();
            return newest && { size: newest.size, hash: newest.eventHash.toString('hex') };
          },
          signal,
        }),
      ),
  };
}

function consumerAnswers({ chain, checkpoints }: Rooms): ConsumerAnswers {
  const actorId = operatorActor;
  return {
    consumers: async () => {
      const rows = await chain.consumers();
      return rows.map((row) => ({ ...row, types: [...row.types], movedAt: row.movedAt.toISOString() }));
    },
    parked: async (consumer) => (await chain.parked(consumer)).map(parkedView),
    replayParked: async (choice) => ({ requested: await chain.replay({ ...choice, actorId }) }),
    skipParked: async (choice) => {
      await chain.skipParked({ ...choice, actorId });
      return receipt;
    },
    forgetConsumer: async (consumer) => {
      await chain.forgetConsumer(consumer, { actorId });
      return receipt;
    },
    checkpoints: (limit) => checkpointsView(checkpoints, limit),
  };
}

async function eventDetail(
  { chain, vocabulary, database, workspace }: Rooms,
  seq: number,
): Promise<shape.EventDetail> {
  const [event] = await chain.read({ after: seq - 1, limit: 1 });
  const [links] = await database.query<{ previous: string; bodyHash: string }>(
    `select encode(prev_hash, 'hex') as previous, encode(body_hash, 'hex') as "bodyHash"
     from kora.event where workspace_id = $1 and seq = $2`,
    [workspace.workspaceId, seq],
  );
  if (event?.seq !== seq || links === undefined)
    throw fault('KORA_NOT_FOUND', `there is no event #${seq}`, { fix: 'kora event tail' });
  const declared = vocabulary.list().find(({ definition }) => definition.type === event.type);
  const fields = declared?.shape.fields ?? [];
  const sensitivity = Object.fromEntries(fields.map((field) => [field.name, field.sensitivity]));
  return { ...eventView(event), ...links, sensitivity };
}

async function checkpointsView(checkpoints: Checkpointer, limit: number): Promise<shape.Checkpoints> {
  const { signs, problems, rewound } = checkpoints.status();
  const last = await checkpoints.latest();
  const newest: shape.Checkpoints['newest'] = [];
  // Also what came after the newest good one: a checkpoint that no known key signed is worth seeing.
  for await (const stored of checkpoints.list(Math.max(0, (last?.number ?? 0) - limit))) {
    const { number, size, eventHash, verdict, signedBy, createdAt, ageMs, note } = stored;
    newest.push({
      number,
      size,
      eventHash: eventHash.toString('hex'),
      verdict,
      signedBy,
      createdAt,
      ageMs,
      note,
    });
    if (newest.length > limit) newest.shift();
  }
  return {
    signs,
    problems: [...problems],
    rewound: rewound && {
      size: rewound.size,
      headSeq: rewound.headSeq,
      source: rewound.source,
      problem: rewound.problem,
    },
    publicKeys: [...checkpoints.publicKeys],
    anchors: await checkpoints.anchors().then((rows) => rows.map((row) => ({ ...row }))),
    newest: newest.reverse(),
  };
}

/** Where roles divide what a database user may do, taking away is a right of its own. */
async function asRemover<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof KoraError && codeOf(error.cause) === '42501') {
      throw fault('KORA_STORE_REFUSED', 'this runtime may not take anything out of the log', {
        fix: 'grant kora_prune to kora_runtime, as the owner of the database',
        cause: error,
      });
    }
    throw error;
  }
}

function parkedView({ parkedAt, replayRequestedAt, event, ...parked }: ParkedEvent): shape.ParkedRow {
  return {
    ...parked,
    parkedAt: parkedAt.toISOString(),
    replayRequestedAt: replayRequestedAt?.toISOString() ?? null,
    event: event === null ? null : eventView(event),
  };
}

function eventView(event: ChainEvent): shape.EventRow {
  return { ...event, payload: { ...event.payload } };
}
