/** Something a package should change, or that would keep it from loading. */
export interface PackageFinding {
  /** `entry/missing`: stable, for suppressions and reports. */
  readonly id: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** Relative to the package. */
  readonly path: string;
  readonly hint: string | null;
}
