import { startChild } from '../../lib/child.ts'
import { timed } from '../../lib/measure.ts'
import type { Measured } from '../../lib/measure.ts'
import { FORMULAS, compileByHand, compileWorkbook } from '../compiling.ts'
import type { Engine, EngineCase } from '../engine-case.ts'
import { collectGarbage } from '../memory.ts'

/** Workbooks a round, where the code is warm. */
const WARM = 10

/**
 * A workbook of 200 formulas in 10 sheets: from the text of its files to a program that runs over empty tables. Once in a process that has just
 * started and compiles for the first time, once when V8 knows the code. The limit is V8 itself: the same formulas as JavaScript, compiled and
 * called once.
 */
export function compile(): readonly EngineCase[] {
  const phases = [{ id: 'compile', name: '', unit: 'ms', per: 'item-ms' }] as const
  return [
    {
      name: `parse and compile ${FORMULAS} formulas, first time`,
      rows: 0,
      phases,
      contenders: [
        { who: 'sheetflow', open: () => cold('workbook') },
        { who: 'limit: V8, as JavaScript', open: () => cold('by-hand') },
      ],
    },
    {
      name: `parse and compile ${FORMULAS} formulas, warm`,
      rows: 0,
      phases,
      contenders: [
        { who: 'sheetflow', open: () => warm(compileWorkbook) },
        { who: 'limit: V8, as JavaScript', open: () => warm(compileByHand) },
      ],
    },
  ]
}

/** Nothing is loaded. */
const LOADED = { rows: 0, seconds: 0, cpuSeconds: 0, heapMB: 0 }

function warm(work: (salt: number) => number): Engine {
  let salt = 0
  return {
    loaded: LOADED,
    run: () => {
      collectGarbage()
      return timed(WARM, () => {
        for (let i = 0; i < WARM; i++) work(salt++)
      })
    },
    check: () => ({ formulas: String(work(salt)) }),
  }
}

/** Each time in a new process. Nothing can be warmed up, so the round that would do that is left out. */
function cold(what: 'workbook' | 'by-hand'): Engine {
  let last: ColdAnswer = { items: 1, seconds: 0, cpuSeconds: 0, formulas: 0 }
  return {
    loaded: LOADED,
    run: async (_, round) => {
      if (round === 0) return last
      using child = startChild<typeof what, ColdAnswer>(new URL('../compile-main.ts', import.meta.url))
      last = await child.ask(what)
      return last
    },
    check: () => ({ formulas: String(last.formulas) }),
  }
}

type ColdAnswer = Required<Measured> & { readonly formulas: number }
