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
 * Megabytes of each half of a heap in which objects are made, the main thread's too. Left alone V8 lets it grow to 64 over the hours and keeps them: 128 MB for a thread that hardly does anything (ADR 030).
 */
const YOUNG = '--max-semi-space-size=16'

/**
 * Tells the C library (glibc 2.35 and newer; others ignore it) and V8 how to keep memory for a process that has much of it. Whoever has set tunables, or this option, of his own keeps them.
 *
 * @returns whether the environment was changed: both read it when a process starts, so this one has to become another.
 */
export function tuneMemory(command) {
  if (!LASTING.includes(command)) return false
  const { GLIBC_TUNABLES: tunables, NODE_OPTIONS: options = '' } = process.env
  const isTuned = process.platform !== 'linux' || tunables !== undefined
  const isBounded = options.includes('semi-space-size')
  if (!isTuned) process.env.GLIBC_TUNABLES = TUNABLES
  if (!isBounded) process.env.NODE_OPTIONS = `${options} ${YOUNG}`.trim()
  return !isTuned || !isBounded
}

/** Becomes the same process anew, with the environment as it is now. Returns where that is not possible: then it goes on without. */
export function beginAnew() {
  if (typeof process.execve !== 'function' || process.connected === true) return
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], process.env)
}
