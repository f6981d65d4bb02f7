import { join } from 'node:path';
import { admissionEvents } from './admission/index.ts';
import { alertEvents } from './alert/index.ts';
import { artifactEvents } from './artifact/index.ts';
import { bootEvents } from './boot/index.ts';
import { capabilityEvents } from './capability/index.ts';
import { Chain, Vocabulary } from './chain/index.ts';
import { verifierOf } from './chain-verification.ts';
import { checkpointsOf } from './checkpoints.ts';
import { controlEvents } from './control/index.ts';
import { daemonEvents } from './daemon/index.ts';
import { fixEvents } from './fix/index.ts';
import type { Ground } from './ground.ts';
import { healthEvents } from './health/index.ts';
import { homeFiles } from './home/index.ts';
import { identityEvents } from './identity/index.ts';
import { messageEvents } from './message/index.ts';
import { operatorEvents, pluginEvents } from './plugin/index.ts';
import { probeEvents } from './probe/index.ts';
import { promotionEvents } from './promotion/index.ts';
import { reasonEvents } from './reason/index.ts';
import type { Rooms } from './rooms.ts';
import { runtimeEvents } from './runtime-events.ts';
import { spendEvents } from './spend/index.ts';
import { sessionEvents } from './session/index.ts';
import { stateEvents } from './state/index.ts';
import type { Database } from './store/index.ts';
import { mcpEvents } from './mcp/index.ts';
import { remoteEvents, ticketEvents } from './ticket/index.ts';
import { koraActor } from './workspace/index.ts';
import type { Workspace } from './workspace/index.ts';

/** The event log of the workspace: every word declared, sealing begun, signed and proved as it grows. */
export async function openChain(
  ground: Ground,
  database: Database,
  workspace: Workspace,
): Promise<Pick<Rooms, 'chain' | 'vocabulary' | 'checkpoints' | 'verifier'>> {
  const { clock, home, onError, configuration, scope } = ground;
  const { workspaceId } = workspace;
  const vocabulary = new Vocabulary({ secrets: () => ground.secrets.list() });
  // Opened before the chain and so closed after it: the last checkpoint covers the last word.
  const notary = scope.child('checkpoints');
  const chain = new Chain({
    database,
    owner: { workspaceId, runtimeId: home.runtimeId, sessionId: clock.uuid(), actorId: koraActor },
    vocabulary,
    clock,
    scope: scope.child('chain'),
    spool: { path: join(home.directory, homeFiles.spool, `${workspace.name}.ndjson`) },
    connections: configuration.config.store.connections,
    onError,
  });
  await chain.declare('kora', words);
  await chain.start();
  const checkpoints = await checkpointsOf(ground, { database, workspace, chain, vocabulary });
  const sealing = chain.onSealed((seq) => checkpoints.sealed(seq));
  notary.add('seals', () => sealing[Symbol.dispose]());
  await checkpoints.start(notary);
  const verifier = verifierOf(ground, { database, workspace, chain, checkpoints });
  return { chain, vocabulary, checkpoints, verifier };
}

/** What the runtime itself says on the chain, room by room. */
const words = [
  runtimeEvents,
  stateEvents,
  controlEvents,
  bootEvents,
  daemonEvents,
  ticketEvents,
  remoteEvents,
  messageEvents,
  artifactEvents,
  probeEvents,
  fixEvents,
  admissionEvents,
  identityEvents,
  pluginEvents,
  operatorEvents,
  healthEvents,
  capabilityEvents,
  mcpEvents,
  sessionEvents,
  spendEvents,
  // Rooms whose words stand before they do: what a newer runtime of the workspace raises is no stranger here.
  alertEvents,
  promotionEvents,
  reasonEvents,
].flat();
