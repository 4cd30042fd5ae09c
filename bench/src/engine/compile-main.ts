import { answerTasks } from '../lib/child.ts'
import { timed } from '../lib/measure.ts'
import type { Measured } from '../lib/measure.ts'
import { compileByHand, compileWorkbook } from './compiling.ts'

/** Compiles once, in a process that has compiled nothing before. */
answerTasks<'workbook' | 'by-hand', Required<Measured> & { readonly formulas: number }>(async (what) => {
  let formulas = 0
  const measured = await timed(1, () => {
    formulas = what === 'workbook' ? compileWorkbook(0) : compileByHand(0)
  })
  return { ...measured, formulas }
})
