import type { Context } from 'hono';
import { z } from 'zod';
import type { Clock } from '../../clock/index.ts';
import type { cspReportSchema, cspReportsSchema } from './contract.ts';

type Report = z.infer<typeof cspReportSchema>;

/** Where a browser says what the policy stopped. Open: it sends no cookie with it. */
export const cspPath = '/csp';
export const cspTypes: readonly string[] = ['application/csp-report', 'application/reports+json'];

const mostKept = 20;
const mostInMinute = 60;
const minuteMs = 60_000;
const longest = 300;

const text = z.string().transform((given) => given.slice(0, longest));
const number = z.number().nullable();
/** As `report-uri` sends it. */
const bodySchema = z.looseObject({
  'csp-report': z.looseObject({
    'violated-directive': text.default(''),
    'effective-directive': text.optional(),
    'blocked-uri': text.default(''),
    'document-uri': text.default(''),
    'source-file': text.optional(),
    'line-number': number.optional(),
  }),
});
/** As `report-to` sends it. */
const listSchema = z.array(
  z.looseObject({
    body: z.looseObject({
      effectiveDirective: text.default(''),
      blockedURL: text.default(''),
      documentURL: text.default(''),
      sourceFile: text.nullish(),
      lineNumber: number.optional(),
    }),
  }),
);

/** What pages of this origin were stopped from doing. A stranger may write here too: few are kept, and cut short. */
export class CspReports {
  readonly #clock: Clock;
  #last: Report[] = [];
  #total = 0;
  #minute = { since: Number.NEGATIVE_INFINITY, count: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  read(): z.infer<typeof cspReportsSchema> {
    return { total: this.#total, last: this.#last };
  }

  /** Takes what a browser sent; what is none, or comes too often, is passed over. */
  async take(context: Context): Promise<Response> {
    const now = this.#clock.monotonic();
    if (now - this.#minute.since >= minuteMs) this.#minute = { since: now, count: 0 };
    this.#minute.count += 1;
    if (this.#minute.count > mostInMinute) return context.body(null, 204);
    const sent: unknown = await context.req.json().catch(() => undefined);
    for (const report of reportsIn(sent).slice(0, mostKept)) {
      this.#total += 1;
      const at = new Date(this.#clock.now()).toISOString();
      this.#last = [{ at, ...report }, ...this.#last].slice(0, mostKept);
    }
    return context.body(null, 204);
  }
}

function reportsIn(sent: unknown): Omit<Report, 'at'>[] {
  const one = bodySchema.safeParse(sent);
  if (one.success) {
    const report = one.data['csp-report'];
    return [
      {
        directive: report['effective-directive'] ?? report['violated-directive'],
        blocked: report['blocked-uri'],
        document: report['document-uri'],
        source: report['source-file'] ?? null,
        line: report['line-number'] ?? null,
      },
    ];
  }
  const list = listSchema.safeParse(sent);
  if (!list.success) return [];
  return list.data.map(({ body }) => ({
    directive: body.effectiveDirective,
    blocked: body.blockedURL,
    document: body.documentURL,
    source: body.sourceFile ?? null,
    line: body.lineNumber ?? null,
  }));
}
