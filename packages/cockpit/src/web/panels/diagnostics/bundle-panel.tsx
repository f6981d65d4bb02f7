import { type ReactNode, useId, useRef, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { useLink } from '../../store/use.ts';
import { saveText } from '../cost/save.ts';
import { bundleOf, type Diagnostics } from './bundle.ts';

/** The bundle as it would be handed on: read it, copy it, keep it. */
export function Bundle({ data }: { readonly data: Diagnostics }): ReactNode {
  const link = useLink().verdict;
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [said, say] = useState('');
  const text = bundleOf(data, {
    browser: navigator.userAgent,
    width: globalThis.innerWidth,
    height: globalThis.innerHeight,
    link,
  });
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      say('Copied.');
    } catch {
      area.current?.select();
      say('This browser does not let a page copy: it is selected, press Ctrl C.');
    }
  };
  return (
    <div className="space-y-2 px-3 py-3">
      <div className="flex flex-wrap items-center gap-2">
        <Button look="main" onClick={() => void copy()}>
          Copy
        </Button>
        <Button onClick={() => saveText('kora-diagnostics.md', 'text/markdown', text)}>Save as a file</Button>
        <span role="status" className="text-dim">
          {said}
        </span>
      </div>
      <label htmlFor={id} className="block text-xs text-dim">
        This is what is handed on, and no secret is in it. Read it before you do.
      </label>
      <textarea
        id={id}
        ref={area}
        readOnly
        value={text}
        rows={16}
        spellCheck={false}
        className="w-full rounded-sm border border-line-strong bg-raised p-2 font-mono text-xs"
      />
    </div>
  );
}
