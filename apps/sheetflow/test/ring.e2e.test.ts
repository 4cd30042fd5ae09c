import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { RunningShop, type ReadyEvent } from './running-shop.ts'

/** A busy machine may take its time; what is right comes sooner or later, what is wrong never. */
const PATIENT = { timeout: 90_000 }

const ROWS = '.orders tbody tr:not([data-sf-gone])'

let shop: RunningShop
let ready: ReadyEvent
let browser: Browser
let pages: Page[]
let failures: string[]

beforeAll(async () => {
  shop = await RunningShop.create()
  // A page whose files the test hands in has no address, and the browser would not let it speak to this machine.
  const args = ['--no-sandbox', '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets']
  browser = await chromium.launch({ executablePath: process.env['SHEETFLOW_BROWSER'] ?? '/usr/bin/chromium', args })
  ready = await shop.start(0)
}, 120_000)

afterAll(async () => {
  await browser.close()
  await shop[Symbol.asyncDispose]()
}, 120_000)

beforeEach(() => {
  pages = []
  failures = []
})

afterEach(async () => {
  for (const page of pages) await page.close()
  expect(failures).toEqual([])
})

async function open(from: Browser | BrowserContext = browser): Promise<Page> {
  const page = await from.newPage()
  pages.push(page)
  page.on('pageerror', (error) => failures.push(String(error)))
  await page.goto(ready.urls.page)
  await expect.poll(() => stateOf(page), PATIENT).toBe('live')
  return page
}

function stateOf(page: Page): Promise<string | null> {
  return page.getAttribute('sf-status', 'data-state')
}

function cells(page: Page, column: number): Promise<string[]> {
  return page.$$eval(`${ROWS} td:nth-child(${column})`, (all) => all.map((cell) => cell.textContent ?? ''))
}

/** The number that counts, as it is shown. */
async function openCount(page: Page): Promise<number> {
  return Number((await page.textContent('sf-value[path="sales_values.open_count"]'))?.replaceAll(',', ''))
}

/** What the database says that the page should show. */
async function truth(): Promise<{ readonly ids: string[]; readonly count: number }> {
  const rows = await shop.sql("select id from orders where status = 'open' order by placed_at desc, id limit 20")
  const [counted] = await shop.sql("select count(*)::int as n from orders where status = 'open'")
  return { ids: rows.map((row) => String(row['id'])), count: Number(counted?.['n']) }
}

async function placeOrder(total: string): Promise<string> {
  const [row] = await shop.sql(
    'insert into orders (customer_id, total, tenant) select id, $1::numeric, tenant from customers order by id limit 1 returning id',
    [total],
  )
  return String(row?.['id'])
}

async function shows(page: Page): Promise<{ readonly ids: string[]; readonly count: number }> {
  return { ids: await cells(page, 1), count: await openCount(page) }
}

const PAGE_FILES = new Map<string, { readonly body: Buffer; readonly contentType: string }>()

/** From now on the page's own files come without the server: as from another host, or out of the browser's cache. */
async function keepPageFiles(page: Page): Promise<void> {
  for (const name of PAGE_FILES.size === 0 ? ['', 'page.js', 'style.css', 'icon.svg'] : []) {
    const url = new URL(name, ready.urls.page)
    const answer = await fetch(url)
    PAGE_FILES.set(url.pathname, { body: Buffer.from(await answer.arrayBuffer()), contentType: answer.headers.get('content-type') ?? '' })
  }
  await page.route('**/*', async (route) => {
    const file = PAGE_FILES.get(new URL(route.request().url()).pathname)
    await (file === undefined ? route.fallback() : route.fulfill(file))
  })
}

/** How many pages the browser keeps. */
function countKept(): Promise<number> {
  return new Promise((resolve) => {
    const opening = indexedDB.open('sheetflow')
    opening.onsuccess = () => {
      const counting = opening.result.transaction('pages').objectStore('pages').count()
      counting.onsuccess = () => {
        opening.result.close()
        resolve(counting.result)
      }
    }
  })
}

describe('the ring, from a row in Postgres to a page and back', () => {
  test('two windows show what the database holds, and follow it', async () => {
    const windows = [await open(), await open()]
    for (const page of windows) await expect.poll(() => shows(page), PATIENT).toEqual(await truth())
    const id = await placeOrder('1234.50')
    for (const page of windows) {
      await expect.poll(() => cells(page, 1), PATIENT).toContain(id)
      await expect.poll(() => page.textContent(`${ROWS}:has-text("${id}") td:nth-child(4)`), PATIENT).toBe('1,234.50')
      // GROSS is a function of the workbook: 23 % on top.
      expect(await page.textContent(`${ROWS}:has-text("${id}") td:nth-child(5)`)).toBe('1,518.44')
    }
    await shop.sql("update orders set status = 'cancelled' where id = $1", [id])
    for (const page of windows) await expect.poll(() => shows(page), PATIENT).toEqual(await truth())
  })

  test('before the first answer it says that it is being loaded, to the eye and to assistive technology', async () => {
    const page = await browser.newPage()
    pages.push(page)
    const answered = Promise.withResolvers<void>()
    await page.route('**/graphql', async (route) => {
      await answered.promise
      await route.continue()
    })
    await page.goto(ready.urls.page)
    expect(await page.textContent('.orders .sf-note')).toBe('Loading…')
    expect(await page.isVisible('.orders .sf-note')).toBe(true)
    expect(await page.getAttribute('sf-value', 'aria-busy')).toBe('true')
    answered.resolve()
    await expect.poll(() => page.isVisible('.orders .sf-note'), PATIENT).toBe(false)
    await expect.poll(() => page.getAttribute('sf-value', 'aria-busy'), PATIENT).toBeNull()
  })

  test('a button ships an order: pending, then gone with the change, in every window', async () => {
    const id = await placeOrder('77.00')
    const [page, other] = [await open(), await open()]
    await expect.poll(() => cells(page, 1), PATIENT).toContain(id)
    const seen = page.evaluate(
      ([rows, order]) =>
        // The states of the row's button from the click on, until the row is gone.
        new Promise<string[]>((resolve) => {
          const states: string[] = []
          const row = [...document.querySelectorAll(rows ?? '')].find((one) => one.textContent?.includes(order ?? ''))
          const button = row?.querySelector('sf-button')
          const look = (): void => {
            const state =
              row?.hasAttribute('data-sf-gone') === true || row?.isConnected !== true ? 'gone' : (button?.getAttribute('data-state') ?? '')
            if (states.at(-1) !== state) states.push(state)
            if (state === 'gone') resolve(states)
            else requestAnimationFrame(look)
          }
          look()
        }),
      [ROWS, id] as const,
    )
    await page.click(`${ROWS}:has-text("${id}") sf-button button`)
    expect((await seen).filter((state) => state !== 'confirmed')).toEqual(['idle', 'pending', 'gone'])
    await expect.poll(() => cells(other, 1), PATIENT).not.toContain(id)
    expect(await shop.sql('select status from orders where id = $1', [id])).toEqual([{ status: 'shipped' }])
    await expect.poll(() => shows(page), PATIENT).toEqual(await truth())
  })

  test('nested lists follow: an order appears under its customer', async () => {
    const page = await open()
    // Big enough to bring its customer to the top of those who wait.
    const id = await placeOrder('99000.00')
    await expect.poll(() => page.textContent('.customers tbody tr:first-child .chips'), PATIENT).toContain(id)
    await shop.sql("update orders set status = 'cancelled' where id = $1", [id])
    await expect.poll(() => page.textContent('.customers'), PATIENT).not.toContain(id)
  })

  test('an edited formula changes the page; a broken one is shown with its place, and the old one keeps running', async () => {
    const page = await open()
    const file = path.join(shop.workbooks, 'sales/open_orders.sheet.yaml')
    const text = readFileSync(file, 'utf8')
    const gross = (): Promise<boolean> =>
      page.$$eval(ROWS, (rows) => rows.length > 0 && rows.every((row) => row.children[3]?.textContent === row.children[4]?.textContent))
    expect(await gross()).toBe(false)
    writeFileSync(file, text.replace('gross: =GROSS([@total])', 'gross: =[@total]'))
    await expect.poll(gross, PATIENT).toBe(true)
    writeFileSync(file, text.replace('gross: =GROSS([@total])', 'gross: =GROZZ([@total])'))
    await page.waitForSelector('sf-diagnostics:not([hidden])', PATIENT)
    expect(await page.textContent('sf-diagnostics pre')).toMatch(/open_orders\.sheet\.yaml:\d+:\d+[^]*GROZZ[^]*\^/)
    expect(await gross()).toBe(true)
    writeFileSync(file, text)
    await page.waitForSelector('sf-diagnostics', { state: 'hidden', ...PATIENT })
    await expect.poll(gross, PATIENT).toBe(false)
    await expect.poll(() => stateOf(page), PATIENT).toBe('live')
  })

  test('a page that is loaded again while the whole server is away shows what its reader saw, and to nobody else', async () => {
    await using context = await browser.newContext()
    const page = await open(context)
    await keepPageFiles(page)
    await expect.poll(() => page.evaluate(countKept), PATIENT).toBeGreaterThan(0)
    const before = await shows(page)
    expect(await shop.stop()).toEqual({ code: 0, signal: null })
    await page.reload()
    await expect.poll(() => shows(page), PATIENT).toEqual(before)
    expect(await stateOf(page)).toBe('offline')
    // Another tab, and so nobody that is known.
    const stranger = await context.newPage()
    pages.push(stranger)
    await keepPageFiles(stranger)
    await stranger.goto(ready.urls.page)
    await expect.poll(() => stateOf(stranger), PATIENT).not.toBeNull()
    // Whoever gives out tokens is back first, and says that somebody else reads now.
    const token = ['e30', Buffer.from('{"sub":"another"}').toString('base64url'), 'x'].join('.')
    await page.route('**/_sheetflow/dev/token', (route) => route.fulfill({ json: { token } }))
    await expect.poll(() => cells(page, 1), PATIENT).toEqual([])
    expect(await cells(stranger, 1)).toEqual([])
    await page.unroute('**/_sheetflow/dev/token')
    ready = await shop.start(0)
    await expect.poll(() => shows(page), PATIENT).toEqual(await truth())
    await expect.poll(() => stateOf(page), PATIENT).toBe('live')
  })

  test('the server goes down and comes up again: the page shows it, and recovers by itself', async () => {
    const page = await open()
    const before = await shows(page)
    expect(await shop.stop()).toEqual({ code: 0, signal: null })
    await expect.poll(() => stateOf(page), PATIENT).toMatch(/offline|stale/)
    expect(await shows(page)).toEqual(before)
    // A command that is given meanwhile waits, and the page's own questions (a token) fail without a trace.
    const [waits = ''] = before.ids
    await page.click(`${ROWS}:has-text("${waits}") sf-button button`)
    await expect.poll(() => page.textContent(`${ROWS}:has-text("${waits}") .sf-button-note`), PATIENT).toBe('waiting for the connection')
    ready = await shop.start(0)
    await expect.poll(() => shop.sql('select status from orders where id = $1', [waits]), PATIENT).toEqual([{ status: 'shipped' }])
    const id = await placeOrder('5.00')
    await expect.poll(() => cells(page, 1), PATIENT).toContain(id)
    await expect.poll(() => stateOf(page), PATIENT).toBe('live')
    await expect.poll(() => shows(page), PATIENT).toEqual(await truth())
  })
})
