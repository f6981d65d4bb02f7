import type { ReactNode } from 'react';
import { type Block, blocksOf, type Inline } from './markdown-text.ts';
import { plain } from './plain.ts';

/** What a model wrote, as text: a subset of Markdown, without HTML, pictures or links that can be followed. */
export function Markdown({ children }: { readonly children: string }): ReactNode {
  return (
    <div className="max-w-[80ch] space-y-2 wrap-anywhere">
      {blocksOf(children).map((block, place) => (
        // oxlint-disable-next-line react/no-array-index-key -- a text has no other name for its parts than their place
        <BlockOf key={place} block={block} />
      ))}
    </div>
  );
}

function BlockOf({ block }: { readonly block: Block }): ReactNode {
  switch (block.kind) {
    case 'heading':
      // No heading of the page: a stranger does not write into its outline.
      return (
        <p className="font-semibold">
          <Runs text={block.text} />
        </p>
      );
    case 'code':
      return (
        <pre
          tabIndex={0}
          role="group"
          aria-label="Code"
          className="overflow-x-auto rounded-sm bg-raised p-2 font-mono text-xs"
        >
          {plain(block.text)}
        </pre>
      );
    case 'quote':
      return (
        <blockquote className="border-l-4 border-line-strong pl-3 whitespace-pre-wrap text-dim">
          <Runs text={block.text} />
        </blockquote>
      );
    case 'list':
      return <List ordered={block.ordered} items={block.items} />;
    case 'paragraph':
      return (
        <p className="whitespace-pre-wrap">
          <Runs text={block.text} />
        </p>
      );
  }
}

interface ListProps {
  readonly ordered: boolean;
  readonly items: readonly (readonly Inline[])[];
}

function List({ ordered, items }: ListProps): ReactNode {
  const Kind = ordered ? 'ol' : 'ul';
  return (
    <Kind className={`space-y-0.5 pl-6 ${ordered ? 'list-decimal' : 'list-disc'}`}>
      {items.map((item, place) => (
        // oxlint-disable-next-line react/no-array-index-key -- a text has no other name for its parts than their place
        <li key={place}>
          <Runs text={item} />
        </li>
      ))}
    </Kind>
  );
}

function Runs({ text }: { readonly text: readonly Inline[] }): ReactNode {
  return text.map((run, place) => (
    // oxlint-disable-next-line react/no-array-index-key -- a text has no other name for its parts than their place
    <Run key={place} run={run} />
  ));
}

function Run({ run }: { readonly run: Inline }): ReactNode {
  switch (run.kind) {
    case 'code':
      return <code className="rounded-sm bg-raised px-1 font-mono text-xs">{plain(run.text)}</code>;
    case 'strong':
      return <strong className="font-semibold">{plain(run.text)}</strong>;
    case 'emphasis':
      return <em>{plain(run.text)}</em>;
    case 'link':
      return (
        <span>
          {plain(run.text)} <span className="font-mono text-xs text-dim">({plain(run.host)})</span>
        </span>
      );
    case 'text':
      return plain(run.text);
  }
}
