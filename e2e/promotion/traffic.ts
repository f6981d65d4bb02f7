import { until } from '../harness/wait.ts';
import { Dice } from './dice.ts';
import { hard } from './hard-questions.ts';
import type { PromotionHouse } from './house.ts';
import { Thinker } from './thinker.ts';
import type { Known } from './thinker.ts';

type Answer = Awaited<ReturnType<PromotionHouse['client']['ask']>>;

/** What people do in a house after a change is in force: at its doors, through all that a question, a fault or a mail passes. */
export class Traffic {
  readonly thinker = new Thinker();
  readonly #house: PromotionHouse;
  readonly #dice = new Dice(42);
  #mails = 0;

  constructor(house: PromotionHouse) {
    this.#house = house;
    house.models.follow(this.thinker.script);
  }

  /** Asks what the models are taught to answer. */
  async ask(text: string, known: Known, route: 'cli' | 'cockpit' = 'cli'): Promise<Answer> {
    this.thinker.teach(text, known);
    return this.#house.client.ask({ text, route });
  }

  /** How many berths are free: the snapshot may say it, the tool knows it. */
  async berths(times: number): Promise<readonly Answer[]> {
    const tool = { name: 'yard__berths', input: {} };
    return this.#each(times, (n) =>
      this.ask(`how many berths are free at gate ${n}`, { answer: '4 of 12 are.', tool }),
    );
  }

  /** What begins with "should we", at the terminal. `isHard`: the small model is not up to it. */
  async should(times: number, isHard: boolean): Promise<readonly Answer[]> {
    return this.#each(times, () => {
      const { text, answer } = hard.should(this.#dice);
      return this.ask(text, { answer, isHard });
    });
  }

  /**
   * The pump stops twice, each time of something else, and an attempt at it ends; where that did not mend it, somebody does.
   * More often within minutes would be one incident. What else the day brings is put on record by the hour, as copies of
   * what the runtime wrote of the second.
   */
  async pumpStops(outcome: 'mended' | 'not_mended'): Promise<void> {
    const { yard, store, client } = this.#house;
    for (const [n, category] of (['capacity', 'machine_down'] as const).entries()) {
      yard.breaks('pump', category);
      await until(`attempt ${n + 1} at the pump to end as ${outcome}`, async () => {
        const [row] = await store.database.query<{ of: number }>(
          `select count(*)::int as of from kora.fix_attempt where probe = 'pump' and outcome = $1 and key not like 'month %'`,
          [outcome],
        );
        return row?.of === n + 1;
      });
      yard.runs('pump');
      await until('the pump to be well', async () => {
        const pump = (await client.probes()).find(({ name }) => name === 'pump');
        return pump?.status === 'healthy' && pump.incidentId === null;
      });
    }
    await store.database.query(
      `with copied as (
         insert into kora.incident (workspace_id, runtime_id, probe, target, category, severity, title, detail, wake_id,
           opened_at, failing_since, resolved_at, failures, told_at, ended_by)
         select i.workspace_id, i.runtime_id, i.probe, i.target, i.category, i.severity, i.title, i.detail, gen_random_uuid(),
           i.opened_at + n * interval '20 minutes', i.failing_since, i.resolved_at + n * interval '20 minutes', i.failures,
           i.told_at, i.ended_by
         from kora.incident i, generate_series(1, 8) n
         where i.incident_id = (select max(incident_id) from kora.incident where probe = 'pump')
         returning workspace_id, incident_id, opened_at)
       insert into kora.fix_attempt (workspace_id, key, runtime_id, probe, fix, plugin, capability, mode, target, incident_id,
         asked_by, reason, status, outcome, asked_at, began_at, ended_at)
       select c.workspace_id, 'later ' || c.incident_id, a.runtime_id, a.probe, a.fix, a.plugin, a.capability, a.mode, a.target,
         c.incident_id, a.asked_by, a.reason, a.status, a.outcome, c.opened_at, c.opened_at + (a.began_at - a.asked_at),
         c.opened_at + (a.ended_at - a.asked_at)
       from copied c, kora.fix_attempt a where a.attempt_id = (select max(attempt_id) from kora.fix_attempt where probe = 'pump')`,
    );
  }

  /** Requests for a berth come in, and are made something of. Answers the tickets that came of all of them. */
  async mails(times: number): Promise<readonly number[]> {
    const { mailbox, client } = this.#house;
    for (let n = 0; n < times; n += 1) {
      this.#mails += 1;
      await mailbox.deliver(
        `Berth request for MV Iris, pier ${this.#mails}`,
        `<new${this.#mails}@example.org>`,
      );
    }
    await until('the mails to be handled', async () => {
      const came = await client.inbound.list({ limit: 200 });
      return came.filter(({ outcome }) => outcome !== null).length === this.#mails;
    });
    const tickets = await client.tickets.list({ limit: 100 });
    return tickets.filter(({ title }) => title.startsWith('Berth request')).map(({ ticketId }) => ticketId);
  }

  async #each(times: number, one: (n: number) => Promise<Answer>): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    for (let n = 0; n < times; n += 1) answers.push(await one(n));
    return answers;
  }
}
