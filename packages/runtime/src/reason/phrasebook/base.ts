import type { Entry } from './contract.ts';

const asOf = '(as of {snapshot.computed_at})';

/**
 * What every Kora can answer for nothing. Each pattern ends with `$`: a question that goes on is another question, and is
 * for whoever thinks.
 */
export const baseEntries: readonly Entry[] = [
  {
    pattern: '[kora] [what is|whats|show] [me] [the|your] [current] (status|state) [report] [please] $',
    reply: `{snapshot.operational_state.summary}. Tickets: {snapshot.tickets.summary}. Alerts: {snapshot.alerts.summary}. Spend: {snapshot.cost_ladder.summary}. ${asOf}`,
    category: 'state',
    description: 'how everything stands, in one line each',
  },
  {
    pattern:
      '(how are you|how is everything|hows everything|how are things|are you (ok|okay|well|alive|up|there)|is (everything|kora) (ok|okay|well|fine|up|running|alive|healthy)) [doing|going] [kora] $',
    reply: `{snapshot.daemon_health.summary}. Services: {snapshot.service_health.summary}. Alerts: {snapshot.alerts.summary}. ${asOf}`,
    category: 'health',
    description: 'whether the runtime and what it watches are well',
  },
  {
    pattern: '[what is|whats|show] [me] [the|your] (health|system health|health status) [status|report] $',
    reply: `{snapshot.daemon_health.summary}. Services: {snapshot.service_health.summary}. ${asOf}`,
    category: 'health',
    description: 'the health of the runtime and of what it watches',
  },
  {
    pattern: '[which|what|are] [my|the|all] services [are] [up|down|failing|healthy|running] [now] $',
    reply: `{snapshot.service_health.summary}. ${asOf}`,
    category: 'services',
    description: 'all that is watched',
  },
  {
    pattern:
      '(is|are) [the] <service> (up|ok|okay|healthy|down|running|alive|working) [now|right now|again] $',
    reply: `{snapshot.service_health.said.<service>}. ${asOf}`,
    category: 'services',
    description: 'one watched service, by the name of its probe',
  },
  {
    pattern: '(status of|how is|hows|check) [the] <service> [doing|now] $',
    reply: `{snapshot.service_health.said.<service>}. ${asOf}`,
    category: 'services',
    description: 'the same, asked the other way',
  },
  {
    pattern: '(is|are) [the] daemon <daemon> (up|ok|okay|running|alive|down) $',
    reply: `{snapshot.daemon_health.said.<daemon>}. ${asOf}`,
    category: 'daemons',
    description: 'one daemon, by its name',
  },
  {
    pattern:
      '(what (failed|broke|went wrong|has failed|is failing|is broken|is wrong)|whats (failing|broken|wrong)|any (failures|errors|problems)|anything (failing|broken|wrong)) [today|lately|recently|overnight|last night|now] $',
    reply: `Alerts: {snapshot.alerts.summary}. Tickets: {snapshot.tickets.failures}. Schedule: {snapshot.schedule.summary}. ${asOf}`,
    category: 'failures',
    description: 'open incidents, failed tickets, tasks that are late',
  },
  {
    pattern:
      '[are there] [what is|what are|whats|show|list|any|how many] [me] [the] [open|active|current|new] (alerts|incidents|alarms) [are] [open|active|there] [now] $',
    reply: `{snapshot.alerts.summary}. ${asOf}`,
    category: 'alerts',
    description: 'open incidents',
  },
  {
    pattern:
      '(cost|costs|spend|spending|budget|how much (did|have|has|do|does) (you|we|it|i|kora) (cost|spend|spent|used)|what (did|have|has|do|does) (you|we|it|kora) (cost|spend|spent)|what is the (cost|spend|budget)|whats the (cost|spend|budget)) [so far] [today|this month|now] $',
    reply: `\${snapshot.cost_ladder.spent_to_date_usd} of \${snapshot.cost_ladder.credit_pool_usd} this month ({snapshot.cost_ladder.monthly_budget_pct_used} %), rung {snapshot.cost_ladder.rung}. \${snapshot.cost_telemetry.rolling_24h.spent_usd} in the last 24 hours. ${asOf}`,
    category: 'cost',
    description: 'what models cost this month and in the last day',
  },
  {
    pattern:
      '(how much (budget|money) is left|what is left of the (budget|pool)|whats left of the (budget|pool)|remaining budget|budget left) [this month|now] $',
    reply: `\${snapshot.cost_ladder.remaining_usd} until {snapshot.cost_ladder.period_ends_at}; \${snapshot.cost_ladder.reserved_usd} of the rest is reserved. ${asOf}`,
    category: 'cost',
    description: 'what is left of the pool',
  },
  {
    pattern: '(what|which) (rung|tier|model tier) [are we|are you|is it] [on|at|in] [now] $',
    reply: `rung {snapshot.cost_ladder.rung}, models: {snapshot.cost_ladder.effective_tier}. ${asOf}`,
    category: 'cost',
    description: 'the rung of the spend ladder and what it leaves',
  },
  {
    pattern:
      '[how many] [what is|what are|whats|show|list] [me] [the|my] [open|current] (tickets|tasks|work|jobs|queue|backlog) [are] [open|there|left|queued|waiting|in progress] [now] $',
    reply: `{snapshot.tickets.summary}. ${asOf}`,
    category: 'tickets',
    description: 'how much work there is',
  },
  {
    pattern:
      '(what are you (doing|working on)|what are you up to|are you busy|are you working) [now|right now] $',
    reply: `{snapshot.operational_state.primary}: {snapshot.tickets.in_progress} tickets in progress, {snapshot.tickets.queued} queued. ${asOf}`,
    category: 'tickets',
    description: 'whether it works now, and on how much',
  },
  {
    pattern:
      '(which|what|any|how many) tickets [are|have|that] (failed|failing|blocked|stuck) [now|today|lately] $',
    reply: `{snapshot.tickets.failures}. {snapshot.waiting.blocked_tickets} blocked. ${asOf}`,
    category: 'tickets',
    description: 'failed and blocked tickets',
  },
  {
    pattern:
      '(what runs next|what is next|whats next|what is (scheduled|due) [next]|whats (scheduled|due) [next]|next (task|run)|what happens next) [now] $',
    reply: `{snapshot.schedule.summary}; {snapshot.tickets.queued} tickets are queued. ${asOf}`,
    category: 'schedule',
    description: 'the next task, and what is late',
  },
  {
    pattern:
      '(what (waits|is waiting) [for me|on me]|whats waiting [for me|on me]|what do you need [from me]|do you need (me|anything) [from me]|any approvals|what needs (me|my attention)|anything for me) [now|today] $',
    reply: `{snapshot.waiting.summary}. ${asOf}`,
    category: 'waiting',
    description: 'approvals, blocked tickets and incidents that wait for the operator',
  },
  {
    pattern:
      '(are you (paused|stopped|held)|why are you (paused|stopped|held|not working)|why (is it|is kora) paused|is anything (paused|held)) [now] $',
    reply: `{snapshot.operational_state.summary}; claims: {snapshot.operational_state.claim_permission}. ${asOf}`,
    category: 'state',
    description: 'whether work is held, and why',
  },
  {
    pattern:
      '(uptime|how long (are|have) you (up|been up|been running|running)|when (did|were) you (start|started|boot|booted|restart|restarted)) [now] $',
    reply: `up {snapshot.daemon_health.uptime}, since {snapshot.daemon_health.boot_at}.`,
    category: 'health',
    description: 'since when this process runs',
  },
  {
    pattern:
      '(version|what version [are you|is this|is running]|which version [are you|is this|is running]|what is your version|whats your version) $',
    reply: 'Kora {snapshot.daemon_health.version}.',
    category: 'identity',
    description: 'the version that runs',
  },
  {
    pattern: '(who are you|what is your name|whats your name|who is this|who am i talking to) $',
    reply:
      '{snapshot.identity.agent_name} {snapshot.identity.agent_version}, identity {snapshot.identity.name}.',
    category: 'identity',
    description: 'who speaks',
  },
  {
    pattern: '[is] [the] (chain|event log|log) (ok|okay|intact|verified|valid|status|healthy) $',
    reply: `{snapshot.chain.summary}. ${asOf}`,
    category: 'chain',
    description: 'whether the event log proves',
  },
  {
    pattern: '(help|what can i ask [you]|what can you answer|what do you know) $',
    reply:
      'At no cost: status, health, is SERVICE up, what failed, alerts, cost, budget left, tickets, what runs next, what waits for me, why are you paused, uptime, version, who are you. All of them: kora phrasebook list',
    category: 'help',
    description: 'what is answered for nothing',
  },
];
