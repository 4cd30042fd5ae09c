import { describe, it } from 'vitest'
import { APART_CASES } from './view-store-apart-cases.ts'
import { APPLY_CASES } from './view-store-apply-cases.ts'
import { BOUND_CASES } from './view-store-bound-cases.ts'
import type { MakeViewStoreLab } from './view-store-lab.ts'
import { QUERY_CASES } from './view-store-query-cases.ts'
import { REMOTE_CASES } from './view-store-remote-cases.ts'

/** Gaps of a driver: name of the case → reason. A gap that has closed fails. */
export interface ViewStoreKitOptions {
  readonly knownGaps?: Readonly<Record<string, string>>
}

/** Runs every guarantee of the port `ViewStore` against a driver. */
export function describeViewStore(name: string, make: MakeViewStoreLab, options: ViewStoreKitOptions = {}): void {
  describe(`view store: ${name}`, () => {
    for (const { name: title, run } of [...APPLY_CASES, ...APART_CASES, ...QUERY_CASES, ...BOUND_CASES, ...REMOTE_CASES]) {
      const test = options.knownGaps?.[title] === undefined ? it : it.fails
      test(title, async () => {
        await using lab = await make()
        await run(lab)
      })
    }
  })
}
