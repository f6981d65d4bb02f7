import { Search } from 'lucide-react';
import { type ReactNode, useContext, useEffect, useRef } from 'react';
import { plainTitle } from '../kit/plain.ts';
import { PeekContext } from './peeked.ts';
import { useTabTitle } from './tab.ts';

interface PageProps {
  readonly title: string;
  /** The title is for the ear alone: the first panel says it better. */
  readonly quiet?: boolean;
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}

let navigated = false;

/** One page: its heading, its tools, its panels. Takes the focus when it follows another page; in a peek it is a part. */
export function Page(props: PageProps): ReactNode {
  return useContext(PeekContext) ? <PeekedPage {...props} /> : <WholePage {...props} />;
}

function PeekedPage({ title, tools, children }: PageProps): ReactNode {
  return (
    <div className="flex flex-col gap-3 p-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <h2 className="min-w-0 text-base font-semibold wrap-anywhere">{plainTitle(title)}</h2>
        {tools}
      </div>
      {children}
    </div>
  );
}

function WholePage({ title, quiet = false, tools, children }: PageProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useTabTitle(plainTitle(title));
  useEffect(() => {
    if (navigated) heading.current?.focus({ preventScroll: true });
    navigated = true;
    scrollTo({ top: 0 });
  }, []);
  return (
    <div className="mx-auto flex w-full max-w-[1680px] flex-col gap-4 p-4">
      <div className={`flex min-h-8 flex-wrap items-center gap-x-4 gap-y-2 ${quiet ? 'sr-only' : ''}`}>
        <h1 ref={heading} tabIndex={-1} className="min-w-0 text-xl font-semibold wrap-anywhere outline-none">
          {plainTitle(title)}
        </h1>
        {tools}
      </div>
      {children}
    </div>
  );
}

interface FilterBoxProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** The page's filter, reached with `/`. Escape empties it. */
export function FilterBox({ label, value, onChange }: FilterBoxProps): ReactNode {
  return (
    <label className="relative flex w-full items-center sm:ml-auto sm:w-64">
      <span className="sr-only">{label}</span>
      <Search size={14} aria-hidden="true" className="absolute left-2.5 text-dim" />
      <input
        data-key="filter"
        type="search"
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          onChange('');
          event.currentTarget.blur();
        }}
        className="h-8 w-full rounded-sm border border-line-strong bg-surface pr-2 pl-8 placeholder:text-dim"
      />
    </label>
  );
}
