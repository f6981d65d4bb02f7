import { callDoors } from './admission/index.ts';
import type { Admission, CallAnswer, CallDoor, DoorContexts, HeldClaim } from './admission/index.ts';
import type { HouseServices, PluginOwner } from './plugin/index.ts';
import type { Spend } from './spend/index.ts';
import type { TicketWorker } from './ticket/index.ts';

export interface CallRooms {
  readonly admission: Pick<Admission, 'admit' | 'redeem'>;
  readonly worker: Pick<TicketWorker, 'claimOf'>;
  readonly spend: Pick<Spend, 'settle'>;
}

/**
 * What one plugin may ask at the door. Its name and the names of its calls are stamped here, by where the question came
 * from, and a claim counts only where it is held: nothing that a plugin calls itself, its call or its tool lends it anything.
 */
export function callsOf(
  { admission, worker, spend }: CallRooms,
  owner: PluginOwner,
  handles: (kind: string) => boolean,
): Pick<HouseServices, 'admit' | 'settle'> {
  const claimFor = (named: HeldClaim | undefined): HeldClaim | undefined => {
    const claim = named === undefined ? undefined : worker.claimOf(named.ticketId);
    // A ticket in another's hands is not this plugin's work, and neither is one that was taken from it and claimed again.
    return claim === undefined || claim.fence !== named?.fence || !handles(claim.kind) ? undefined : claim;
  };
  return {
    admit: async ({ door: asked, ...words }): Promise<CallAnswer> => {
      // Plugins come from JavaScript too: the runtime's own doors are none of theirs.
      const door = callDoors.find((each) => each === asked) ?? ('none of a plugin' as CallDoor);
      const callId = `${owner.id}:${words.callId}`;
      // What is critical, and for which question a call is made, is the runtime's to say.
      const unsaid = { critical: undefined, runId: undefined };
      const stamps = { ...unsaid, caller: owner.id, callId, claim: claimFor(words.claim), to: 'others' };
      const leave = await admission.admit(door, { ...words, ...stamps } as DoorContexts[CallDoor]);
      if (!leave.allow) return leave;
      // The deed is the plugin's, out of our sight: this is the last moment there is on our side.
      admission.redeem(leave.pass, door);
      return { allow: true };
    },
    settle: async (callId, { costMicroUsd, usage, model }) => {
      await spend.settle({ callId: `${owner.id}:${callId}`, caller: owner.id, costMicroUsd, usage, model });
    },
  };
}
