import { must } from './assert.ts'
import type { ReceiptEvent, ReceiptStatus, RowJson } from './message.ts'
import type { Vector } from './position.ts'
import type { ColumnSchema } from './schema.ts'
import type { JsonValue } from './value.ts'

/** What is known about a command: a row of `_receipts`. */
export interface Receipt {
  readonly id: string
  readonly user: string | null
  readonly status: ReceiptStatus
  readonly code: string | null
  readonly result: JsonValue
  /** ISO time of the event that set the status. */
  readonly at: string
  /** With `applied`: up to where the inputs were read in the step that carried the cause. */
  readonly inputs: Vector | null
}

/** An event as the graph takes it in; `inputs` is its own vector, with `applied`. */
export type ReceiptInput = ReceiptEvent & { readonly inputs?: Vector }

/**
 * The total table: current status × event's status → new status. It is the maximum of `accepted < unknown < expired < rejected < failed <
 * done < applied`, so events may come late, twice and in any order. `unknown` gives way to whatever is learnt later; of two outcomes, which
 * only a fault can produce, the one that changed more stands.
 */
export const NEXT_STATUS: Readonly<Record<ReceiptStatus, Readonly<Record<ReceiptStatus, ReceiptStatus>>>> = {
  accepted: {
    accepted: 'accepted',
    unknown: 'unknown',
    expired: 'expired',
    rejected: 'rejected',
    failed: 'failed',
    done: 'done',
    applied: 'applied',
  },
  unknown: {
    accepted: 'unknown',
    unknown: 'unknown',
    expired: 'expired',
    rejected: 'rejected',
    failed: 'failed',
    done: 'done',
    applied: 'applied',
  },
  expired: {
    accepted: 'expired',
    unknown: 'expired',
    expired: 'expired',
    rejected: 'rejected',
    failed: 'failed',
    done: 'done',
    applied: 'applied',
  },
  rejected: {
    accepted: 'rejected',
    unknown: 'rejected',
    expired: 'rejected',
    rejected: 'rejected',
    failed: 'failed',
    done: 'done',
    applied: 'applied',
  },
  failed: {
    accepted: 'failed',
    unknown: 'failed',
    expired: 'failed',
    rejected: 'failed',
    failed: 'failed',
    done: 'done',
    applied: 'applied',
  },
  done: {
    accepted: 'done',
    unknown: 'done',
    expired: 'done',
    rejected: 'done',
    failed: 'done',
    done: 'done',
    applied: 'applied',
  },
  applied: {
    accepted: 'applied',
    unknown: 'applied',
    expired: 'applied',
    rejected: 'applied',
    failed: 'applied',
    done: 'applied',
    applied: 'applied',
  },
}

/**
 * What is known after one more event. The status takes the maximum; an event that raises it brings its fields along, any other
 * only fills in what is missing.
 */
export function addReceipt(current: Receipt | null, event: ReceiptInput): Receipt {
  const said: Receipt = {
    id: event.id,
    user: event.user,
    status: event.status,
    code: event.code ?? null,
    result: event.result ?? null,
    at: event.at,
    inputs: event.inputs ?? null,
  }
  if (current === null) return said
  const status = NEXT_STATUS[current.status][event.status]
  const [first, second] = status === current.status ? [current, said] : [said, current]
  return {
    id: current.id,
    user: first.user ?? second.user,
    status,
    code: first.code ?? second.code,
    result: first.result ?? second.result,
    at: first.at,
    inputs: first.inputs ?? second.inputs,
  }
}

/** Key and columns of the built-in sheet `_receipts` that every graph has. */
export const RECEIPTS: { readonly key: readonly string[]; readonly columns: readonly ColumnSchema[] } = {
  key: ['id'],
  columns: [
    { name: 'id', id: 1, type: 'text', null: false },
    { name: 'user', id: 2, type: 'text', null: true },
    { name: 'status', id: 3, type: 'text', null: false },
    { name: 'code', id: 4, type: 'text', null: true },
    { name: 'result', id: 5, type: 'json', null: true },
    { name: 'at', id: 6, type: 'timestamptz', null: false },
    { name: 'inputs', id: 7, type: 'json', null: true },
  ],
}

/** View name of a graph's receipts in schemas and stores. */
export function receiptsView(graph: string): string {
  return `${graph}._receipts`
}

/** A receipt as a row of `_receipts`. */
export function receiptRow(receipt: Receipt): RowJson {
  return [
    receipt.id,
    receipt.user,
    receipt.status,
    receipt.code,
    receipt.result === null ? null : JSON.stringify(receipt.result),
    receipt.at,
    receipt.inputs === null ? null : JSON.stringify(receipt.inputs),
  ]
}

/** A row of `_receipts` as a receipt. */
export function receiptFromRow(row: RowJson): Receipt {
  const [id, user = null, status, code = null, result = null, at, inputs = null] = row as readonly (string | null | undefined)[]
  return {
    id: must(id),
    user,
    status: must(status) as ReceiptStatus,
    code,
    result: result === null ? null : (JSON.parse(result) as JsonValue),
    at: must(at),
    inputs: inputs === null ? null : (JSON.parse(inputs) as Vector),
  }
}
