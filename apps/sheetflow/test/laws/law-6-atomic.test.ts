import { breakingBus } from '@sheetflow/engine/testing/role-bench'
import { runs } from '@sheetflow/testkit/runs'
import { expect, test } from 'vitest'
import { Random } from '@sheetflow/testkit/random'
import { amountsOf, BANK_QUERY, fieldsOf, fieldsOfAnswer, torn } from './picture-check.ts'
import type { SeenFields } from './picture-check.ts'
import { RunningBank, until } from './running-bank.ts'

const TRANSACTIONS = runs(300, 5_000)
const PAGES = 5
const OF_ONE_MOMENT: ReadonlySet<string> = new Set(['live', 'static', 'offline'])

/**
 * The graph dies in the middle of appends, transactions are stored in pieces, connections break: what is shown and what is answered is whole
 * transactions all the same.
 */
test('law 6, atomic: what one transaction did becomes visible together, in every picture and every answer', async () => {
  const chance = new Random(Date.now())
  await using ring = await RunningBank.start({
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
  for (let n = 0; n < TRANSACTIONS && problems.length === 0; n++) {
    await ring.bank.move()
    if (ring.random.chance(0.05)) ring.cut()
    if (!ring.random.chance(0.2)) continue
    const answer = await ring.ask<Answer>(token, BANK_QUERY)
    // A view that is being filled anew may be refused; what is answered is whole.
    if (answer.data == null || Object.values(answer.data).includes(null)) continue
    checked.answers += 1
    check(fieldsOfAnswer(answer.data as never), 'an answer')
  }
  const wanted = ring.bank.amounts
  await until('every page shows the end', () => problems.length > 0 || pages.every((page) => amountsOf(page.picture) === wanted), 60_000)
  expect(problems).toEqual([])
  expect(checked.pictures).toBeGreaterThan(TRANSACTIONS / 10)
  expect(checked.answers).toBeGreaterThan(TRANSACTIONS / 20)
  expect(ring.log.errors).toEqual([])
})

interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null
}
