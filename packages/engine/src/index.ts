export { evaluateSheets } from './evaluate-sheets.ts'
export type { NamedRow, SheetRows, SheetStep } from './evaluate-sheets.ts'
