import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { archiveStream, openSqliteBus } from '@sheetflow/bus'
import type { Bus } from '@sheetflow/core/ports/bus'
import { openFileArchive } from '@sheetflow/store'
import { vi } from 'vitest'
import { runCli } from '../src/cli/run.ts'
import type { Said } from './running-shop.ts'

/** What tests of `sheetflow erase` need beside a ring: the command line, an archive that is filled at once, and a search through every byte on disk. */

/** One line of `--json`. */
export type Line = Readonly<Record<string, unknown>> & { readonly event: string }

/** A configuration over an existing data folder, as a file in it. */
export function configFile(data: string, config: Readonly<Record<string, unknown>>): string {
  const file = path.join(data, '..', 'erase.config.json')
  writeFileSync(file, JSON.stringify(config))
  return file
}

/** Runs `sheetflow` here: a process for each of so many questions would take minutes. */
export async function sheetflow(args: readonly string[]): Promise<Said & { readonly lines: readonly Line[] }> {
  const said = { out: '', err: '' }
  const keep = (to: 'out' | 'err') => (chunk: unknown) => {
    said[to] += String(chunk)
    return true
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(keep('out'))
  vi.spyOn(process.stderr, 'write').mockImplementation(keep('err'))
  try {
    const code = await runCli(args)
    const lines = args.includes('--json') ? said.out.split('\n').filter((line) => line !== '') : []
    return { ...said, code, lines: lines.map((line) => JSON.parse(line) as Line) }
  } finally {
    vi.restoreAllMocks()
  }
}

/** Puts everything that the streams have into the archive, in small segments, and trims what may be trimmed. */
export async function archiveAll(data: string, streams: readonly string[]): Promise<void> {
  await using bus = await openSqliteBus({ dir: path.join(data, 'bus') })
  await using store = await openFileArchive(path.join(data, 'archive'))
  for (const stream of streams) {
    const { last } = await bus.range(stream)
    const stop = new AbortController()
    const onSegment = (to: number): void => (to >= last ? stop.abort() : undefined)
    const clock = { now: () => Date.now(), sleep: quickly }
    await archiveStream({ bus, store, stream, clock, segmentBytes: 20_000, lingerMs: 0, onSegment }, stop.signal)
    await trimHalf(bus, stream)
  }
}

/** The older half of what may be trimmed goes. */
async function trimHalf(bus: Bus, stream: string): Promise<void> {
  const { bytes } = await bus.range(stream)
  await bus.trim(stream, { maxBytes: Math.floor(bytes / 2), keep: ['sf.in.graph.*.deploy', 'sf.in.graph.*.activate'] })
}

function quickly(_: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal?.addEventListener('abort', () => resolve(), { once: true })
    setImmediate(resolve)
  })
}

/** Files below these folders in which one of those texts stands, as it is or in its compressed segment. */
export async function filesWith(folders: readonly string[], texts: readonly string[]): Promise<readonly string[]> {
  const { zstdDecompressSync } = await import('node:zlib')
  const found: string[] = []
  for (const folder of folders.filter((one) => existsSync(one))) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const file = path.join(entry.parentPath, entry.name)
      const bytes = readFileSync(file)
      const plain = file.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes
      if (texts.some((text) => plain.includes(text) || bytes.includes(text))) found.push(file)
    }
  }
  return found
}
