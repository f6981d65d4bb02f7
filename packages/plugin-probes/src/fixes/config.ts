import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isAbsolute } from 'node:path';
import { z } from 'zod';

/** Keys of every fix. */
export interface FixCommon {
  /** The probe whose look finds it broken, and names what it is done to. */
  readonly probe: string;
  /** `approve` asks the operator each time; `auto` needs a grant of the capability. Default `off`. */
  readonly mode: 'off' | 'approve' | 'auto';
  /** Attempts at one target in an hour, 1 to 60. Default 2. */
  readonly perTargetPerHour: number;
  /** Milliseconds the fix itself may take, 100 to 300 000. Default 30 000. */
  readonly timeoutMs: number;
  /** Seconds in which the probe must find it well again, twice in a row; 1 to 3 600. Default 120. */
  readonly verifySeconds: number;
}

/** Restarts the one machine that a `fly` probe finds not started. */
export interface MachineFix extends FixCommon {
  readonly use: 'restart_unhealthy_machine';
}

/** Restarts the unit that a `systemd` probe finds failed. */
export interface UnitFix extends FixCommon {
  readonly use: 'restart_unit';
}

/** Starts a program of which a `process` probe finds none running. It ends nothing. */
export interface ProcessFix extends FixCommon {
  readonly use: 'restart_process';
  /** The program by its whole path, and its arguments. No shell is involved. */
  readonly argv: readonly string[];
  /** The folder in which it runs. Default: the runtime's own. */
  readonly cwd?: string | undefined;
  /** Its environment beside PATH, HOME and the like; what the runtime knows is not handed on. Default: none. */
  readonly env: Readonly<Record<string, string>>;
}

/** Tells a service of yours that a probe fails; what it mends is its own business. */
export interface HookFix extends FixCommon {
  readonly use: 'call_hook';
  /** Asked with POST and a JSON body; any answer of 200 to 299 is good. */
  readonly url: string;
  /** Asked the same way where the probe was not found well in time. Default: nothing is taken back. */
  readonly rollbackUrl?: string | undefined;
  /** Request headers. Their values are never shown. Default: none. */
  readonly headers: Readonly<Record<string, string>>;
}

export type FixConfig = MachineFix | UnitFix | ProcessFix | HookFix;

/** The kind of probe whose look names what each fix is done to; a hook takes any. */
const kindOfFix: Readonly<Record<FixConfig['use'], string | undefined>> = {
  restart_unhealthy_machine: 'fly',
  restart_unit: 'systemd',
  restart_process: 'process',
  call_hook: undefined,
};

const common = {
  probe: z.string().min(1).max(64),
  mode: z.enum(['off', 'approve', 'auto']).default('off'),
  perTargetPerHour: z.number().int().min(1).max(60).default(2),
  timeoutMs: z.number().int().min(100).max(300_000).default(30_000),
  verifySeconds: z.number().int().min(1).max(3_600).default(120),
};

const webAddress = z.string().refine(isWebAddress, 'must be a URL that begins with http:// or https://');

const fix = z.discriminatedUnion('use', [
  z.strictObject({ use: z.literal('restart_unhealthy_machine'), ...common }),
  z.strictObject({ use: z.literal('restart_unit'), ...common }),
  z.strictObject({
    use: z.literal('restart_process'),
    ...common,
    argv: z
      .array(z.string().max(4_096))
      .min(1)
      .max(100)
      .refine(([program = '']) => isAbsolute(program), 'must begin with the whole path of a program'),
    cwd: z.string().min(1).optional(),
    env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string()).default({}),
  }),
  z.strictObject({
    use: z.literal('call_hook'),
    ...common,
    url: webAddress,
    rollbackUrl: webAddress.optional(),
    headers: z
      .record(z.string(), z.string())
      .refine(areHeaders, 'has a header name or value that HTTP does not allow')
      .default({}),
  }),
]);

export interface FixesConfig {
  /** What may be mended of what probes find broken. Default: nothing. */
  readonly fixes: readonly FixConfig[];
}

export const fixesShape = { fixes: z.array(fix).max(200).default([]) };

interface Named {
  readonly name: string;
  readonly kind: string;
}

/** Where a fix names no probe of its kind, or stands there twice, it says so when the configuration is read. */
export function checkFixes(
  { probes, fixes }: { readonly probes: readonly Named[]; readonly fixes: readonly FixConfig[] },
  issues: z.RefinementCtx,
): void {
  const kinds = new Map(probes.map(({ name, kind }) => [name, kind]));
  const seen = new Set<string>();
  for (const [index, { probe, use }] of fixes.entries()) {
    const wanted = kindOfFix[use];
    const kind = kinds.get(probe);
    const say = (key: string, message: string): void =>
      issues.addIssue({ code: 'custom', path: ['fixes', index, key], message });
    if (wanted !== undefined && kind !== wanted)
      say('probe', `"${probe}" is no probe of kind ${wanted}, whose look names what ${use} is done to`);
    if (seen.has(`${probe}\n${use}`)) say('use', `"${use}" of "${probe}" is there twice`);
    seen.add(`${probe}\n${use}`);
  }
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function areHeaders(headers: Readonly<Record<string, string>>): boolean {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    return true;
  } catch {
    // Node's own message may quote the value, which can be a secret.
    return false;
  }
}
