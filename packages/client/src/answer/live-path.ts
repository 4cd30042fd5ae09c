import type { KeyJson } from '@sheetflow/core/message'
import { rowId } from '../rows/row-id.ts'

/**
 * The place of a list in an answer, as text that both sides agree on: the server writes `customers[["7"]].open`, with a key in JSON form or as
 * the texts of `_key`; ours has the row's id in its place, so that both are found.
 */
export type LivePath = string

/** A root field. */
export function rootPath(as: string): LivePath {
  return as
}

/** A list inside a row. */
export function nestedPath(parent: LivePath, row: string, as: string): LivePath {
  return `${parent}[${row}].${as}`
}

/** Entries of an extension by our paths. A path that cannot be read is left out: its list does not follow. */
export function byPath<T>(entries: Readonly<Record<string, T>>): ReadonlyMap<LivePath, T> {
  const found = new Map<LivePath, T>()
  for (const [path, entry] of Object.entries(entries)) {
    const read = readPath(path)
    if (read !== null) found.set(read, entry)
  }
  return found
}

/** A server's path in our form; null if it is none. */
export function readPath(text: string): LivePath | null {
  let path = ''
  let i = 0
  while (i < text.length) {
    const open = text.indexOf('[', i)
    if (open < 0) return path + text.slice(i)
    const end = endOfKey(text, open)
    const key = end < 0 ? null : readKey(text.slice(open + 1, end))
    if (key === null) return null
    path += `${text.slice(i, open)}[${rowId(key)}]`
    i = end + 1
  }
  return path
}

/** Where the bracket that opens at `open` closes; brackets inside strings do not count. */
function endOfKey(text: string, open: number): number {
  let depth = 0
  let quoted = false
  for (let i = open; i < text.length; i++) {
    const char = text[i]
    if (quoted) {
      if (char === '\\') i += 1
      else if (char === '"') quoted = false
    } else if (char === '"') quoted = true
    else if (char === '[') depth += 1
    else if (char === ']' && --depth === 0) return i
  }
  return -1
}

function readKey(text: string): KeyJson | null {
  try {
    const key: unknown = JSON.parse(text)
    return Array.isArray(key) ? (key as KeyJson) : null
  } catch {
    return null
  }
}
