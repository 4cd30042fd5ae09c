import { createHmac, timingSafeEqual } from 'node:crypto'
import { SheetflowError } from '@sheetflow/core/errors'
import { stableJson } from '@sheetflow/core/json-text'
import type { OrderTerm } from '@sheetflow/core/query-plan'
import type { JsonValue } from '@sheetflow/core/value'

/** A place in an order: behind it `after` goes on. */
export interface Place {
  readonly order: readonly JsonValue[]
  readonly key: readonly JsonValue[]
}

const SIGNATURE_CHARS = 22

/** Signed cursors: a place in one view in one order. They say nothing about rights, which are checked at each page. */
export class Cursors {
  readonly #key: Uint8Array

  constructor(key: Uint8Array) {
    this.#key = key
  }

  sign(view: string, order: readonly OrderTerm[], place: Place): string {
    const body = Buffer.from(JSON.stringify([place.order, place.key])).toString('base64url')
    return `${this.#signature(view, order, body)}${body}`
  }

  /** `query/bad-token` for a cursor of another view, order or server. */
  open(view: string, order: readonly OrderTerm[], cursor: string): Place {
    const body = cursor.slice(SIGNATURE_CHARS)
    const wanted = Buffer.from(this.#signature(view, order, body))
    const given = Buffer.from(cursor.slice(0, SIGNATURE_CHARS))
    if (wanted.length !== given.length || !timingSafeEqual(wanted, given)) {
      throw new SheetflowError('query/bad-token', 'the cursor is none of this list in this order', {
        fix: 'Take `_cursor` from a row of the same field with the same order_by.',
      })
    }
    const [values, key] = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as [JsonValue[], JsonValue[]]
    return { order: values, key }
  }

  #signature(view: string, order: readonly OrderTerm[], body: string): string {
    return createHmac('sha256', this.#key)
      .update(stableJson(['cursor', view, order]))
      .update(body)
      .digest('base64url')
      .slice(0, SIGNATURE_CHARS)
  }
}
