import { type ReactNode, useState } from 'react';
import { useServerNow } from '../../store/use.ts';
import { jumpOf, lookAtChain, seqAt } from './jump.ts';

interface JumpProps {
  readonly head: number;
  readonly onJump: (seq: number) => void;
}

/** To an event by its sequence, or to the first one at or after a time. */
export function Jump({ head, onJump }: JumpProps): ReactNode {
  const [text, setText] = useState('');
  const [said, setSaid] = useState('');
  const now = useServerNow();
  const go = async (): Promise<void> => {
    const to = jumpOf(text, now);
    if (to === null) return setSaid('a number or a time, such as 48219 or 12:04');
    if ('seq' in to) return done(to.seq);
    setSaid('looking…');
    const found = await seqAt(to.time, head, lookAtChain);
    if (found === null) setSaid('no event is so late');
    else done(found);
  };
  const done = (seq: number): void => {
    setSaid('');
    setText('');
    onJump(seq);
  };
  return (
    <form
      className="flex items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <label className="flex items-center gap-1.5">
        <span className="text-xs text-dim">Jump to</span>
        <input
          value={text}
          placeholder="# or time"
          autoComplete="off"
          onChange={(event) => setText(event.currentTarget.value)}
          className="h-8 w-32 rounded-sm border border-line-strong bg-surface px-2 placeholder:text-dim"
        />
      </label>
      <span role="status" className="text-xs text-dim">
        {said}
      </span>
    </form>
  );
}
