// docs/operational-state.md, made from the tables of causes and doors. `npm run events` writes it; a test compares.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { blocks, doorLines, doorTable } from '../packages/runtime/src/admission/table.ts';
import {
  causeTable,
  derive,
  movesFrom,
  primaryStates,
  startInputs,
} from '../packages/runtime/src/state/index.ts';
import type { Cause, PrimaryState, StateInputs } from '../packages/runtime/src/state/index.ts';

export interface Edge {
  readonly from: PrimaryState;
  readonly to: PrimaryState;
  readonly causes: readonly Cause[];
}

const causes = Object.keys(causeTable) as Cause[];

/** Every way from one primary state to another, found by trying each cause wherever some way leads. */
export function edgesOfTheTable(): Edge[] {
  const found = new Set<string>();
  const seen = new Set([keyOf(startInputs)]);
  const open: StateInputs[] = [startInputs];
  for (let [inputs] = open; inputs !== undefined; [inputs] = open) {
    open.shift();
    const { primaryState: from } = derive(inputs);
    if (from === 'stopped') continue;
    for (const { cause, to } of movesFrom(inputs)) {
      found.add(`${from} ${derive(to).primaryState} ${cause}`);
      if (seen.has(keyOf(to))) continue;
      seen.add(keyOf(to));
      open.push(to);
    }
  }
  return primaryStates.flatMap((from) =>
    primaryStates
      .filter((to) => to !== from)
      .map((to) => ({ from, to, causes: causes.filter((cause) => found.has(`${from} ${to} ${cause}`)) }))
      .filter((edge) => edge.causes.length > 0),
  );
}

/** What the primary state follows from, and no more: how many of a thing there are makes no difference. */
function keyOf({ boot, holds, stopLevel, killed, liveClaims }: StateInputs): string {
  const held = [...new Set(holds.map(({ cause }) => cause))].sort();
  return [boot, held.join('+'), stopLevel > 0, killed, liveClaims > 0].join(' ');
}

const head = `# Operational state

What a runtime is, why it may change, and what is let through. This page is made from the code: \`npm run events\` writes
it, and a test compares.

Nobody sets a state. It is derived, whenever something changes, from what is so: how the boot went, which holds are in
force, the highest stop in force, whether this process is being killed, how many claims it has, and which checks fail.

| primary state | when |
|---|---|
| \`stopped\` | the boot failed, or this process is being killed; the end of the process |
| \`booting\` | else, while the boot runs and there is no \`dr\` or \`chain\` hold |
| \`paused\` | else, under any hold, or any stop of level 1 to 5 |
| \`active\` | else, while a claim is held |
| \`ready\` | else |

Claim permission is \`none\` before the boot has passed and under any hold or stop; \`critical_only\` while \`dispatch\`,
\`substrate\`, \`auth\` or \`retry_ceiling\` is among the degradation reasons; otherwise \`normal\`. A runtime is degraded when
it has any reason at all; that is no state of its own.
`;

const afterDiagram = `An arrow says that a single cause can lead that way; whether it does depends on the rest. Clearing one of two holds
leaves the runtime paused.

## Causes

The closed list of why a state may change. A cause changes what its row says and nothing else: anything more is refused
with \`KORA_STATE_CAUSE\`, and the state stays. Each transition is \`kora.operational_state.transitioned\`; the event in the
last column comes with it, on exactly that edge. Free text of people goes into \`note\` and is never read.
`;

const afterCauses = `## Holds and stops

Both are rows of the workspace, shared by its runtimes and kept over restarts.

- A **hold** has a cause (\`operator\`, \`cost\`, \`dr\`, \`chain\`), an owner, a reason, and perhaps a time at which it ends.
  Only its owner or an operator clears it; the database refuses anybody else. \`kora resume\` clears \`operator\` holds;
  any other is named: \`kora resume --hold ID\`.
- A **stop** has a level from 1 to 5 and stays in force until an operator resets it or its time is over. The highest in
  force counts: a milder one that comes later loosens nothing. That a stop has been acknowledged, or has had its effect,
  is a fact about it and not its end.
- Levels 3 to 5 and the reset are an operator's alone; an MCP client or a plugin may give level 1 or 2; Kora itself may
  give none. The database checks the level, the issuer and that the issuer is an active actor of the workspace.

## Doors

What is let through, by what stands in the way. *held*: only for work whose claim was held before. Of several blocks the
strictest counts. \`claim\` is also closed to work that is not critical while the permission is \`critical_only\`.
`;

const columns: Readonly<Record<(typeof blocks)[number], string>> = {
  booting: 'booting',
  pause: 'level 1, `operator` hold',
  drain: 'level 2',
  abort: 'level 3, `cost`, `dr`, `chain` hold',
  kill: 'level 4 or 5, until exit',
};

/** The page as it has to be. */
export function statePage(): string {
  return [head, diagram(), afterDiagram, causeRows(), afterCauses, doorRows()].join('\n');
}

function diagram(): string {
  const arrows = edgesOfTheTable().map(({ from, to, causes: by }) => `  ${from} --> ${to}: ${by.join(', ')}`);
  return [
    '```mermaid',
    'stateDiagram-v2',
    '  [*] --> booting',
    ...arrows,
    '  stopped --> [*]',
    '```',
    '',
  ].join('\n');
}

function causeRows(): string {
  const rows = causes.map((cause) => {
    const { role, changes, trigger, extra, detail } = causeTable[cause];
    const edge = extra === undefined ? '' : `${extra.from} to ${extra.to}: \`${extra.type}\``;
    return `| \`${cause}\` | ${role} | ${changes} | ${trigger(undefined)} | ${fieldsOf(detail)} | ${edge} |`;
  });
  return [
    '| cause | raised by | what it may change | `trigger` | particulars | extra event |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    'The `trigger` of `hold.added` names the cause of the hold, of `stop.issued` the level, of `check.failed` and',
    '`check.recovered` the check; of `hold.cleared` and `stop.reset` it says so when their time was over.',
    '',
  ].join('\n');
}

/** Particulars are plain objects of named fields. */
function fieldsOf(detail: object): string {
  const shape = 'shape' in detail ? (detail.shape as object) : {};
  return Object.keys(shape)
    .map((name) => `\`${name}\``)
    .join(', ');
}

function doorRows(): string {
  const rows = doorLines.map(
    (line) => `| \`${line}\` | ${blocks.map((block) => doorTable[line][block]).join(' | ')} |`,
  );
  return [
    `| door | ${blocks.map((block) => columns[block]).join(' | ')} |`,
    `|---|${blocks.map(() => '---|').join('')}`,
    ...rows,
    '',
    'A process that comes up under a stop of level 4 or 5 that was given before it began meets it as level 3.',
    '',
  ].join('\n');
}

const page = new URL('../docs/operational-state.md', import.meta.url);
if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(page, statePage());
