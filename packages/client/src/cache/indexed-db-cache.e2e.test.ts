import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { PageCache } from './page-cache.ts'

/** What the page of this test has. */
interface CacheWindow {
  readonly cache: PageCache
  readonly brokenCache: PageCache
}

let browser: Browser
let server: Server
let page: Page
let url: string

beforeAll(async () => {
  const contents = `import { indexedDbCache } from './indexed-db-cache.ts'
    globalThis.cache = indexedDbCache()
    globalThis.brokenCache = indexedDbCache({ open() { throw new Error('no') } })`
  const bundled = await build({
    stdin: { contents, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    conditions: ['source', 'browser'],
  })
  const html = `<!doctype html><script>${(bundled.outputFiles[0]?.text ?? '').replaceAll('</script', String.raw`<\/script`)}</script>`
  // IndexedDB belongs to an origin, so the page comes from one.
  server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  browser = await chromium.launch({ executablePath: process.env['SHEETFLOW_BROWSER'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
  page = await browser.newPage()
})

afterAll(async () => {
  await browser.close()
  server.close()
})

beforeEach(() => page.goto(url))

describe('the page cache in IndexedDB', () => {
  test('keeps one JSON text a page, over reloads', async () => {
    const before = await page.evaluate(() => (globalThis as unknown as CacheWindow).cache.load('a'))
    expect(before).toBeNull()
    await page.evaluate(async () => {
      const { cache } = globalThis as unknown as CacheWindow
      await cache.save('a', '{"old":1}')
      await cache.save('a', '{"rows":["\u{1F600}"]}')
      await cache.save('b', '{}')
    })
    await page.goto(url)
    const after = await page.evaluate(async () => {
      const { cache } = globalThis as unknown as CacheWindow
      return [await cache.load('a'), await cache.load('b'), await cache.load('c')]
    })
    expect(after).toEqual(['{"rows":["\u{1F600}"]}', '{}', null])
  })

  test('what goes wrong with it is as if nothing had been kept', async () => {
    const loaded = await page.evaluate(async () => {
      const { brokenCache } = globalThis as unknown as CacheWindow
      await brokenCache.save('a', '{}')
      return brokenCache.load('a')
    })
    expect(loaded).toBeNull()
  })

  test('a big page is kept whole', async () => {
    const chars = await page.evaluate(async () => {
      const { cache } = globalThis as unknown as CacheWindow
      await cache.save('big', JSON.stringify('x'.repeat(5_000_000)))
      return (await cache.load('big'))?.length
    })
    expect(chars).toBe(5_000_002)
  })
})
