import type { NewTicket } from '@kora/runtime/plugin';
import type { IncidentRule, RuleConfig, TicketRule } from '../config.ts';
import type { Heard } from '../keep/watched.ts';
import { placeOf, valueAt } from '../template/path.ts';
import type { Said } from '../template/path.ts';
import { filled } from '../template/payload.ts';
import { oneLine, templateOf, textOf } from '../template/template.ts';
import { probeOf } from '../watch/watch.ts';

/** The first rule whose every place holds what it must. */
export function ruleFor(rules: readonly RuleConfig[], said: Said): RuleConfig | undefined {
  return rules.find(({ when }) =>
    Object.entries(when).every(([path, wanted]) => {
      const place = placeOf(path);
      const value = place === undefined ? undefined : valueAt(place, said);
      return (Array.isArray(wanted) ? wanted : [wanted]).some((each) => each === value);
    }),
  );
}

export interface Which {
  readonly source: string;
  /** What the webhook is known by, for a rule that has no key of its own. */
  readonly digest: string;
}

/** The ticket that a rule makes: a stranger's text, and marked so. Throws Missing. */
export function ticketOf(rule: TicketRule, said: Said, { source, digest }: Which): NewTicket {
  const key = rule.key === undefined ? digest : oneLine(textIn(rule.key, said), 140) || digest;
  const objective =
    rule.objective === undefined ? undefined : clean(textIn(rule.objective, said)).slice(0, 20_000);
  return {
    kind: rule.kind,
    title: oneLine(textIn(rule.title, said), 300) || `webhook of ${source}`,
    ...(objective === undefined ? {} : { objective }),
    priority: rule.priority,
    payload: filled(rule.payload, said) as Readonly<Record<string, unknown>>,
    idempotencyKey: `webhook:${source}:${key}`,
    origin: `webhook:${source}`,
    trusted: false,
  };
}

/** What a rule says about a thing that is watched. Throws Missing. */
export function heardOf(rule: IncidentRule, said: Said, source: string): Heard {
  const key = oneLine(textIn(rule.key, said), 200);
  const title = rule.title === undefined ? '' : oneLine(textIn(rule.title, said), 500);
  return {
    source,
    key,
    probe: probeOf(source, key),
    status: rule.is === 'well' ? 'healthy' : rule.status,
    title,
    endsAfterMinutes: rule.endsAfterMinutes ?? null,
  };
}

function textIn(template: string, said: Said): string {
  return textOf(templateOf(template), said);
}

/** Lines stay; what would write over them goes. */
function clean(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]|\p{Cf}/gu, '');
}
