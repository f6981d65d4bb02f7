import { Check, Copy } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';

const thanksMs = 1_600;

/**
 * The command that does what this page only shows, ready to be copied. What is left to be written shows as `…` and is
 * copied as nothing, so that a forgotten reason is refused instead of kept for good.
 */
export function Command({
  children,
  wide = false,
}: {
  readonly children: string;
  readonly wide?: boolean;
}): ReactNode {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), thanksMs);
    return () => clearTimeout(timer);
  }, [copied]);
  const Icon = copied ? Check : Copy;
  return (
    <span
      className={`inline-flex max-w-full items-center gap-0.5 rounded-sm bg-raised pl-2 font-mono text-xs ${wide ? 'h-9 text-sm' : 'h-6'}`}
    >
      <code className="truncate" title={children}>
        {children}
      </code>
      <button
        type="button"
        aria-label={copied ? 'Copied' : `Copy: ${children}`}
        className="grid size-6 shrink-0 place-items-center rounded-sm text-dim hover:text-ink"
        onClick={() => void copy(children.replaceAll('…', '')).then(setCopied)}
      >
        <Icon size={13} aria-hidden="true" />
      </button>
    </span>
  );
}

/** False where the browser refuses: the text stays there to be selected. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
