import { createHmac, timingSafeEqual } from 'node:crypto'
import { SheetflowError } from '@sheetflow/core/errors'
import { stableJson } from '@sheetflow/core/json-text'
import type { OrderTerm } from '@sheetflow/core/query-plan'
import type { SheetSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import { typeOf } from './column-type.ts'

/** A place in an order: behind it `after` goes on. */
export interface Place {
  readonly order: readonly JsonValue[]
  readonly key: readonly JsonValue[]
}

const SIGNATURE_CHARS = 22

/**
 * What a cursor is a place in, as text: a view, an order, and the types of the values that make a place. A deployment may give a column of the same name another type,
 * and then a place of before is none.
 */
export function orderedList({ table, key, columns }: SheetSchema, order: readonly OrderTerm[]): string {
  const types = [...order.map(({ column }) => column), ...key].map((name) => typeOf(columns, name))
  return stableJson(['cursor', table, order, types])
}

/** Signed cursors: a place in one list as `orderedList` names it. They say nothing about rights, which are checked at each page. */
export class Cursors {
  readonly #key: Uint8Array

  constructor(key: Uint8Array) {
    this.#key = key
  }

  sign(list: string, place: Place): string {
    const body = Buffer.from(JSON.stringify([place.order, place.key])).toString('base64url')
    return `${this.#signature(list, body)}${body}`
  }

  /** `query/bad-token` for a cursor of another list or server. */
  open(list: string, cursor: string): Place {
    const body = cursor.slice(SIGNATURE_CHARS)
    const wanted = Buffer.from(this.#signature(list, body))
    const given = Buffer.from(cursor.slice(0, SIGNATURE_CHARS))
    if (wanted.length !== given.length || !timingSafeEqual(wanted, given)) {
      throw new SheetflowError('query/bad-token', 'the cursor is none of this list in this order', {
        fix: 'Take `_cursor` from a row of the same field with the same order_by.',
      })
    }
    const [values, key] = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as [JsonValue[], JsonValue[]]
    return { order: values, key }
  }

  #signature(list: string, body: string): string {
    return createHmac('sha256', this.#key).update(list).update(body).digest('base64url').slice(0, SIGNATURE_CHARS)
  }
}
