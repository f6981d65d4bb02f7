import type { KoraClient } from '@kora/runtime/client';
import { z } from 'zod';
import type { Context } from '../context.ts';
import type { Console } from '../output/console.ts';
import { plain } from '../output/style.ts';
import { incidentId } from './incident.ts';

/** What the ticket of an investigation keeps of it; fields that an older one has not are empty. */
const investigationSchema = z.object({
  outcome: z.string().default('unknown'),
  nextStep: z.string().nullish(),
  diagnosis: z
    .object({
      rung: z.string(),
      kind: z.string(),
      cause: z.string().nullish(),
      entities: z.array(z.string()).default([]),
      confidence: z.number().nullish(),
      code: z.string().nullish(),
      text: z.string().nullish(),
    })
    .nullish(),
  rules: z.object({ kind: z.string(), why: z.string().nullable(), needs: z.array(z.string()) }).nullish(),
  findings: z
    .array(
      z.object({
        rule: z.string(),
        cause: z.string(),
        entity: z.string(),
        text: z.string(),
        weight: z.string(),
        evidence: z.array(z.string()).default([]),
      }),
    )
    .default([]),
  looked: z.array(z.object({ id: z.string(), what: z.string(), path: z.string().nullable() })).default([]),
  runId: z.string().nullish(),
});
type Investigation = z.infer<typeof investigationSchema>;
type Finding = Investigation['findings'][number];

interface Explained {
  readonly incidentId: number;
  readonly ticketId: number | null;
  readonly title: string;
  /** How its ticket stands; null while it has none. */
  readonly status: string | null;
  readonly investigation: Investigation | null;
}

/** What an investigation looked at, which rules found something, and why it concluded or abstained. */
export async function explainIncident(context: Context, name: string): Promise<'ok'> {
  const { client, out } = context;
  const api = await client();
  const explained = await read(api, await incidentId(api, context, name));
  out.result(explained, () => lines(explained, out));
  return 'ok';
}

async function read(api: KoraClient, id: number): Promise<Explained> {
  const { incidentId: number, ticketId, title } = await api.incident(id);
  const base = { incidentId: number, ticketId, title };
  if (ticketId === null) return { ...base, status: null, investigation: null };
  const { status, result } = await api.tickets.show(ticketId);
  const kept = investigationSchema.safeParse(result);
  return { ...base, status, investigation: kept.success ? kept.data : null };
}

function lines(explained: Explained, out: Console): readonly string[] {
  const { style } = out;
  const { incidentId: id, title, ticketId, status, investigation } = explained;
  const head = `${style.strong(`incident ${id}`)}  ${plain(title)}`;
  if (ticketId === null) return [head, 'nobody has looked into it: it has no investigation'];
  if (investigation === null)
    return [
      head,
      `its investigation, ticket ${ticketId}, is ${plain(status ?? 'unknown')}: nothing is found yet`,
    ];
  const { findings, looked, nextStep, outcome } = investigation;
  if (investigation.diagnosis === null || investigation.diagnosis === undefined)
    return [head, `it was not looked into: ${plain(outcome)}`];
  return [
    head,
    ...verdictLines(investigation),
    '',
    style.dim('which rules found something'),
    ...(findings.length === 0
      ? ['  none']
      : findings.flatMap((finding) => findingLines(finding, investigation, out))),
    '',
    style.dim('what was looked at'),
    ...looked.map(
      (each) =>
        `  ${plain(each.id)}  ${plain(each.what)}${each.path === null ? '' : `  ${plain(each.path)}`}`,
    ),
    ...(nextStep ? ['', `next step: ${plain(nextStep)}`] : []),
  ];
}

function verdictLines({ diagnosis, rules, runId }: Investigation): readonly string[] {
  if (diagnosis === null || diagnosis === undefined) return [];
  const { rung, kind, cause, entities, confidence, code, text } = diagnosis;
  const sure = typeof confidence === 'number' ? `, ${Math.round(confidence * 100)} % sure` : '';
  const where = entities.length === 0 ? '' : ` at ${plain(entities.join(', '))}`;
  const verdict = kind === 'concluded' ? `${plain(cause ?? 'unknown')}${where}${sure}` : plain(kind);
  return [
    `verdict: ${verdict}, by ${rung === 'none' ? 'nobody' : plain(rung)}`,
    ...(text ? [plain(text)] : []),
    ...(rules?.kind === 'abstained' ? [`rules abstained: ${plain(rules.why ?? 'unknown')}`] : []),
    ...(rules?.needs ?? []).map((need) => `  to know more: ${plain(need)}`),
    ...(code ? [`nobody who thinks could say: ${plain(code)}`] : []),
    ...(runId ? [`thought about: kora explain run:${plain(runId)}`] : []),
  ];
}

function findingLines(
  { rule, cause, entity, text, weight, evidence }: Finding,
  { looked }: Investigation,
  { style }: Console,
): readonly string[] {
  const mark = weight === 'deciding' ? '▶' : ' ';
  return [
    `${mark} ${style.strong(plain(rule))}  ${plain(cause)} at ${plain(entity)}`,
    `    ${plain(text)}`,
    ...evidence.map((id) => `    ${style.dim(`${plain(id)}${again(id, looked)}`)}`),
  ];
}

/** How an evidence id is read again; nothing for what has no command of its own. */
function again(id: string, looked: Investigation['looked']): string {
  const [, kind = '', name = '', place = ''] = /^([a-z]+):(.+?)(?:[#@]([^#@]*))?$/.exec(id) ?? [];
  const file = looked.find((each) => each.id === `${kind}:${name}`);
  if (kind === 'log' && file?.path)
    return file.what.includes('the end')
      ? `  in ${plain(file.path)}`
      : `  sed -n ${plain(place)}p ${plain(file.path)}`;
  if (kind === 'look') return `  kora probe show ${plain(name)}`;
  if (kind === 'incident') return `  kora incident show ${plain(name)}`;
  if (kind === 'change') return `  kora explain ${plain(name)}`;
  return '';
}
