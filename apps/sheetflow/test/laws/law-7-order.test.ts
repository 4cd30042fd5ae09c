import type { Page } from '@sheetflow/client'
import { runs } from '@sheetflow/testkit/runs'
import { expect, test } from 'vitest'
import { heldStore } from './gates.ts'
import { amountsOf, BANK_QUERY, Eyes, fieldsOf, fieldsOfAnswer } from './picture-check.ts'
import type { BankAnswer } from './picture-check.ts'
import { RunningBank, until } from './running-bank.ts'

const TRANSACTIONS = runs(150, 1_500)
const PAGES = 5

/**
 * The store lags at random behind what the router says, so every question that is asked again, after a reset, a broken connection or a window
 * that ran short, is answered from the past of what the page has shown.
 */
test('law 7, order: per key, later is never seen before earlier, by a page and by one who asks again and again', async () => {
  const limits = { channelRows: 15, ringBytes: 20_000 }
  await using ring = await RunningBank.start({ limits, storeOf: (store) => heldStore(store, sometime) })
  await ring.ready()
  const token = await ring.token()
  const problems: string[] = []
  const checked = { pictures: 0, answers: 0 }
  const pages = Array.from({ length: PAGES }, () => ring.client(token).page(BANK_QUERY))
  for (const page of pages) {
    const eyes = new Eyes()
    page.subscribe((picture) => {
      checked.pictures += 1
      const back = eyes.look(fieldsOf(picture))
      if (back !== null) problems.push(`seed ${ring.seed}, a page (${picture.state}): ${back}`)
    })
  }
  const asker = new Eyes()
  const isUpToDate = (page: Page): boolean => amountsOf(page.picture) === ring.bank.amounts
  for (let n = 0; n < TRANSACTIONS && problems.length === 0; n++) {
    await ring.bank.move()
    if (n % 30 === 29) await until('every page shows it', () => problems.length > 0 || pages.every(isUpToDate), 60_000)
    if (ring.random.chance(0.1)) ring.cut()
    if (ring.random.chance(0.05)) ring.random.pick(pages).refresh()
    if (!ring.random.chance(0.2)) continue
    const answered = fieldsOfAnswer(await ring.ask<BankAnswer>(token, BANK_QUERY))
    if (answered === null) continue
    checked.answers += 1
    const back = asker.look(answered)
    if (back !== null) problems.push(`seed ${ring.seed}, an answer: ${back}`)
  }
  expect(problems).toEqual([])
  expect(checked.pictures).toBeGreaterThan(TRANSACTIONS / 10)
  expect(checked.answers).toBeGreaterThan(TRANSACTIONS / 20)
  expect(ring.log.errors).toEqual([])
})

function sometime(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * 60))
}
