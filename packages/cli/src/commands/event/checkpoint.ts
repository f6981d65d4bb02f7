import type { Checkpoints } from '@kora/runtime/client';
import type { Context, Run } from '../../context.ts';
import { counted } from '../../output/count.ts';
import { plain } from '../../output/style.ts';
import { ago, span } from '../../output/time.ts';

/** New events are proven before they are signed. */
const signTimeoutMs = 5 * 60_000;
const listed = 20;

export const checkpoint: Run = async (context) => {
  const { input, out } = context;
  const api = await context.client(signTimeoutMs);
  const outcome = input.on('now') ? (await api.makeCheckpoint()).outcome : null;
  const isList = input.on('list');
  const stands = await api.checkpoints(input.whole('limit', 1) ?? (isList ? listed : 1));
  out.result({ outcome, ...stands }, () => [
    ...(outcome === null ? [] : [outcomeLine(outcome, context)]),
    ...(isList ? listLines(stands, context) : newestLines(stands, context)),
    ...troubleLines(stands, context),
    ...anchorLines(stands, context),
  ]);
  return outcome === 'rewound' || outcome === 'no_key' || stands.rewound !== null ? 'findings' : 'ok';
};

function outcomeLine(outcome: 'made' | 'current' | 'rewound' | 'no_key', { out }: Context): string {
  const { good, bad } = out.style;
  return {
    made: `${good('made')}  a checkpoint of everything that is sealed`,
    current: `${good('current')}  nothing new since the newest one`,
    rewound: `${bad('rewound')}  nothing is signed while the log lacks what was signed`,
    no_key: `${bad('no key')}  this runtime has no key to sign with: set chain.checkpoint.key in kora.json`,
  }[outcome];
}

function newestLines({ newest, publicKeys }: Checkpoints, { out }: Context): readonly string[] {
  const [last] = newest;
  if (last === undefined) return [out.style.dim('no checkpoint yet')];
  return [
    ...out.facts([
      [
        'newest',
        `${counted(last.size, 'event')}, ${ago(last.createdAt, out.now)}, ${verdictWords(last.verdict)}`,
      ],
      ['ends with', last.eventHash],
      ['signed by', plain(publicKeys.find((key) => key.includes(`+${last.signedBy}+`)) ?? last.signedBy)],
    ]),
    '',
    ...last.note.trimEnd().split('\n').map(plain),
    '',
  ];
}

function listLines({ newest }: Checkpoints, { out }: Context): readonly string[] {
  return out.table(
    newest,
    [
      { title: 'events', of: (row) => String(row.size), right: true },
      { title: 'made', of: (row) => ago(row.createdAt, out.now) },
      { title: 'signature', of: (row) => verdictWords(row.verdict) },
      { title: 'key', of: (row) => row.signedBy },
      { title: 'ends with', of: (row) => row.eventHash, flexible: true },
    ],
    'no checkpoint yet',
  );
}

function verdictWords(verdict: 'valid' | 'bad_signature' | 'unknown_key'): string {
  return { valid: 'valid', bad_signature: 'signed falsely', unknown_key: 'by a key unknown here' }[verdict];
}

function troubleLines({ rewound, problems, signs }: Checkpoints, { out }: Context): readonly string[] {
  const lost =
    rewound === null
      ? []
      : [`the log ends at #${rewound.headSeq}, and ${rewound.source} knows ${rewound.size} signed events`];
  const mute = signs ? [] : ['this runtime has no key: it seals events and does not sign'];
  return [...lost, ...problems, ...mute].map((line) => out.style.warn(plain(line)));
}

function anchorLines({ anchors }: Checkpoints, { out }: Context): readonly string[] {
  return out.table(
    anchors,
    [
      { title: 'anchor', of: (row) => row.name },
      { title: 'kind', of: (row) => row.kind },
      { title: 'has', of: (row) => (row.keptAt === null ? 'nothing yet' : `${row.size} events`) },
      { title: 'since', of: (row) => (row.ageMs === null ? '' : span(row.ageMs)) },
      { title: 'failures', of: (row) => String(row.attempts), right: true },
      { title: 'last error', of: (row) => row.lastError ?? '', flexible: true },
    ],
    'no anchor: nobody outside this store keeps its checkpoints',
  );
}
