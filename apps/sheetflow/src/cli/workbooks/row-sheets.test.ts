import { evaluateSheets } from '@sheetflow/engine'
import { runTests } from '@sheetflow/workbook/test-runner/run-tests'
import { ROW_SHEETS, ROW_TABLES } from '@sheetflow/workbook/testing/row-sheets'
import { expect, it } from 'vitest'

it('what the rows of a sheet can be is shown by the tests of the sheets, run by the engine', () => {
  const { results, diagnostics } = runTests(ROW_SHEETS, ROW_TABLES, evaluateSheets)
  expect(diagnostics).toEqual([])
  expect(results.flatMap((one) => one.failures.map((failure) => failure.message))).toEqual([])
  expect(results.length).toBeGreaterThan(5)
})
