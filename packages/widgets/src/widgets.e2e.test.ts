import { readFileSync } from 'node:fs'
import { build } from 'esbuild'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Reader } from '@sheetflow/client'
import type { ModelServer, SentCommand } from '@sheetflow/client/testing/model-server'

/** What the page of the fixture has beside a browser's own. */
interface FixtureWindow {
  readonly server: ModelServer
  readonly reader: Reader
  haste: number
}

const FIXTURE = new URL('testing/fixture.ts', import.meta.url)
const HTML = readFileSync(new URL('testing/fixture.html', import.meta.url), 'utf8')

/** A page may take its time on a busy machine. */
const PATIENT = { timeout: 60_000 }

let browser: Browser
let html: string
let page: Page
let failures: string[]

beforeAll(async () => {
  const bundled = await build({
    entryPoints: [FIXTURE.pathname],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['source', 'browser'],
  })
  const script = bundled.outputFiles[0]?.text ?? ''
  // Inside of a script element the text must not end it.
  html = HTML.replace('FIXTURE', () => script.replaceAll('</script', String.raw`<\/script`))
  browser = await chromium.launch({ executablePath: process.env['SHEETFLOW_BROWSER'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
})

afterAll(() => browser.close())

beforeEach(async () => {
  page = await browser.newPage()
  failures = []
  page.on('pageerror', (error) => failures.push(String(error)))
  await page.setContent(html)
  await commit([
    ['customers', { id: '1', name: 'Anna', total: 0 }],
    ['customers', { id: '2', name: 'Bruno <b>bold</b>', total: 0 }],
    ['orders', { id: '10', customer_id: '1', total: 20, note: 'a' }],
    ['orders', { id: '11', customer_id: '1', total: 1234, note: '<img src=x onerror=alert(1)>' }],
    ['orders', { id: '12', customer_id: '2', total: 7, note: 'c' }],
  ])
  await page.evaluate(() => (globalThis as unknown as FixtureWindow).server.connect())
  await page.waitForSelector('sf-status[data-state="live"]')
})

afterEach(async () => {
  await page.close()
  expect(failures).toEqual([])
})

type Rows = readonly (readonly [view: 'customers' | 'orders', row: { readonly id: string; readonly [column: string]: string | number }])[]

async function commit(rows: Rows, removed: readonly string[] = []): Promise<void> {
  await page.evaluate(
    ([put, gone]) => {
      ;(globalThis as unknown as FixtureWindow).server.commit((draft) => {
        for (const [view, row] of put) draft[view].set(row.id, row)
        for (const id of gone) draft.orders.delete(id)
      })
    },
    [rows, removed] as const,
  )
}

function orderIds(): Promise<string[]> {
  return page.$$eval('#orders tbody tr:not([data-sf-gone]) td:first-child', (cells) => cells.map((cell) => cell.textContent))
}

describe('what is shown', () => {
  test('values with their formats, lists with nested lists, nothing as markup', async () => {
    await expect.poll(orderIds, PATIENT).toEqual(['11', '10', '12'])
    expect(await page.textContent('#value sf-value')).toBe('1,254.00')
    expect(await page.textContent('#orders tbody tr td:nth-child(2)')).toBe('1,234.00')
    expect(await page.textContent('#orders tbody tr td:nth-child(3)')).toBe('<img src=x onerror=alert(1)>')
    expect(await page.$$eval('#customers h3', (all) => all.map((one) => one.textContent))).toEqual(['Anna', 'Bruno <b>bold</b>'])
    expect(await page.$$eval('#customers article:first-of-type .order', (all) => all.map((one) => one.textContent))).toEqual(['1234', '20'])
    expect(await page.$$('#orders img, #customers b')).toEqual([])
  })

  test('numbers of a template follow the language around the list, from the first drawing on', async () => {
    const sums = (): Promise<string[]> => page.$$eval('#customers .sum', (all) => all.map((one) => one.textContent))
    await expect.poll(sums, PATIENT).toEqual(['1.254,00', '7,00'])
  })

  test('a table says what is wrong with its page or its path, and does not load for ever', async () => {
    const noteOf = (table: string): Promise<string | null> => page.textContent(`${table} .sf-note`)
    await page.$eval('sf-page', (element) => {
      const table = document.createElement('sf-table')
      table.id = 'typo'
      table.setAttribute('path', 'ordrs')
      element.append(table)
    })
    await expect.poll(() => noteOf('#typo'), PATIENT).toBe('The query has no "ordrs".')
    await page.$eval('sf-page', (element) => element.setAttribute('query', '{ orders('))
    await expect.poll(() => noteOf('#orders'), PATIENT).toMatch(/query is not GraphQL: Syntax Error/)
  })

  test('what is wrong with a query has its own code and what to do; a bug is no fault of the query', async () => {
    const status = (): Promise<string | null> => page.textContent('sf-status')
    await page.$eval('sf-page', (element) => element.setAttribute('query', 'mutation { command(id: "x") { id } }'))
    await expect.poll(status, PATIENT).toBe('a page has exactly one query (query/invalid). Write one { … } or one query { … }.')
    await page.$eval('sf-page', (element) => {
      const { host } = element.constructor as unknown as { host: object }
      const broken = { onLink: () => undefined, close: () => undefined, page: () => raise() }
      const raise = (): never => {
        throw new Error('an assertion that failed')
      }
      Object.assign(host, { connect: () => broken })
      element.setAttribute('query', '{ orders { id } }')
    })
    await expect.poll(() => failures.splice(0), PATIENT).toEqual(['Error: an assertion that failed'])
  })

  test('rows come, change, move and go; what stays keeps its element', async () => {
    await page.$eval('#orders tbody tr:nth-child(2)', (row) => row.setAttribute('data-mark', 'mine'))
    await commit([['orders', { id: '10', customer_id: '2', total: 5000, note: 'a' }]])
    await expect.poll(orderIds, PATIENT).toEqual(['10', '11', '12'])
    expect(await page.getAttribute('#orders tbody tr:first-child', 'data-mark')).toBe('mine')
    await expect
      .poll(() => page.$$eval('#customers article:last-of-type .order', (all) => all.map((one) => one.textContent)), PATIENT)
      .toEqual(['5000', '7'])
    await commit([['orders', { id: '13', customer_id: '1', total: 6, note: 'd' }]], ['11'])
    await expect.poll(orderIds, PATIENT).toEqual(['10', '12', '13'])
    await expect.poll(() => page.textContent('#value sf-value'), PATIENT).toEqual('6.00')
    await expect.poll(() => page.$$eval('#orders [data-sf-gone]', (all) => all.length), PATIENT).toEqual(0)
  })

  test('an empty table says so', async () => {
    await commit([], ['10', '11', '12'])
    await expect.poll(() => page.textContent('#orders .sf-note'), PATIENT).toEqual('No orders.')
  })

  test('the connection is shown, and what was missed comes when it is back', async () => {
    await page.evaluate(() => (globalThis as unknown as FixtureWindow).server.cut())
    await page.waitForSelector('sf-status[data-state="offline"]')
    await commit([['orders', { id: '14', customer_id: '1', total: 1, note: 'x' }]])
    await expect.poll(orderIds, PATIENT).toEqual(['11', '10', '12'])
    await page.evaluate(() => (globalThis as unknown as FixtureWindow).server.connect())
    await expect.poll(orderIds, PATIENT).toEqual(['11', '10', '12', '14'])
    await page.waitForSelector('sf-status[data-state="live"]')
  })
})

test('when somebody else reads, nothing of the reader before stands on the page any longer', async () => {
  /** `{"sub":"…"}` as the middle of a token. */
  const read = (sub: string): Promise<void> =>
    page.evaluate(
      async (token) => {
        document.querySelector('sf-page')?.setAttribute('token', token)
        await (globalThis as unknown as FixtureWindow).reader.token()
      },
      `x.${Buffer.from(JSON.stringify({ sub })).toString('base64url')}.x`,
    )
  await read('anna')
  await expect.poll(orderIds, PATIENT).toEqual(['11', '10', '12'])
  await page.evaluate(() => (globalThis as unknown as FixtureWindow).server.cut())
  await commit([], ['11'])
  await read('bruno')
  await expect.poll(() => page.$$eval('#orders tbody tr, #customers article', (all) => all.length), PATIENT).toBe(0)
  expect(await page.textContent('#value sf-value')).toBe('')
  await page.evaluate(() => (globalThis as unknown as FixtureWindow).server.connect())
  await expect.poll(orderIds, PATIENT).toEqual(['10', '12'])
  await expect.poll(() => page.textContent('#value sf-value'), PATIENT).toBe('20.00')
})

test('an address of tokens that answers 429 has not said that nobody reads: the page stays whose it is', async () => {
  // Whoever needs a token asks: the page, what keeps it for offline, the test.
  let answer = { status: 200, body: '{"token":"anna"}' }
  const headers = { 'access-control-allow-origin': '*' }
  await page.route('https://tokens.test/token', (route) => route.fulfill({ ...answer, headers }))
  await page.$eval('sf-page', (element) => element.setAttribute('token-src', 'https://tokens.test/token'))
  const token = (): Promise<string | null> =>
    page.evaluate(() =>
      (globalThis as unknown as FixtureWindow).reader.token().catch((error: unknown) => (error as { readonly code: string }).code),
    )
  await expect.poll(token, PATIENT).toBe('anna')
  await expect.poll(orderIds, PATIENT).toEqual(['11', '10', '12'])
  answer = { status: 429, body: 'too many' }
  await page.evaluate(() => (globalThis as unknown as FixtureWindow).server.cut())
  await expect.poll(token, PATIENT).toBe('client/offline')
  // Nobody else has come: what was shown is shown on.
  expect(await orderIds()).toEqual(['11', '10', '12'])
  answer = { status: 200, body: '{"token":"bruno"}' }
  await expect.poll(token, PATIENT).toBe('bruno')
  await expect.poll(orderIds, PATIENT).toEqual([])
})

describe('commands', () => {
  const FIRST = '#orders tbody tr:first-child'

  async function sent(): Promise<SentCommand> {
    await expect
      .poll(() => page.evaluate(() => (globalThis as unknown as FixtureWindow).server.commands.length), { timeout: 20_000 })
      .toBe(1)
    return page.evaluate(() => (globalThis as unknown as FixtureWindow).server.commands[0] as SentCommand)
  }

  test('a row is pending until its effect has come round, then it goes', async () => {
    await page.click(`${FIRST} sf-button button`)
    const command = await sent()
    const { id } = command
    expect(command).toEqual({ id, name: 'ship', payload: { id: '11' } })
    await page.waitForSelector(`${FIRST}[data-leaving] sf-button[data-state="pending"]`)
    // Pressed again meanwhile, nothing more is sent.
    await page.click(`${FIRST} sf-button button`, { force: true })
    await page.evaluate((command) => {
      ;(globalThis as unknown as FixtureWindow).server.finish(command, 'applied', (draft) => void draft.orders.delete('11'))
    }, id)
    await expect.poll(orderIds, PATIENT).toEqual(['10', '12'])
    expect(await page.evaluate(() => (globalThis as unknown as FixtureWindow).server.commands.length)).toBe(1)
  })

  test('a refusal is said, and the row is as before', async () => {
    await page.click(`${FIRST} sf-button button`)
    const { id } = await sent()
    await page.evaluate((command) => {
      ;(globalThis as unknown as FixtureWindow).server.finish(command, 'rejected', undefined, { code: 'shop/late', result: '"Too late."' })
    }, id)
    await expect.poll(() => page.textContent(`${FIRST} .sf-button-note`), PATIENT).toEqual('Too late.')
    // The row is drawn with the next frame of the screen.
    await expect.poll(() => page.$(`${FIRST}[data-leaving]`), PATIENT).toBeNull()
    expect(await page.getAttribute(`${FIRST} sf-button`, 'data-state')).toBe('failed')
  })
})

describe('a button', () => {
  const BUTTON = '#orders tbody tr:first-child sf-button'

  test('ends when its command ends with `done`, and can be pressed again', async () => {
    await page.evaluate(() => void ((globalThis as unknown as FixtureWindow).haste = 100))
    const press = async (times: number): Promise<string> => {
      await page.click(`${BUTTON} button`)
      const count = (): Promise<number> => page.evaluate(() => (globalThis as unknown as FixtureWindow).server.commands.length)
      await expect.poll(count, PATIENT).toBe(times)
      return page.evaluate(() => (globalThis as unknown as FixtureWindow).server.commands.at(-1)?.id ?? '')
    }
    const first = await press(1)
    await page.evaluate((id) => (globalThis as unknown as FixtureWindow).server.finish(id, 'done'), first)
    await page.waitForSelector(`${BUTTON}:is([data-state="confirmed"], [data-state="idle"])`)
    await press(2)
  })

  test('leaves nothing behind of a command that cannot be sent', async () => {
    const listeners = await page.$eval(BUTTON, (element) => {
      const { client } = element.closest('sf-page') as unknown as { client: { onCommand(listener: unknown): () => void } }
      const { onCommand } = client
      let count = 0
      client.onCommand = (listener) => {
        const end = onCommand.call(client, listener)
        count += 1
        return () => {
          count -= 1
          end()
        }
      }
      element.setAttribute('payload', '{')
      element.querySelector('button')?.click()
      return count
    })
    expect(listeners).toBe(0)
    expect(await page.getAttribute(BUTTON, 'data-state')).toBe('failed')
  })
})

describe('by keyboard', () => {
  test('rows are walked with the arrows, Enter presses, and the focus survives the row', async () => {
    const focused = (): Promise<string | null> => page.evaluate(() => document.activeElement?.querySelector('td')?.textContent ?? null)
    await expect.poll(orderIds, PATIENT).toEqual(['11', '10', '12'])
    await page.focus('#orders tbody tr[tabindex="0"]')
    expect(await focused()).toBe('11')
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toBe('10')
    expect(await page.$$eval('#orders button', (all) => all.map((one) => one.tabIndex))).toEqual([-1, 0, -1])
    await page.keyboard.press('Enter')
    await page.waitForSelector('#orders tbody tr:nth-child(2) sf-button[data-state="pending"]')
    await commit([], ['10'])
    await expect.poll(orderIds, PATIENT).toEqual(['11', '12'])
    await expect.poll(focused, PATIENT).toEqual('12')
    await page.keyboard.press('Home')
    expect(await focused()).toBe('11')
    await page.keyboard.press('End')
    expect(await focused()).toBe('12')
  })
})
