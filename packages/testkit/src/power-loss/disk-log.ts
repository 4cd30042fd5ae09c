import { join, relative, resolve } from 'node:path'
import { bytesOf, type SystemCall } from './system-calls.ts'

/** A change of one file's content. `data` null: it is cut to `offset` bytes. */
export interface FileOp {
  readonly at: number
  readonly done: number
  /** When it had ended, seconds since 1970. */
  readonly seconds: number
  readonly offset: number
  readonly data: Buffer | null
}

/** A file whatever its name is. */
export interface Inode {
  readonly ops: FileOp[]
}

/** A change of names. Paths are relative to the recorded folder. */
export type NameOp = { readonly at: number; readonly done: number; readonly seconds: number } & (
  | { readonly kind: 'create'; readonly path: string; readonly inode: Inode }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
)

/** A moment at which a file or folder was made durable. */
export interface SyncOp {
  readonly at: number
  readonly done: number
  readonly seconds: number
  /** Null: a folder. */
  readonly inode: Inode | null
  /** Changes of names that were done by this line are durable with it. */
  readonly carries: number
}

/** Everything that a program did to the files of one folder, in order, and what it noted meanwhile. */
export interface DiskLog {
  readonly names: readonly NameOp[]
  readonly inodes: readonly Inode[]
  readonly syncs: readonly SyncOp[]
  /** Lines that were written to the journal beside the folder: `at` is when the program began to write one. */
  readonly notes: readonly { readonly at: number; readonly seconds: number; readonly text: string }[]
  /** The line behind the last. */
  readonly end: number
}

/** Reads what was done to the files under `root` out of a record; `journal` is the file of notes. */
export function diskLogOf(calls: readonly SystemCall[], root: string, journal: string): DiskLog {
  const reader = new Reader(root, journal)
  for (const call of calls) reader.take(call)
  const { names, inodes, syncs, notes } = reader
  return { names, inodes, syncs, notes, end: (calls.at(-1)?.at ?? 0) + 1 }
}

/** A path as an argument, with the folder that it starts from where the call names one. */
const PATHS = /(?:(?:AT_FDCWD|\d+)<((?:\\x[0-9a-f]{2})*)>, )?"((?:\\x[0-9a-f]{2})*)"/g
const DESCRIPTOR = /^(\d+)<((?:\\x[0-9a-f]{2})*)>/
const TEXTS = /"((?:\\x[0-9a-f]{2})*)"/g

class Reader {
  readonly names: NameOp[] = []
  readonly inodes: Inode[] = []
  readonly syncs: SyncOp[] = []
  readonly notes: { readonly at: number; readonly seconds: number; readonly text: string }[] = []
  readonly #root: string
  readonly #journal: string
  readonly #files = new Map<string, Inode>()
  /** Where a descriptor stands in its file. */
  readonly #places = new Map<string, number>()
  /** Descriptors that were opened with O_SYNC or O_DSYNC: each write waits for the disk. */
  readonly #syncing = new Set<string>()
  readonly #appending = new Set<string>()

  constructor(root: string, journal: string) {
    this.#root = root
    this.#journal = journal
  }

  take(call: SystemCall): void {
    switch (call.name) {
      case 'open':
      case 'openat':
      case 'creat':
        return this.#open(call)
      case 'lseek':
        return this.#seek(call)
      case 'write':
      case 'pwrite64':
      case 'writev':
      case 'pwritev':
      case 'pwritev2':
        return this.#write(call)
      case 'ftruncate':
      case 'truncate':
        return this.#cut(call)
      case 'fsync':
      case 'fdatasync':
        return this.#sync(call)
      case 'rename':
      case 'renameat':
      case 'renameat2':
        return this.#rename(call)
      case 'unlink':
      case 'unlinkat':
      case 'rmdir':
        return this.#remove(call)
      case 'mkdir':
      case 'mkdirat':
        return this.#folder(call)
      default:
        // Space that is reserved holds zeros, as what is missing does here; a whole sync is more than we count on. The others move data that the record does not show.
        if (['fallocate', 'sync_file_range', 'syncfs', 'sync'].includes(call.name) || !this.#concerns(call)) return
        throw new Error(`the record shows a ${call.name}, which is not understood: ${call.text.slice(0, 200)}`)
    }
  }

  #open(call: SystemCall): void {
    const path = this.#paths(call)[0] ?? null
    if (path === null) return
    const flags = call.name === 'creat' ? 'O_CREAT|O_TRUNC' : call.text
    let inode = this.#files.get(path)
    if (inode === undefined) {
      if (!flags.includes('O_CREAT')) return
      inode = { ops: [] }
      this.inodes.push(inode)
      this.#files.set(path, inode)
      this.names.push({ kind: 'create', path, inode, ...timesOf(call) })
    } else if (flags.includes('O_TRUNC')) inode.ops.push({ ...timesOf(call), offset: 0, data: null })
    const key = `${String(call.result)}:${path}`
    this.#places.set(key, 0)
    this.#mark(this.#syncing, key, /O_D?SYNC/.test(flags))
    this.#mark(this.#appending, key, flags.includes('O_APPEND'))
  }

  #mark(set: Set<string>, key: string, is: boolean): void {
    if (is) set.add(key)
    else set.delete(key)
  }

  #seek(call: SystemCall): void {
    const file = this.#descriptor(call.text)
    if (file !== null) this.#places.set(file.key, call.result)
  }

  #write(call: SystemCall): void {
    const [, , hex = ''] = DESCRIPTOR.exec(call.text) ?? []
    if (hex !== '' && bytesOf(hex).toString() === this.#journal) {
      const { at, seconds } = call
      for (const text of bytesOf(textsOf(call.text)[0] ?? '')
        .toString()
        .split('\n'))
        if (text !== '') this.notes.push({ at, seconds, text })
      return
    }
    const file = this.#descriptor(call.text)
    if (file === null) return
    const all = Buffer.concat(textsOf(call.text).map(bytesOf))
    // What a call that never ended would have written is not known; all of it may be on the disk.
    const data = call.done === Infinity ? all : all.subarray(0, call.result)
    const isPlaced = call.name.startsWith('p')
    const offset = isPlaced ? placeOf(call) : this.#place(file)
    if (!isPlaced) this.#places.set(file.key, offset + data.length)
    file.inode.ops.push({ ...timesOf(call), offset, data })
    if (this.#syncing.has(file.key)) this.#synced(call, file.inode, true)
  }

  #place({ key, inode }: { readonly key: string; readonly inode: Inode }): number {
    if (this.#appending.has(key)) return sizeOf(inode.ops)
    return this.#places.get(key) ?? 0
  }

  #cut(call: SystemCall): void {
    const path = call.name === 'truncate' ? this.#paths(call)[0] : null
    const inode = call.name === 'truncate' ? this.#files.get(path ?? '') : this.#descriptor(call.text)?.inode
    const offset = Number(/, (\d+)(?:\) =|$)/.exec(call.text)?.[1])
    inode?.ops.push({ ...timesOf(call), offset, data: null })
  }

  #sync(call: SystemCall): void {
    const [, , hex = ''] = DESCRIPTOR.exec(call.text) ?? []
    const path = this.#path(hex)
    if (path === null) return
    this.#synced(call, this.#files.get(path) ?? null, call.name === 'fdatasync')
  }

  #synced(call: SystemCall, inode: Inode | null, dataOnly: boolean): void {
    const { done, seconds } = call
    // A write that waits for the disk covers itself.
    const at = call.name.includes('sync') ? call.at : done
    this.syncs.push({ at, done, seconds, inode, carries: inode === null ? at : this.#carried(inode, at, dataOnly) })
  }

  /** A sync of a file carries the names with it that changed before its own size or name did last; one that also keeps times, those before its last change of any kind. */
  #carried(inode: Inode, at: number, dataOnly: boolean): number {
    let line = this.names.find((op) => op.kind === 'create' && op.inode === inode)?.done ?? -1
    let size = 0
    for (const op of inode.ops) {
      if (op.done > at) continue
      const after = op.data === null ? op.offset : Math.max(size, op.offset + op.data.length)
      if (after !== size || !dataOnly) line = Math.max(line, op.done)
      size = after
    }
    return line
  }

  #rename(call: SystemCall): void {
    const [from, to] = this.#paths(call)
    if (from === undefined || to === undefined || (from === null && to === null)) return
    if (from === null || to === null) throw new Error(`a file was moved into or out of the recorded folder: ${String(from)} ${String(to)}`)
    this.names.push({ kind: 'rename', path: from, to, ...timesOf(call) })
    renameIn(this.#files, from, to)
  }

  #remove(call: SystemCall): void {
    const path = this.#paths(call)[0] ?? null
    if (path === null) return
    this.names.push({ kind: 'remove', path, ...timesOf(call) })
    this.#files.delete(path)
  }

  #folder(call: SystemCall): void {
    const path = this.#paths(call)[0] ?? null
    if (path !== null) this.names.push({ kind: 'folder', path, ...timesOf(call) })
  }

  #descriptor(text: string): { readonly key: string; readonly inode: Inode } | null {
    const [, number = '', hex = ''] = DESCRIPTOR.exec(text) ?? []
    const path = this.#path(hex)
    const inode = path === null ? undefined : this.#files.get(path)
    return path === null || inode === undefined ? null : { key: `${number}:${path}`, inode }
  }

  /** The paths that a call names: inside of the folder, null elsewhere. */
  #paths(call: SystemCall): (string | null)[] {
    return [...call.text.matchAll(PATHS)].map(([, folder = '', hex = '']) =>
      this.#inside(resolve(bytesOf(folder).toString() || '/', bytesOf(hex).toString())),
    )
  }

  #path(hex: string): string | null {
    return this.#inside(bytesOf(hex).toString())
  }

  #inside(path: string): string | null {
    const inside = relative(this.#root, path)
    return inside.startsWith('..') || inside.startsWith('/') ? null : inside
  }

  #concerns(call: SystemCall): boolean {
    return [...call.text.matchAll(/[<"]((?:\\x[0-9a-f]{2})+)[>"]/g)].some(([, hex = '']) => this.#path(hex) !== null)
  }
}

/** Where a write with a place of its own begins: its last argument, but for the flags of one kind. */
function placeOf({ name, text }: SystemCall): number {
  const [, place] = (name === 'pwritev2' ? /, (\d+), [\w|]+(?:\) = \d+)?$/ : /, (\d+)(?:\) = \d+)?$/).exec(text.slice(-80)) ?? []
  if (place === undefined) throw new Error(`a ${name} without a place: ${text.slice(-80)}`)
  return Number(place)
}

/** Moves a file, or a folder with what is in it, to another name. */
export function renameIn<T>(files: Map<string, T>, from: string, to: string): void {
  for (const [path, file] of files) {
    if (path !== from && !path.startsWith(`${from}/`)) continue
    files.delete(path)
    files.set(path === from ? to : join(to, relative(from, path)), file)
  }
}

function timesOf({ at, done, seconds }: SystemCall): { readonly at: number; readonly done: number; readonly seconds: number } {
  return { at, done, seconds }
}

/** The size of a file after these changes. */
function sizeOf(ops: readonly FileOp[]): number {
  return ops.reduce((size, { offset, data }) => (data === null ? offset : Math.max(size, offset + data.length)), 0)
}

function textsOf(text: string): string[] {
  return [...text.matchAll(TEXTS)].map(([, hex = '']) => hex)
}
