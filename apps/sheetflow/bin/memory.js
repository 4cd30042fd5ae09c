import process from 'node:process'

/** Commands that keep state in memory. */
const LASTING = ['start', 'dev']

/**
 * - `hugetlb=1`: big memory in pages of 2 MiB where the system has them to give. The state of a graph is read at random, and with pages of 4 KiB each such read looks its address up in memory as well
 *   (docs/performance.md).
 * - `mmap_threshold`: what is larger than this goes back to the system when it is freed. Left alone the C library raises the bound to the largest block that it has seen freed, up to 32 MiB, and keeps those below it, in
 *   places of their own for each thread: what a transaction of a million rows needed for a moment would be held for good (ADR 030).
 */
const TUNABLES = 'glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=1048576'

/**
 * Tells the C library (glibc 2.35 and newer; others ignore it) how to keep memory for a process that has much of it. Whoever has set tunables of his own keeps them.
 *
 * @returns whether the environment was changed: the C library reads it when a process starts, so this one has to become another.
 */
export function tuneMemory(command) {
  if (process.platform !== 'linux' || !LASTING.includes(command) || process.env.GLIBC_TUNABLES !== undefined) return false
  process.env.GLIBC_TUNABLES = TUNABLES
  return true
}

/** Becomes the same process anew, with the environment as it is now. Returns where that is not possible: then it goes on without. */
export function beginAnew() {
  if (typeof process.execve !== 'function' || process.connected === true) return
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], process.env)
}
