import { isCellAddress } from '@sheetflow/formula/bind/refused'
import { functionNamed } from '@sheetflow/formula/functions/catalogue'
import { suggestedName } from '../file/workbook-set.ts'

/** Names of one kind, each given once, letter case apart. */
export class Names {
  readonly #taken = new Set<string>()

  /** A name near to the wish that is free. */
  take(wish: string): string {
    let name = wish
    for (let count = 2; this.#taken.has(name.toLowerCase()); count++) name = `${wish}_${count}`
    this.#taken.add(name.toLowerCase())
    return name
  }
}

/** A name for a column: none that a file would read as Blank. */
export function columnName(header: string): string {
  const plain = suggestedName(header)
  return plain === 'null' ? 'null_' : plain
}

/** A name for a sheet: none that a formula would read as the address of a cell, or as TRUE and FALSE. */
export function sheetName(name: string): string {
  const plain = suggestedName(name)
  return isCellAddress(plain) || /^(?:true|false|null)$/.test(plain) ? `${plain}_` : plain
}

/** A name for a value: no address, no function. Letter case stays. */
export function valueName(label: string): string {
  const plain = label.replaceAll(/[^A-Za-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '')
  const name = /^[A-Za-z]/.test(plain) ? plain : `v_${plain}`.replace(/_$/, '')
  const isOther = isCellAddress(name) || functionNamed(name) !== undefined || /^(?:true|false|null|let|lambda)$/i.test(name)
  return isOther ? `${name}_value` : name
}
