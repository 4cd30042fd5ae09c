import { must } from '@sheetflow/core/assert'
import type { PageCache } from './page-cache.ts'

const DATABASE = 'sheetflow'
const STORE = 'pages'

/** The browser's IndexedDB as page cache. Whatever goes wrong with it (private windows, full disks) is as if nothing had been kept. */
export function indexedDbCache(factory: IDBFactory = indexedDB): PageCache {
  let opened: Promise<IDBDatabase> | undefined
  const database = (): Promise<IDBDatabase> => (opened ??= open(factory))
  return {
    load: async (page) => {
      try {
        const value: unknown = await settled((await database()).transaction(STORE).objectStore(STORE).get(page))
        return typeof value === 'string' ? value : null
      } catch {
        return null
      }
    },
    save: async (page, json) => {
      try {
        await settled((await database()).transaction(STORE, 'readwrite').objectStore(STORE).put(json, page))
      } catch {
        // Nothing is lost but the offline picture.
      }
    },
  }
}

function open(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(DATABASE, 1)
  request.onupgradeneeded = () => request.result.createObjectStore(STORE)
  return settled(request)
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(must(request.error, 'a request that failed says why'))
  })
}
