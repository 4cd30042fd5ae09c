import process from 'node:process'

/** Commands that keep state in memory. */
const LASTING = ['start', 'dev']

/**
 * Asks the C library (glibc 2.35 and newer; others ignore it) for big memory in pages of 2 MiB where the system has them to give: the state of a graph is read
 * at random, and with pages of 4 KiB each such read looks its address up in memory as well (docs/performance.md). Whoever has set tunables of his own keeps them.
 *
 * @returns whether the environment was changed: the C library reads it when a process starts, so this one has to become another.
 */
export function askForHugePages(command) {
  if (process.platform !== 'linux' || !LASTING.includes(command) || process.env.GLIBC_TUNABLES !== undefined) return false
  process.env.GLIBC_TUNABLES = 'glibc.malloc.hugetlb=1'
  return true
}

/** Becomes the same process anew, with the environment as it is now. Returns where that is not possible: then it goes on without. */
export function beginAnew() {
  if (typeof process.execve !== 'function' || process.connected === true) return
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], process.env)
}
