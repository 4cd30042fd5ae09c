import type { PaintedField, PaintedRow, Picture } from '@sheetflow/client'
import type { JsonValue } from '@sheetflow/core/value'

/** Where a widget stands: the picture, and the rows around it from the outermost in. */
export interface Place {
  readonly picture: Picture
  readonly rows: readonly PaintedRow[]
}

/**
 * The list or row at a path: `customers`; inside of a row `customers[].open` or just `[].open`, a nested list of the nearest row that has one of
 * that name.
 */
export function fieldAt({ picture, rows }: Place, path: string): PaintedField | null {
  const inner = path.lastIndexOf('[].')
  if (inner < 0) return picture.fields[path] ?? null
  const name = path.slice(inner + 3)
  return rows.findLast((row) => name in row.nested)?.nested[name] ?? null
}

/** A value and whether it is one that a command is about to change. */
export interface ValueAt {
  readonly value: JsonValue
  readonly field: PaintedField | null
  readonly row: PaintedRow | null
}

/** The value at a path: `sales_values.total` of a single row, `[].name` of the nearest row around. */
export function valueAt(place: Place, path: string): ValueAt {
  const inner = path.lastIndexOf('[].')
  if (inner >= 0) {
    const name = path.slice(inner + 3)
    const row = place.rows.findLast((one) => name in one.values) ?? null
    return { value: row?.values[name] ?? null, field: null, row }
  }
  const dot = path.lastIndexOf('.')
  const field = place.picture.fields[path.slice(0, dot)] ?? null
  const row = field?.rows[0] ?? null
  return { value: row?.values[path.slice(dot + 1)] ?? null, field, row }
}
