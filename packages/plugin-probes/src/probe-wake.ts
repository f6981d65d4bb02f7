import { KoraError } from '@kora/runtime/plugin';
import type { ChainEvent, Consequences, PluginContext } from '@kora/runtime/plugin';
import { completedOf, investigationCompleted } from './events.ts';
import type { InvestigationCompleted } from './events.ts';
import { fixesOnChain, intakeFromChain } from './intake/intake.ts';
import type { Intake, IntakeOptions, IntakeVerdict } from './intake/intake.ts';
import { standstillOf, waitsMessage } from './intake/standstill.ts';
import { backAgain, incidentReopened } from './intake/back-again.ts';
import { ownerOf } from './owner.ts';
import type { Owner } from './owner.ts';
import { readWake, ticketFor, wakeRequested } from './wake.ts';
import type { Wake } from './wake.ts';

type WakeContext = Pick<PluginContext<IntakeOptions>, 'chain' | 'config' | 'log' | 'probes' | 'subscribe'>;

/**
 * The daemon `probe_wake`: turns a wake into one ticket, or says why it has none. The cursor and what follows move
 * together in the store, and the wake is the ticket's key, so a wake is investigated once over crashes and in a fleet.
 */
export function probeWake(context: WakeContext): Owner {
  let ready: Promise<Intake> | null = null;
  return ownerOf('probe_wake', async (keep) => {
    ready = null;
    keep(
      await context.subscribe({
        consumer: 'probe_wake',
        types: [wakeRequested, incidentReopened, investigationCompleted.type],
        react: async (event) => {
          if (event.type !== wakeRequested) return backAgain(event, context);
          ready ??= intakeFromChain(context, context.config);
          // A failed read must not be remembered: the event comes again, and so must the reading.
          ready.catch(() => (ready = null));
          return react(event, await ready, context);
        },
      }),
    );
  });
}

async function react(event: ChainEvent, intake: Intake, context: WakeContext): Promise<Consequences> {
  const wake = readWake(event);
  if (wake === null) {
    throw new KoraError('PLUGIN_PROBES_WAKE_INVALID', `event ${event.seq} does not hold a wake`, {
      fix: `kora event show ${event.seq}`,
      details: { seq: event.seq },
    });
  }
  const verdict = intake.verdict(wake, await fixesOnChain(context));
  if (verdict.kind === 'investigate') {
    const standstill = await standstillOf(context.chain);
    const told = standstill === null ? {} : { messages: [waitsMessage(wake, standstill)] };
    return { tickets: [ticketFor(wake, verdict.waitMs)], ...told };
  }
  const spared = sparedFor(wake, verdict);
  const { wakeId, probe, category } = wake;
  context.log.info(spared.summary, { wakeId, probe, category });
  const links = { correlationId: wakeId, causationId: event.eventId };
  return { events: [{ type: investigationCompleted.type, payload: { ...spared }, ...links }] };
}

/** The end of a wake that is not investigated by itself. Its first message was told all the same. */
function sparedFor(
  wake: Wake,
  verdict: Exclude<IntakeVerdict, { kind: 'investigate' }>,
): InvestigationCompleted {
  switch (verdict.kind) {
    case 'debounced':
      return completedOf(wake, {
        outcome: 'debounced',
        summary: `${wake.probe} was investigated a moment ago: this wake is not`,
      });
    case 'folded':
      return completedOf(wake, {
        outcome: 'folded',
        folded_into: verdict.into.incidentId,
        summary: `part of a storm: investigated with incident ${verdict.into.incidentId} (${verdict.into.probe})`,
      });
    case 'own_fix':
      return completedOf(wake, {
        outcome: 'own_fix',
        summary: `comes of a fix of ${verdict.fix.probe} that Kora tried (event ${verdict.fix.seq}), which is verified there`,
      });
  }
}
