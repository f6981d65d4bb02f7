import { knownMessages } from './alert/index.ts';
import { draft } from './chain/index.ts';
import type { Ground } from './ground.ts';
import { toldOf } from './message/index.ts';
import {
  acknowledgeIncident,
  incidentAcknowledged,
  incidentSilenced,
  silenceIncident,
} from './probe/index.ts';
import type { IncidentRecord } from './probe/index.ts';
import type { Rooms } from './rooms.ts';
import type { Transaction } from './store/index.ts';

export interface IncidentWord {
  readonly incidentId: number;
  readonly by: string;
  readonly reason: string;
  /** The channel over which it was said, or `api`. */
  readonly via: string;
}

export interface IncidentDeeds {
  /** Throws KORA_INCIDENT_UNKNOWN, and with `forMs` KORA_INCIDENT_RESOLVED. */
  acknowledge(
    tx: Transaction,
    word: IncidentWord & { readonly forMs?: number | undefined },
  ): Promise<IncidentRecord>;
  /** Throws KORA_INCIDENT_UNKNOWN, KORA_INCIDENT_RESOLVED. */
  silence(tx: Transaction, word: IncidentWord & { readonly forMs: number }): Promise<IncidentRecord>;
}

/** What the operator says of an incident: the row, its event, and a word for whoever else was told of it. */
export function incidentDeeds(
  { clock }: Pick<Ground, 'clock'>,
  { workspace, chain, apply }: Pick<Rooms, 'workspace' | 'chain' | 'apply'>,
): IncidentDeeds {
  const { workspaceId } = workspace;
  const linksOf = (by: string, { wakeId }: IncidentRecord) => ({ actorId: by, correlationId: wakeId });
  const say = async (
    tx: Transaction,
    record: IncidentRecord,
    word: IncidentWord & { title: string; said: string },
  ) => {
    if (record.status === 'resolved') return;
    const thread = `incident:${record.incidentId}`;
    const key = `${thread}:known:${clock.uuid()}`;
    const told = await toldOf(tx, workspaceId, { threads: [thread] });
    const { title, said, via } = word;
    const messages = knownMessages({ thread, key, title: `${title} · ${record.probe}`, said, via }, told);
    await apply(tx, { messages: messages.map((each) => ({ ...each, correlationId: record.wakeId })) });
  };
  const silenced = (tx: Transaction, record: IncidentRecord, { by, reason }: IncidentWord): Promise<void> => {
    const { incidentId, probe, silencedUntil } = record;
    const payload = { incident_id: incidentId, probe, until: silencedUntil ?? record.openedAt, reason };
    return chain.stage(tx, [draft(incidentSilenced, payload, linksOf(by, record))]);
  };
  return {
    acknowledge: async (tx, word) => {
      const { incidentId, by, reason, forMs } = word;
      const known = await acknowledgeIncident(tx, workspaceId, { incidentId, by, reason, forMs });
      const payload = { incident_id: incidentId, probe: known.probe, reason };
      await chain.stage(tx, [draft(incidentAcknowledged, payload, linksOf(by, known))]);
      if (forMs !== undefined) await silenced(tx, known, word);
      await say(tx, known, { ...word, title: 'Known', said: `${by} knows of it: ${reason}` });
      return known;
    },
    silence: async (tx, word) => {
      const { incidentId, by, reason, forMs } = word;
      const quiet = await silenceIncident(tx, workspaceId, { incidentId, by, reason, forMs });
      await silenced(tx, quiet, word);
      const until = quiet.silencedUntil ?? 'unknown';
      await say(tx, quiet, {
        ...word,
        title: 'Quiet',
        said: `${by} wants it quiet until ${until}: ${reason}`,
      });
      return quiet;
    },
  };
}
