import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Random } from '../random.ts'
import { renameIn, type DiskLog, type FileOp, type Inode, type NameOp, type SyncOp } from './disk-log.ts'

/** Parts of a write that reach the disk or do not. */
const SECTORS = [512, 4096]

/** What a power cut left, and what it took. */
export interface Cut {
  /** Bytes and changes of names that were given to the system before the cut, were never made durable, and are not on the disk. */
  readonly lostBytes: number
  readonly lostNames: number
}

/**
 * Writes the files as the disk may hold them after the power was cut at line `at` of the record, into the empty or absent folder `into`.
 *
 * Everything that was made durable before is there. Of each file's later changes a random prefix is, of which the last may be torn at a sector, or a random choice of sectors;
 * files do not know of each other. Names are kept as ext4 and XFS keep them: changes of names are durable in their order, and an fsync of a file carries those with it that came before
 * the last change of that file's own size or name (an fdatasync: only if that changed). `lying`: the disk says that it has synced and has not.
 */
export function writeCut(
  log: DiskLog,
  at: number,
  random: Random,
  into: string,
  { lying = false }: { readonly lying?: boolean } = {},
): Cut {
  const syncs = lying ? [] : log.syncs.filter(({ done }) => done < at)
  const begun = log.names.filter((op) => op.at < at)
  const durable = durableNames(begun, syncs)
  const kept = durable + random.below(begun.length - durable + 1)
  let lostBytes = 0
  rmSync(into, { recursive: true, force: true })
  mkdirSync(into, { recursive: true })
  for (const [path, inode] of filesAfter(begun.slice(0, kept))) {
    if (inode === null) {
      mkdirSync(join(into, path), { recursive: true })
      continue
    }
    const { content, lost } = contentOf(inode, syncs, at, random)
    lostBytes += lost
    put(join(into, path), content)
  }
  return { lostBytes, lostNames: begun.length - kept }
}

/** Writes the files as they are after everything that the record holds, into the empty or absent folder `into`. */
export function replayAll(log: DiskLog, into: string): void {
  rmSync(into, { recursive: true, force: true })
  mkdirSync(into, { recursive: true })
  for (const [path, inode] of filesAfter(log.names)) {
    if (inode === null) mkdirSync(join(into, path), { recursive: true })
    else put(join(into, path), played(inode.ops))
  }
}

function put(file: string, content: Buffer): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}

/** How many of the changes of names are on the disk for certain. */
function durableNames(names: readonly NameOp[], syncs: readonly SyncOp[]): number {
  const line = Math.max(-1, ...syncs.map(({ carries }) => carries))
  // In their order: what stands behind one that is not durable is not either.
  const first = names.findIndex(({ done }) => done > line)
  return first < 0 ? names.length : first
}

/** Names after these changes; a folder has no content. */
function filesAfter(names: readonly NameOp[]): ReadonlyMap<string, Inode | null> {
  const files = new Map<string, Inode | null>()
  for (const op of names) {
    if (op.kind === 'create') files.set(op.path, op.inode)
    else if (op.kind === 'folder') files.set(op.path, null)
    else if (op.kind === 'remove') files.delete(op.path)
    else renameIn(files, op.path, op.to)
  }
  return files
}

function contentOf(
  inode: Inode,
  syncs: readonly SyncOp[],
  at: number,
  random: Random,
): { readonly content: Buffer; readonly lost: number } {
  const until = Math.max(-1, ...syncs.filter((sync) => sync.inode === inode).map((sync) => sync.at))
  const begun = inode.ops.filter((op) => op.at < at)
  const safe = begun.filter((op) => op.done <= until)
  const open = begun.filter((op) => op.done > until)
  const chosen = choose(open, random)
  const bytes = (ops: readonly FileOp[]): number => ops.reduce((sum, { data }) => sum + (data?.length ?? 0), 0)
  return { content: played([...safe, ...chosen]), lost: bytes(open) - bytes(chosen) }
}

/** What became of changes that nothing made durable. */
function choose(open: readonly FileOp[], random: Random): readonly FileOp[] {
  const sector = random.pick(SECTORS)
  const drawn = random.next()
  if (drawn < 0.2) return []
  if (drawn < 0.35) return open.flatMap((op) => torn(op, sector, () => random.chance(0.5)))
  const count = random.below(open.length + 1)
  const next = open[count]
  const last = next === undefined ? 0 : random.below(Math.ceil((next.data?.length ?? 0) / sector) + 1)
  return [...open.slice(0, count), ...(next === undefined ? [] : torn(next, sector, (i) => i < last))]
}

/** The sectors of a write that reached the disk. Cutting a file is done or not done. */
function torn(op: FileOp, sector: number, isKept: (i: number) => boolean): readonly FileOp[] {
  const { data, offset } = op
  if (data === null) return isKept(0) ? [op] : []
  const pieces: FileOp[] = []
  // The first and the last piece end where the disk's sectors do, not those of the write.
  for (let from = 0, i = 0; from < data.length; i++) {
    const to = Math.min(data.length, from + sector - ((offset + from) % sector))
    if (isKept(i)) pieces.push({ ...op, offset: offset + from, data: data.subarray(from, to) })
    from = to
  }
  return pieces
}

/** The content of a file after these changes; what nobody wrote is zeros. */
function played(ops: readonly FileOp[]): Buffer {
  const most = ops.reduce((size, { offset, data }) => Math.max(size, offset + (data?.length ?? 0)), 0)
  const content = Buffer.alloc(most)
  let size = 0
  for (const { offset, data } of ops) {
    if (data === null) {
      content.fill(0, offset)
      size = offset
    } else {
      data.copy(content, offset)
      size = Math.max(size, offset + data.length)
    }
  }
  return content.subarray(0, size)
}
