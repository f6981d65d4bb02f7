import { definePlugin } from '@kora/runtime/plugin';
import type { Plugin } from '@kora/runtime/plugin';
import { alertWake } from './alerts/alert-wake.ts';
import { alertInvestigator } from './alerts/investigate.ts';
import { canaryTasks } from './canary/tasks.ts';
import { configSchema } from './config.ts';
import { ownEvents } from './events.ts';
import { fixEnvelopes, flyCapability } from './fixes/index.ts';
import { investigator } from './investigate.ts';
import { ruleRung } from './investigate/rules-rung.ts';
import { ownerOf } from './owner.ts';
import { probeWake } from './probe-wake.ts';
import { probeSpecs } from './specs.ts';

const plugin: Plugin = definePlugin({
  id: 'probes',
  config: configSchema,
  async register(context) {
    await context.registerEventTypes(ownEvents);
    await context.registerTicketHandler(investigator(context, ruleRung(context)));
    await context.registerTicketHandler(alertInvestigator(context));
    const secret = (name: string) => context.secret(name);
    const specs = await probeSpecs(context.config, { clock: context.clock, secret });
    const fixes = fixEnvelopes(context.config, context);
    if (fixes.some(({ capability }) => capability === flyCapability.id))
      await context.registerCapability(flyCapability);
    const heartbeat = ownerOf('heartbeat_probes', async (keep) => {
      for (const spec of specs) keep(await context.registerProbe(spec));
      for (const fix of fixes) keep(await context.registerFix(fix));
    });
    for (const owner of [probeWake(context), alertWake(context), heartbeat]) {
      await owner.startup();
      await context.registerBackgroundDaemon(owner);
    }
    for (const task of canaryTasks(context, context.clock.now())) await context.registerPeriodicTask(task);
  },
});

export default plugin;
