import { describe, it } from 'vitest'
import { viewStoreApplyCases } from './view-store-apply-cases.ts'
import type { MakeViewStoreLab, ViewStoreLab } from './view-store-lab.ts'
import { viewStoreQueryCases } from './view-store-query-cases.ts'
import { viewStoreRemoteCases } from './view-store-remote-cases.ts'

/** A guarantee of the port as a test. */
export interface ViewStoreCase {
  readonly name: string
  readonly run: (lab: ViewStoreLab) => Promise<void>
}

/** Gaps of a driver: name of the case → reason. A gap that has closed fails. */
export interface ViewStoreKitOptions {
  readonly knownGaps?: Readonly<Record<string, string>>
}

/** Runs every guarantee of the port `ViewStore` against a driver. */
export function describeViewStore(name: string, make: MakeViewStoreLab, options: ViewStoreKitOptions = {}): void {
  describe(`view store: ${name}`, () => {
    for (const { name: title, run } of [...viewStoreApplyCases(), ...viewStoreQueryCases(), ...viewStoreRemoteCases()]) {
      const test = options.knownGaps?.[title] === undefined ? it : it.fails
      test(title, async () => {
        await using lab = await make()
        await run(lab)
      })
    }
  })
}
