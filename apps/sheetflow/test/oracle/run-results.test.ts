import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RunResults } from './run-results.ts'

describe('the results of a long run', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sheetflow-results-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const file = (): string => path.join(folder, 'deeper', 'run.jsonl')

  it('what stands in the file is not run again', () => {
    const first = new RunResults(file())
    first.add({ start: 'a', commit: 'one' })
    first.add({ seed: 7, verdict: 'right', checks: 31 })
    first.add({ seed: 9, verdict: 'wrong', checks: 0, message: 'c.x differs' })
    const again = new RunResults(file())
    expect([6, 7, 8, 9].filter((seed) => again.has(seed))).toEqual([7, 9])
    again.add({ start: 'b', commit: 'two' })
    again.add({ seed: 8, verdict: 'refused', checks: 0, message: 'no column x' })
    expect(new RunResults(file()).summary()).toEqual({
      commits: ['one', 'two'],
      seeds: { run: 3, views: 31, refused: 1, found: [9] },
      formulas: { run: 0, wrong: 0, longestMs: 0 },
    })
  })

  it('a line that was cut off does not stand there, and what comes behind it does', async () => {
    new RunResults(file()).add({ seed: 1, verdict: 'right', checks: 1 })
    await appendFile(file(), '{"seed":2,"verd')
    const again = new RunResults(file())
    expect(again.has(2)).toBe(false)
    again.add({ seed: 3, verdict: 'right', checks: 1 })
    again.add({ seed: 4, verdict: 'right', checks: 1 })
    const last = new RunResults(file())
    expect([1, 2, 3, 4].filter((seed) => last.has(seed))).toEqual([1, 3, 4])
  })

  it('slices of formulas leave spans that are missing', () => {
    const results = new RunResults(file())
    expect(results.missing(1, 11)).toEqual([[1, 11]])
    results.add({ from: 4, count: 2, wrong: [], longestMs: 5 })
    results.add({ from: 1, count: 1, wrong: [{ seed: 1, text: '=', problem: 'thrown' }], longestMs: 9 })
    expect(new RunResults(file()).missing(1, 11)).toEqual([
      [2, 4],
      [6, 11],
    ])
    expect(results.missing(4, 6)).toEqual([])
    expect(results.missing(5, 7)).toEqual([[6, 7]])
    expect(results.summary().formulas).toEqual({ run: 3, wrong: 1, longestMs: 9 })
  })

  it('the summary lies beside the lines', async () => {
    const results = new RunResults(file())
    results.add({ seed: 1, verdict: 'broken', checks: 0, message: 'thrown' })
    results.writeSummary()
    expect(JSON.parse(await readFile(path.join(folder, 'deeper', 'run.summary.json'), 'utf8'))).toEqual(results.summary())
  })

  it('without a file it is kept in memory', () => {
    const results = new RunResults(null)
    results.add({ seed: 1, verdict: 'right', checks: 2 })
    results.writeSummary()
    expect(results.has(1)).toBe(true)
  })
})
