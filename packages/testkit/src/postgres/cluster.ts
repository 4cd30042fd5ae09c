import { execFile, spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { SheetflowError } from '@sheetflow/core/errors'
import type { PostgresBinaries } from './binaries.ts'
import { pathHash, runsAsRoot, UNPRIVILEGED_ID } from './binaries.ts'

const COPIED_PASSWORD = 'postgres'

/** Makes a cluster in `dataDir` with `initdb`. If that fails (`source/unreachable`, with its last words), nothing is left there. */
export async function makeCluster(binaries: PostgresBinaries, dataDir: string, password: string): Promise<void> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const passwordFile = join(dirname(dataDir), `.initdb-${String(process.pid)}`)
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (runsAsRoot()) {
    chmodSync(dirname(dataDir), statSync(dirname(dataDir)).mode | 0o001)
    for (const path of [dataDir, passwordFile]) chownSync(path, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
  }
  try {
    const locale = ['-E', 'UTF8', '--locale=C']
    const access = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]
    await initdb(binaries, ['-D', dataDir, ...access, ...locale, '--no-sync'])
  } catch (error) {
    rmSync(dataDir, { recursive: true, force: true })
    throw error
  } finally {
    rmSync(passwordFile, { force: true })
  }
}

/**
 * Makes a cluster in `dataDir` as a copy of one that `initdb` made before; that one is kept in the temporary folder. The password is `postgres`. Where there is no
 * `cp`, it is made anew.
 */
export async function copyCluster(binaries: PostgresBinaries, dataDir: string): Promise<void> {
  if (process.platform === 'win32') return await makeCluster(binaries, dataDir, COPIED_PASSWORD)
  const kept = join(tmpdir(), `sheetflow-cluster-${pathHash(`${binaries.initdb} ${binaries.version} ${String(process.getuid?.())}`)}`)
  if (!existsSync(kept)) await keepCluster(binaries, kept)
  mkdirSync(dirname(dataDir), { recursive: true })
  if (runsAsRoot()) chmodSync(dirname(dataDir), statSync(dirname(dataDir)).mode | 0o001)
  await promisify(execFile)('cp', ['-a', join(kept, 'data'), dataDir])
}

/** Several test files may want it at once: each makes one in a folder of its own, and the first one's is kept. */
async function keepCluster(binaries: PostgresBinaries, kept: string): Promise<void> {
  const folder = mkdtempSync(`${kept}.`)
  try {
    await makeCluster(binaries, join(folder, 'data'), COPIED_PASSWORD)
    if (!existsSync(kept)) renameSync(folder, kept)
  } catch (error) {
    // Somebody else's rename was quicker: theirs is as good.
    if (!existsSync(kept)) throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function initdb(binaries: PostgresBinaries, args: readonly string[]): Promise<void> {
  const child = spawn(binaries.initdb, args, { ...unprivileged(), stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', failed)
    child.once('close', done)
  })
  if (code !== 0) throw new SheetflowError('source/unreachable', `initdb failed: ${lastLines(said)}`, { fix: 'See what initdb said.' })
}

/** As whom, and where, the programs run. */
export function unprivileged(): { uid?: number; gid?: number; cwd: string } {
  return runsAsRoot() ? { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID, cwd: tmpdir() } : { cwd: tmpdir() }
}

/** The end of what a program said. */
export function lastLines(text: string): string {
  return text.trim().split('\n').slice(-8).join('\n')
}
