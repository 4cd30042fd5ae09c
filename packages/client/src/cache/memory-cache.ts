import type { PageCache } from './page-cache.ts'

/** A cache that lives as long as the program: for Node, and for pages that shall leave nothing behind. */
export function memoryCache(): PageCache {
  const pages = new Map<string, string>()
  return {
    load: (page) => Promise.resolve(pages.get(page) ?? null),
    save: (page, json) => {
      pages.set(page, json)
      return Promise.resolve()
    },
  }
}
