import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Operations, RootShape } from '@sheetflow/serve/graphql/operations'
import { z } from 'zod'
import type { RoleContext } from '../runtime/role.ts'

const VERSION = 1
const content = z.object({ v: z.literal(VERSION), operations: z.array(z.string()) })

/** A page asks several things at once: they are written together. */
const SETTLE_MS = 200

/**
 * What may be asked, by `serve.operations`: a file that stands beside the pages and is committed with them, one line an operation. In dev whatever is asked is
 * added to it; with `serve.persistedOnly` nothing else is answered. Undefined: everything that the rights allow. `config/invalid` if the file cannot be used.
 */
export function openOperations({ config, root, dev }: Pick<RoleContext, 'config' | 'root' | 'dev'>): (Operations & Disposable) | undefined {
  const { operations: name, persistedOnly } = config.serve
  if (name === undefined) {
    if (!persistedOnly) return undefined
    throw new SheetflowError('config/invalid', 'serve.persistedOnly needs serve.operations, the file with what may be asked', {
      fix: "Add  operations: 'operations.json'  under serve, run `sheetflow dev` and open every page once: it writes the file.",
    })
  }
  const file = path.resolve(root, name)
  if (persistedOnly) return new KnownOperations(readOperations(file, name))
  return dev ? new RecordedOperations(file, existsSync(file) ? readOperations(file, name) : []) : undefined
}

class KnownOperations implements Operations, Disposable {
  readonly #known: ReadonlySet<string>

  constructor(known: readonly string[]) {
    this.#known = new Set(known)
  }

  admits({ text }: RootShape): boolean {
    return this.#known.has(text)
  }

  [Symbol.dispose](): void {
    // It holds nothing.
  }
}

class RecordedOperations implements Operations, Disposable {
  readonly #file: string
  readonly #known: Set<string>
  #timer: NodeJS.Timeout | null = null

  constructor(file: string, known: readonly string[]) {
    this.#file = file
    this.#known = new Set(known)
  }

  admits({ text, row }: RootShape): boolean {
    if (this.#known.has(text) && (row === null || this.#known.has(row))) return true
    this.#known.add(text)
    if (row !== null) this.#known.add(row)
    this.#timer ??= setTimeout(() => this.#write(), SETTLE_MS)
    return true
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) this.#write()
  }

  /** Whole or not at all: somebody may be committing the file. */
  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const text = JSON.stringify({ v: VERSION, operations: [...this.#known].toSorted() }, null, 2)
    writeFileSync(`${this.#file}.new`, `${text}\n`)
    renameSync(`${this.#file}.new`, this.#file)
  }
}

function readOperations(file: string, name: string): readonly string[] {
  try {
    return content.parse(JSON.parse(readFileSync(file, 'utf8'))).operations
  } catch (cause) {
    throw new SheetflowError('config/invalid', `${name} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      fix: 'Remove it, run `sheetflow dev` without --persisted-only and open every page once: it writes the file.',
      cause,
    })
  }
}
