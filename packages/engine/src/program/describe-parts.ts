import type { RunningOperator } from '../operators/relation.ts'
import type { IndexPart, Part, SheetPart } from './parts.ts'

/** What a program runs, in order, each index with the formulas that ask it; then the answers of the functions that they call. */
export function describeParts(parts: readonly Part[]): readonly RunningOperator[] {
  const sheets = parts.filter((part) => part.kind === 'sheet')
  return [...parts.flatMap((part) => describePart(part, sheets)), ...describeCalled(sheets)]
}

function describePart(part: Part, sheets: readonly SheetPart[]): readonly RunningOperator[] {
  const infos = part.operators.map((operator) => ({ ...operator.describe(), traffic: operator.traffic }))
  if (part.kind === 'index') {
    return infos.map((info) => ({ ...info, on: info.on === '' ? part.name : info.on, askedBy: askedBy(part, sheets) }))
  }
  const shared = part.shared.map(({ text, formulas }) => ({ kind: 'common part', on: text, size: 0, askedBy: formulas, traffic: null }))
  return [...shared, ...infos.map((info) => ({ ...info, on: info.on === '' ? part.view : info.on }))]
}

function askedBy(index: IndexPart, sheets: readonly SheetPart[]): readonly string[] {
  return sheets.flatMap(({ asked }) => [...(asked.get(index) ?? [])])
}

/** A function's answers are of no program alone: each is listed once. */
function describeCalled(sheets: readonly SheetPart[]): readonly RunningOperator[] {
  const indexes = [...new Set(sheets.flatMap(({ called }) => [...called.keys()]))]
  return indexes.map((index) => {
    const asked = sheets.flatMap(({ called }) => [...(called.get(index) ?? [])])
    return { ...index.describe(), askedBy: asked, traffic: null }
  })
}
