import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * The rivals are no dependencies of the project, not even of its benchmarks: they are installed by npm into a temporary folder when the benchmark
 * runs.
 *
 * | package | version | licence | |
 * |---|---|---|---|
 * | `@rocicorp/zero` | 1.9.0 | Apache-2.0 | ZQL is inside of it and has no package of its own: its files alone, and the two packages that they import |
 * | `@tanstack/db-ivm` | 0.2.0 | MIT | |
 * | `hyperformula` | 3.5.0 | GPL-3.0 | |
 */
const PACKAGES = ['@tanstack/db-ivm@0.2.0', 'hyperformula@3.5.0', 'compare-utf8@0.2.0', '@badrap/valita@0.3.11']
const ZERO = '@rocicorp/zero@1.9.0'

/** Installs them into that folder, with install scripts off. Throws what npm says if there is no network. */
export function installRivals(folder: string): void {
  writeFileSync(path.join(folder, 'package.json'), '{"private":true,"type":"module"}')
  npm(folder, 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', ...PACKAGES)
  const zero = path.join(folder, 'node_modules', '@rocicorp', 'zero')
  mkdirSync(zero, { recursive: true })
  const packed = npm(folder, 'pack', '--silent', ZERO).trim()
  execFileSync('tar', ['-xzf', path.join(folder, packed), '-C', zero, '--strip-components=1'])
}

/** Imports a file of an installed package. Its shape is what the caller says. */
export async function importRival<T>(folder: string | null, file: string): Promise<T> {
  if (folder === null) throw new Error('the rivals are not installed')
  return (await import(pathToFileURL(path.join(folder, 'node_modules', file)).href)) as T
}

function npm(folder: string, ...args: readonly string[]): string {
  return execFileSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
