import { describe, expect, it } from 'vitest'
import type { Figure } from '../lib/measure.ts'
import { CASE_NAMES, casesNamed } from './cases.ts'
import { ownProcess, thisProcess } from './place.ts'
import type { Place } from './place.ts'
import { runCase } from './run-case.ts'

/** So small that nothing is measured: what is tested is that each case runs and that its contenders agree row by row. */
const SCALE = { rows: 400, transactions: 40, rivals: null }

async function figures(selector: string, place: () => Place): Promise<Figure[]> {
  const all: Figure[] = []
  for (const [at, one] of casesNamed(selector, SCALE).entries()) {
    for await (const figure of runCase(one, { selector, at, scale: SCALE, rounds: 1, place })) all.push(figure)
  }
  return all
}

describe('every case of the engine’s benchmark gives the results of its hand-written limit', () => {
  it.each(CASE_NAMES)('%s', async (selector) => {
    const made = await figures(selector, thisProcess)
    expect(made.length).toBeGreaterThan(1)
    for (const { case: name, who, value, runs } of made) {
      expect(value, `${name}, ${who}`).toBeGreaterThan(0)
      expect(runs, `${name}, ${who}`).toHaveLength(1)
    }
    expect(new Set(made.map(({ who }) => who)).size).toBeGreaterThan(1)
  })
})

describe('contenders', () => {
  it('run in processes of their own', async () => {
    const made = await figures('dimension', ownProcess)
    expect(made.map(({ who }) => who)).toContain('sheetflow')
  })
})
