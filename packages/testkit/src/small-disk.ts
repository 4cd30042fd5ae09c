import { execFileSync } from 'node:child_process'

/** Makes a small file system of its own at a folder (`size` as `mount` takes it: `24m`); what takes it away. Null where the test may not make one. */
export function smallDisk(path: string, size: string): (() => void) | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' })
    return () => execFileSync('umount', ['-l', path])
  } catch {
    return null
  }
}
