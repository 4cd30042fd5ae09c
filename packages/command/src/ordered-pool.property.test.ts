import { fc } from '@sheetflow/testkit/fast-check'
import { expect, test } from 'vitest'
import { FinishedOffsets } from './finished-offsets.ts'
import { OrderedPool } from './ordered-pool.ts'

test('jobs of a line run one after the other in their order, at most so many at once beside those that wait aside, all of them; the finished offset never overtakes', async () => {
  const jobs = fc.array(fc.record({ line: fc.constantFrom('a', 'b', 'c', 'd', 'e'), turns: fc.nat(4), aside: fc.boolean() }), {
    maxLength: 60,
  })
  await fc.assert(
    fc.asyncProperty(jobs, fc.integer({ min: 1, max: 4 }), async (all, parallel) => {
      const pool = new OrderedPool(parallel, (error) => expect.fail(String(error)))
      const finished = new FinishedOffsets({ offset: 0 })
      const lines = new Set<string>()
      let running = 0
      const ended: number[] = []
      let most = 0
      for (const [i, { line, turns, aside }] of all.entries()) {
        finished.begin(i + 1, { epoch: 1, tx: `id-${i + 1}` })
        pool.add(line, async (wait) => {
          expect(lines.has(line)).toBe(false)
          lines.add(line)
          most = Math.max(most, ++running)
          if (aside) {
            running--
            await wait(Promise.resolve())
            most = Math.max(most, ++running)
          }
          for (let turn = 0; turn < turns; turn++) await Promise.resolve()
          lines.delete(line)
          running--
          ended.push(i)
          finished.end(i + 1)
          const open = all.map((_, n) => n).filter((n) => !ended.includes(n))
          const upTo = open[0] ?? all.length
          expect(finished.upTo).toEqual(upTo === 0 ? { offset: 0 } : { offset: upTo, at: { epoch: 1, tx: `id-${upTo}` } })
        })
      }
      await pool.atMost(0)
      expect(most).toBeLessThanOrEqual(parallel)
      for (const line of ['a', 'b', 'c', 'd', 'e']) {
        const own = ended.filter((i) => all[i]?.line === line)
        expect(own).toEqual(own.toSorted((a, b) => a - b))
      }
      expect(ended).toHaveLength(all.length)
    }),
  )
})
