import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { KoraClient } from '@kora/runtime/client';
import { SlackServer } from '../../packages/plugin-slack/fixtures/slack-server.ts';
import { installFixture } from '../harness/fixture.ts';
import { House } from '../harness/house.ts';
import { freePort } from '../harness/ports.ts';
import { key, prices } from '../harness/thinking.ts';
import { until } from '../harness/wait.ts';
import type { Asked, Step } from '../model-server/script.ts';
import { ModelServer } from '../model-server/server.ts';

const webhookSecret = 'of-the-harbour-master-and-nobody-else';
const watchedNames = ['shop', 'ledger', 'mirror'];
const question = 'Which berth has the night crane?';
/** The one piece of work that is under way as long as the day lasts. */
const longWork = 'Find out why the Alma unloads so slowly';
const usage = { input: 1_400, output: 60, cacheRead: 800 };

/**
 * A day at a harbour, on a real runtime: services of this machine are watched and one of them fails, tickets stand in
 * every lane, Slack and a webhook have been heard, models were asked, a proposal and an approval wait, and there were stops.
 * Everything came in by a door of the product: its configuration, its API, its plugins, and servers of this machine.
 */
export class Day implements AsyncDisposable {
  readonly house: House = new House();
  readonly #models: ModelServer;
  readonly #slack: SlackServer;
  readonly #services: readonly Service[];
  readonly #hooks: number;

  private constructor(models: ModelServer, slack: SlackServer, services: readonly Service[], hooks: number) {
    this.#models = models;
    this.#slack = slack;
    this.#services = services;
    this.#hooks = hooks;
  }

  static async staged(): Promise<Day> {
    const [models, slack, hooks, ...services] = await Promise.all([
      ModelServer.open({ script: answerOf, key }),
      SlackServer.start(),
      freePort(),
      ...watchedNames.map((name) => Service.open(name)),
    ]);
    const day = new Day(models, slack, services, hooks);
    try {
      day.#install();
      await day.house.up([], { env: day.#environment() });
      await day.#pass();
    } catch (error) {
      await day[Symbol.asyncDispose]();
      throw error;
    }
    return day;
  }

  get api(): KoraClient {
    return this.house.api();
  }

  /** One address for each page of detail, by its pattern. */
  async addresses(): Promise<Readonly<Record<string, string>>> {
    const { api } = this;
    const [tickets, incidents, { alerts }, runs, proposals, approvals, messages] = await Promise.all([
      api.tickets.list({ limit: 200 }),
      api.incidents({}),
      api.alerts({}),
      api.runs({ limit: 50 }),
      api.promotions({}),
      api.approvals({}),
      api.messages({ limit: 10 }),
    ]);
    const investigation = tickets.find(({ kind }) => kind === 'probe_investigation');
    const asked = runs.find(({ question }) => question.includes('MSKU-7'));
    return {
      '/tickets/:id': `/tickets/${there(tickets.find(({ title }) => title === longWork)).ticketId}`,
      '/incidents/:id': `/incidents/${there(incidents[0]).incidentId}`,
      '/alerts/:id': `/alerts/${there(alerts[0]).alertId}`,
      '/wakes/:id': `/wakes/${encodeURIComponent(there(investigation?.correlationId))}`,
      '/reasoning/:id': `/reasoning/${encodeURIComponent(there(asked).runId)}`,
      '/promotions/:id': `/promotions/${there(proposals[0]).id}`,
      '/approvals/:id': `/approvals/${there(approvals[0]).approvalId}`,
      '/daemons/:name': '/daemons/heartbeat_probes',
      '/tasks/:name': '/tasks/probe.shop',
      '/probes/:name': '/probes/shop',
      '/panels/:id': '/panels/harbour',
      '/inbox/:id': `/inbox/out-${there(messages[0]).messageId}`,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.house[Symbol.asyncDispose]();
    await this.#models[Symbol.asyncDispose]();
    await this.#slack[Symbol.asyncDispose]();
    await Promise.all(this.#services.map((service) => service[Symbol.asyncDispose]()));
  }

  /** As an operator's project would look after an installation, with links to the builds. */
  #install(): void {
    const { house } = this;
    installFixture(house, 'harbour');
    const model = { provider: 'scripted', contextTokens: 100_000, maxOutputTokens: 1_000 };
    const config = {
      reasoning: {
        providers: { scripted: { kind: 'anthropic', baseUrl: this.#models.url } },
        models: [
          { ...model, name: 'small', id: 'scripted-small', tier: 'small', price: prices.small },
          { ...model, name: 'large', id: 'scripted-large', tier: 'large', price: prices.large },
        ],
      },
      probes: {
        probes: this.#services.map(({ name, url }) => ({ kind: 'http', name, url, everyMs: 1_000 })),
      },
      slack: { slackApiUrl: this.#slack.apiUrl },
      webhooks: {
        port: this.#hooks,
        sources: {
          db: { secrets: ['SECRET_1'], rules: [{ ticket: { kind: 'general', title: '{body.text}' } }] },
        },
      },
    };
    house.file('kora.json', {
      plugins: { trusted: ['harbour'], config },
      messages: { channels: ['slack', 'inbox'] },
    });
  }

  #environment(): Readonly<Record<string, string>> {
    const { botToken, appToken, operator } = this.#slack.workspace;
    return {
      KORA_PLUGIN_REASONING_ANTHROPIC_API_KEY: key,
      KORA_CREDIT_POOL_USD: '20',
      KORA_PLUGIN_SLACK_BOT_TOKEN: botToken,
      KORA_PLUGIN_SLACK_APP_TOKEN: appToken,
      KORA_OPERATOR_SLACK_USER_ID: operator,
      KORA_PLUGIN_WEBHOOKS_SECRET_1: webhookSecret,
    };
  }

  /** Everything that happens on it. What hangs on nothing before it happens at the same time. */
  async #pass(): Promise<void> {
    const { api } = this;
    await until('the services to be seen well', async () => {
      const seen = (await api.probes()).filter(({ status }) => status === 'healthy');
      return watchedNames.every((name) => seen.some((probe) => probe.name === name));
    });
    this.#services[0]?.fall();
    // Under a stop nobody is heard and nothing is worked: what follows it has its effect.
    await this.#stops();
    await Promise.all([this.#isTalkedTo(), this.#works()]);
    await until('the failing service to be investigated', async () => {
      const tickets = await api.tickets.list({ limit: 200 });
      return tickets.some(({ kind, status }) => kind === 'probe_investigation' && status === 'completed');
    });
    await until('the alert', async () => (await api.alerts({})).alerts.length > 0);
  }

  /** A stop and a hold, each lifted again: nothing works meanwhile, so that comes before the work. */
  async #stops(): Promise<void> {
    const { api } = this;
    await api.stop(2, 'the crane is being inspected');
    await until('the stop to hold', async () => (await api.koraControl()).stopLevel === 2);
    await api.resume('the crane is safe');
    const { holdId } = await api.pause('the harbour master deploys');
    await api.resume('it is deployed', holdId);
  }

  /** By the operator over Slack, and by a program that signs what it says. */
  async #isTalkedTo(): Promise<void> {
    const { api } = this;
    await until('Slack to be heard', () => this.#slack.connections > 0);
    this.#slack.operatorWrites('status?');
    const body = JSON.stringify({ text: 'The backup of db-2 failed', host: 'db-2' });
    const time = String(Math.floor(Date.now() / 1_000));
    const signature = createHmac('sha256', webhookSecret).update(`${time}.${body}`).digest('hex');
    const headers = {
      'content-type': 'application/json',
      'x-kora-timestamp': time,
      'x-kora-signature': `sha256=${signature}`,
    };
    const sent = await fetch(`http://127.0.0.1:${this.#hooks}/webhooks/db`, {
      method: 'POST',
      headers,
      body,
    });
    if (sent.status !== 202) throw new Error(`the webhook was refused: ${sent.status} ${await sent.text()}`);
    await until('what was said to be on record', async () => (await api.inbound.list({})).length > 0);
  }

  /** Work in every lane. */
  async #works(): Promise<void> {
    const { api } = this;
    // What whoever thinks may ask for; the crane stays a thing that is asked about.
    await api.grantCapability({
      capability: 'cap_read_runtime',
      to: { kind: 'plugin', subject: 'reasoning' },
      reason: 'it may look',
    });
    for (let n = 0; n < 6; n += 1) await api.ask({ text: question });
    await api.ask({ text: 'Lift container MSKU-7, it blocks the gate.' });
    await api.runPromotionLoop('promote_harbour', 'the day is nearly over');
    const moves = [
      ['completed', 'the Alma lies at B1'],
      ['completed', 'the Birger has left'],
      ['failed_retryable', 'the pilot did not answer'],
      ['failed_terminal', 'B4 is too shallow for the Cara'],
      ['blocked_needs_operator', 'the Dora carries a cargo that is not in her papers'],
      ['deferred_cost_limit', 'a survey of the quay costs more than is left for today'],
    ].map(([ends = '', because = ''], n) => ({
      kind: 'move',
      title: `Berth the ${['Alma', 'Birger', 'Elin', 'Cara', 'Dora', 'Frida'][n] ?? ''}`,
      payload: { ends, because },
    }));
    const later = new Date(Date.now() + 6 * 3_600_000).toISOString();
    const waits = Array.from({ length: 60 }, (_, n) => ({
      title: `Count the containers of row ${n + 1}`,
      priority: n % 7 === 0 ? ('high' as const) : ('normal' as const),
    }));
    const { ticketId } = await api.tickets.add({ title: longWork, priority: 'frontier' });
    await api.tickets.addMany([
      ...moves,
      ...waits,
      { title: 'Paint the lantern when the wind drops', notBefore: later },
    ]);
    await until('the long work to be under way', async () => {
      return (await api.tickets.show(ticketId)).status === 'in_progress';
    });
    await api.tickets.note(ticketId, 'The second shift begins at six; ask Bo about the spreader.');
    await until('every move to have ended', async () => {
      const all = (await api.tickets.list({ limit: 200 })).filter(({ kind }) => kind === 'move');
      return all.every(({ status }) => status !== 'queued' && status !== 'in_progress');
    });
  }
}

/** A service of this machine that is watched. */
class Service implements AsyncDisposable {
  readonly name: string;
  readonly #server: Server;
  #status = 200;

  private constructor(name: string) {
    this.name = name;
    this.#server = createServer((_request, response) => response.writeHead(this.#status).end(this.name));
  }

  static async open(name: string): Promise<Service> {
    const service = new Service(name);
    service.#server.listen(0, '127.0.0.1');
    await once(service.#server, 'listening');
    return service;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the service is closed');
    return `http://127.0.0.1:${address.port}/health`;
  }

  /** From now on it answers that it is out of order. */
  fall(): void {
    this.#status = 503;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await ended;
  }
}

/** What the model answers: it looks before it speaks, asks for the crane, and never ends its long work. */
function answerOf({ messages }: Asked): Step {
  const said = messages.map(({ text }) => text).join('\n');
  const looked = messages.some(({ results }) => results.length > 0);
  if (said.includes(longWork))
    return looked
      ? { away: 'hang' }
      : { text: 'I look first.', tools: [{ name: 'kora__list_probes', input: {} }], usage };
  if (said.includes('MSKU-7') && !looked)
    return {
      text: 'The crane can.',
      tools: [{ name: 'harbour__lift', input: { container: 'MSKU-7' } }],
      usage,
    };
  if (said.includes('MSKU-7')) return { text: 'The operator is asked; I lift it once they agree.', usage };
  if (said.includes('Find out why this fails'))
    return {
      text: 'The shop answers 503 since its last good look; nothing else fails.\nCause: http_status at probe:shop\nNext step: look at the log of the shop',
      usage,
    };
  return { text: 'The night crane stands at the northern quay.', usage };
}

function there<T>(found: T | undefined | null): T {
  if (found === undefined || found === null) throw new Error('the day has no such thing');
  return found;
}
