import { Component, type ReactNode } from 'react';
import { Button } from '../kit/button.tsx';
import { plain } from '../kit/plain.ts';

interface GuardedProps {
  /** Another one begins anew: the path of the page. */
  readonly about: string;
  readonly children: ReactNode;
}

interface GuardedState {
  readonly about: string;
  readonly broken: string | null;
}

/** A page that cannot be drawn, or whose code does not come, does not take the bar and the stop along with it. */
export class Guarded extends Component<GuardedProps, GuardedState> {
  override state: GuardedState = { about: this.props.about, broken: null };

  static getDerivedStateFromError(error: unknown): Partial<GuardedState> {
    return { broken: error instanceof Error ? error.message : String(error) };
  }

  static getDerivedStateFromProps({ about }: GuardedProps, state: GuardedState): GuardedState {
    return about === state.about ? state : { about, broken: null };
  }

  override render(): ReactNode {
    const { broken } = this.state;
    if (broken === null) return this.props.children;
    return (
      <section role="alert" className="m-4 space-y-3 rounded-md border border-stopped bg-surface p-4">
        <p className="font-semibold text-stopped">This part of the page cannot be drawn.</p>
        <p className="wrap-anywhere">{plain(broken)}</p>
        <p className="text-dim">The runtime goes on; after an update the page must be loaded again.</p>
        <Button onClick={() => location.reload()}>Reload</Button>
      </section>
    );
  }
}
