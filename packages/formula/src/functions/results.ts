import type { ColumnType } from '@sheetflow/core/type'
import type { ExprType, FormulaType } from '../bound.ts'
import { laneOfArgument, typeOfLane, widerLane, type Lane } from '../value/lane.ts'
import { ANY, isDateType, isTextType, typeLabel, widenAll } from '../value/type-rules.ts'
import type { CallTypes, TypeProblem } from './definition.ts'

/** Rules for the type of a call's result. */

/** Always this type, never Blank. */
export function always(type: Exclude<ColumnType['type'], 'list'>): () => ExprType {
  return () => ({ type: { type }, nullable: false })
}

/** A number in the widest lane of the arguments (`only`: of these). */
export function widestNumber(...only: readonly number[]): (types: CallTypes) => ExprType | TypeProblem {
  return (types) => {
    const lane = laneOfArguments(types, only)
    return typeof lane === 'string' ? { type: typeOfLane(lane), nullable: false } : lane
  }
}

/** A decimal, or a double where an argument is one: quotients, averages, powers. */
export function quotient(types: CallTypes): ExprType | TypeProblem {
  const lane = laneOfArguments(types, [])
  if (typeof lane !== 'string') return lane
  return { type: { type: lane === 'double' ? 'double' : 'decimal' }, nullable: false }
}

/** Of functions that compute in doubles (`realForm` gives their results that form): as `quotient`; where types are dynamic, a double, as in Excel. */
export function real(types: CallTypes): ExprType | TypeProblem {
  return types.dynamic === true ? { type: { type: 'double' }, nullable: false } : quotient(types)
}

/** The widest lane of the arguments, or which of them is no number. */
function laneOfArguments(types: CallTypes, only: readonly number[]): Lane | TypeProblem {
  let widest: Lane = 'int'
  for (const [index, arg] of types.args.entries()) {
    if (only.length > 0 && !only.includes(index)) continue
    const lane = laneOfArgument(arg)
    if (lane === null) return notNumber(arg.type, index)
    widest = widerLane(widest, lane)
  }
  return widest
}

/** Of functions over lists of numbers: in Excel they skip the text of cells silently; a column of text among them is a mistake. */
export function onlyNumbers(types: CallTypes, rule: (types: CallTypes) => ExprType | TypeProblem): ExprType | TypeProblem {
  if (types.dynamic === true) return rule(types)
  const index = types.args.findIndex((one) => isTextType(one.type) && one.array !== true)
  if (index >= 0) return { ...notNumber(types.args[index]?.type ?? null, index), fix: 'turn it into a number: VALUE(…)' }
  return rule(types)
}

function notNumber(type: FormulaType | null, argument: number): TypeProblem {
  const fix = type?.type === 'interval' ? 'intervals cannot be computed with: use the dates themselves' : undefined
  return { problem: `a number is needed here, not ${typeLabel(type)}`, argument, ...(fix === undefined ? {} : { fix }) }
}

/** One of these arguments: their widened type. */
export function oneOf(types: CallTypes, indexes: readonly number[], extra: readonly ExprType[] = []): ExprType | TypeProblem {
  const candidates = indexes.map((index) => types.args[index] ?? { type: null, nullable: true })
  const widened = widenAll([...candidates, ...extra])
  if (widened !== null) return widened
  if (types.dynamic === true) return { type: ANY, nullable: true }
  return { ...conflict([...candidates, ...extra]), argument: firstConflict(candidates, indexes) }
}

/** The argument that does not fit those before it. */
function firstConflict(candidates: readonly ExprType[], indexes: readonly number[]): number | null {
  for (let count = 2; count <= candidates.length; count++) {
    if (widenAll(candidates.slice(0, count)) === null) return indexes[count - 1] ?? null
  }
  return null
}

function conflict(types: readonly ExprType[]): { problem: string; fix?: string } {
  const labels = [...new Set(types.filter((one) => one.type !== null).map((one) => typeLabel(one.type)))]
  const problem = `the result would be ${labels.join(' or ')}: a column has one type`
  const hasText = types.some((one) => isTextType(one.type))
  const hasBool = types.some((one) => one.type?.type === 'bool')
  if (hasText)
    return {
      problem,
      fix: `make all of them text: TEXT(…, "0.00") for numbers, TEXT(…, "yyyy-mm-dd") for dates, or leave the text out (Blank: nothing between the commas)`,
    }
  if (hasBool) return { problem, fix: 'leave the value out (nothing between the commas) for Blank, or use 1 and 0' }
  return {
    problem,
    fix: types.some((one) => isDateType(one.type))
      ? 'use DATE(year, month, day) for a fixed date, or leave the value out for Blank'
      : 'give them the same type',
  }
}
