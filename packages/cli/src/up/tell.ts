import type { Context } from '../context.ts';
import { messageLines } from '../output/message.ts';
import { plain, tint } from '../output/style.ts';
import { clock } from '../output/time.ts';
import type { StartOptions, ToldTransition } from '../runtime.ts';

type Told = Required<Pick<StartOptions, 'onProgress' | 'onMessage' | 'onState'>>;

/** What the terminal shows while the runtime runs: its progress, its state and its messages, all on stderr. */
export function tell({ host, out }: Context): Told {
  const style = out.aside;
  return {
    onProgress: (line) => out.note(style.dim(`  ${plain(line)}`)),
    onMessage: (message) => out.note(messageLines(message, style, host.now()).join('\n')),
    onState: (transition) => {
      if (isRoutine(transition)) return;
      const { from, primaryState, trigger, note } = transition;
      const change = `${plain(from)} -> ${tint(style, plain(primaryState))}`;
      const head = `${style.dim(clock(host.now()))}  ${style.dim('state   ')}`;
      out.note(`${head}  ${change}  ${style.dim(plain(note ?? trigger))}`);
    },
  };
}

/** Work begins and ends all day; the terminal stays calm about it. */
function isRoutine({ from, primaryState }: ToldTransition): boolean {
  return [from, primaryState].every((state) => state === 'ready' || state === 'active');
}
