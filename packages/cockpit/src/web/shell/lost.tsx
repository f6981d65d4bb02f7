import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Page } from './page.tsx';

/** An address that names nothing. */
export function Lost(): ReactNode {
  return (
    <Page title="Nothing here">
      <p>
        No panel has this address.{' '}
        <Link href="/" className="text-active underline">
          To the overview
        </Link>
      </p>
    </Page>
  );
}
