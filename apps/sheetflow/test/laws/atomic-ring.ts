import { breakingBus } from '@sheetflow/engine/testing/role-bench'
import type { Page } from '@sheetflow/client'
import { runs } from '@sheetflow/testkit/runs'
import { expect } from 'vitest'
import { Random } from '@sheetflow/testkit/random'
import { amountsOf, BANK_QUERY, fieldsOf, fieldsOfAnswer, torn } from './picture-check.ts'
import type { BankAnswer, SeenFields } from './picture-check.ts'
import { RunningBank, until } from './running-bank.ts'
import type { BankOptions } from './running-bank.ts'

const TRANSACTIONS = runs(150, 1_500)
const PAGES = 5
const OF_ONE_MOMENT: ReadonlySet<string> = new Set(['live', 'static', 'offline'])

/**
 * Law 6 over a running ring: what one transaction did becomes visible together, in every picture and every answer. The graph dies in the middle of
 * appends, transactions are stored in pieces, connections break: what is shown and what is answered is whole transactions all the same.
 */
export async function expectAtomic(
  options: Pick<BankOptions, 'views' | 'limits' | 'storeOf'> = {},
  transactions: number = TRANSACTIONS,
): Promise<void> {
  const chance = new Random(Date.now())
  await using ring = await RunningBank.start({
    ...options,
    busOf: (role, bus) => (role === 'graph' ? breakingBus(bus, 'SF_GRAPH_bank', chance.between(5, 40), chance.below(4)) : bus),
  })
  await ring.ready()
  const token = await ring.token()
  const problems: string[] = []
  const checked = { pictures: 0, answers: 0 }
  const check = (fields: SeenFields, where: string): void => {
    const found = torn(fields)
    if (found !== null) problems.push(`seed ${ring.seed}, ${where}: ${found}`)
  }
  const pages = Array.from({ length: PAGES }, () => ring.client(token).page(BANK_QUERY))
  for (const page of pages) {
    page.subscribe((picture) => {
      if (!OF_ONE_MOMENT.has(picture.state) || picture.error !== null) return
      checked.pictures += 1
      check(fieldsOf(picture), `a picture at ${picture.offsets['bank'] ?? '?'}`)
    })
  }
  const isUpToDate = (page: Page): boolean => amountsOf(page.picture) === ring.bank.amounts
  for (let n = 0; n < transactions && problems.length === 0; n++) {
    await ring.bank.move()
    if (n % 30 === 29) await until('every page shows it', () => problems.length > 0 || pages.every(isUpToDate), 60_000)
    if (ring.random.chance(0.05)) ring.cut()
    if (!ring.random.chance(0.2)) continue
    const answered = fieldsOfAnswer(await ring.ask<BankAnswer>(token, BANK_QUERY))
    if (answered === null) continue
    checked.answers += 1
    check(answered, 'an answer')
  }
  expect(problems).toEqual([])
  expect(checked.pictures).toBeGreaterThan(transactions / 10)
  expect(checked.answers).toBeGreaterThan(transactions / 20)
  expect(ring.log.errors).toEqual([])
}
