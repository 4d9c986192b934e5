/** The two domains of the paper: `target` (ads) and `source` (news). The configuration maps topics and files to them. */
export type Domain = 'target' | 'source';

/** Numeric form used in batches and by the discriminators: target 1, source 0 (paper, section 3.1). */
export const DOMAIN_CODE = { target: 1, source: 0 } as const satisfies Record<Domain, number>;

export const DOMAINS: readonly Domain[] = ['target', 'source'];

export function domainOf(code: number): Domain {
  return code === DOMAIN_CODE.target ? 'target' : 'source';
}
