import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from './command.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

const PLACES = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium']

/** The browser for end-to-end tests: the one that `SHEETFLOW_BROWSER` names, else the first on the path. */
export function findChromium(): string | { problem: string } | undefined {
  const named = process.env['SHEETFLOW_BROWSER']
  if (named !== undefined && named !== '') {
    return isExecutable(named) ? named : { problem: `SHEETFLOW_BROWSER names ${named}, which cannot be run` }
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...PLACES].find(isExecutable)
}

/** Brings Debian's package where that is possible (a Debian system, and we are root); else says what to do. */
export async function installChromium(signal: AbortSignal): Promise<string | { problem: string }> {
  const isDebianRoot = existsSync('/etc/debian_version') && process.getuid?.() === 0
  const advice = 'install Chromium (Debian: `apt-get install chromium`) or name one by SHEETFLOW_BROWSER'
  if (!isDebianRoot) return { problem: `no Chromium found: ${advice}` }
  console.log("installing Debian's chromium (about 110 MB) …")
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await run(['apt-get', 'update', '-q'], { env, signal })
  const { code } = await run(['apt-get', 'install', '-q', '-y', '--no-install-recommends', 'chromium'], { env, signal })
  const found = findChromium()
  return code === 0 && typeof found === 'string' ? found : { problem: `Chromium could not be installed: ${advice}` }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
