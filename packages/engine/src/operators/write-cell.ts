import type { Lane } from '../state/lane.ts'

/**
 * Writes a cell that is no error into cell 0 of a lane of its type, as a formula gives it: a computed decimal has no trailing zeros (FORMATS 1). False, and
 * somebody else must write it: a decimal that has some or is too wide, or none.
 */
export function writeCell(from: Lane, i: number, to: Lane): boolean {
  if (from.type.type !== 'decimal') {
    to.copy(from, i, 0)
    return true
  }
  const units = from.units(i)
  if (Number.isNaN(units)) return false
  const scale = from.scale(i)
  if (scale > 0 && units % 10 === 0) return false
  to.setUnits(0, units, scale)
  return true
}
