import { describe, expect, it } from 'vitest'
import { mergeFigures } from '../../lib/figure-lines.ts'
import type { Figure } from '../../lib/measure.ts'
import { growthPlot } from './growth-plot.ts'
import { engineTables } from './tables.ts'

function figure(group: string, name: string, who: string, value: number, more: Partial<Figure> = {}): Figure {
  return { bench: 'engine', group, case: name, who, unit: 'updates/CPU-s', value, runs: [value], ...more }
}

const ONE = 'reference, typed: 1 a transaction'
const MEASURED = { date: '2026-11-26', commit: 'abc1234', load: 3.5 }

describe('figures of cases that were run again take the place of the old ones', () => {
  it('and the others stay', () => {
    const old = [figure('reference', ONE, 'sheetflow', 1), figure('chain', 'chain', 'sheetflow', 2)]
    const merged = mergeFigures(old, [figure('reference', ONE, 'sheetflow', 9), figure('reference', ONE, 'sheetflow', 3)])
    expect(merged.map(({ group, value }) => [group, value])).toEqual([
      ['chain', 2],
      ['reference', 3],
    ])
  })
})

describe('the tables', () => {
  const figures = [
    figure('reference', ONE, 'sheetflow', 500_000, { p99us: 60, measured: MEASURED }),
    figure('reference', ONE, 'limit: hand-written', 900_000, { measured: { ...MEASURED, load: 5 } }),
  ]
  const page = engineTables(figures, ['reference', 'chain'], 'plot.svg')

  it('say which goals are met, missed and not measured', () => {
    expect(page).toContain('| typed, 1 a transaction | ≥ 400,000 updates/s | 500,000 | met |')
    expect(page).toContain('| typed, 1 a transaction, to the limit | ≥ 0.5× | 0.56× | met |')
    expect(page).toContain('| typed, 1 a transaction, p99 | < 50 µs | 60 µs | missed |')
    expect(page).toContain('| dimension change | ≥ 4,000,000 rows/s | not measured |  |')
  })

  it('say when and beside what they were measured, and leave out what was not', () => {
    expect(page).toContain('2026-11-26, commit abc1234, raw runs: 1, load average 3.5–5.')
    expect(page).not.toContain('### engine: chain')
  })
})

describe('the plot', () => {
  it('tells by how much each line grows', () => {
    const svg = growthPlot([
      figure('growth', 'small', 'sheetflow', 2, { rows: 10_000 }),
      figure('growth', 'large', 'sheetflow', 7, { rows: 5_000_000 }),
      figure('growth', 'small', 'limit: hand-written', 0.1, { rows: 10_000 }),
      figure('growth', 'large', 'limit: hand-written', 1, { rows: 5_000_000 }),
    ])
    expect(svg).toContain('sheetflow: 3.5× from 10 k to 5 M')
    expect(svg).toContain('limit: hand-written: 10.0× from 10 k to 5 M')
  })
})
