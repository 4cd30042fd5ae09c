import type { ReceiptStatus } from '@sheetflow/core/message'
import type { Receipt } from '@sheetflow/core/receipt'
import type { Vector } from '@sheetflow/core/position'
import type { JsonValue } from '@sheetflow/core/value'
import type { FieldNode } from '../page/field-node.ts'
import type { Answer } from '../net/transport.ts'
import type { SharedRow } from '../rows/row-table.ts'

/** The receipts in a list of `_receipts` that are about these commands. */
export function receiptsOf(node: FieldNode, commands: ReadonlySet<string>): Receipt[] {
  if (commands.size === 0) return []
  return node
    .rows()
    .flatMap((row) => (commands.has(commandOf(row)) ? [receiptOf(commandOf(row), (column) => row.cells.get(column)?.value ?? null)] : []))
}

/** The receipts in an answer to `RECEIPTS_DOCUMENT`. */
export function answeredReceipts({ data }: Answer): Receipt[] {
  const rows = (data?.['_receipts'] ?? []) as readonly Readonly<Record<string, JsonValue>>[]
  return rows.map((row) => receiptOf(textOf(row['id'] ?? null) ?? '', (column) => row[column] ?? null))
}

function receiptOf(id: string, cell: (column: string) => JsonValue): Receipt {
  return {
    id,
    user: textOf(cell('user')),
    status: (textOf(cell('status')) ?? 'accepted') as ReceiptStatus,
    code: textOf(cell('code')),
    result: parsed(cell('result')) as JsonValue,
    at: textOf(cell('at')) ?? '',
    inputs: parsed(cell('inputs')) as Vector | null,
  }
}

/** The command that a row of `_receipts` is about. */
export function commandOf(row: SharedRow): string {
  return textOf(row.key[0] ?? null) ?? ''
}

function textOf(value: JsonValue): string | null {
  return typeof value === 'string' ? value : null
}

/** `result` and `inputs` travel as JSON in text. */
function parsed(value: JsonValue): unknown {
  if (typeof value !== 'string') return null
  try {
    return JSON.parse(value)
  } catch {
    return null
  }
}
