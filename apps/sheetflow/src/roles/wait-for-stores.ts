import { isSheetflowError } from '@sheetflow/core/errors'
import { systemClock } from '../ops/system-clock.ts'
import type { ReadableViewStore } from '@sheetflow/core/ports/view-store'
import type { StoreDriver } from '../drivers/store/store-driver.ts'
import { storeDriver } from '../registry.ts'
import type { RoleContext } from '../runtime/role.ts'

const POLL_MS = 20

/** All stores, open for reading. */
export interface OpenStores extends AsyncDisposable {
  readonly all: Readonly<Record<string, ReadableViewStore>>
}

/** Opens every configured store for reading; at the very first start it waits until their writer has made them. */
export async function waitForStores(context: RoleContext): Promise<OpenStores> {
  const all: Record<string, ReadableViewStore> = {}
  for (const name of Object.keys(context.config.stores)) all[name] = await waitFor(context, await storeDriver(context, name))
  return {
    all,
    [Symbol.asyncDispose]: async () => {
      for (const store of Object.values(all)) await store[Symbol.asyncDispose]()
    },
  }
}

async function waitFor({ signal }: RoleContext, store: StoreDriver): Promise<ReadableViewStore> {
  for (;;) {
    try {
      return await store.openForReading()
    } catch (error) {
      if (!isSheetflowError(error, 'store/unavailable') || signal.aborted) throw error
      await systemClock.sleep(POLL_MS, signal)
    }
  }
}
