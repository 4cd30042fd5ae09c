/** What elimination finds: `matrix · solution = divisor · right`. */
export interface Eliminated<T> {
  readonly determinant: T
  readonly divisor: T
  readonly solution: readonly (readonly T[])[]
}

/**
 * Gauss–Jordan elimination over whole numbers without fractions (E. Bareiss, 1968): every division is exact. Null where the matrix, which is square, has no
 * inverse.
 */
export function eliminateExact(matrix: readonly (readonly bigint[])[], right: readonly (readonly bigint[])[]): Eliminated<bigint> | null {
  const rows = matrix.map((row, index) => [...row, ...(right[index] ?? [])])
  let previous = 1n
  let sign = 1n
  for (let step = 0; step < rows.length; step++) {
    const at = rows.findIndex((row, index) => index >= step && row[step] !== 0n)
    if (at < 0) return null
    if (at !== step) sign = -sign
    swap(rows, at, step)
    const pivotRow = rows[step] ?? []
    const pivot = pivotRow[step] ?? 0n
    for (const [index, row] of rows.entries()) {
      if (index === step) continue
      const factor = row[step] ?? 0n
      for (const [column, cell] of row.entries()) row[column] = (cell * pivot - factor * (pivotRow[column] ?? 0n)) / previous
    }
    previous = pivot
  }
  return { determinant: sign * previous, divisor: previous, solution: rows.map((row) => row.slice(rows.length)) }
}

/** The same in doubles, with the greatest pivot of each column. */
export function eliminateDoubles(matrix: readonly (readonly number[])[], right: readonly (readonly number[])[]): Eliminated<number> | null {
  const rows = matrix.map((row, index) => [...row, ...(right[index] ?? [])])
  let determinant = 1
  for (let step = 0; step < rows.length; step++) {
    const at = greatest(rows, step)
    if (at !== step) determinant = -determinant
    swap(rows, at, step)
    const pivotRow = rows[step] ?? []
    const pivot = pivotRow[step] ?? 0
    if (pivot === 0) return null
    determinant *= pivot
    for (let column = step; column < pivotRow.length; column++) pivotRow[column] = (pivotRow[column] ?? 0) / pivot
    for (const [index, row] of rows.entries()) {
      const factor = row[step] ?? 0
      if (index === step || factor === 0) continue
      for (let column = step; column < row.length; column++) row[column] = (row[column] ?? 0) - factor * (pivotRow[column] ?? 0)
    }
  }
  return { determinant, divisor: 1, solution: rows.map((row) => row.slice(rows.length)) }
}

/** The row from `step` on whose cell in that column is greatest by size. */
function greatest(rows: readonly (readonly number[])[], step: number): number {
  let best = step
  for (let index = step + 1; index < rows.length; index++) {
    if (Math.abs(rows[index]?.[step] ?? 0) > Math.abs(rows[best]?.[step] ?? 0)) best = index
  }
  return best
}

function swap<T>(rows: T[], a: number, b: number): void {
  const [x, y] = [rows[a], rows[b]]
  if (x === undefined || y === undefined) return
  rows[a] = y
  rows[b] = x
}

/** Ones from corner to corner, else zeros. */
export function unit<T>(size: number, one: T, zero: T): T[][] {
  return Array.from({ length: size }, (_, row) => Array.from({ length: size }, (__, column) => (row === column ? one : zero)))
}
